"""Server-sent events of a run, in a dialect: until it waits for somebody or has ended."""

import asyncio
import time
from collections.abc import AsyncIterator

from local_api import life
from local_api.answers import Stream
from local_api.call import Desk
from local_api.dialects import Dialect
from local_api.fields import dump
from local_api.objects import Document
from local_api.steps import brief

_LAST = frozenset(
    f"thread.run.{status}"
    for status in ("requires_action", "completed", "incomplete", "failed", "cancelled", "expired")
)
_LONGEST_REST = 1.0  # seconds; a changed pace and a deleted thread are noticed that soon


async def events(desk: Desk, stream: Stream, spoken: Dialect, *, whole: bool) -> AsyncIterator[bytes]:
    """What happens to the run, as it happens. `whole` leaves the words in that file searches found."""
    ears = stream.ears
    try:
        while True:
            _advance(desk, stream.thread_id)
            while ears.told:
                event, document = ears.told.popleft()
                yield _event(event, document, spoken, whole=whole)
                if event in _LAST:
                    yield b"event: done\ndata: [DONE]\n\n"
                    return
            work = desk.store.work(stream.thread_id)
            if work is None:
                return
            ears.more.clear()
            await _wait(ears.more, work.next_at - time.time())
    finally:
        desk.hearing.leave(ears)


def _advance(desk: Desk, thread_id: str) -> None:
    now = time.time()
    if desk.store.is_due(thread_id, now):
        with desk.store.transaction():
            life.advance(desk, thread_id, now=now)


async def _wait(more: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(more.wait(), min(max(seconds, 0), _LONGEST_REST))
    except TimeoutError:
        return


def _event(event: str, document: Document, spoken: Dialect, *, whole: bool) -> bytes:
    if document["object"] == "thread.run.step" and not whole:
        document = brief(document)
    if spoken.show:
        document = spoken.show(document)
        event = "thread.run.completed" if event == "thread.run.incomplete" else event
    text = dump(document)
    return f"event: {event}\ndata: {text}\n\n".encode()
