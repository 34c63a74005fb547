"""Follows active runs: claims due rows, asks the servers concurrently, writes what changed.

The row is the truth: which run is due, who holds it, what was last read. A worker killed in the middle loses
nothing, for its leases end by themselves.
"""

from __future__ import annotations

import logging
import queue
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from assistants_app.api import errors, objects
from assistants_app.api.client import Client
from assistants_app.models import Connection, Run, Thread
from assistants_app.models.mirrored import overwrite
from assistants_app.models.runs import ENDED, WAITING
from assistants_app.services import budget, connections, events, mirror, work

log = logging.getLogger(__name__)

IDLE_SECONDS = 0.1  # between two looks for due rows when there were none
GATHER_SECONDS = 0.02  # answers that arrive within this are written together
STREAMED_SECONDS = 5.0  # a run whose server tells of it is looked at that rarely, should it fall silent
FAILURES_UNTIL_PARKED = 5
LONGEST_BACK_OFF = 30.0


@dataclass(frozen=True, slots=True)
class Claimed:
    """What is needed to ask about one run."""

    pk: int
    run_id: str
    thread_id: str
    digest: str
    status: str
    created_at: datetime | None
    expires_at: datetime | None
    failures: int
    streamed_until: datetime | None
    connection: Connection


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of asking: the same as before, a run, or an error."""

    claimed: Claimed
    asked_at: datetime
    digest: str = ""
    poll_after: float | None = None
    run: objects.Run | None = None
    error: Exception | None = None


def poll_due(*, seconds: float) -> int:
    """Polls due runs for `seconds` without an idle moment; gives how many answers came."""
    loop = _Loop(ends=time.monotonic() + seconds)
    return loop.work()


class _Loop:
    def __init__(self, *, ends: float) -> None:
        self.ends = ends
        self.holder = uuid4().hex
        self.under_way = 0
        self.answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self.count = 0

    def work(self) -> int:
        while True:
            room = settings.POLL_CONCURRENCY - self.under_way
            begun = self._begin(room) if room and time.monotonic() < self.ends else 0
            if self.under_way:
                self._finish(patience=IDLE_SECONDS if begun < room else 1.0)
            elif time.monotonic() >= self.ends:
                return self.count
            else:
                time.sleep(IDLE_SECONDS)

    def _begin(self, room: int) -> int:
        claimed = claim(holder=self.holder, room=room)
        asked_at = timezone.now()  # one moment for all, so that they are written and due together
        for each in claimed:
            self.under_way += 1
            _threads().submit(self._ask, each, asked_at)
        return len(claimed)

    def _ask(self, claimed: Claimed, asked_at: datetime) -> None:
        try:
            client = connections.for_polling(claimed.connection)
            self.answers.put(ask(client, claimed, asked_at))
        except Exception as error:
            self.answers.put(Answer(claimed, asked_at, error=error))

    def _finish(self, *, patience: float) -> None:
        """Writes the answers that are there, and those that come within a moment, together."""
        try:
            ready = [self.answers.get(timeout=patience)]
        except queue.Empty:
            return
        gathered = time.monotonic() + GATHER_SECONDS
        while len(ready) < self.under_way:
            try:
                ready.append(self.answers.get(timeout=max(0.0, gathered - time.monotonic())))
            except queue.Empty:
                break
        self.under_way -= len(ready)
        self.count += len(ready)
        write(ready, holder=self.holder)


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=settings.POLL_CONCURRENCY, thread_name_prefix="poll")


def claim(*, holder: str, room: int) -> list[Claimed]:
    """Claims due runs over all connections, each within what its server may be asked."""
    found: list[Claimed] = []
    if not Run.objects.due().exists():  # as most times: one query in which little is built
        return found
    for connection in Connection.objects.answering():
        if room - len(found) <= 0:
            break
        if not connections.is_silent(connection):
            keys = _claim_of(connection, holder=holder, room=room - len(found))
            found += _claimed(connection, keys)
    return found


def _claim_of(connection: Connection, *, holder: str, room: int) -> list[int]:
    rows = Run.objects.filter(connection=connection)
    if not rows.due().exists():
        return []
    if connection.requests_per_minute is None:
        return rows.claim(limit=room, holder=holder, seconds=settings.LEASE_SECONDS)
    if budget.available(connection, timezone.now()) < 1:
        return []
    with transaction.atomic():
        row = budget.locked(connection)
        room = min(room, int(max(0.0, budget.available(row, timezone.now()))))
        keys = rows.claim(limit=room, holder=holder, seconds=settings.LEASE_SECONDS) if room else []
        if keys:
            budget.take_from(row, len(keys))
    return keys


def _claimed(connection: Connection, keys: Sequence[int]) -> list[Claimed]:
    if not keys:
        return []
    fields = (
        "pk",
        "remote_id",
        "thread__remote_id",
        "digest",
        "status",
        "created_at",
        "expires_at",
        "failures",
        "streamed_until",
    )
    rows = Run.objects.filter(pk__in=keys).values_list(*fields)
    return [Claimed(*row, connection) for row in rows]  # type: ignore[call-arg]


def ask(client: Client, claimed: Claimed, asked_at: datetime) -> Answer:
    """Asks for one run. Raises ApiError."""
    glance = client.threads.runs.glance(claimed.thread_id, claimed.run_id)
    same = glance.digest == claimed.digest
    run = None if same else client.read_run(glance.body)
    return Answer(claimed, asked_at, digest=glance.digest, poll_after=glance.poll_after, run=run)


def write(answers: Sequence[Answer], *, holder: str) -> None:
    """Writes answers where the lease still holds: together, or where that fails one by one, so that one row that
    raises harms no other."""
    try:
        _write(answers, holder=holder)
    except Exception:
        log.exception("Writing %d polled runs together failed; writing them one by one", len(answers))
        for answer in answers:
            try:
                _write([answer], holder=holder)
            except Exception as error:
                log.exception("Run %s could not be written", answer.claimed.run_id)
                failed = Answer(answer.claimed, answer.asked_at, error=error)
                _write([failed], holder=holder)


def _write(answers: Sequence[Answer], *, holder: str) -> None:
    _write_same([each for each in answers if each.error is None and each.run is None], holder=holder)
    changed = {each.claimed.pk: each for each in answers if each.run is not None}
    failed = [each for each in answers if each.error is not None]
    if changed or failed:
        with transaction.atomic():
            _write_changed(changed, holder=holder)
            for each in failed:
                _write_error(each, holder=holder)


def _write_same(answers: Iterable[Answer], *, holder: str) -> None:
    at: defaultdict[datetime, list[int]] = defaultdict(list)
    now = timezone.now()
    for answer in answers:
        at[_due_at(answer, answer.claimed, now)].append(answer.claimed.pk)
    for due_at, keys in at.items():
        held = Run.objects.held_by(holder).filter(pk__in=keys)
        held.update(due_at=due_at, holder="", failures=0)


def _write_changed(answers: dict[int, Answer], *, holder: str) -> None:
    if not answers:
        return
    rows = (
        Run.objects.held_by(holder).filter(pk__in=answers).select_related("connection").select_for_update(of=("self",))
    )
    now = timezone.now()
    pairs, quiet, topics = [], [], set()
    for row in rows:
        answer = answers[row.pk]
        assert answer.run is not None
        was_waiting = row.is_waiting
        changed = mirror.read_run(row, answer.run, asked_at=answer.asked_at, digest=answer.digest)
        row.holder, row.failures = "", 0
        row.due_at = _due_at(answer, row, now) if row.is_active else None
        if changed:
            pairs.append((row, answer.run))
            topics |= {events.run_topic(row.pk), events.thread_topic(row.thread_id), events.THREADS}
            topics |= {events.QUEUE} if was_waiting or row.is_waiting else set()
        else:
            quiet.append(row)
    overwrite(quiet, ["digest", "asked_at", "holder", "failures", "due_at"])
    _save(pairs)
    events.tell(topics)


def _save(pairs: Sequence[tuple[Run, objects.Run]]) -> None:
    """Saves changed runs and what their threads show of them; a thread whose run ended is read again at once."""
    if not pairs:
        return
    mirror.save_runs(pairs)
    saved = Run.objects.filter(pk__in=[row.pk for row, _ in pairs])
    mine = saved.filter(thread=OuterRef("pk")).order_by("-created_at", "-pk")
    Thread.objects.filter(pk__in=saved.values("thread")).update(
        status=Subquery(mine.values("status")[:1]),
        assistant=Subquery(mine.values("assistant")[:1]),
        active_at=timezone.now(),
    )
    settled = {row.thread_id for row, _ in pairs if row.status in ENDED or row.is_waiting}
    if settled:
        Thread.objects.filter(pk__in=settled).hasten()
        for thread in settled:
            work.ask("refresh_thread", thread)


def pace(
    *,
    connection: Connection,
    status: str,
    created_at: datetime | None,
    expires_at: datetime | None,
    poll_after: float | None,
    now: datetime,
    streamed_until: datetime | None = None,
) -> float:
    """Seconds until a run is looked at again: often while young, rarely while it waits for a person, and right
    after its end; never sooner than the server asked for."""
    age = (now - created_at).total_seconds() if created_at else 0.0
    wait = connection.poll_seconds * (1 if age < 60 else 2 if age < 300 else 5)
    if streamed_until is not None and streamed_until > now:
        wait = max(STREAMED_SECONDS, wait)
    if status == WAITING:
        wait = max(settings.WAITING_POLL_SECONDS, wait)
        left = (expires_at - now).total_seconds() if expires_at else wait
        if left > 0:
            wait = min(wait, left + 0.5)
    return max(wait, poll_after or 0.0)


def pace_of(run: Claimed | Run, *, now: datetime, poll_after: float | None = None) -> float:
    """The same of a run as it is known."""
    return pace(
        connection=run.connection,
        status=run.status,
        created_at=run.created_at,
        expires_at=run.expires_at,
        streamed_until=run.streamed_until,
        poll_after=poll_after,
        now=now,
    )


def _due_at(answer: Answer, run: Claimed | Run, now: datetime) -> datetime:
    """Paced from the asking, so that the time an answer takes does not slow it; a slow server has at least half a
    pace for itself, and what it asked for."""
    wait = pace_of(run, now=answer.asked_at, poll_after=answer.poll_after)
    rest = max(answer.poll_after or 0.0, wait / 2)
    return max(answer.asked_at + timedelta(seconds=wait), now + timedelta(seconds=rest))


def _write_error(answer: Answer, *, holder: str) -> None:
    """What an error means: gone, later, or after too many that are this row's own, parked."""
    claimed, error, now = answer.claimed, answer.error, timezone.now()
    held = Run.objects.held_by(holder).filter(pk=claimed.pk)
    topics = [events.run_topic(claimed.pk), events.QUEUE]
    if isinstance(error, errors.NotFound):
        held.update(gone_at=now, due_at=None, holder="")
        events.tell(topics)
        return
    failures = claimed.failures + 1
    if isinstance(error, errors.ApiError):
        connections.refused(claimed.connection, error)
    own = isinstance(error, errors.BadAnswer) or not isinstance(error, errors.ApiError)
    if own and failures >= FAILURES_UNTIL_PARKED:
        because = f"{type(error).__name__}: {error}"[:2000].replace("\x00", "\ufffd")
        held.update(due_at=None, holder="", failures=failures, parked_at=now, parked_because=because)
        log.error("Run %s is no longer followed after %d failures", claimed.run_id, failures)
        events.tell(topics)
        return
    back_off = min(LONGEST_BACK_OFF, claimed.connection.poll_seconds * 2 ** min(failures, 6))
    wait = max(back_off, getattr(error, "retry_after", None) or 0.0)
    held.update(due_at=now + timedelta(seconds=wait), holder="", failures=min(failures, 1000))
