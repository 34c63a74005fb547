"""Assistants: lists and one of them, from the mirror; and reading them from their server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.db.models import Q
from django.utils import timezone

from assistants_app.api import errors
from assistants_app.api.pages import every
from assistants_app.models import Assistant, AssistantVersion, Connection, Operation, Thread
from assistants_app.models.operations import MOST_PAIRS, OPERATION_KEY
from assistants_app.services import configurations, connections, events, lists, mirror, operations, work

# What is told of on the page of an assistant, until something newer is.
ACTS = (Operation.Kind.CREATE_ASSISTANT, Operation.Kind.MODIFY_ASSISTANT, Operation.Kind.DELETE_ASSISTANT)


class Unsettled(Exception):
    """Something else was sent by the same form before, and stands."""


def page(*, words: str = "", connection: Connection | None = None, after: str = "", before: str = "") -> lists.Page:
    """A page of assistants (of a connection), newest first, whose name, model or id contains the words."""
    rows = Assistant.objects.select_related("connection").defer("raw", "instructions", *connections.HEAVY)
    if connection:
        rows = rows.filter(connection=connection)
    # PostgreSQL takes no NUL, and no name has one.
    if words := words.replace("\x00", " ").strip():
        rows = rows.filter(Q(name__icontains=words) | Q(model__icontains=words) | Q(remote_id=words))
    return lists.keyset(rows, moment="created_at", after=after, before=before)


def choices(*, connection: Connection) -> Any:
    """The assistants that a run on this connection can be started with, by name."""
    found = Assistant.objects.filter(connection=connection, gone_at=None).only("pk", "name", "remote_id", "model")
    return found.order_by("name", "pk")


def refresh(*, connection: Connection) -> None:
    """Reads all assistants of a server (listAssistants); those it no longer has get a tombstone. Raises ApiError."""
    client = connections.for_background(connection)
    asked_at = timezone.now()
    seen = list(every(client.assistants.list))
    changed = mirror.assistants(connection, seen, asked_at=asked_at)
    # One that was made while the list was read may not be in it.
    lost = Assistant.objects.filter(connection=connection, gone_at=None).exclude(asked_at__gt=asked_at)
    gone = lost.exclude(remote_id__in=[each.id for each in seen]).update(gone_at=timezone.now())
    Connection.objects.filter(pk=connection.pk).update(assistants_at=timezone.now())
    if changed or gone:
        events.tell([events.ASSISTANTS])
    if linked := mirror.link_runs(connection) if changed else []:
        # Threads show the assistant of their last run: they are read again.
        Thread.objects.filter(pk__in={run.thread_id for run in linked}).hasten()
        events.tell([events.QUEUE, *(events.run_topic(run.pk) for run in linked)])


def want(connection: Connection | None = None) -> None:
    """Has the assistants of this connection, or of all, read soon for somebody who looks at them, unless that was done
    lately. A server that does not answer is asked no sooner for it."""
    fresh = work.get_stale_time()
    stale = Connection.objects.filter(gone_at=None, holder="", failures=0, assistants_at__lt=fresh)
    if connection is not None:
        stale = stale.filter(pk=connection.pk)
    stale.update(assistants_at=None, due_at=timezone.now())


def hasten_if_stale(assistant: Assistant) -> None:
    """Has an assistant that somebody looks at read again if that was not done lately."""
    fresh = work.get_stale_time()
    read_at = assistant.asked_at or assistant.first_seen_at
    if assistant.gone_at is None and assistant.connection.gone_at is None and read_at < fresh:
        work.ask("read_assistant", assistant.pk)


def read(*, key: int) -> None:
    """Reads one assistant (getAssistant); one that its server no longer has gets a tombstone."""
    assistant = Assistant.objects.select_related("connection").get(pk=key)
    connection = assistant.connection
    if connection.gone_at is not None or connections.silent_until(connection) is not None:
        return
    asked_at = timezone.now()
    try:
        seen = connections.for_background(connection).assistants.get(assistant.remote_id)
        changed = mirror.assistants(connection, [seen], asked_at=asked_at)
    except errors.NotFound:
        changed = bool(Assistant.objects.filter(pk=key, gone_at=None).update(gone_at=timezone.now()))
    except errors.ApiError as error:
        connections.refused(connection, error)
        return
    if changed:
        events.tell([events.ASSISTANTS, events.assistant_topic(key)])


def create(
    *, connection: Connection, configuration: Mapping[str, Any], by: User, once: UUID, note: str = ""
) -> Operation:
    """Has an assistant made on a server (createAssistant), once for `once`. Its metadata say by which operation.
    Raises Unsettled."""
    uuid = uuid4()
    marked = {**configuration.get("metadata", {}), **operations.metadata(uuid)}
    return _once(
        kind=Operation.Kind.CREATE_ASSISTANT,
        key=f"assistant:{once}",
        uuid=uuid,
        connection=connection,
        by=by,
        reason=note,
        body={**configuration, "metadata": marked},
    )


def modify(
    *,
    assistant: Assistant,
    base: AssistantVersion,
    configuration: Mapping[str, Any],
    by: User,
    once: UUID,
    note: str = "",
) -> Operation:
    """Has exactly the fields changed (modifyAssistant) in which a configuration differs from the version that it began
    from, once for `once`. Nothing is sent on top of another version. Raises Unsettled."""
    body = configurations.to_send(base.settings, configuration)
    if "metadata" in body:
        body["metadata"] = _marked(assistant, body["metadata"])
    return _once(
        kind=Operation.Kind.MODIFY_ASSISTANT,
        key=f"modify:{once}",
        connection=assistant.connection,
        assistant=assistant,
        base=base,
        by=by,
        reason=note,
        body=body,
    )


def _once(*, body: Mapping[str, Any], **asked: Any) -> Operation:
    operation, is_new = operations.record(body=body, **asked)
    if not is_new and not configurations.same(_unmarked(operation.payload), _unmarked(body)):
        raise Unsettled
    return operation


def _unmarked(body: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {name: value for name, value in body.get("metadata", {}).items() if name != OPERATION_KEY}
    return {**body, "metadata": metadata}


def _marked(assistant: Assistant, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Metadata with the mark that the assistant was made with, as long as there is room for it."""
    given = assistant.object.get("metadata")
    mark = given.get(OPERATION_KEY) if isinstance(given, dict) else None
    has_room = mark is not None and len(metadata) < MOST_PAIRS
    return {**metadata, OPERATION_KEY: mark} if has_room else dict(metadata)


def delete(*, assistant: Assistant, by: User, reason: str = "", base: AssistantVersion | None = None) -> Operation:
    """Has an assistant deleted (deleteAssistant): one request, however often it is asked for. With `base`, only as
    long as it is at that version."""
    operation, _ = operations.record(
        kind=Operation.Kind.DELETE_ASSISTANT,
        key=f"delete:assistant:{assistant.pk}",
        connection=assistant.connection,
        assistant=assistant,
        base=base,
        by=by,
        reason=reason,
        body={},
    )
    return operation


def last_act(assistant: Assistant) -> Operation | None:
    """What was asked of an assistant last."""
    mine = Operation.objects.filter(assistant=assistant, kind__in=ACTS).select_related("by", "base")
    return mine.order_by("-made_at").first()


def is_refused(act: Operation | None, *, since: AssistantVersion | None) -> bool:
    """Whether what was asked was not done, and nothing has changed since that."""
    if act is None or act.state != Operation.State.REFUSED:
        return False
    return since is None or act.settled_at is None or since.seen_at <= act.settled_at
