"""A thread's messages, runs and tool calls in the order they happened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch, Q

from assistants_app.models import Message, Operation, Run, Thread, ToolCall
from assistants_app.services import lists


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: a message, a run with its calls and replies, or an operation that the server does not show yet."""

    kind: str
    message: Message | None = None
    run: Run | None = None
    calls: Sequence[ToolCall] = ()
    replies: Sequence[Message] = ()
    operation: Operation | None = None
    assistant_title: str = ""
    # What the run of a scratch thread was made with (services/trials.py).
    tried: object = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of entries, oldest first, and the cursors of the pages beside it."""

    entries: Sequence[Entry]
    older: str = ""
    newer: str = ""
    active_run: Run | None = None
    names: dict[str, str] = field(default_factory=dict)


def of(thread: Thread, *, after: str = "", before: str = "") -> Timeline:
    """A page of a thread's timeline, the newest one unless a cursor is given: four queries for any length."""
    shown = Message.objects.filter(thread=thread, gone_at=None).defer("raw", "text")
    page = lists.keyset(shown, moment="created_at", after=after, before=before)
    messages = list(reversed(page.rows))
    runs = _runs(thread, messages, first=not page.older, last=not page.newer)
    for run in runs:
        run.has_namesakes = thread.has_namesakes
    names = {run.assistant_remote_id: run.assistant.title for run in runs if run.assistant}
    entries = merge(messages, runs, names)
    if not page.newer:
        entries += [Entry("operation", operation=each) for each in _not_shown(thread)]
    active = next((run for run in reversed(runs) if run.is_active), None) if not page.newer else None
    return Timeline(entries, older=page.older, newer=page.newer, active_run=active, names=names)


def _runs(thread: Thread, messages: Sequence[Message], *, first: bool, last: bool) -> list[Run]:
    """The runs that happened while these messages were written; before the first one and after the last too,
    where the page is the first or the last."""
    rows = Run.objects.filter(thread=thread)
    moments = [message.created_at for message in messages if message.created_at]
    replied = {message.run_remote_id for message in messages if message.run_remote_id}
    # An empty Q in an OR vanishes instead of matching all.
    if moments and not (first and last):
        within = Q()
        within &= Q() if first else Q(created_at__gte=moments[0])
        within &= Q() if last else Q(created_at__lt=moments[-1])
        rows = rows.filter(within | Q(remote_id__in=replied) | Q(created_at=None))
    calls = ToolCall.objects.select_related("operation__by", "verdict").order_by("position", "pk")
    found = (
        rows.select_related("assistant")
        .defer("raw", "assistant__raw", "assistant__instructions", "assistant__description")
        .prefetch_related(Prefetch("calls", queryset=calls))
        .order_by("created_at", "pk")
    )
    return list(found[: 4 * lists.ROWS])


def merge(messages: Sequence[Message], runs: Sequence[Run], names: dict[str, str]) -> list[Entry]:
    """Messages and runs in one order, replies within the run that wrote them. Times have whole seconds, so a run
    stands where its first reply does; one without a reply after the last message that is not younger than it."""
    known = {run.remote_id for run in runs}
    replies: defaultdict[str, list[Message]] = defaultdict(list)
    alone: list[Message] = []
    place: dict[str, int] = {}
    for message in messages:
        # What a user says, or anybody but the assistant, belongs to no run, whatever a server writes there.
        if message.run_remote_id in known and message.role in {"assistant", ""}:
            place.setdefault(message.run_remote_id, len(alone))
            replies[message.run_remote_id].append(message)
        else:
            alone.append(message)
    before: defaultdict[int, list[Run]] = defaultdict(list)
    for run in runs:
        before[place[run.remote_id] if run.remote_id in place else _place(alone, run)].append(run)
    entries: list[Entry] = []
    for number in range(len(alone) + 1):
        entries += [_of_run(run, replies[run.remote_id], names) for run in before.get(number, ())]
        entries += [_of_message(message, names) for message in alone[number : number + 1]]
    return entries


def _of_run(run: Run, replies: Sequence[Message], names: dict[str, str]) -> Entry:
    title = names.get(run.assistant_remote_id, run.assistant_remote_id)
    if run.is_streamed:  # what is being written is shown as it comes
        replies = [each for each in replies if each.status != "in_progress"]
    return Entry("run", run=run, calls=list(run.calls.all()), replies=replies, assistant_title=title)


def _of_message(message: Message, names: dict[str, str]) -> Entry:
    title = names.get(message.assistant_remote_id, message.assistant_remote_id)
    return Entry("message", message=message, assistant_title=title)


def _place(messages: Sequence[Message], run: Run) -> int:
    if run.created_at is None:
        return len(messages)
    later = (
        place
        for place, message in enumerate(messages)
        if message.created_at is not None and message.created_at > run.created_at
    )
    return next(later, len(messages))


def _not_shown(thread: Thread) -> list[Operation]:
    """Posted messages and started runs that are on their way, and refused ones newer than what was accepted last."""
    kinds = [Operation.Kind.CREATE_MESSAGE, Operation.Kind.CREATE_RUN]
    newest: Any = Operation.objects.filter(thread=thread, kind__in=kinds).select_related("by").order_by("-pk")[:5]
    shown: list[Operation] = []
    for operation in newest:
        if operation.state == Operation.State.ACCEPTED:
            break
        shown.append(operation)
    return shown[::-1]
