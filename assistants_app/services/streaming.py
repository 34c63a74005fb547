"""Follows runs by what their server tells while it happens (`stream: true`), in threads of the worker.

Nothing rests on it. What a stream tells of a run is written as if it had been polled, and puts the next poll off; when
it is silent, breaks off or is lost with its worker, the poll comes. Messages and steps are read from the server once
they are whole.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain

from django.conf import settings
from django.db import connection as database
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from assistants_app.api import errors, objects
from assistants_app.api.resources.streams import RunStream
from assistants_app.models import Connection, Run, Thread
from assistants_app.models.runs import ENDED
from assistants_app.services import capabilities, events, sightings, work
from assistants_app.services.writing import Writing

log = logging.getLogger(__name__)

# How long one may take, and say nothing in between.
LONGEST_SECONDS = 1800.0
SILENCE_SECONDS = 90.0
# The poll is put off that often at most while something is told.
BEAT_SECONDS = 2.0
# After so many streams in a row that told nothing or too late, a server is asked for none.
BREAKS_UNTIL_OFF = 3

# How far a run has come between two answers of ours.
_COURSE = {"queued": 0, "in_progress": 1, "cancelling": 2}


class NotTaken(Exception):
    """The server wants no streams, and did nothing: the same is to be sent without."""


@dataclass(frozen=True)
class Begun:
    """What came of a POST that makes or moves a run: the run, as far as the answer or the first events tell it, its
    thread where they tell that, and who listens on, if anybody."""

    run: objects.Run | None
    thread: objects.Thread | None = None
    listener: Listener | None = None

    def go_on(self, run: Run | None) -> bool:
        """Listens on for this row, in a thread of its own; False where nobody does."""
        if self.listener is not None:
            self.listener.start(run)
        return self.listener is not None and run is not None


def begin(
    connection: Connection,
    *,
    plain: Callable[[], objects.Run],
    streamed: Callable[[], RunStream],
    is_new: bool,
) -> Begun:
    """Sends a POST with a stream where the server does that well, and reads until it is sure that it arrived: to the
    run itself where that `is_new`, else to anything. Raises ApiError, and NotTaken."""
    if capabilities.lack(connection, capabilities.STREAM) or not _places().acquire(blocking=False):
        return Begun(plain())
    stream = None
    try:
        stream = _opened(connection, streamed)
        if stream.plain is not None:
            _unwanted(connection, errors.ApiError("It answers with the run instead."))
            begun = Begun(stream.plain)
        else:
            begun = _heard(connection, stream, is_new=is_new)
    except BaseException:
        if stream is not None:
            stream.close()
        _places().release()
        raise
    if begun.listener is None:
        _places().release()
    return begun


@cache
def _places() -> threading.BoundedSemaphore:
    return threading.BoundedSemaphore(settings.STREAMS)


def _opened(connection: Connection, streamed: Callable[[], RunStream]) -> RunStream:
    try:
        return streamed()
    except errors.Refused as error:
        if isinstance(error, errors.NotOffered) or "stream" in f"{error.param} {error}".lower():
            _unwanted(connection, error)
            raise NotTaken from error
        raise


def _unwanted(connection: Connection, error: errors.ApiError) -> None:
    capabilities.note(connection, {capabilities.STREAM: error})


def _heard(connection: Connection, stream: RunStream, *, is_new: bool) -> Begun:
    """Reads until something says that the request arrived."""
    heard: list[objects.Event] = []
    thread = None
    try:
        for event in stream:
            heard.append(event)
            if isinstance(event.told, objects.Thread):
                thread = event.told
            if isinstance(event.told, objects.Run) or not is_new:
                run = event.told if isinstance(event.told, objects.Run) else None
                return Begun(run, thread, Listener(connection, stream, heard))
    except errors.ApiError:
        _count(connection, is_good=False)
        raise
    _count(connection, is_good=False)
    raise errors.ConnectionCut("The stream ended before it told anything", effect="unknown")


def _count(connection: Connection, *, is_good: bool) -> None:
    """Streams that are of no use: after a few in a row the server is asked for none until an admin wants them again."""
    rows = Connection.objects.filter(pk=connection.pk)
    if is_good:
        rows.exclude(stream_breaks=0).update(stream_breaks=0)
        return
    rows.update(stream_breaks=F("stream_breaks") + 1)
    if rows.filter(stream_breaks__gte=BREAKS_UNTIL_OFF).update(stream_breaks=0):
        _unwanted(connection, errors.ApiError(f"{BREAKS_UNTIL_OFF} in a row broke off, or told too late."))


class Listener:
    """Reads one stream to its end. It owns one of the places."""

    def __init__(self, connection: Connection, stream: RunStream, heard: Sequence[objects.Event]) -> None:
        self.connection = connection
        self._stream = stream
        self._heard = heard
        # What a row was asked for after the first, and not at the second, a poll asked for.
        self._began_at = self._wrote_at = timezone.now()
        self._writings: dict[str, Writing] = {}
        self._put_off_at = 0.0
        self._is_over = self._is_late = self._is_unread = False

    def start(self, run: Run | None) -> None:
        if run is None:
            self._leave()
            return
        self.run = run
        self._put_off()
        self._stream.last(seconds=LONGEST_SECONDS, silence=SILENCE_SECONDS)
        threading.Thread(target=self._work, name=f"stream of run {run.pk}", daemon=True).start()

    def _leave(self) -> None:
        self._stream.close()
        _places().release()

    def _work(self) -> None:
        try:
            self._listen()
        except Exception:
            log.exception("Listening to run %s failed", self.run)
        finally:
            self._leave()
            database.close()

    def _listen(self) -> None:
        try:
            for event in chain(self._heard, self._stream):
                self._put_off()
                self._take(event)
        except errors.ApiError as error:
            log.info("The stream of run %s broke off: %s", self.run, error)
        finally:
            self._end()

    def _take(self, event: objects.Event) -> None:
        told = event.told
        if isinstance(told, objects.Run):
            self._take_run(told)
        elif isinstance(told, objects.MessageDelta):
            self._writing(told.id).add(told.words)
        elif isinstance(told, objects.Message) and told.status != "in_progress":
            self._writing(told.id).finish(told)
            self._is_unread = True
        elif isinstance(told, objects.RunStep) and told.type != "message_creation" and told.status != "in_progress":
            Run.objects.filter(pk=self.run.pk).update(steps_stale=True)
            self._is_unread = True
        else:
            return
        # After a message its run mostly ends, and then it is read anyway.
        if self._is_unread and not isinstance(told, objects.Message):
            self._read_soon()

    def _writing(self, message_id: str) -> Writing:
        if message_id not in self._writings:
            topic = events.thread_topic(self.run.thread_id)
            self._writings[message_id] = Writing(topic=topic, run=self.run.pk, message_id=message_id)
        return self._writings[message_id]

    def _take_run(self, seen: objects.Run) -> None:
        """Writes how far the run has come, unless a poll since the stream began has seen it farther."""
        if seen.id != self.run.remote_id:
            return
        with transaction.atomic():
            mine = Run.objects.filter(pk=self.run.pk)
            known = mine.select_for_update().only("status", "asked_at").get()
            since = known.asked_at or self._began_at
            was_polled = since > self._began_at and since != self._wrote_at
            if was_polled and _far(seen.status) < _far(known.status):
                self._is_late = True
                mine.filter(gone_at=None).exclude(status__in=ENDED).hasten()
                return
            self._is_late = self._is_late or (was_polled and seen.is_over and known.status == seen.status)
            self._is_over, self._wrote_at = seen.is_over, timezone.now()
            sightings.of_run(self.run.thread, seen, asked_at=self._wrote_at, is_followed=True)
        self._is_unread = self._is_unread or seen.is_over

    def _put_off(self) -> None:
        if time.monotonic() - self._put_off_at >= BEAT_SECONDS:
            self._put_off_at = time.monotonic()
            sightings.put_off(Run.objects.select_related("connection").get(pk=self.run.pk))

    def _read_soon(self) -> None:
        """Messages and steps are read from the server in its order: one that is stored before those that came before
        it would hide them."""
        self._is_unread = False
        Thread.objects.filter(pk=self.run.thread_id).hasten()
        work.ask("refresh_thread", self.run.thread_id)

    def _end(self) -> None:
        Run.objects.filter(pk=self.run.pk).update(streamed_until=None)
        is_good = self._is_over and self._stream.is_whole and not self._is_late
        if not is_good:
            Run.objects.filter(pk=self.run.pk, gone_at=None).exclude(status__in=ENDED).hasten()
        if self._is_unread or not is_good:
            self._read_soon()
        events.tell([events.run_topic(self.run.pk), events.thread_topic(self.run.thread_id)])
        _count(self.connection, is_good=is_good)


def _far(status: str) -> int:
    """How far a run has come that we or nobody set going: what is over, or not known, is farthest."""
    return _COURSE.get(status, len(_COURSE))
