"""What people ask a server to do: stored first, once for a key. A worker sends it (services/sending.py)."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from assistants_app.models import Assistant, AssistantVersion, Connection, Operation, Run, Thread
from assistants_app.models.operations import OPERATION_KEY
from assistants_app.services import events, work

# Where operations are shown that belong to no list of threads.
SHOWN_IN: dict[str, tuple[str, ...]] = {
    Operation.Kind.SUBMIT: (events.QUEUE,),
    Operation.Kind.CREATE_ASSISTANT: (events.ASSISTANTS,),
    Operation.Kind.MODIFY_ASSISTANT: (events.ASSISTANTS,),
    Operation.Kind.DELETE_ASSISTANT: (events.ASSISTANTS,),
    Operation.Kind.CREATE_ASSISTANT_FILE: (),
    Operation.Kind.DELETE_ASSISTANT_FILE: (),
    Operation.Kind.CREATE_FILE: (events.FILES,),
    Operation.Kind.CREATE_VECTOR_STORE: (events.VECTOR_STORES,),
}


def record(
    *,
    kind: Operation.Kind,
    key: str,
    connection: Connection,
    by: User,
    body: Mapping[str, Any],
    thread: Thread | None = None,
    run: Run | None = None,
    assistant: Assistant | None = None,
    base: AssistantVersion | None = None,
    after: Operation | None = None,
    replays: Run | None = None,
    reason: str = "",
    is_automatic: bool = False,
    uuid: UUID | None = None,
) -> tuple[Operation, bool]:
    """Stores what is to be sent, unique for its key unless refused, and has it sent.

    Gives the operation and True, or the one that already stands for this key and False.
    """
    operation = Operation(
        uuid=uuid or uuid4(),
        kind=kind,
        key=key,
        connection=connection,
        thread=thread,
        run=run,
        assistant=assistant,
        base=base,
        after=after,
        replays=replays,
        reason=reason,
        is_automatic=is_automatic,
        by=by,
        body=json.dumps(body),
        due_at=timezone.now(),
    )
    if (standing := _stored(operation)) is not None:
        return standing, False
    work.ask("deliver", operation.pk)
    tell(operation)
    return operation, True


def _stored(operation: Operation, *, again: bool = True) -> Operation | None:
    """None once it is stored; or the one that stands for its key."""
    try:
        with transaction.atomic():
            operation.save()
    except IntegrityError:
        if (standing := standing_for(operation.key)) is not None:
            return standing
        if not again:
            raise
        # What stood for the key has been refused since.
        return _stored(operation, again=False)
    return None


def awaited(operation: Operation, *, seconds: float | None = None) -> Operation:
    """The operation once it is settled, or as it stands after so many seconds (by default those of the setting
    OPERATION_WAIT_SECONDS): for what has no page to wait on."""
    ends = time.monotonic() + (settings.OPERATION_WAIT_SECONDS if seconds is None else seconds)
    while operation.is_open and time.monotonic() < ends:
        time.sleep(0.05)
        operation = Operation.objects.select_related("thread", "assistant").get(pk=operation.pk)
    return operation


def standing_for(key: str) -> Operation | None:
    """What was asked for under a key and not refused."""
    standing = Operation.objects.exclude(state=Operation.State.REFUSED).filter(key=key.replace("\x00", ""))
    return standing.select_related("by").first()


def tell(operation: Operation) -> None:
    """Tells open pages that this operation changed."""
    topics = [*SHOWN_IN.get(operation.kind, (events.THREADS,))]
    topics += [events.thread_topic(operation.thread_id)] if operation.thread_id else []
    topics += [events.run_topic(operation.run_id)] if operation.run_id else []
    topics += [events.assistant_topic(operation.assistant_id)] if operation.assistant_id else []
    events.tell(topics)


def metadata(uuid: UUID) -> dict[str, str]:
    """The metadata by which an object made here is found again."""
    return {OPERATION_KEY: str(uuid)}
