"""Copies what a server told us into our rows. It only adds and updates; nothing seen is deleted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from assistants_app.api import objects
from assistants_app.models import (
    Assistant,
    Connection,
    File,
    Message,
    Run,
    RunStep,
    Thread,
    ToolCall,
    VectorStore,
    VectorStoreFile,
)
from assistants_app.models.mirrored import LONGEST_ID, overwrite
from assistants_app.models.runs import ENDED
from assistants_app.services import content, history, versions

BATCH = 500
SeenObject = TypeVar("SeenObject", bound=objects.Seen)


def with_ids(seen: Iterable[SeenObject]) -> dict[str, SeenObject]:
    """Objects by id, the first of each; one without an id, or with one too long for an index, cannot be kept apart."""
    found: dict[str, SeenObject] = {}
    for each in seen:
        if 0 < len(each.id) <= LONGEST_ID:
            found.setdefault(each.id, each)
    return found


def short(text: str | None, length: int = 64) -> str:
    """A word of the server's, cut to what its column holds; the raw object has all of it."""
    return (text or "")[:length]


def assistants(
    connection: Connection, seen: Iterable[objects.Assistant], *, asked_at: datetime, is_ours: bool = False
) -> bool:
    """Adds and updates assistants; True where anything changed. An answer asked for before the newest one known is old
    news. What is set otherwise than before gets a version, unless whoever did it here (`is_ours`) makes that."""
    by_id = with_ids(seen)
    known = {row.remote_id: row for row in Assistant.objects.filter(connection=connection, remote_id__in=by_id)}
    new: list[Assistant] = []
    changed: list[Assistant] = []
    for remote_id, each in by_id.items():
        row = known.get(remote_id) or Assistant(connection=connection, remote_id=remote_id)
        if row.asked_at and asked_at < row.asked_at:
            continue
        row.asked_at = asked_at
        if row.pk and row.raw == each.raw_text and row.gone_at is None:
            continue
        row.raw, row.created_at, row.gone_at = each.raw_text, each.created_at, None
        row.name, row.description = each.name or "", each.description or ""
        row.model, row.instructions = each.model or "", each.instructions or ""
        (changed if row.pk else new).append(row)
    Assistant.objects.bulk_create(new, batch_size=BATCH, ignore_conflicts=True)
    fields = ["raw", "asked_at", "created_at", "gone_at", "name", "description", "model", "instructions"]
    Assistant.objects.bulk_update(changed, fields, batch_size=BATCH)
    if not is_ours:
        told = Q(pk__in=[row.pk for row in changed]) | Q(versions=None)
        versions.observe(Assistant.objects.filter(told, connection=connection, remote_id__in=by_id))
    return bool(new or changed)


def threads(connection: Connection, seen: Iterable[objects.Thread]) -> int:
    """Adds threads that were not known, to be read at once; gives how many."""
    by_id = with_ids(seen)
    known = {row.remote_id: row for row in Thread.objects.filter(connection=connection, remote_id__in=by_id)}
    now = timezone.now()
    new = [
        Thread(
            connection=connection,
            remote_id=remote_id,
            raw=each.raw_text,
            created_at=each.created_at,
            active_at=each.created_at or now,
            due_at=now,
        )
        for remote_id, each in by_id.items()
        if remote_id not in known
    ]
    Thread.objects.bulk_create(new, batch_size=BATCH, ignore_conflicts=True)
    changed = [row for row in known.values() if row.raw != by_id[row.remote_id].raw_text]
    for row in changed:
        row.raw, row.created_at = by_id[row.remote_id].raw_text, by_id[row.remote_id].created_at
    Thread.objects.bulk_update(changed, ["raw", "created_at"], batch_size=BATCH)
    return len(new)


def messages(thread: Thread, seen: Iterable[objects.Message]) -> int:
    """Adds and updates messages of a thread, given in the order they happened; gives how many changed."""
    by_id = with_ids(seen)
    rows = Message.objects.filter(thread=thread, remote_id__in=by_id)
    known = {row.remote_id: row for row in rows}
    new: list[Message] = []
    changed: list[Message] = []
    for remote_id, each in by_id.items():
        row = known.get(remote_id) or Message(thread=thread, remote_id=remote_id)
        if row.pk and row.raw == each.raw_text and row.gone_at is None:
            continue
        row.raw, row.gone_at = each.raw_text, None
        row.created_at = each.created_at or row.created_at or timezone.now()
        row.role, row.status = short(each.role), short(each.status)
        row.run_remote_id = short(each.run_id, LONGEST_ID)
        row.assistant_remote_id = short(each.assistant_id, LONGEST_ID)
        row.text = each.text
        row.html = content.html(each)
        (changed if row.pk else new).append(row)
    Message.objects.bulk_create(new, batch_size=BATCH, ignore_conflicts=True)
    fields = [
        "raw",
        "created_at",
        "gone_at",
        "role",
        "status",
        "run_remote_id",
        "assistant_remote_id",
        "text",
        "html",
    ]
    Message.objects.bulk_update(changed, fields, batch_size=BATCH)
    return len(new) + len(changed)


RUN_FIELDS = [
    *("raw", "created_at", "gone_at", "assistant", "assistant_remote_id", "status", "model", "required_type"),
    *(
        "expires_at",
        "started_at",
        "ended_at",
        "error_code",
        "error_message",
        "digest",
        "asked_at",
        "changed_at",
    ),
    *("steps_stale", "producing", "version"),
]


def read_run(row: Run, seen: objects.Run, *, asked_at: datetime, digest: str = "") -> bool:
    """Copies a run into its row without saving; False where it is old news.

    Old news is an answer asked for before the newest one known, and an active status after the run has ended.
    """
    if row.asked_at and asked_at < row.asked_at:
        return False
    row.digest, row.asked_at = digest, asked_at
    if (row.status in ENDED and seen.status not in ENDED) or (row.raw == seen.raw_text and row.gone_at is None):
        return False
    row.raw, row.gone_at, row.changed_at, row.steps_stale = seen.raw_text, None, timezone.now(), True
    row.status = short(seen.status) or row.status
    row.created_at, row.started_at = seen.created_at, seen.started_at
    row.expires_at = seen.expires_at or row.expires_at
    row.ended_at = seen.completed_at or seen.failed_at or seen.cancelled_at
    if row.status in ENDED and row.ended_at is None:
        row.ended_at = min(row.changed_at, row.expires_at or row.changed_at)
    row.assistant_remote_id = short(seen.assistant_id, LONGEST_ID)
    row.model = seen.model or ""
    row.required_type = short(seen.required_action.type if seen.required_action else "")
    error = seen.last_error
    row.error_code = (error.code if error else None) or ""
    row.error_message = (error.message if error else None) or seen.incomplete_reason or ""
    return True


def link_assistants(rows: Sequence[Run]) -> None:
    """Points runs at the assistants they name. One that is not known yet has its server's assistants read soon."""
    wanted = {row.assistant_remote_id for row in rows if row.assistant_remote_id}
    known = {
        (assistant.connection_id, assistant.remote_id): assistant
        for assistant in Assistant.objects.filter(remote_id__in=wanted)
    }
    for row in rows:
        row.assistant = known.get((row.connection_id, row.assistant_remote_id))
    # Only for new runs: an assistant that its server deleted would be looked for again and again.
    lacking = {row.connection_id for row in rows if not row.pk and row.assistant_remote_id and not row.assistant}
    if lacking:
        Connection.objects.filter(pk__in=lacking).update(assistants_at=None)


def link_runs(connection: Connection) -> list[Run]:
    """Points runs at assistants that became known after them; gives those runs."""
    lacking = Run.objects.filter(connection=connection, assistant=None).exclude(assistant_remote_id="")
    named = lacking.order_by().values("assistant_remote_id")
    linked: list[Run] = []
    for assistant in Assistant.objects.filter(connection=connection, remote_id__in=named).only("pk", "remote_id"):
        runs = lacking.filter(assistant_remote_id=assistant.remote_id)
        linked += runs.only("pk", "thread_id")
        runs.update(assistant=assistant)
        versions.link_runs(Run.objects.filter(assistant=assistant))
    return linked


def waiting_calls(pairs: Sequence[tuple[Run, objects.Run]]) -> None:
    """Writes the calls that runs wait for; calls of those runs that are no longer asked for stop waiting."""
    runs = [row.pk for row, _ in pairs]
    known = {(call.run_id, call.remote_id): call for call in ToolCall.objects.filter(run__in=runs)}
    new: list[ToolCall] = []
    changed: list[ToolCall] = []
    ended: list[ToolCall] = []
    for row, seen in pairs:
        asked = seen.required_action.calls if seen.required_action and row.is_waiting else ()
        wanted = with_ids(asked)
        shape = {"required_type": row.required_type, "waiting": True}
        start = sum(1 for run_id, _ in known if run_id == row.pk)
        for place, (remote_id, call) in enumerate(wanted.items()):
            if (mine := known.get((row.pk, remote_id))) is None:
                new.append(_call(row, call, position=start + place, **shape))
            elif not mine.waiting or mine.required_type != row.required_type:
                mine.waiting, mine.required_type = True, row.required_type
                changed.append(mine)
        for (run_id, remote_id), mine in known.items():
            if run_id == row.pk and mine.waiting and remote_id not in wanted:
                mine.run, mine.waiting = row, False
                ended.append(mine)
    history.asked([*new, *changed])
    ToolCall.objects.bulk_create(new, batch_size=BATCH, ignore_conflicts=True)
    fields = ["waiting", "required_type", "asked_at", "claimed_at", "claimed_by"]
    ToolCall.objects.bulk_update(changed, fields, batch_size=BATCH)
    ToolCall.objects.bulk_update(ended, ["waiting"], batch_size=BATCH)
    history.ended(ended)


def _call(run: Run, seen: objects.ToolCall, **more: Any) -> ToolCall:
    return ToolCall(
        run=run,
        remote_id=seen.id,
        type=short(seen.type),
        name=seen.name,
        server=seen.server,
        arguments=seen.arguments,
        output=seen.output,
        **more,
    )


def runs(thread: Thread, seen: Iterable[objects.Run], *, asked_at: datetime) -> list[Run]:
    """Adds and updates runs of a thread; gives those that changed. A run of another thread is left out: some
    servers list all runs whatever thread is asked for."""
    mine = {run_id: run for run_id, run in with_ids(seen).items() if run.thread_id in {None, "", thread.remote_id}}
    pairs = []
    with transaction.atomic():
        rows = Run.objects.filter(connection=thread.connection_id, remote_id__in=mine)
        known = {row.remote_id: row for row in rows.select_for_update()}
        for remote_id, each in sorted(mine.items(), key=lambda item: _moment(item[1].created_at)):
            row = known.get(remote_id) or Run(thread=thread, connection_id=thread.connection_id, remote_id=remote_id)
            if read_run(row, each, asked_at=asked_at):
                row.due_at = timezone.now() if row.is_active else None
                pairs.append((row, each))
        save_runs(pairs)
    return [row for row, _ in pairs]


def save_runs(pairs: Sequence[tuple[Run, objects.Run]]) -> None:
    """Saves changed runs, released, with the calls they wait for."""
    link_assistants([row for row, _ in pairs])
    for row, seen in pairs:
        row.holder, row.failures = "", 0
        row.producing = row.producing or versions.producing(seen.raw)
    versions.link([row for row, _ in pairs])
    fields = [*RUN_FIELDS, "due_at", "holder", "failures"]
    known = [row for row, _ in pairs if row.pk]
    new = [row for row, _ in pairs if not row.pk]
    overwrite(known, fields)
    Run.objects.bulk_create(
        new,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["connection", "remote_id"],
        update_fields=fields,
    )
    waiting_calls(pairs)


def steps(run: Run, seen: Iterable[objects.RunStep], *, are_all: bool = True) -> None:
    """Adds and updates the steps of a run, and its tool calls with the outputs that arrived. Unless these are all of
    its steps, they say nothing of the place of a call among the others."""
    by_id = with_ids(seen)
    known = {row.remote_id: row for row in RunStep.objects.filter(run=run)}
    new: list[RunStep] = []
    changed: list[RunStep] = []
    ordered = sorted(by_id.items(), key=lambda item: _moment(item[1].created_at))
    for remote_id, each in ordered:
        row = known.get(remote_id) or RunStep(run=run, remote_id=remote_id)
        row.raw, row.created_at, row.ended_at = each.raw_text, each.created_at, each.ended_at
        row.type, row.status = short(each.type), short(each.status)
        row.message_remote_id = short(each.message_id, LONGEST_ID)
        row.error_message = (each.last_error.message if each.last_error else None) or ""
        (changed if row.pk else new).append(row)
    RunStep.objects.bulk_create(new, batch_size=BATCH, ignore_conflicts=True)
    fields = ["raw", "created_at", "ended_at", "type", "status", "message_remote_id", "error_message"]
    RunStep.objects.bulk_update(changed, fields, batch_size=BATCH)
    _outputs(run, [call for _, step in ordered for call in step.calls], are_all=are_all)


def _outputs(run: Run, seen: Sequence[objects.ToolCall], *, are_all: bool) -> None:
    known = {call.remote_id: call for call in ToolCall.objects.filter(run=run)}
    new, changed = [], []
    for number, call in enumerate(with_ids(seen).values()):
        mine = known.get(call.id)
        place = number if are_all else mine.position if mine else len(known) + number
        if mine is None:
            new.append(_call(run, call, position=place))
        elif mine.position != place or (call.output is not None and mine.output != call.output):
            mine.position = place
            mine.output = call.output if call.output is not None else mine.output
            changed.append(mine)
    ToolCall.objects.bulk_create(new, batch_size=BATCH, ignore_conflicts=True)
    ToolCall.objects.bulk_update(changed, ["position", "output"], batch_size=BATCH)


def files(connection: Connection, seen: Iterable[objects.File]) -> bool:
    """Adds and updates files of a server; True where anything changed."""
    by_id = with_ids(seen)
    ids = list(by_id)
    known = {
        row.remote_id: row
        for start in range(0, len(ids), BATCH)
        for row in File.objects.filter(connection=connection, remote_id__in=ids[start : start + BATCH])
    }
    rows = []
    for remote_id, each in by_id.items():
        row = known.get(remote_id) or File(connection=connection, remote_id=remote_id)
        if row.pk and row.raw == each.raw_text and row.gone_at is None:
            continue
        row.raw, row.created_at, row.gone_at = each.raw_text, each.created_at, None
        row.filename, row.purpose, row.status = each.filename or "", short(each.purpose), short(each.status)
        row.size, row.expires_at = each.size, each.expires_at
        rows.append(row)
    _save(rows, ["raw", "created_at", "gone_at", "filename", "purpose", "status", "size", "expires_at"])
    return bool(rows)


def vector_stores(connection: Connection, seen: Iterable[objects.VectorStore]) -> None:
    """Adds and updates vector stores of a server."""
    by_id = with_ids(seen)
    known = {row.remote_id: row for row in VectorStore.objects.filter(connection=connection, remote_id__in=by_id)}
    rows = []
    for remote_id, each in by_id.items():
        row = known.get(remote_id) or VectorStore(connection=connection, remote_id=remote_id)
        row.raw, row.created_at, row.gone_at = each.raw_text, each.created_at, None
        row.name, row.status, row.size = each.name or "", short(each.status), each.size
        row.file_count = each.file_counts.get("total")
        row.last_active_at, row.expires_at = each.last_active_at, each.expires_at
        rows.append(row)
    fields = ["raw", "created_at", "gone_at", "name", "status", "size", "file_count", "last_active_at", "expires_at"]
    _save(rows, fields)


def vector_store_files(store: VectorStore, seen: Iterable[objects.VectorStoreFile]) -> None:
    """Adds and updates files in a vector store."""
    by_id = with_ids(seen)
    known = {row.remote_id: row for row in VectorStoreFile.objects.filter(vector_store=store, remote_id__in=by_id)}
    rows = []
    for remote_id, each in by_id.items():
        row = known.get(remote_id) or VectorStoreFile(vector_store=store, remote_id=remote_id)
        row.raw, row.created_at, row.gone_at = each.raw_text, each.created_at, None
        row.status, row.size = short(each.status), each.size
        row.error_message = (each.last_error.message if each.last_error else None) or ""
        rows.append(row)
    _save(rows, ["raw", "created_at", "gone_at", "status", "size", "error_message"])


def _save(rows: Sequence[Any], fields: Sequence[str]) -> None:
    """Writes rows that are there, and adds those that are not."""
    overwrite([row for row in rows if row.pk], fields)
    if new := [row for row in rows if not row.pk]:
        type(new[0]).objects.bulk_create(new, batch_size=BATCH, ignore_conflicts=True)


def _moment(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0
