"""What can go wrong between us and a server.

    ApiError
    ├── BadSettings         the connection cannot be made with these settings; nothing was sent
    ├── Unreachable         no whole answer came
    │   ├── ConnectFailed   nothing was sent: refused, no such host, TLS failed, no connection in time
    │   ├── TimedOut        sent, and no whole answer in time
    │   └── ConnectionCut   sent, and the connection ended before the answer did
    ├── BadAnswer           an answer that is none
    │   ├── AnswerTooLarge
    │   ├── Unreadable      not HTTP, not JSON, empty, or not what was asked for
    │   └── Redirected      3xx; never followed
    ├── Refused             4xx: the server says no
    │   ├── BadRequest      400, 422 and any other 4xx
    │   ├── Unauthenticated 401
    │   ├── Forbidden       403
    │   ├── NotFound        404
    │   ├── NotOffered      405, and 501 although it is a 5xx: this server lacks the operation
    │   ├── Conflict        409
    │   └── RateLimited     429
    └── ServerFault         5xx

`effect` says whether the request may have done something all the same: "none" or "unknown".
"""

import html
import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Literal

from assistants_app.api.headers import Headers, request_id, retry_after, without

LONGEST_MESSAGE = 500  # characters
LONGEST_EXCERPT = 2_000
NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")
TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)

Effect = Literal["none", "unknown"]


class ApiError(Exception):
    """`message` is for people, in the server's own words where it said any. `retry_after` is in seconds
    from now."""

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        type: str | None = None,
        param: str | None = None,
        request_id: str | None = None,
        body: str | None = None,
        retry_after: float | None = None,
        effect: Effect = "none",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.type = type
        self.param = param
        self.request_id = request_id
        self.body = body
        self.retry_after = retry_after
        self.effect = effect


class BadSettings(ApiError): ...


class Unreachable(ApiError): ...


class ConnectFailed(Unreachable): ...


class TimedOut(Unreachable): ...


class ConnectionCut(Unreachable): ...


class BadAnswer(ApiError): ...


class AnswerTooLarge(BadAnswer): ...


class Unreadable(BadAnswer): ...


class Redirected(BadAnswer): ...


class Refused(ApiError): ...


class BadRequest(Refused): ...


class Unauthenticated(Refused): ...


class Forbidden(Refused): ...


class NotFound(Refused): ...


class NotOffered(Refused): ...


class Conflict(Refused): ...


class RateLimited(Refused): ...


class ServerFault(ApiError): ...


BY_STATUS: Mapping[int, type[ApiError]] = {
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    405: NotOffered,
    409: Conflict,
    429: RateLimited,
    501: NotOffered,
}
BY_HUNDRED: Mapping[int, type[ApiError]] = {4: BadRequest, 5: ServerFault}


def refusal(*, status: int, headers: Headers, body: bytes, method: str, secret: str = "") -> ApiError:
    """The error for an answer that is no success, in the server's words, without `secret` should it echo
    that."""
    text = printable(body.decode("utf-8", "replace"), secret)
    raw = _parsed(text)
    fields = raw.get("error") if isinstance(raw, Mapping) else None
    fields = fields if isinstance(fields, Mapping) else raw if isinstance(raw, Mapping) else {}
    kind = BY_STATUS.get(status) or BY_HUNDRED.get(status // 100, Unreadable)
    return kind(
        cut(_words(raw, text) or _standard_words(status), LONGEST_MESSAGE),
        status=status,
        code=_field(fields.get("code")),
        type=_field(fields.get("type")),
        param=_field(fields.get("param")),
        request_id=request_id(headers, secret),
        body=cut(text, LONGEST_EXCERPT),
        retry_after=retry_after(headers),
        effect="none" if method == "GET" or issubclass(kind, Refused) else "unknown",
    )


def printable(text: str, secret: str = "") -> str:
    """`text` fit to be stored and shown."""
    return NOT_STORABLE.sub("\ufffd", without(secret, text))


def cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _words(raw: Any, text: str) -> str:
    """The shapes in which servers say what is wrong, most usual first."""
    if isinstance(raw, Mapping):
        error = raw.get("error")
        inner = error.get("message") if isinstance(error, Mapping) else error
        return next((said for said in map(_said, (inner, raw.get("detail"), raw.get("message"))) if said), "")
    if isinstance(raw, str):
        return printable(raw)
    return _page_title(text) if text.lstrip().startswith("<") else text.strip()


def _said(value: object) -> str:
    if isinstance(value, str):
        return printable(value.strip())
    if isinstance(value, list):  # FastAPI: a list of {loc, msg, type}
        return "; ".join(filter(None, map(_said_of_field, value)))
    return ""


def _said_of_field(value: object) -> str:
    if not isinstance(value, Mapping):
        return _said(value)
    place = value.get("loc")
    where = ".".join(map(str, place)) if isinstance(place, list) else ""
    return printable(": ".join(filter(None, (where, _said(value.get("msg"))))))


def _page_title(text: str) -> str:
    found = TITLE.search(text)
    title = " ".join(html.unescape(found[1]).split()) if found else ""
    return printable(title) or "an HTML page"


def _standard_words(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"unexpected status {status}"


def _field(value: object) -> str | None:
    return None if value is None else cut(printable(value if isinstance(value, str) else str(value)), 200)
