"""How each kind of operation is sent, and how it is found out whether a lost one arrived (reliability: read, never
send blindly again)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import islice

from django.utils import timezone

from assistants_app.api import errors, objects
from assistants_app.api.client import Client
from assistants_app.api.pages import every
from assistants_app.models import File, Operation, Run, Thread, ToolCall
from assistants_app.models.mirrored import LONGEST_ID
from assistants_app.models.operations import APPROVE
from assistants_app.models.runs import ENDED, WAITING
from assistants_app.services import assistant_deliveries, drafts, mirror, sightings, streaming
from assistants_app.services.found import Found, made_by
from assistants_app.services.streaming import Begun

LOOKED_THROUGH_FILES = 20_000  # servers list them in no known order
# A waiting run comes to these without anybody's outputs.
STOPPED = (ENDED | {"cancelling"}) - {"completed"}


def send(client: Client, operation: Operation) -> Found | None:
    """Sends an operation's body to the letter, with `stream` in it where the server tells what happens, and mirrors
    the answer; gives why it was not sent where reading first forbids it. Raises ApiError, and NotTaken where it is to
    be sent once more, without."""
    asked_at = timezone.now()
    return _SENDERS[operation.kind](client, operation, asked_at)


def find(client: Client, operation: Operation) -> Found:
    """Reads whether a lost operation arrived. Raises ApiError."""
    return _FINDERS[operation.kind](client, operation)


def absences(operation: Operation, several: int) -> int:
    """How often it must be found absent. A run's state tells at once: it takes outputs and a cancel only once."""
    return 1 if operation.kind in {Operation.Kind.SUBMIT, Operation.Kind.CANCEL_RUN} else several


def _run_ids(operation: Operation) -> tuple[str, str]:
    assert operation.run is not None
    return operation.run.thread.remote_id, operation.run.remote_id


def _thread_id(operation: Operation) -> str:
    assert operation.thread is not None
    return operation.thread.remote_id


def _write_run(operation: Operation, seen: objects.Run, asked_at: datetime, *, is_followed: bool = False) -> Run | None:
    assert operation.thread is not None
    return sightings.of_run(operation.thread, seen, asked_at=asked_at, is_followed=is_followed)


def _send_thread(client: Client, operation: Operation, asked_at: datetime) -> None:
    seen = client.threads.create(operation.payload)
    _known_thread(operation, seen)


def _known_thread(operation: Operation, seen: objects.Thread) -> None:
    mirror.threads(operation.connection, [seen])
    operation.thread = Thread.objects.filter(connection=operation.connection_id, remote_id=seen.id).first()
    operation.result_remote_id = seen.id


def _send_file(client: Client, operation: Operation, asked_at: datetime) -> None:
    sent = operation.payload
    named = {"filename": sent["filename"], "purpose": sent["purpose"], "media_type": sent["media_type"]}
    seen = client.files.create(content=bytes(operation.upload.content), **named)
    mirror.files(operation.connection, [seen])
    operation.result_remote_id = seen.id


def _send_vector_store(client: Client, operation: Operation, asked_at: datetime) -> None:
    seen = client.vector_stores.create(operation.payload)
    mirror.vector_stores(operation.connection, [seen])
    operation.result_remote_id = seen.id


def _send_message(client: Client, operation: Operation, asked_at: datetime) -> None:
    seen = client.threads.messages.create(_thread_id(operation), operation.payload)
    operation.result_remote_id = seen.id


def _send_run(client: Client, operation: Operation, asked_at: datetime) -> None:
    runs, thread_id, body = client.threads.runs, _thread_id(operation), operation.payload
    begun = streaming.begin(
        operation.connection,
        plain=lambda: runs.create(thread_id, body),
        streamed=lambda: runs.create_stream(thread_id, body),
        is_new=True,
    )
    _started(operation, begun, asked_at)


def _send_thread_and_run(client: Client, operation: Operation, asked_at: datetime) -> None:
    body = operation.payload
    begun = streaming.begin(
        operation.connection,
        plain=lambda: client.threads.create_and_run(body),
        streamed=lambda: client.threads.create_and_run_stream(body),
        is_new=True,
    )
    _started(operation, begun, asked_at)


def _started(operation: Operation, begun: Begun, asked_at: datetime) -> None:
    """Writes a run that was made, with its thread where that was made too, and listens on."""
    assert begun.run is not None
    operation.result_remote_id = begun.run.id
    try:
        if begun.thread is not None:
            mirror.threads(operation.connection, [begun.thread])
        if operation.thread is None:
            operation.thread = _thread_of(operation, begun.run)
        is_followed = begun.listener is not None
        if operation.thread is not None:
            operation.run = _write_run(operation, begun.run, asked_at, is_followed=is_followed)
    finally:
        operation.is_followed = begun.go_on(operation.run)


def _thread_of(operation: Operation, seen: objects.Run) -> Thread | None:
    """The row of the thread that a run names; it is read from the server by its id."""
    if not seen.thread_id or len(seen.thread_id) > LONGEST_ID:
        return None
    now = timezone.now()
    thread, _ = Thread.objects.get_or_create(
        connection=operation.connection, remote_id=seen.thread_id, defaults={"active_at": now, "due_at": now}
    )
    return thread


def _send_answers(client: Client, operation: Operation, asked_at: datetime) -> None:
    runs, ids, body = client.threads.runs, _run_ids(operation), operation.payload
    begun = streaming.begin(
        operation.connection,
        plain=lambda: runs.submit_tool_outputs(*ids, body),
        streamed=lambda: runs.submit_tool_outputs_stream(*ids, body),
        is_new=False,
    )
    try:
        _answers_arrived(operation)
        if begun.run is not None:
            _write_run(operation, begun.run, asked_at, is_followed=begun.listener is not None)
    finally:
        operation.is_followed = begun.go_on(operation.run)


def _answers_arrived(operation: Operation) -> None:
    """Writes the answers beside their calls: they are what the run goes on with."""
    answers, is_consent = operation.answers, operation.is_consent
    calls = list(ToolCall.objects.filter(run=operation.run_id, remote_id__in=answers))
    for call in calls:
        call.operation, call.waiting = operation, False
        if is_consent:
            call.approved = answers[call.remote_id] == APPROVE
        else:
            call.output = answers[call.remote_id]
    ToolCall.objects.bulk_update(calls, ["output", "approved", "operation", "waiting"])
    drafts.accepted(calls=calls, by=None if operation.is_automatic else operation.by_id)


def _send_cancel(client: Client, operation: Operation, asked_at: datetime) -> None:
    thread_id, run_id = _run_ids(operation)
    seen = client.threads.runs.cancel(thread_id, run_id)
    _write_run(operation, seen, asked_at)


def _find_answers(client: Client, operation: Operation) -> Found:
    """Still waiting for these calls: absent. Else the steps tell whose outputs it went on with; where they do not,
    a run that goes on has got these, because nobody else is known to answer."""
    thread_id, run_id = _run_ids(operation)
    asked_at = timezone.now()
    seen = client.threads.runs.get(thread_id, run_id)
    sent = operation.answers
    asked = {call.id for call in seen.required_action.calls} if seen.required_action else set()
    if seen.status == WAITING and asked & sent.keys():
        return Found.ABSENT
    found = _found_in_steps(client, operation, sent, has_stopped=seen.status in STOPPED)
    if found in {Found.ARRIVED, Found.MOVED_ON}:
        _answers_arrived(operation)
    _write_run(operation, seen, asked_at)
    return found


def _found_in_steps(client: Client, operation: Operation, sent: dict[str, str], *, has_stopped: bool) -> Found:
    """What the steps say of a run that no longer waits; `has_stopped` is one that stops without any outputs too."""
    try:
        steps = list(every(client.threads.runs.steps.list, *_run_ids(operation)))
    except (errors.NotFound, errors.NotOffered):
        return Found.UNTOLD if has_stopped else Found.MOVED_ON
    taken = {call.id: call.output for step in steps for call in step.calls if call.output is not None}
    mine = {call_id: taken[call_id] for call_id in sent if call_id in taken}
    if operation.is_consent:
        # What was approved has an output; what was denied, and what was not decided, has none.
        if not mine:
            return Found.UNTOLD if has_stopped else Found.MOVED_ON
        return Found.ARRIVED if all(sent[call_id] == APPROVE for call_id in mine) else Found.ELSEWHERE
    if not mine:
        return Found.IMPOSSIBLE if has_stopped else Found.MOVED_ON
    return Found.ARRIVED if all(sent[call_id] == output for call_id, output in mine.items()) else Found.ELSEWHERE


def _find_cancel(client: Client, operation: Operation) -> Found:
    thread_id, run_id = _run_ids(operation)
    asked_at = timezone.now()
    seen = client.threads.runs.get(thread_id, run_id)
    _write_run(operation, seen, asked_at)
    if seen.status in {"cancelling", "cancelled"}:
        return Found.ARRIVED
    return Found.ENDED if seen.status in ENDED else Found.ABSENT


def _find_message(client: Client, operation: Operation) -> Found:
    made = made_by(operation, every(client.threads.messages.list, _thread_id(operation), order="desc"))
    operation.result_remote_id = made.id if made else ""
    return Found.ARRIVED if made else Found.ABSENT


def _find_run(client: Client, operation: Operation) -> Found:
    asked_at = timezone.now()
    made = made_by(operation, every(client.threads.runs.list, _thread_id(operation), order="desc"))
    if made is None:
        return Found.ABSENT
    operation.result_remote_id = made.id
    operation.run = _write_run(operation, made, asked_at)
    return Found.ARRIVED


def _find_thread(client: Client, operation: Operation) -> Found:
    try:
        made = made_by(operation, every(client.threads.list, order="desc"))
    except (errors.NotFound, errors.NotOffered):
        return Found.UNKNOWABLE
    if made is None:
        return Found.ABSENT
    _known_thread(operation, made)
    return Found.ARRIVED


def _find_thread_and_run(client: Client, operation: Operation) -> Found:
    """The thread carries the uuid as well, and is looked for first: nothing lists the runs of all threads."""
    found = _find_thread(client, operation)
    if found is Found.ARRIVED and _find_run(client, operation) is Found.ABSENT:
        # It may be about to come; what must not come is a second thread.
        return Found.HALF if operation.failures else Found.ABSENT
    return found


def _find_file(client: Client, operation: Operation) -> Found:
    """Files carry no mark: it is the one of this name and size that was not there before and is nobody else's."""
    sent = operation.payload
    try:
        newest = list(islice(every(client.files.list, limit=None, purpose=sent["purpose"]), LOOKED_THROUGH_FILES))
    except (errors.NotFound, errors.NotOffered):
        return Found.UNKNOWABLE
    alike = [each for each in newest if each.filename == sent["filename"] and each.size in {None, sent["bytes"]}]
    ids = [each.id for each in alike]
    others = Operation.objects.filter(connection=operation.connection, kind=operation.kind, result_remote_id__in=ids)
    before = File.objects.filter(
        connection=operation.connection, remote_id__in=ids, first_seen_at__lt=operation.made_at
    )
    known = {*others.values_list("result_remote_id", flat=True), *before.values_list("remote_id", flat=True)}
    made = next((each for each in alike if each.id not in known), None)
    if made is None:
        return Found.ABSENT
    mirror.files(operation.connection, [made])
    operation.result_remote_id = made.id
    return Found.ARRIVED


def _find_vector_store(client: Client, operation: Operation) -> Found:
    try:
        made = made_by(operation, every(client.vector_stores.list, order="desc"))
    except (errors.NotFound, errors.NotOffered):
        return Found.UNKNOWABLE
    if made is None:
        return Found.ABSENT
    mirror.vector_stores(operation.connection, [made])
    operation.result_remote_id = made.id
    return Found.ARRIVED


_SENDERS: dict[str, Callable[[Client, Operation, datetime], Found | None]] = {
    Operation.Kind.CREATE_THREAD: _send_thread,
    Operation.Kind.CREATE_MESSAGE: _send_message,
    Operation.Kind.CREATE_RUN: _send_run,
    Operation.Kind.CREATE_THREAD_AND_RUN: _send_thread_and_run,
    Operation.Kind.SUBMIT: _send_answers,
    Operation.Kind.CANCEL_RUN: _send_cancel,
    Operation.Kind.CREATE_ASSISTANT: assistant_deliveries.create,
    Operation.Kind.MODIFY_ASSISTANT: assistant_deliveries.modify,
    Operation.Kind.DELETE_ASSISTANT: assistant_deliveries.delete,
    Operation.Kind.CREATE_ASSISTANT_FILE: assistant_deliveries.attach,
    Operation.Kind.DELETE_ASSISTANT_FILE: assistant_deliveries.detach,
    Operation.Kind.CREATE_FILE: _send_file,
    Operation.Kind.CREATE_VECTOR_STORE: _send_vector_store,
}
_FINDERS: dict[str, Callable[[Client, Operation], Found]] = {
    Operation.Kind.CREATE_THREAD: _find_thread,
    Operation.Kind.CREATE_MESSAGE: _find_message,
    Operation.Kind.CREATE_RUN: _find_run,
    Operation.Kind.CREATE_THREAD_AND_RUN: _find_thread_and_run,
    Operation.Kind.SUBMIT: _find_answers,
    Operation.Kind.CANCEL_RUN: _find_cancel,
    Operation.Kind.CREATE_ASSISTANT: assistant_deliveries.find_created,
    Operation.Kind.MODIFY_ASSISTANT: assistant_deliveries.find_modified,
    Operation.Kind.DELETE_ASSISTANT: assistant_deliveries.find_deleted,
    Operation.Kind.CREATE_ASSISTANT_FILE: assistant_deliveries.find_attached,
    Operation.Kind.DELETE_ASSISTANT_FILE: assistant_deliveries.find_detached,
    Operation.Kind.CREATE_FILE: _find_file,
    Operation.Kind.CREATE_VECTOR_STORE: _find_vector_store,
}
