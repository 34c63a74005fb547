"""Sends operations, exactly once: marked before they go out, and where no answer came, settled by reading what the
server has."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from assistants_app.api import errors
from assistants_app.models import Operation, Run, Thread, Upload
from assistants_app.models.runs import ENDED
from assistants_app.services import (
    capabilities,
    connections,
    deliveries,
    form_drafts,
    history,
    operations,
    streaming,
    work,
)
from assistants_app.services.found import Found

log = logging.getLogger(__name__)

# Who takes one up and dies before it is on the wire delays it by so much: until then nothing slow happens.
TAKEN_SECONDS = 10.0
# Longer than the client waits for one answer, so that nobody else sends what may be on the wire.
LEASE_SECONDS = 45.0
_LEASE = timedelta(seconds=LEASE_SECONDS)
# How long a lost request may still take effect at the server before it is looked for.
SETTLE_SECONDS = 2.0
# So often must a made object be missing from the server's lists, SETTLE_SECONDS apart, before it is sent again.
ABSENCES = 2
# Nothing is sent any more that long after a person asked for it.
LONGEST_SECONDS = 600.0
# What may have arrived is looked for that often once there is little hope that the server comes back.
RARELY_SECONDS = 30.0


def deliver_due(*, limit: int = 50) -> int:
    """Delivers what is due and nobody took up: after a crash, a lost message, or a wait. Gives how many."""
    count = 0
    while count < limit:
        holder = uuid4().hex
        keys = Operation.objects.all().claim(limit=1, holder=holder, seconds=TAKEN_SECONDS)
        if not keys:
            break
        _deliver(keys[0], holder)
        count += 1
    return count


def deliver(*, key: int) -> None:
    """Delivers one operation, unless another worker is at it or it is not its time."""
    holder = uuid4().hex
    if Operation.objects.filter(pk=key).claim(limit=1, holder=holder, seconds=TAKEN_SECONDS):
        _deliver(key, holder)


def _deliver(key: int, holder: str) -> None:
    operation = Operation.objects.select_related(
        "connection", "thread", "run__thread", "after__thread", "assistant__connection", "base"
    ).get(pk=key)
    try:
        _step(operation, holder)
    except Exception:
        log.exception("Delivering %s failed", operation)
        # What may be on the wire is looked for anew; there, failures count how often it was absent.
        failures = operation.failures + 1 if operation.sent_at is None else 0
        _again(operation, holder, seconds=min(30.0, 2.0 ** min(failures or 3, 5)), failures=failures)


def _step(operation: Operation, holder: str) -> None:
    if operation.thread is None and operation.after is not None:
        operation.thread = operation.after.thread  # it was still to be made
    if operation.after and operation.after.state != Operation.State.ACCEPTED:
        if operation.after.is_open:
            _again(operation, holder, seconds=LONGEST_SECONDS)
        else:
            _settle(operation, holder, refused="Not sent, because what came before it was refused.")
    elif operation.sent_at is None and (reason := _too_late(operation)) is not None:
        _settle(operation, holder, refused=reason)
    elif (until := connections.silent_until(operation.connection)) is not None:
        _again_after_silence(operation, holder, until)
    elif operation.sent_at is not None:
        # A worker put it on the wire and did not live to hear, or no answer came.
        _find_out(operation, holder)
    else:
        _send(operation, holder)


def _last_moment(operation: Operation) -> datetime:
    return operation.made_at + timedelta(seconds=LONGEST_SECONDS)


def _too_late(operation: Operation) -> str | None:
    run = operation.run
    if operation.connection.gone_at is not None:
        return "Not sent: this connection is an archive, its server is gone."
    if operation.kind == Operation.Kind.SUBMIT and run is not None and run.status in ENDED:
        return f"The run had ended ({run.status}) before this could be sent."
    if timezone.now() >= _last_moment(operation):
        reason = f"The server took nothing for {LONGEST_SECONDS / 60:.0f} minutes."
        return f"{reason} It last said: {operation.error}" if operation.error else reason
    return None


def _send(operation: Operation, holder: str) -> None:
    """Puts it on the wire once; before that, writes down that it may be there."""
    sent_at = timezone.now()
    marked = Operation.objects.held_by(holder).filter(pk=operation.pk, sent_at=None, state=Operation.State.SENDING)
    times = operation.sent_times + 1
    if marked.update(sent_at=sent_at, sent_times=times, due_at=sent_at + _LEASE) != 1:
        return
    operation.sent_at, operation.sent_times = sent_at, times
    try:
        client = connections.for_people(operation.connection)
        kept_back = deliveries.send(client, operation)
    except streaming.NotTaken:
        _again(operation, holder, state=Operation.State.SENDING, sent_at=None)
        work.ask("deliver", operation.pk)
    except errors.ApiError as error:
        _not_accepted(operation, holder, error)
    else:
        connections.heard(operation.connection)
        _settle(operation, holder, refused=kept_back.value if kept_back else None)


def _not_accepted(operation: Operation, holder: str, error: errors.ApiError) -> None:
    connections.refused(operation.connection, error)
    capabilities.refused(operation.connection, operation.kind, error)
    if error.effect == "unknown":
        _again(
            operation,
            holder,
            seconds=SETTLE_SECONDS,
            state=Operation.State.UNKNOWN,
            error=str(error),
            failures=0,
        )
    elif isinstance(error, errors.ConnectFailed | errors.RateLimited):
        _not_yet(operation, holder, error)
    elif operation.kind == Operation.Kind.SUBMIT:
        _refused(operation, holder, error)
    else:
        _settle_refused(operation, holder, error)


def _not_yet(operation: Operation, holder: str, error: errors.ApiError) -> None:
    """It surely did not arrive: it goes out again, when the server allows."""
    wait = timedelta(seconds=max(SETTLE_SECONDS, error.retry_after or 0.0))
    until = min(timezone.now() + wait, _last_moment(operation))
    _again(operation, holder, until=until, state=Operation.State.SENDING, sent_at=None, error=str(error))


def _again_after_silence(operation: Operation, holder: str, until: datetime) -> None:
    """Neither sends nor reads while the server wants silence; a person is told in time that nothing could be sent."""
    if operation.sent_at is None:
        _again(operation, holder, until=min(until, _last_moment(operation)))
    else:
        _again(operation, holder, until=until, state=Operation.State.UNKNOWN)


def _refused(operation: Operation, holder: str, error: errors.ApiError) -> None:
    """Answers were refused; but a run that has them already refuses them too: an earlier request was slow, or a proxy
    sent one twice. So the run is read before the refusal is believed."""
    was_sent_before = operation.sent_times > 1
    try:
        found = deliveries.find(connections.for_people(operation.connection), operation)
    except errors.ApiError:
        if was_sent_before and not isinstance(error, errors.NotFound):
            _again(operation, holder, seconds=SETTLE_SECONDS, state=Operation.State.UNKNOWN, error=str(error))
            return
        found = Found.ABSENT
    if found is Found.ARRIVED or (found is Found.MOVED_ON and was_sent_before):
        _settle(operation, holder)
    else:
        _settle_refused(operation, holder, error)


def _find_out(operation: Operation, holder: str) -> None:
    """Reads whether it had arrived: then it is accepted; else it goes out again."""
    assert operation.sent_at is not None
    now = timezone.now()
    settled = operation.sent_at + timedelta(seconds=SETTLE_SECONDS)
    if settled > now:
        _again(operation, holder, until=settled, state=Operation.State.UNKNOWN)
        return
    if Operation.objects.held_by(holder).filter(pk=operation.pk).update(due_at=now + _LEASE) != 1:
        return
    try:
        found = deliveries.find(connections.for_background(operation.connection), operation)
    except errors.NotFound as error:
        _settle_refused(operation, holder, error)
        return
    except errors.ApiError as error:
        connections.refused(operation.connection, error)
        wait = SETTLE_SECONDS * 2 if now < _last_moment(operation) else RARELY_SECONDS
        _again(operation, holder, seconds=wait, state=Operation.State.UNKNOWN, error=str(error))
        return
    _settle_found(operation, holder, found)


def _settle_found(operation: Operation, holder: str, found: Found) -> None:
    if found in {Found.ARRIVED, Found.MOVED_ON}:
        _settle(operation, holder)
    elif found is not Found.ABSENT:
        _settle(operation, holder, refused=found.value)
    elif operation.failures + 1 < deliveries.absences(operation, ABSENCES):
        _again(
            operation,
            holder,
            seconds=SETTLE_SECONDS,
            state=Operation.State.UNKNOWN,
            failures=operation.failures + 1,
        )
    else:
        _again(operation, holder, seconds=0, state=Operation.State.SENDING, sent_at=None, failures=0)


def _again(
    operation: Operation, holder: str, *, seconds: float = 0.0, until: datetime | None = None, **changes: Any
) -> None:
    """Makes it due later, if it is still ours."""
    due_at = until or timezone.now() + timedelta(seconds=seconds)
    Operation.objects.held_by(holder).filter(pk=operation.pk).update(due_at=due_at, holder="", **changes)
    if "state" in changes:
        operations.tell(operation)


def _settle_refused(operation: Operation, holder: str, error: errors.ApiError) -> None:
    """Writes that the server said no, and all it said."""
    _settle(
        operation,
        holder,
        refused=str(error),
        status=error.status,
        param=error.param or "",
        request_id=error.request_id or "",
    )


def _settle(
    operation: Operation,
    holder: str,
    *,
    refused: str | None = None,
    status: int | None = None,
    param: str = "",
    request_id: str = "",
) -> None:
    """Writes the end of it: accepted, or refused with the server's words. What follows it becomes due."""
    state = Operation.State.ACCEPTED if refused is None else Operation.State.REFUSED
    with transaction.atomic():
        held = Operation.objects.held_by(holder).filter(pk=operation.pk)
        is_ours = held.update(
            state=state,
            settled_at=timezone.now(),
            due_at=None,
            holder="",
            error=refused or "",
            error_status=status,
            error_param=param,
            request_id=request_id,
            result_remote_id=operation.result_remote_id,
            thread=operation.thread,
            run=operation.run,
            assistant=operation.assistant,
        )
        if is_ours and operation.kind == Operation.Kind.SUBMIT:
            history.settled(operation, is_accepted=refused is None)
        if refused is None:
            form_drafts.done(operation)
        Upload.objects.filter(operation=operation).delete()
        followers = list(operation.followers.exclude(due_at=None))
        Operation.objects.filter(pk__in=[each.pk for each in followers]).update(due_at=timezone.now(), holder="")
        for follower in followers:
            work.ask("deliver", follower.pk)
        if operation.run_id and not operation.is_followed:
            Run.objects.filter(pk=operation.run_id, gone_at=None).exclude(status__in=ENDED).hasten()
        if operation.thread_id and not operation.is_followed:
            Thread.objects.filter(pk=operation.thread_id).hasten()
            work.ask("refresh_thread", operation.thread_id)
        operations.tell(operation)
