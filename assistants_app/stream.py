"""Tells open pages at once what changed, and what is being written: server-sent events as plain ASGI, one listener at
the broker a process.

A Django view would hold a thread and a database connection for as long as a page is open.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import threading
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from http.cookies import SimpleCookie
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs

from celery import current_app
from django.conf import settings
from django.contrib.auth import get_user
from django.db import close_old_connections
from django.http import HttpRequest
from kombu.entity import Queue
from kombu.messaging import Consumer

from assistants_app.models.people import Role
from assistants_app.services import events, people

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PATH = "/stream/"
HEARTBEAT_SECONDS = 15.0
# A stream ends then and the browser opens it again, which checks anew that its person is signed in.
LONGEST_SECONDS = 600.0
MOST_TOPICS = 20
# A page that reads too slowly is told to look at everything instead.
MOST_UNREAD = 100
HELLO = "hello"
CHANGED = "changed"
WRITTEN = "written"
ALL = "all"
# Its name and its data.
Event = tuple[str, str]
# A piece of a page is as it should be when nothing that it shows has changed from this long before it was made.
MARGIN_SECONDS = 10.0
MOST_REMEMBERED = 10_000


class Hub:
    """The topics that open pages of this process listen to, fed by one thread that listens at the broker."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pages: defaultdict[str, set[asyncio.Queue[Event]]] = defaultdict(set)
        # When each topic changed last, the oldest first, and since when that is all that did.
        self._changed: dict[str, float] = {}
        self._complete_from = math.inf
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._listen, name="events", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def join(self, topics: list[str]) -> asyncio.Queue[Event]:
        """A queue that gets the topics that change, what is being written under them, and HELLO where all may have
        changed."""
        page: asyncio.Queue[Event] = asyncio.Queue(MOST_UNREAD)
        for topic in topics:
            self._pages[topic].add(page)
        return page

    def changed(self, topics: list[str], since: float) -> str:
        """Which of these topics can have changed for a page made at `since`, in seconds of the epoch; ALL where that is
        not known."""
        from_then = since - MARGIN_SECONDS
        if not from_then > self._complete_from:
            return ALL
        return " ".join(each for each in topics if self._changed.get(each, 0) >= from_then)

    def leave(self, page: asyncio.Queue[Event]) -> None:
        for topic in [topic for topic, pages in self._pages.items() if page in pages]:
            self._pages[topic].discard(page)
            if not self._pages[topic]:
                del self._pages[topic]

    def _listen(self) -> None:
        wait = 0.5
        while not self._stopping.is_set():
            try:
                with current_app.connection_for_read() as link:
                    mine = Queue(exchange=events.EXCHANGE, exclusive=True, auto_delete=True, durable=False)
                    with Consumer(link.default_channel, [mine], callbacks=[self._on_message], no_ack=True):
                        self._tell([HELLO])
                        wait = 0.5
                        self._drain(link)
            except Exception as error:
                log.warning("Not listening for events: %s", type(error).__name__)
                self._stopping.wait(wait)
                wait = min(5.0, wait * 2)

    def _drain(self, link: Any) -> None:
        while not self._stopping.is_set():
            try:
                link.drain_events(timeout=1)
            except TimeoutError:
                link.heartbeat_check()

    def _on_message(self, body: Any, message: Any) -> None:
        if isinstance(body, list):
            self._tell([str(topic) for topic in body])
        elif isinstance(body, dict):
            self._call(self._show, str(body.pop("topic", "")), json.dumps(body))

    def _tell(self, topics: list[str]) -> None:
        self._call(self._spread, topics)

    def _call(self, what: Callable[..., None], *arguments: Any) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(what, *arguments)

    def _show(self, topic: str, written: str) -> None:
        """What is being written comes again and again, each time whole: a page that reads slowly gets the next one."""
        for page in self._pages.get(topic, ()):
            if page.qsize() < MOST_UNREAD / 2:
                page.put_nowait((WRITTEN, written))

    def _spread(self, topics: list[str]) -> None:
        self._remember(topics)
        for topic in topics:
            pages = set().union(*self._pages.values()) if topic == HELLO else self._pages.get(topic, ())
            for page in list(pages):
                event = (HELLO, ALL) if topic == HELLO else (CHANGED, topic)
                if page.full():
                    while not page.empty():
                        page.get_nowait()
                    event = (HELLO, ALL)
                page.put_nowait(event)

    def _remember(self, topics: list[str]) -> None:
        now = time.time()
        if HELLO in topics:
            self._changed, self._complete_from = {}, now
            return
        for topic in topics:
            self._changed.pop(topic, None)
            self._changed[topic] = now
        while len(self._changed) > MOST_REMEMBERED:
            self._complete_from = self._changed.pop(next(iter(self._changed)))


class Streams:
    """The ASGI application: /stream/ here, everything else in the application beside it."""

    def __init__(self, *, beside: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self._beside = beside
        self._hub = Hub()
        # Django's ORM wants threads; one is enough for a look at a session when a page opens.
        self._orm = ThreadPoolExecutor(max_workers=1, thread_name_prefix="stream-session")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http" and scope["path"] == PATH:
            await self._stream(scope, receive, send)
        else:
            await self._beside(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._hub.start()
                await send({"type": "lifespan.startup.complete"})
            else:
                self._hub.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        allowed = await asyncio.get_running_loop().run_in_executor(self._orm, may_listen, scope)
        if not allowed or scope["method"] != "GET":
            status = 405 if allowed else 403
            await send({"type": "http.response.start", "status": status, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        asked = parse_qs(scope["query_string"].decode("latin-1"))
        topics = asked.get("topic", [])[:MOST_TOPICS]
        page = self._hub.join(topics)
        changed = self._hub.changed(topics, _seconds(asked.get("since", ["0"])[0]))
        told = asyncio.ensure_future(_write(page, send, changed))
        gone = asyncio.ensure_future(_disconnected(receive))
        try:
            await asyncio.wait({told, gone}, timeout=LONGEST_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if not gone.done() and not told.done():
                told.cancel()
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            told.cancel()
            gone.cancel()
            self._hub.leave(page)


def _seconds(text: str) -> float:
    """A moment as a page gives it; long ago where that is none."""
    try:
        return float(text)
    except ValueError:
        return 0.0


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _write(page: asyncio.Queue[Event], send: Send, changed: str) -> None:
    headers = [
        (b"content-type", b"text/event-stream"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await _send(send, f"retry: 1000\nevent: hello\ndata: {changed}\n\n".encode())
    while True:
        try:
            name, data = await asyncio.wait_for(page.get(), HEARTBEAT_SECONDS)
        except TimeoutError:
            await _send(send, b": still here\n\n")
            continue
        await _send(send, f"event: {name}\ndata: {data}\n\n".encode())


async def _send(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


def may_listen(scope: Scope) -> bool:
    """Whether the request's session is that of somebody who may look."""
    close_old_connections()
    try:
        cookies = SimpleCookie(dict(scope["headers"]).get(b"cookie", b"").decode("latin-1"))
        if settings.SESSION_COOKIE_NAME not in cookies:
            return False
        request = HttpRequest()
        store = import_module(settings.SESSION_ENGINE).SessionStore
        request.session = store(cookies[settings.SESSION_COOKIE_NAME].value)
        return people.role_of(get_user(request)) >= Role.VIEWER
    except Exception as error:
        log.warning("A stream could not be allowed: %s", type(error).__name__)
        return False
    finally:
        close_old_connections()
