"""Reads lists of connections and threads again when that is due: claimed rows, like the runs that are polled."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import uuid4

from django.db import close_old_connections
from django.db.models import QuerySet
from django.utils import timezone

from assistants_app.api import errors
from assistants_app.models import Connection, ConnectionCheck, Listing, Thread, VectorStore
from assistants_app.services import (
    archive,
    assistants,
    capabilities,
    checks,
    connections,
    events,
    files,
    listings,
    mirror,
    models,
    threads,
    vector_stores,
)

log = logging.getLogger(__name__)

AT_ONCE = 8
IDLE_SECONDS = 0.5  # what somebody waits for is a task of its own, and does not wait for this
# Longer than any refresh of one thread is expected to take; a thread with more to read is simply read on.
LEASE_SECONDS = 60.0
ASSISTANTS_SECONDS = 30.0
LONGEST_BACK_OFF = 300.0
FAILURES_UNTIL_PARKED = 8
LONGEST_ERROR = 500
READERS: dict[str, Callable[..., None]] = {
    listings.FILES: files.refresh,
    listings.MODELS: models.refresh,
    listings.VECTOR_STORES: vector_stores.refresh,
}


def refresh_due(*, seconds: float) -> int:
    """Refreshes due connections and threads for `seconds`; gives how many."""
    ends = time.monotonic() + seconds
    count = 0
    while time.monotonic() < ends:
        begun = _batch()
        count += begun
        if not begun:
            time.sleep(IDLE_SECONDS)
    return count


def _batch() -> int:
    holder = uuid4().hex
    jobs: list[tuple[Callable[[int, str], None], int]] = []
    living = Thread.objects.filter(connection__gone_at=None).exclude(connections.silent("connection__"))
    due: list[tuple[Any, Callable[[int, str], None]]] = [
        (Connection.objects.answering(), _connection),
        (living, _thread),
        (ConnectionCheck.objects.all(), checks.look),
        (Listing.objects.filter(connection__gone_at=None).exclude(connections.silent("connection__")), _listing),
        (VectorStore.objects.filter(connection__gone_at=None).exclude(connections.silent("connection__")), _store),
    ]
    for rows, job in due:
        if rows.due().exists():
            jobs += [(job, key) for key in rows.claim(limit=AT_ONCE, holder=holder, seconds=LEASE_SECONDS)]
    wait([_threads().submit(_apart, job, key, holder) for job, key in jobs])
    return len(jobs)


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="refresh")


def _apart(job: Callable[[int, str], None], key: int, holder: str) -> None:
    """Runs a job in its thread; one that raises harms no other."""
    close_old_connections()
    try:
        job(key, holder)
    except Exception:
        log.exception("Refreshing %s failed", key)
    finally:
        close_old_connections()


def refresh_thread(*, key: int) -> None:
    """Refreshes one thread at once, unless another worker is at it."""
    holder = uuid4().hex
    if Thread.objects.filter(pk=key).claim(limit=1, holder=holder, seconds=LEASE_SECONDS):
        _thread(key, holder)


def _thread(key: int, holder: str) -> None:
    thread = Thread.objects.select_related("connection").get(pk=key)
    held = Thread.objects.held_by(holder).filter(pk=key)
    shown_in = [events.thread_topic(key)]
    try:
        threads.refresh(thread=thread, holder=holder)
    except errors.ApiError as error:
        connections.refused(thread.connection, error)
        _postpone(held, thread.failures, str(error), park=isinstance(error, errors.BadAnswer), shown_in=shown_in)
    except Exception as error:
        _postpone(held, thread.failures, f"{type(error).__name__}: {error}", park=True, shown_in=shown_in)
        raise


def read_listing(*, key: int) -> None:
    """Reads one listing at once, unless another worker is at it."""
    holder = uuid4().hex
    if Listing.objects.filter(pk=key).claim(limit=1, holder=holder, seconds=LEASE_SECONDS):
        _listing(key, holder)


def _listing(key: int, holder: str) -> None:
    """Reads a list that somebody wants. What goes wrong is told where it is shown."""
    listing = Listing.objects.select_related("connection").get(pk=key)
    error = _told(listing.connection, listing.name, lambda: READERS[listing.name](listing=listing))
    done = {"read_at": timezone.now(), "error": error, "due_at": None, "holder": "", "failures": 0}
    Listing.objects.held_by(holder).filter(pk=key).update(**done)
    topics = {listings.FILES: events.FILES, listings.VECTOR_STORES: events.VECTOR_STORES}
    events.tell([topics.get(listing.name, events.connection_topic(listing.connection_id))])


def read_vector_store(*, key: int) -> None:
    """Reads one vector store at once, unless another worker is at it."""
    holder = uuid4().hex
    if VectorStore.objects.filter(pk=key).claim(limit=1, holder=holder, seconds=LEASE_SECONDS):
        _store(key, holder)


def _store(key: int, holder: str) -> None:
    store = VectorStore.objects.select_related("connection").get(pk=key)
    error = _told(store.connection, "", lambda: vector_stores.refresh_one(store=store))
    done = {"refreshed_at": timezone.now(), "error": error, "due_at": None, "holder": "", "failures": 0}
    VectorStore.objects.held_by(holder).filter(pk=key).update(**done)
    events.tell([events.vector_store_topic(key)])


def _told(connection: Connection, operation: str, read: Callable[[], None]) -> str:
    """Reads something; gives "", or what went wrong in words for people. A server that has no such list is asked no
    more."""
    try:
        read()
    except errors.ApiError as error:
        if operation and isinstance(error, errors.NotFound | errors.NotOffered):
            capabilities.note(connection, {operation: error})
        else:
            connections.refused(connection, error)
        return errors.cut(str(error), LONGEST_ERROR)
    except Exception as error:
        log.exception("Reading %s of %s failed", operation or "a vector store", connection)
        return f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
    connections.heard(connection)
    return ""


def _postpone(held: QuerySet[Any], failures: int, because: str, *, park: bool, shown_in: Sequence[str] = ()) -> None:
    """Puts the next reading off; after too many failures parks the row, and tells the topics it is shown in."""
    failures = min(failures + 1, 1000)
    if park and failures >= FAILURES_UNTIL_PARKED:
        held.update(due_at=None, holder="", failures=failures, parked_at=timezone.now(), parked_because=because[:2000])
        events.tell(shown_in)
        return
    back_off = timedelta(seconds=min(LONGEST_BACK_OFF, 2.0 ** min(failures, 9)))
    held.update(due_at=timezone.now() + back_off, holder="", failures=failures)


def _connection(key: int, holder: str) -> None:
    """Looks for assistants and, where the server lists them, threads that are new."""
    connection = Connection.objects.get(pk=key)
    held = Connection.objects.held_by(holder).filter(pk=key)
    if (silent_until := connections.silent_until(connection)) is not None:
        if connections.has_expired(connection):
            connections.expired(connection)
        held.update(due_at=silent_until, holder="")
        return
    try:
        if not _read_assistants(connection):
            return
        _read_threads(connection)
    except errors.ApiError as error:
        connections.refused(connection, error)
        _postpone(held, connection.failures, str(error), park=False)
        return
    except Exception as error:
        _postpone(held, connection.failures, f"{type(error).__name__}: {error}", park=False)
        raise
    connections.heard(connection)
    held.update(due_at=timezone.now() + timedelta(seconds=connection.refresh_seconds), holder="", failures=0)


def _read_assistants(connection: Connection) -> bool:
    """False where the server turned out to be gone. Raises ApiError."""
    fresh = timezone.now() - timedelta(seconds=ASSISTANTS_SECONDS)
    if connection.assistants_at is not None and connection.assistants_at >= fresh:
        return True
    try:
        assistants.refresh(connection=connection)
    except errors.NotFound as error:
        if archive.absent(connection, error):
            return False
        raise
    return True


def _read_threads(connection: Connection) -> None:
    """Reads the newest threads until one page has none that is new. A server without such a list is not asked again."""
    if connection.lists_threads is False:
        return
    client = connections.for_background(connection)
    after = None
    while True:
        try:
            listed = client.threads.list(limit=100, order="desc", after=after)
        except (errors.NotFound, errors.NotOffered):
            Connection.objects.filter(pk=connection.pk).update(lists_threads=False)
            return
        new = mirror.threads(connection, listed.data)
        if new:
            events.tell([events.THREADS])
        # Until a first reading went through to the end, pages with nothing new may be followed by others with.
        if (connection.lists_threads and not new) or not listed.has_more or listed.next_cursor in {None, after}:
            break
        after = listed.next_cursor
    Connection.objects.filter(pk=connection.pk, lists_threads=None).update(lists_threads=True)
