"""Threads: lists, one of them, making one known; and reading one from its server."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.contrib.auth.models import User
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.utils import timezone

from assistants_app.api import errors, objects
from assistants_app.api.client import Client
from assistants_app.api.pages import every
from assistants_app.models import Assistant, AssistantVersion, Connection, Message, Operation, Run, Thread
from assistants_app.models.mirrored import LONGEST_ID
from assistants_app.services import capabilities, connections, events, lists, mirror, operations, runs, search, work
from assistants_app.services.asking import asking, deleted

LIST_RUNS = "listRuns"
# In the metadata of a scratch thread (services/trials.py): the assistant that is tried in it.
SCRATCH = "switchboard_scratch"
RUNS_READ = 20  # a page of runs; older ones are read on until a page has nothing new
# How long until a thread is read again, by how long ago something happened in it (seconds both).
PACES = [(120.0, 5.0), (3_600.0, 60.0), (86_400.0, 600.0)]
SLOWEST_PACE = 21_600.0


def page(
    *,
    assistant: Assistant | None = None,
    status: str = "",
    words: str = "",
    connection: Connection | None = None,
    after: str = "",
    before: str = "",
) -> lists.Page:
    """A page of threads, latest activity first, narrowed by assistant, status of the last run, and words."""
    rows = Thread.objects.select_related("assistant", "connection").annotate(is_scratch=is_scratch())
    rows = rows.defer(
        "raw",
        "assistant__raw",
        "assistant__instructions",
        "assistant__description",
        *connections.HEAVY,
    )
    if assistant:
        rows = rows.filter(assistant=assistant)
    if connection:
        rows = rows.filter(connection=connection)
    if status:
        rows = rows.filter(status="" if status == "none" else status)
    words = words.replace("\x00", " ").strip()
    if words:
        matching = search.threads_with(rows, words)
        rows = rows.filter(Q(pk__in=matching.values("pk")) | Q(remote_id=words))
    return lists.keyset(rows, moment="active_at", after=after, before=before)


def is_scratch(path: str = "") -> ExpressionWrapper[Q]:
    """Whether a thread, or the one that `path` leads to, is a scratch thread: a column of lists."""
    # As JSON has a name: in a text its quotes would be escaped.
    marked = Q(**{f"{path}raw__contains": f'"{SCRATCH}"'})
    return ExpressionWrapper(marked, output_field=BooleanField())


def add(*, connection: Connection, ids: str) -> list[Thread]:
    """Makes threads known by their ids, separated by white space or commas; they are read at once.

    Raises ValueError, naming it, for an id that is too long to be one.
    """
    wanted = list(dict.fromkeys(filter(None, re.split(r"[\s,;]+", ids))))
    if too_long := next((each for each in wanted if len(each) > LONGEST_ID), None):
        raise ValueError(f"“{too_long[:40]}…” is too long to be an id.")
    now = timezone.now()
    new = [Thread(connection=connection, remote_id=each, active_at=now, due_at=now) for each in wanted]
    Thread.objects.bulk_create(new, ignore_conflicts=True)
    found = list(Thread.objects.filter(connection=connection, remote_id__in=wanted))
    for thread in found:
        hasten(thread)
    events.tell([events.THREADS])
    return found


def create(
    *, connection: Connection, by: User, once: UUID, base: AssistantVersion | None = None, **begins_with: Any
) -> Operation:
    """Has a thread made on a server (createThread), once for `once`. It may begin with `messages`, `resources` and
    `metadata`. `base` is the version of an assistant that is to be tried in it, if any."""
    uuid = uuid4()
    operation, _ = operations.record(
        kind=Operation.Kind.CREATE_THREAD,
        key=f"thread:{once}",
        uuid=uuid,
        connection=connection,
        base=base,
        by=by,
        body=_body(connection, uuid, **begins_with),
    )
    return operation


def create_and_run(
    *,
    connection: Connection,
    assistant: Assistant,
    by: User,
    once: UUID,
    overrides: Mapping[str, Any] | None = None,
    base: AssistantVersion | None = None,
    **begins_with: Any,
) -> Operation:
    """Has a thread made and a run started on it in one act (createThreadAndRun), once for `once`. The thread begins
    with the same as one that is made alone; `overrides` are further fields of the run, in the API's own shape."""
    uuid = uuid4()
    thread = _body(connection, uuid, **begins_with)
    mark = operations.metadata(uuid)
    operation, _ = operations.record(
        kind=Operation.Kind.CREATE_THREAD_AND_RUN,
        key=f"thread:{once}",
        uuid=uuid,
        connection=connection,
        base=base,
        by=by,
        body=connections.dialect(connection).run(assistant.remote_id, mark, thread=thread, **(overrides or {})),
    )
    return operation


def create_then_run(
    *,
    connection: Connection,
    assistant: Assistant,
    by: User,
    once: UUID,
    overrides: Mapping[str, Any],
    base: AssistantVersion | None = None,
    **begins_with: Any,
) -> Operation:
    """The same in two acts (createThread, then createRun), for what only createRun takes and for servers that lack the
    act of both. Gives the first one; the run follows by itself."""
    made = create(connection=connection, by=by, once=once, base=base, **begins_with)
    uuid = uuid4()
    operations.record(
        kind=Operation.Kind.CREATE_RUN,
        key=f"run:{uuid5(once, 'run')}",
        uuid=uuid,
        connection=connection,
        after=made,
        base=base,
        by=by,
        body=connections.dialect(connection).run(assistant.remote_id, operations.metadata(uuid), **overrides),
    )
    return made


def _body(
    connection: Connection,
    uuid: UUID,
    *,
    messages: Sequence[Mapping[str, Any]] = (),
    resources: Mapping[str, Any] | None = None,
    metadata: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    dialect = connections.dialect(connection)
    made = dialect.thread({**(metadata or {}), **operations.metadata(uuid)}, messages)
    return made | (dialect.resources(**resources) if resources else {})


def modify(*, thread: Thread, metadata: dict[str, str]) -> None:
    """Gives a thread this metadata in place of what it has (modifyThread). Raises ApiError."""
    with asking(thread.connection, "modifyThread") as client:
        seen = client.threads.modify(thread.remote_id, {"metadata": metadata})
    mirror.threads(thread.connection, [seen])
    events.tell([events.thread_topic(thread.pk)])


def delete(*, thread: Thread) -> None:
    """Deletes a thread with all that is in it on its server (deleteThread); what was seen of it stays here. One that
    is gone already is none the less deleted. Raises ApiError."""
    try:
        with asking(thread.connection, "deleteThread") as client:
            deleted(client.threads.delete(thread.remote_id))
    except errors.NotFound:
        pass
    _gone(thread)


def _gone(thread: Thread) -> None:
    now = timezone.now()
    Thread.objects.filter(pk=thread.pk).update(gone_at=now, due_at=None, holder="")
    left = Run.objects.filter(thread=thread, gone_at=None)
    keys = list(left.values_list("pk", flat=True))
    left.update(gone_at=now, due_at=None, holder="")
    events.tell([events.thread_topic(thread.pk), events.THREADS, events.QUEUE, *map(events.run_topic, keys)])


def hasten(thread: Thread) -> None:
    """Has a thread read again at once."""
    Thread.objects.filter(pk=thread.pk).hasten()
    work.ask("refresh_thread", thread.pk)


def hasten_if_stale(thread: Thread) -> None:
    """Has a thread that somebody looks at read again if that was not done lately."""
    fresh = work.get_stale_time()
    if thread.gone_at is None and (thread.refreshed_at is None or thread.refreshed_at < fresh):
        hasten(thread)


def refresh(*, thread: Thread, holder: str) -> None:
    """Reads a thread's messages, runs and steps (listMessages, listRuns, listRunSteps), as far as they are not known.

    A thread that its server no longer has gets a tombstone. Raises ApiError for anything else.
    """
    client = connections.for_background(thread.connection)
    is_first = thread.refreshed_at is None
    try:
        _read_itself(client, thread)
        # Runs first: one that is seen to have ended has written its messages by then.
        changed, lacking = _read_runs_if_listed(client, thread)
        changed = _read_messages(client, thread) > 0 or changed
    except errors.NotFound:
        Thread.objects.filter(pk=thread.pk).update(gone_at=timezone.now(), due_at=None, holder="")
        changed = True
    else:
        if lacking is not None:  # the thread is there, so it is the list that is not
            capabilities.note(thread.connection, {LIST_RUNS: lacking})
        changed = update_summary(thread) or changed
        _release(thread, holder)
    if changed or is_first:
        events.tell([events.thread_topic(thread.pk), events.THREADS])


def _read_itself(client: Client, thread: Thread) -> None:
    """Reads the object of a thread (getThread) of which only the id is known, as far as its server gives one."""
    if thread.raw != "{}":
        return
    try:
        seen = client.threads.get(thread.remote_id)
    except (errors.NotFound, errors.NotOffered):
        return
    thread.raw, thread.created_at = seen.raw_text, seen.created_at
    Thread.objects.filter(pk=thread.pk).update(raw=thread.raw, created_at=thread.created_at)


def _read_messages(client: Client, thread: Thread) -> int:
    """Reads what came after the last finished message; all of them where the server refuses that place."""
    settled = thread.messages.exclude(status="in_progress").filter(gone_at=None).order_by("-pk")
    last = settled.values_list("remote_id", flat=True).first()
    seen = None
    if last:
        try:
            seen = list(every(client.threads.messages.list, thread.remote_id, order="asc", after=last))
        except (errors.BadRequest, errors.NotFound, errors.ServerFault):
            seen = None
    if seen is None:
        seen = list(every(client.threads.messages.list, thread.remote_id, order="asc"))
        listed = [each.id for each in seen]
        Message.objects.filter(thread=thread, gone_at=None).exclude(remote_id__in=listed).update(gone_at=timezone.now())
    return mirror.messages(thread, sorted(seen, key=_moment))


def _moment(seen: Any) -> float:
    return seen.created_at.timestamp() if seen.created_at else 0.0


def _read_runs_if_listed(client: Client, thread: Thread) -> tuple[bool, errors.ApiError | None]:
    """Reads runs where the server lists them; whether anything changed, and how it said that it does not."""
    if capabilities.lack(thread.connection, LIST_RUNS):
        return _read_steps(client, thread), None
    try:
        return _read_runs(client, thread), None
    except (errors.NotFound, errors.NotOffered) as error:
        return False, error


def _read_runs(client: Client, thread: Thread) -> bool:
    changed = False
    after = None
    while True:
        asked_at = timezone.now()
        listed = client.threads.runs.list(thread.remote_id, limit=RUNS_READ, order="desc", after=after)
        rows = mirror.runs(thread, listed.data, asked_at=asked_at)
        _tell(rows)
        changed = changed or bool(rows)
        following = listed.next_cursor
        if not listed.has_more or not rows or not following or following == after:
            break
        after = following
    return _read_steps(client, thread) or changed


def _tell(rows: list[Run]) -> None:
    topics = [events.run_topic(row.pk) for row in rows if row.pk]
    events.tell([*topics, events.QUEUE] if rows else [])


def _read_steps(client: Client, thread: Thread) -> bool:
    stale = list(Run.objects.filter(thread=thread, steps_stale=True, gone_at=None).order_by("-pk")[:RUNS_READ])
    for run in stale:
        try:
            seen = runs.with_findings(client, run, partial(_listed_steps, client, thread.remote_id, run.remote_id))
        except (errors.NotFound, errors.NotOffered):
            seen = []
        mirror.steps(run, seen)
        # Only if nothing changed it meanwhile: then its steps are stale again.
        Run.objects.filter(pk=run.pk, changed_at=run.changed_at).update(steps_stale=False)
    events.tell([events.run_topic(run.pk) for run in stale])
    return bool(stale)


def _listed_steps(client: Client, thread_id: str, run_id: str, include: Sequence[str]) -> list[objects.RunStep]:
    return list(every(client.threads.runs.steps.list, thread_id, run_id, order="asc", include=include))


def update_summary(thread: Thread) -> bool:
    """Writes what lists show of a thread: its first words, its last run, when something last happened."""
    first = thread.messages.filter(role="user").order_by("created_at", "pk").values_list("text", flat=True).first()
    last = thread.messages.order_by("-created_at", "-pk").values_list("created_at", flat=True).first()
    run = thread.runs.order_by("-created_at", "-pk").first()
    moments = [last, thread.created_at, run and (run.ended_at or run.created_at)]
    summary = {
        "preview": " ".join((first or "")[:400].split())[:200],
        "status": run.status if run else "",
        "assistant_id": run.assistant_id if run else thread.assistant_id,
        "active_at": max((moment for moment in moments if moment), default=thread.active_at),
    }
    changed = any(getattr(thread, name) != value for name, value in summary.items())
    if changed:
        Thread.objects.filter(pk=thread.pk).update(**summary)
        for name, value in summary.items():
            setattr(thread, name, value)
    return changed


def _release(thread: Thread, holder: str) -> None:
    now = timezone.now()
    Thread.objects.filter(pk=thread.pk).update(refreshed_at=now)
    due_at = now + timedelta(seconds=pace(thread.active_at, now))
    Thread.objects.held_by(holder).filter(pk=thread.pk).update(due_at=due_at, holder="", failures=0)


def pace(active_at: datetime, now: datetime) -> float:
    """Seconds until a thread is read again: soon where something happened lately, rarely where all is quiet."""
    age = (now - active_at).total_seconds()
    return next((wait for within, wait in PACES if age < within), SLOWEST_PACE)
