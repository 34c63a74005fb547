"""Around the application: answers spoilt on request, and a record of what was asked."""

import asyncio
import secrets
import time
from collections import Counter, deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local_api.addresses import is_ours
from local_api.connection import connection_of
from local_api.faults import Fault
from local_api.objects import Document

REMEMBERED = 10_000


class _EnoughError(Exception):
    """Nothing more is wanted of an answer."""


@dataclass
class Spoiling:
    """The faults asked for, the requests seen, and the application between them."""

    routes: list[Route]
    faults: list[Fault] = field(default_factory=list)
    requests: deque[Document] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    counts: Counter[str] = field(default_factory=Counter)

    def around(self, app: ASGIApp) -> ASGIApp:
        """The application with faults and record; /control and /health are left alone."""

        async def spoilt(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or not is_ours(scope["path"]):
                await app(scope, receive, send)
                return
            record = self._remember(scope)
            fault = self._fault_for(scope)
            answering = Answering(scope, send, record, fault)
            if fault is None:
                await app(scope, receive, answering.pass_on)
            else:
                await answering.spoil(app, receive, fault)

        return spoilt

    def forget(self) -> None:
        self.requests.clear()
        self.counts.clear()

    def _fault_for(self, scope: Scope) -> Fault | None:
        for fault in self.faults:
            if fault.meets(scope["method"], scope["path"]):
                fault.left -= 1
                fault.hits += 1
                return fault
        return None

    def _remember(self, scope: Scope) -> Document:
        route = self._template(scope)
        record = {
            "method": scope["method"],
            "route": route,
            "path": scope["path"],
            "status": None,
            "at": time.time(),
        }
        self.requests.append(record)
        self.counts[f"{scope['method']} {route}"] += 1
        return record

    def _template(self, scope: Scope) -> str | None:
        for route in self.routes:
            if route.matches(scope)[0] is not Match.NONE:
                return route.path
        return None


@dataclass
class Answering:
    """One answer on its way out."""

    scope: Scope
    send: Send
    record: Document
    fault: Fault | None

    async def pass_on(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.record["status"] = message["status"]
        await self.send(message)

    async def spoil(self, app: ASGIApp, receive: Receive, fault: Fault) -> None:
        """Answer as the fault says, with or without carrying out the operation."""
        if fault.events is not None:
            await self._spoil_stream(app, receive, fault, fault.events)
            return
        if fault.carries_out:
            # A slow server has the request, and carries it out even when nobody waits for the answer any more.
            receive = await _taken_in(receive)
        if not fault.after_effect:
            await fault.wait()
        status, headers, body = 200, plain_headers(), b""
        if fault.carries_out:
            status, headers, body = await _real_answer(app, self.scope, receive)
        if fault.after_effect:
            await fault.wait()
        body = fault.body_over(body)
        status = fault.status or status
        await self._emit(fault, status, fault.headers_over(headers, body), body)

    async def _spoil_stream(self, app: ASGIApp, receive: Receive, fault: Fault, events: int) -> None:
        """Tell so much of a stream as it happens, then strike once."""
        left = events

        async def pass_on(message: Message) -> None:
            nonlocal left
            if message.get("body"):
                if left == 0:
                    await self._strike_stream(fault)
                left -= 1
            await self.pass_on(message)

        with suppress(_EnoughError):
            await app(self.scope, receive, pass_on)

    async def _strike_stream(self, fault: Fault) -> None:
        await fault.wait()
        if fault.cut:
            await self._cut()
            raise _EnoughError
        await self.send({"type": "http.response.body", "body": fault.body_over(b""), "more_body": True})

    async def _emit(self, fault: Fault, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        if fault.cut == "before":
            await self._cut()
            return
        await self.pass_on({"type": "http.response.start", "status": status, "headers": headers})
        if fault.cut == "headers":
            body = b""
        elif fault.cut == "body":
            body = body[: len(body) // 2]
        await self._pour(body, fault.drip)
        if fault.cut:
            await self._cut()
        else:
            await self.send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _pour(self, body: bytes, drip: float) -> None:
        """Send a body, whole or with `drip` seconds before each byte, as long as somebody listens."""
        connection = connection_of(self.scope)
        size = 1 if drip else len(body) or 1
        for at in range(0, len(body), size):
            await asyncio.sleep(drip)
            if connection.lost:
                return
            piece = body[at : at + size]
            await self.send({"type": "http.response.body", "body": piece, "more_body": True})

    async def _cut(self) -> None:
        """Close the connection under the answer, and wait until the server has seen it."""
        connection = connection_of(self.scope)
        connection.transport.close()
        while not connection.lost:
            await asyncio.sleep(0.001)


def plain_headers() -> list[tuple[bytes, bytes]]:
    """Those of an answer that no operation made."""
    request_id = f"req_{secrets.token_hex(16)}".encode()
    return [(b"content-type", b"application/json"), (b"x-request-id", request_id)]


async def _taken_in(receive: Receive) -> Receive:
    """Reads a whole request; gives what the application is to receive it from."""
    messages = [await receive()]
    while messages[-1].get("more_body"):
        messages.append(await receive())
    ahead = iter(messages)

    async def replay() -> Message:
        return next(ahead, {"type": "http.disconnect"})

    return replay


async def _real_answer(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Carry out the operation and keep its answer; of a stream, which may go on for long, the first event."""
    kept: list[Any] = []

    async def keep(message: Message) -> None:
        kept.append(message)
        if message.get("body") and (b"content-type", b"text/event-stream; charset=utf-8") in kept[0]["headers"]:
            raise _EnoughError

    with suppress(_EnoughError):
        await app(scope, receive, keep)
    start = kept[0]
    body = b"".join(message.get("body", b"") for message in kept[1:])
    return start["status"], list(start["headers"]), body
