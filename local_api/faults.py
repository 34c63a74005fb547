"""Faults that can be asked for: what of an answer is spoilt, of which requests, how often."""

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from local_api import errors
from local_api.fields import Fields, dump
from local_api.objects import Document

_numbers = count(1)
_NEVER_COPIED = (b"content-length", b"transfer-encoding")


@dataclass
class Fault:
    """A fault for the next `left` requests whose method and path fit.

    The operation is carried out unless the fault brings its own answer (`status` or `body`) or cuts the
    connection before any byte; with `after_effect` it always is. `delay` is in seconds, before the operation,
    or after it with `after_effect`, and ends when the fault is taken back; `drip` in seconds a byte. With `events`, so
    many of a stream are told as they happen; then it is silent for `delay`, and is cut, or has `body` among the others.
    """

    method: str | None
    path: re.Pattern[str]
    status: int | None
    body: bytes | None
    headers: dict[str, str]
    delay: float
    cut: str | None
    drip: float
    after_effect: bool
    events: int | None
    left: int
    hits: int = 0
    taken_back: asyncio.Event = field(default_factory=asyncio.Event)
    id: str = field(default_factory=lambda: f"fault_{next(_numbers)}")

    def meets(self, method: str, path: str) -> bool:
        fits = self.method in (None, method) and self.path.search(path)
        return self.left > 0 and bool(fits)

    @property
    def carries_out(self) -> bool:
        brings_answer = self.status is not None or self.body is not None
        return self.after_effect or not (brings_answer or self.cut == "before")

    async def wait(self) -> None:
        """Holds an answer back."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self.delay):
                await self.taken_back.wait()

    def body_over(self, body: bytes) -> bytes:
        """The fault's own body; an error object for an error status without one; else the real one."""
        if self.body is not None:
            return self.body
        if self.status is None or self.status < 400:
            return body
        kind = "rate_limit_exceeded" if self.status == 429 else "server_error"
        refusal = errors.ApiError(self.status, "This error was asked for on the control path.", kind=kind)
        return dump(refusal.document()).encode()

    def headers_over(self, headers: list[tuple[bytes, bytes]], body: bytes) -> list[tuple[bytes, bytes]]:
        """The headers of the answer: the real ones under the fault's, the length of the whole body."""
        own = {name.lower().encode("latin-1"): value.encode("latin-1") for name, value in self.headers.items()}
        own.setdefault(b"content-length", str(len(body)).encode())
        return [pair for pair in headers if pair[0] not in (*own, *_NEVER_COPIED)] + [*own.items()]

    def document(self) -> Document:
        """The fault as the control path shows it."""
        return {
            "id": self.id,
            "method": self.method,
            "path": self.path.pattern,
            "status": self.status,
            "headers": self.headers,
            "delay": self.delay,
            "cut": self.cut,
            "drip": self.drip,
            "after_effect": self.after_effect,
            "events": self.events,
            "left": self.left,
            "hits": self.hits,
        }


def read(fields: Fields) -> Fault:
    """A fault from the body of the control path. Raises `ApiError` (400)."""
    fields.only(
        "method", "path", "status", "body", "headers", "delay", "cut", "drip", "after_effect", "events", "times"
    )
    method = fields.text("method")
    return Fault(
        method=None if method in (None, "*") else method.upper(),
        path=_pattern(fields.text("path") or ""),
        status=fields.integer("status", low=200, high=599),
        body=_body(fields.get("body")),
        headers=_headers(fields),
        delay=fields.decimal("delay", low=0, high=3600) or 0.0,
        cut=fields.choice("cut", ("before", "headers", "body")),
        drip=fields.decimal("drip", low=0, high=3600) or 0.0,
        after_effect=bool(fields.flag("after_effect")),
        events=fields.integer("events", low=0),
        left=fields.integer("times", low=1) or 1,
    )


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as problem:
        raise errors.refused(f"Invalid 'path': {problem}.", param="path") from problem


def _body(value: Any) -> bytes | None:
    """Text as it is, anything else as JSON."""
    if value is None:
        return None
    return (value if isinstance(value, str) else dump(value)).encode("utf-8", "surrogatepass")


def _headers(fields: Fields) -> dict[str, str]:
    headers = fields.inner("headers")
    if headers is None:
        return {}
    return {name: headers.needed_text(name, pattern="[ -~]*") for name in headers.value}
