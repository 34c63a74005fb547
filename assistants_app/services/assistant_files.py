"""Files of assistants, in the first dialect: as they were last listed, attaching one, and taking one away."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone

from assistants_app.api import errors, objects
from assistants_app.api.client import Client
from assistants_app.api.pages import every
from assistants_app.models import Assistant, AssistantFile, Operation
from assistants_app.services import connections, events, operations, work


def of(assistant: Assistant) -> QuerySet[AssistantFile]:
    """The files that are attached to an assistant, as far as is known, the latest first."""
    return assistant.files.filter(gone_at=None).order_by("-created_at", "-pk")


def hasten(assistant: Assistant) -> None:
    """Has the files of an assistant read at once."""
    work.ask("read_assistant_files", assistant.pk)


def read(*, key: int) -> None:
    """Reads the files of an assistant (listAssistantFiles); those that are attached no more get a tombstone."""
    assistant = Assistant.objects.select_related("connection").get(pk=key)
    if "listAssistantFiles" not in connections.dialect(assistant.connection).operations:
        return
    if connections.silent_until(assistant.connection) is not None:
        return
    client = connections.for_background(assistant.connection)
    try:
        seen = list(every(client.assistants.files.list, assistant.remote_id))
    except errors.ApiError as error:
        connections.refused(assistant.connection, error)
        return
    for each in seen:
        _write(assistant, each)
    lost = assistant.files.filter(gone_at=None).exclude(remote_id__in=[each.id for each in seen])
    lost.update(gone_at=timezone.now())
    events.tell([events.assistant_topic(assistant.pk)])


def find(client: Client, assistant: Assistant, file_id: str) -> bool:
    """Whether a file is attached to an assistant (getAssistantFile), which is noted. Raises ApiError."""
    try:
        attached(assistant, client.assistants.files.get(assistant.remote_id, file_id))
    except errors.NotFound:
        detached(assistant, file_id)
        return False
    return True


def attached(assistant: Assistant, seen: objects.AttachedFile) -> None:
    """A server took a file."""
    _write(assistant, seen)
    events.tell([events.assistant_topic(assistant.pk)])


def _write(assistant: Assistant, seen: objects.AttachedFile) -> None:
    values = {"raw": seen.raw_text, "created_at": seen.created_at, "gone_at": None}
    AssistantFile.objects.update_or_create(assistant=assistant, remote_id=seen.id, defaults=values)


def detached(assistant: Assistant, file_id: str) -> None:
    """A server no longer has a file with an assistant. The file itself stays there."""
    assistant.files.filter(remote_id=file_id, gone_at=None).update(gone_at=timezone.now())
    events.tell([events.assistant_topic(assistant.pk)])


def attach(*, assistant: Assistant, file_id: str, by: User, once: UUID) -> Operation:
    """Has a file that the server has attached to an assistant (createAssistantFile), once for `once`."""
    return _asked(Operation.Kind.CREATE_ASSISTANT_FILE, f"attach:{once}", assistant, file_id, by)


def detach(*, assistant: Assistant, file_id: str, by: User, once: UUID) -> Operation:
    """Has a file taken from an assistant (deleteAssistantFile), once for `once`; the file itself stays."""
    return _asked(Operation.Kind.DELETE_ASSISTANT_FILE, f"detach:{once}:{file_id}"[:128], assistant, file_id, by)


def _asked(kind: Operation.Kind, key: str, assistant: Assistant, file_id: str, by: User) -> Operation:
    body = {"file_id": file_id}
    operation, _ = operations.record(
        kind=kind, key=key, connection=assistant.connection, assistant=assistant, by=by, body=body
    )
    return operation


def under_way(assistant: Assistant) -> QuerySet[Operation]:
    """What was asked of its files and has no answer yet."""
    kinds = (Operation.Kind.CREATE_ASSISTANT_FILE, Operation.Kind.DELETE_ASSISTANT_FILE)
    return assistant.operations.filter(kind__in=kinds, state__in=Operation.OPEN).order_by("made_at")
