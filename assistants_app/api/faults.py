"""What the libraries raise, told in our own tree of errors."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException, IncompleteRead, RemoteDisconnected
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import DecodeError, HTTPError, InvalidHeader
from urllib3.exceptions import TimeoutError as Urllib3Timeout

from assistants_app.api.errors import ApiError, ConnectFailed, ConnectionCut, Effect, TimedOut, Unreadable
from assistants_app.api.wire import Attempt


@contextmanager
def in_our_words(method: str, attempt: Attempt, base_url: str) -> Iterator[None]:
    """Turns what the libraries raise into our tree, and cuts their tracebacks off: those frames hold the
    headers."""
    try:
        yield
    except ApiError:
        raise
    except (HTTPError, HTTPException, requests.RequestException, OSError, ValueError) as error:
        failure = _failure(method, attempt, base_url, error)
    else:
        return
    raise failure from None


def _failure(method: str, attempt: Attempt, base_url: str, error: Exception) -> ApiError:
    causes = list(_causes(error))
    if not attempt.sent:
        return ConnectFailed(f"Cannot connect to {_place(base_url)}: {_reason(causes)}")
    effect: Effect = "none" if method == "GET" else "unknown"
    if any(isinstance(cause, TimeoutError | Urllib3Timeout) for cause in causes):
        return TimedOut(f"{_place(base_url)} did not answer in time", effect=effect)
    broken = any(isinstance(cause, DecodeError | InvalidHeader) or _not_http(cause) for cause in causes)
    kind, words = (Unreadable, "does not speak HTTP") if broken else (ConnectionCut, "closed the connection")
    return kind(f"{_place(base_url)} {words}: {_reason(causes)}", effect=effect)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and all that led to it, the way the libraries nest them, outermost first."""
    seen: set[int] = set()
    ahead = [error]
    while ahead:
        found = ahead.pop(0)
        if isinstance(found, BaseException) and id(found) not in seen:
            seen.add(id(found))
            yield found
            ahead += [*found.args, getattr(found, "reason", None), found.__cause__, found.__context__]


def _not_http(cause: BaseException) -> bool:
    return isinstance(cause, HTTPException) and not isinstance(cause, RemoteDisconnected | IncompleteRead)


def _reason(causes: list[BaseException]) -> str:
    """The system's own words: `Connection refused`, `certificate verify failed`, ..."""
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"certificate verify failed: {cause.verify_message}"
    said = [cause.strerror for cause in causes if isinstance(cause, OSError) and cause.strerror]
    if any(isinstance(cause, TimeoutError | Urllib3Timeout) for cause in causes):
        said.append("no answer in time")
    return said[0] if said else type(causes[-1]).__name__


def _place(base_url: str) -> str:
    return urlsplit(base_url).netloc
