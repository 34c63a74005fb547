"""How what people ask of assistants is sent, and how it is found out whether a lost request arrived."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from assistants_app.api import errors, objects
from assistants_app.api.client import Client
from assistants_app.api.pages import every
from assistants_app.models import Assistant, AssistantVersion, Operation
from assistants_app.services import assistant_files, configurations, events, mirror, versions, work
from assistants_app.services.found import Found, made_by


def _assistant(operation: Operation) -> Assistant:
    assert operation.assistant is not None
    return operation.assistant


def create(client: Client, operation: Operation, asked_at: datetime) -> None:
    _made(operation, client.assistants.create(operation.payload))


def _made(operation: Operation, seen: objects.Assistant) -> None:
    operation.result_remote_id = seen.id
    operation.assistant = _written(operation, seen, sent=operation.payload)


def _written(operation: Operation, seen: objects.Assistant, *, sent: dict[str, Any]) -> Assistant | None:
    """Mirrors what came of it: a version by the person who asked for it."""
    # What was asked for before this answer came is older than it.
    mirror.assistants(operation.connection, [seen], asked_at=timezone.now(), is_ours=True)
    row = Assistant.objects.filter(connection=operation.connection_id, remote_id=seen.id).first()
    if row is not None:
        since = operation.sent_at or operation.made_at
        versions.saved(assistant=row, sent=sent, by=operation.by_id, note=operation.reason, since=since)
        events.tell([events.ASSISTANTS, events.assistant_topic(row.pk)])
    return row


def modify(client: Client, operation: Operation, asked_at: datetime) -> Found | None:
    """Reads it first: on top of what somebody else changed meanwhile nothing is sent."""
    assistant, sent = _assistant(operation), operation.payload
    seen = _read(client, assistant, asked_at)
    if operation.sent_times > 1 and _has(seen, sent):
        _written(operation, seen, sent=sent)
        return None
    if _is_overtaken(assistant, operation.base):
        return Found.OVERTAKEN
    _written(operation, client.assistants.modify(assistant.remote_id, sent), sent=sent)
    return None


def _read(client: Client, assistant: Assistant, asked_at: datetime) -> objects.Assistant:
    """An assistant as its server has it now; one that it no longer has gets a tombstone. Raises ApiError."""
    try:
        seen = client.assistants.get(assistant.remote_id)
    except errors.NotFound:
        _gone(assistant)
        raise
    if mirror.assistants(assistant.connection, [seen], asked_at=asked_at):
        events.tell([events.ASSISTANTS, events.assistant_topic(assistant.pk)])
    return seen


def _gone(assistant: Assistant) -> None:
    Assistant.objects.filter(pk=assistant.pk, gone_at=None).update(gone_at=timezone.now())
    events.tell([events.ASSISTANTS, events.assistant_topic(assistant.pk)])


def _is_overtaken(assistant: Assistant, base: AssistantVersion | None) -> bool:
    return base is not None and versions.latest(assistant).digest != base.digest


def _has(seen: objects.Assistant, sent: dict[str, Any]) -> bool:
    """Whether an assistant has what was sent, as far as this server repeats it."""
    told = [name for name in sent if name in seen.raw]
    return bool(told) and all(configurations.holds(seen.raw[name], sent[name]) for name in told)


def delete(client: Client, operation: Operation, asked_at: datetime) -> Found | None:
    assistant = _assistant(operation)
    try:
        if operation.base is not None:
            _read(client, assistant, asked_at)
            if _is_overtaken(assistant, operation.base):
                return Found.DELETE_OVERTAKEN
        deleted = client.assistants.delete(assistant.remote_id).deleted
    except errors.NotFound:
        deleted = True  # somebody was first
    if not deleted:
        return Found.NOT_DELETED
    _gone(assistant)
    return None


def find_created(client: Client, operation: Operation) -> Found:
    made = made_by(operation, every(client.assistants.list, order="desc"))
    if made is None:
        return Found.ABSENT
    _made(operation, made)
    return Found.ARRIVED


def find_modified(client: Client, operation: Operation) -> Found:
    """It has what was sent: arrived. It is as it was: absent, and sending the same again can do no harm."""
    assistant, sent = _assistant(operation), operation.payload
    asked_at = timezone.now()
    seen = client.assistants.get(assistant.remote_id)
    if _has(seen, sent):
        _written(operation, seen, sent=sent)
        return Found.ARRIVED
    mirror.assistants(assistant.connection, [seen], asked_at=asked_at)
    return Found.OVERTAKEN if _is_overtaken(assistant, operation.base) else Found.ABSENT


def find_deleted(client: Client, operation: Operation) -> Found:
    try:
        client.assistants.get(_assistant(operation).remote_id)
    except errors.NotFound:
        _gone(_assistant(operation))
        return Found.ARRIVED
    return Found.ABSENT


# ---- Files, of the first dialect


def attach(client: Client, operation: Operation, asked_at: datetime) -> None:
    assistant = _assistant(operation)
    seen = client.assistants.files.create(assistant.remote_id, operation.payload["file_id"])
    operation.result_remote_id = seen.id
    assistant_files.attached(assistant, seen)
    work.ask("read_assistant", assistant.pk)


def detach(client: Client, operation: Operation, asked_at: datetime) -> Found | None:
    assistant, file_id = _assistant(operation), operation.payload["file_id"]
    try:
        deleted = client.assistants.files.delete(assistant.remote_id, file_id).deleted
    except errors.NotFound:
        deleted = True
    if not deleted:
        return Found.NOT_DELETED
    assistant_files.detached(assistant, file_id)
    work.ask("read_assistant", assistant.pk)
    return None


def find_attached(client: Client, operation: Operation) -> Found:
    found = assistant_files.find(client, _assistant(operation), operation.payload["file_id"])
    return Found.ARRIVED if found else Found.ABSENT


def find_detached(client: Client, operation: Operation) -> Found:
    found = assistant_files.find(client, _assistant(operation), operation.payload["file_id"])
    return Found.ABSENT if found else Found.ARRIVED
