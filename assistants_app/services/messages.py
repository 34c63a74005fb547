"""Messages: posting one, and what can be done with one that is there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.contrib.auth.models import User
from django.utils import timezone

from assistants_app.api import errors
from assistants_app.models import Assistant, AssistantVersion, Message, Operation, Thread
from assistants_app.services import capabilities, connections, events, mirror, operations, runs, threads
from assistants_app.services.asking import asking, deleted


def post(
    *,
    thread: Thread,
    text: str,
    by: User,
    once: UUID,
    answered_by: Assistant | None = None,
    role: str = "user",
    metadata: Mapping[str, str] | None = None,
    overrides: Mapping[str, Any] | None = None,
    base: AssistantVersion | None = None,
    **files: Any,
) -> Operation:
    """Has a message posted to a thread (createMessage), once for `once`; then a run started, if an assistant is to
    answer it, with `overrides` of the version `base`. `files` are `files` and `images` as `Dialect.message` takes
    them."""
    dialect = connections.for_people(thread.connection).dialect
    # Not `once`: one that was refused keeps its uuid, and the same form may be sent again.
    uuid = uuid4()
    operation, _ = operations.record(
        kind=Operation.Kind.CREATE_MESSAGE,
        key=f"message:{once}",
        uuid=uuid,
        connection=thread.connection,
        thread=thread,
        by=by,
        body=dialect.message(role, text, {**(metadata or {}), **operations.metadata(uuid)}, **files),
    )
    if answered_by is not None:
        # A key of its own, yet the same one however often the form is sent.
        following: dict[str, Any] = {
            "once": uuid5(once, "run"),
            "after": operation,
            "overrides": overrides,
            "base": base,
        }
        runs.start(thread=thread, assistant=answered_by, by=by, **following)
    return operation


def modify(*, message: Message, metadata: dict[str, str]) -> None:
    """Gives a message this metadata in place of what it has (modifyMessage); nothing else of it can be changed.
    Raises ApiError."""
    with asking(message.thread.connection, "modifyMessage") as client:
        seen = client.threads.messages.modify(message.thread.remote_id, message.remote_id, {"metadata": metadata})
    mirror.messages(message.thread, [seen])
    _tell(message)


def delete(*, message: Message) -> None:
    """Deletes a message on its server (deleteMessage); what was seen of it stays here. One that is gone already is
    none the less deleted. Raises ApiError."""
    try:
        with asking(message.thread.connection, "deleteMessage") as client:
            deleted(client.threads.messages.delete(message.thread.remote_id, message.remote_id))
    except errors.NotFound:
        pass
    _gone(message)
    threads.hasten(message.thread)


def refresh(*, message: Message) -> None:
    """Reads a message again (getMessage), and its files where the dialect has those apart (listMessageFiles). One that
    its server no longer has gets a tombstone. Raises ApiError for anything else."""
    ids = message.thread.remote_id, message.remote_id
    try:
        with asking(message.thread.connection, "getMessage") as client:
            mirror.messages(message.thread, [client.threads.messages.get(*ids)])
    except errors.NotFound:
        _gone(message)
        return
    if not capabilities.lack(message.thread.connection, "listMessageFiles"):
        with asking(message.thread.connection, "listMessageFiles") as client:
            files = [dict(each.raw) for each in client.threads.messages.files.list(*ids).data]
        Message.objects.filter(pk=message.pk).update(files=json.dumps(files))
    _tell(message)


def refresh_file(*, message: Message, file_id: str) -> None:
    """Reads one file of a message again (getMessageFile); one that the server no longer has is no longer among them.
    Raises ApiError for anything else."""
    others = [each for each in message.attached if each.get("id") != file_id]
    try:
        with asking(message.thread.connection, "getMessageFile") as client:
            ids = message.thread.remote_id, message.remote_id, file_id
            others.append(dict(client.threads.messages.files.get(*ids).raw))
    except errors.NotFound:
        pass
    Message.objects.filter(pk=message.pk).update(files=json.dumps(others))


def _gone(message: Message) -> None:
    Message.objects.filter(pk=message.pk, gone_at=None).update(gone_at=timezone.now())
    _tell(message)


def _tell(message: Message) -> None:
    events.tell([events.thread_topic(message.thread_id)])
