"""What became of the calls that people were asked for: written down when it happens, and read as a list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from assistants_app.models import Claim, Draft, HistoryEntry, Operation, Run, ToolCall
from assistants_app.models.history import LONGEST_NAME
from assistants_app.services.lists import Page, keyset

Outcome = HistoryEntry.Outcome
# What a run that no longer waits came to; any other status means that somebody else answered.
ENDS = {
    "expired": Outcome.EXPIRED,
    "cancelling": Outcome.CANCELLED,
    "cancelled": Outcome.CANCELLED,
    "failed": Outcome.FAILED,
    "incomplete": Outcome.FAILED,
}
BATCH = 1000


@dataclass(frozen=True)
class Narrowed:
    """What somebody wants to see of the history; keys of rows. `days` None: all of it."""

    connection: int | None = None
    person: int | None = None
    function: str = ""
    outcome: str = ""
    days: int | None = None


# ---- What is written down


def asked(calls: Sequence[ToolCall]) -> None:
    """These calls begin to wait now, not saved yet. Whoever has their run open has claimed them at once."""
    now = timezone.now()
    standing = Claim.objects.standing(now).filter(run__in={call.run_id for call in calls}) if calls else ()
    holders = {claim.run_id: claim.by_id for claim in standing}
    for call in calls:
        call.asked_at = call.asked_at or now
        if call.claimed_at is None and call.run_id in holders:
            call.claimed_at, call.claimed_by_id = now, holders[call.run_id]


def claimed(run: Run, *, by: int) -> None:
    """Somebody opened a run: the calls that nobody had opened before keep when, and who."""
    calls = ToolCall.objects.filter(run=run, waiting=True, claimed_at=None)
    calls.update(claimed_at=timezone.now(), claimed_by=by)


def drafted(call: ToolCall) -> None:
    """A first draft of the answer to a call was saved."""
    ToolCall.objects.filter(pk=call.pk, drafted_at=None).update(drafted_at=timezone.now())


def ended(calls: Sequence[ToolCall]) -> None:
    """These calls of runs (`call.run`) wait no longer. What is being answered from here is written down once that is
    settled."""
    if not calls:
        return
    sent = Operation.objects.filter(run__in={call.run_id for call in calls})
    cancelled = sent.filter(kind=Operation.Kind.CANCEL_RUN).exclude(state=Operation.State.REFUSED)
    answering = sent.filter(kind=Operation.Kind.SUBMIT, state__in=Operation.OPEN)
    answered = HistoryEntry.objects.filter(call__in=calls, outcome__in=HistoryEntry.ANSWERED)
    known = set(answering.values_list("run", flat=True)), set(answered.values_list("call", flat=True))
    by = {each.run_id: each.by_id for each in cancelled.only("run", "by")}
    _write([_end(call, by) for call in calls if call.run_id not in known[0] and call.pk not in known[1]])


def _end(call: ToolCall, cancelled_by: Mapping[int | None, int]) -> HistoryEntry:
    now = timezone.now()
    outcome = ENDS.get(call.run.status, Outcome.ELSEWHERE)
    by = {Outcome.EXPIRED: call.claimed_by_id, Outcome.CANCELLED: cancelled_by.get(call.run_id)}.get(outcome)
    # Of a run that was not looked at for a while its own end counts.
    at = min(now, call.run.expires_at or now) if outcome is Outcome.EXPIRED else now
    return _entry(call, outcome=outcome, by_id=by, at=max(at, call.asked_at or at))


def settled(operation: Operation, *, is_accepted: bool) -> None:
    """Answers were accepted or refused: an entry for each call that they are of. Where they were refused because the
    calls had ended, that is written down too."""
    calls = list(ToolCall.objects.filter(run=operation.run_id, remote_id__in=operation.answers).select_related("run"))
    taken, by = (Outcome.AUTOMATIC, None) if operation.is_automatic else (Outcome.ACCEPTED, operation.by_id)
    outcome = taken if is_accepted else Outcome.REFUSED
    made = [_entry(call, outcome=outcome, by_id=by, at=operation.made_at) for call in calls]
    for entry in made:
        entry.operation = operation
    if is_accepted:
        HistoryEntry.objects.filter(call__in=calls, operation=None).delete()
    _write(made)
    if not is_accepted:
        ended([call for call in calls if call.asked_at and not call.waiting])


def _entry(call: ToolCall, *, outcome: Outcome, by_id: int | None, at: datetime) -> HistoryEntry:
    return HistoryEntry(
        call=call,
        connection_id=call.run.connection_id,
        function=call.name[:LONGEST_NAME],
        outcome=outcome,
        by_id=by_id,
        asked_at=call.asked_at,
        claimed_at=call.claimed_at,
        drafted_at=call.drafted_at,
        draft_saved_at=call.draft_saved_at,
        at=at,
    )


def _write(entries: Sequence[HistoryEntry]) -> None:
    """Stores entries that are not there yet: two workers may see the same end. Drafts that were not sent are still
    beside their calls."""
    kept = Draft.objects.filter(call__in=[each.call_id for each in entries]) if entries else ()
    saved = {draft.call_id: draft.saved_at for draft in kept}
    for each in entries:
        each.draft_saved_at = saved.get(each.call_id, each.draft_saved_at)
    HistoryEntry.objects.bulk_create(entries, ignore_conflicts=True)


# ---- What is read


def rows(narrowed: Narrowed) -> QuerySet[HistoryEntry]:
    """The entries that fit."""
    found = HistoryEntry.objects.all()
    if narrowed.days is not None:
        found = found.filter(at__gte=timezone.now() - timedelta(days=narrowed.days))
    if narrowed.connection is not None:
        found = found.filter(connection=narrowed.connection)
    if narrowed.person is not None:
        found = found.filter(by=narrowed.person)
    if narrowed.function:
        found = found.filter(function__icontains=narrowed.function.replace("\x00", ""))
    return found.filter(outcome=narrowed.outcome) if narrowed.outcome else found


def page(narrowed: Narrowed, *, after: str = "", before: str = "") -> Page:
    """Entries that fit, newest first, with what a row shows of their runs."""
    return keyset(_shown(narrowed), moment="at", after=after, before=before)


def _shown(narrowed: Narrowed) -> QuerySet[HistoryEntry]:
    found = rows(narrowed).select_related("by", "connection", "call__run__assistant")
    shown = ("call__run__remote_id", "call__remote_id", "call__run__assistant__name", "call__run__assistant__remote_id")
    return found.only(*_columns(), "by__username", "connection__name", *shown)


def _columns() -> list[str]:
    return [field.name for field in HistoryEntry._meta.concrete_fields]


def every(narrowed: Narrowed) -> Iterator[HistoryEntry]:
    """All entries that fit, newest first, read a batch at a time: no query is open while they are sent."""
    found = keyset(_shown(narrowed), moment="at", size=BATCH)
    while found.rows:
        yield from found.rows
        if not found.older:
            return
        found = keyset(_shown(narrowed), moment="at", after=found.older, size=BATCH)
