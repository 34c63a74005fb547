"""What an answer says beside its body: when to come back, and under which id it is known. Never raises."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_WAIT = 3600.0  # seconds; a server cannot put us off for longer
REQUEST_IDS = ("x-request-id", "request-id", "apim-request-id", "x-ms-request-id")

Headers = Mapping[str, str]  # finds a header by its name in lower case


def retry_after(headers: Headers) -> float | None:
    """Seconds from now, 0 to 3,600, from `retry-after-ms` or `Retry-After` (seconds or a date); None if
    not said.

    A date counts from the answer's own `Date`, so that a clock that is off does no harm.
    """
    wait = _seconds(headers.get("retry-after-ms"), unit=0.001)
    if wait is None:
        wait = _seconds(headers.get("retry-after"))
    return _until(headers) if wait is None else wait


def poll_after(headers: Headers) -> float | None:
    """Seconds from now, 0 to 3,600, from `openai-poll-after-ms`."""
    return _seconds(headers.get("openai-poll-after-ms"), unit=0.001)


def request_id(headers: Headers, secret: str) -> str | None:
    """The id to name when asking the server's people, in printable ASCII."""
    found = next((headers[name] for name in REQUEST_IDS if headers.get(name)), None)
    return re.sub(r"[^\x20-\x7e]", "?", without(secret, found))[:200] if found else None


def without(secret: str, text: str) -> str:
    """`text` with the secret masked, or several of them, one a line. One shorter than 8 characters is a word
    (`local`), and stays."""
    for each in secret.splitlines():
        text = text.replace(each, "***") if len(each) >= 8 else text
    return text


def _seconds(value: str | None, unit: float = 1.0) -> float | None:
    if not value:
        return None
    try:
        return _bounded(float(value) * unit)
    except ValueError:
        return None


def _until(headers: Headers) -> float | None:
    then = _date(headers.get("retry-after"))
    if then is None:
        return None
    now = _date(headers.get("date")) or datetime.now(UTC)
    return _bounded((then - now).total_seconds())


def _date(value: str | None) -> datetime | None:
    if not value:
        return None
    try:
        read = parsedate_to_datetime(value)
        return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _bounded(seconds: float) -> float | None:
    return None if math.isnan(seconds) else min(max(seconds, 0.0), LONGEST_WAIT)
