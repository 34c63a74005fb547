"""Once more: a run on the same thread after one that ended, and the answers that are still there to be used in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib.auth.models import User

from assistants_app.models import Draft, Operation, Run, ToolCall
from assistants_app.models.runs import ENDED
from assistants_app.services import exact, runs

# A replay may expire as well: so many are looked back through.
MOST_BACK = 10
# Of these nothing is to be done again.
DONE = "completed"


@dataclass(frozen=True)
class Kept:
    """An answer that is still there, by whom, and when it was given: sent, or drafted. Of a draft `fields` are what was
    typed, by the names of the fields, and `text` is that to be read."""

    call: ToolCall
    text: str
    by: User
    at: datetime
    fields: Mapping[str, str] | None = None

    def moved(self, call: ToolCall) -> Kept:
        """The same as the answer to another call."""
        if self.fields is None:
            return self
        own = re.compile(rf"^([a-z_]+-){self.call.pk}(?![0-9])")
        return replace(self, fields={own.sub(rf"\g<1>{call.pk}", name): text for name, text in self.fields.items()})


def kept(run: Run) -> dict[int, Kept]:
    """The answers to the calls of a run, by their keys: the last that was drafted or sent for each."""
    calls = {call.remote_id: call for call in run.calls.defer("output")}
    found: dict[int, Kept] = {}
    sent = Operation.objects.filter(run=run, kind=Operation.Kind.SUBMIT).select_related("by").order_by("pk")
    for operation in sent:
        for remote_id, text in operation.answers.items():
            if call := calls.get(remote_id):
                found[call.pk] = Kept(call, text, operation.by, operation.made_at)
    for draft in Draft.objects.filter(call__run=run, call__operation=None).select_related("by", "call"):
        given = found.get(draft.call_id)
        if draft.text and not (given and given.at > draft.saved_at):
            found[draft.call_id] = Kept(draft.call, draft.text, draft.by, draft.saved_at, draft.values)
    return found


def can_start(run: Run) -> bool:
    """Whether a run can be made once more: it ended without having done its work, and its assistant is known."""
    return run.status in ENDED - {DONE} and run.assistant is not None and run.connection.gone_at is None


def start(*, run: Run, by: User) -> Operation:
    """Has the thread run again with the same assistant: once for each run that ended, however often it is asked for."""
    assert run.assistant is not None
    return runs.start(thread=run.thread, assistant=run.assistant, by=by, once=f"again:{run.pk}", replays=run)


def last(run: Run) -> Operation | None:
    """The last wish to run again, after this one."""
    return run.replayed_by.select_related("by", "run").order_by("-pk").first()


def offered(run: Run, calls: Sequence[ToolCall]) -> dict[int, Kept]:
    """Of a run that is made once more: answers from before to calls of the same function with the same arguments, by
    these calls' keys. Nothing sends them but a person."""
    left: list[Kept] = [each for earlier in _earlier(run) for each in kept(earlier).values()]
    found: dict[int, Kept] = {}
    for call in calls:
        same = next((each for each in left if is_same(each.call, call)), None)
        if same is not None:
            left.remove(same)
            found[call.pk] = same.moved(call)
    return found


def _earlier(run: Run) -> Iterator[Run]:
    """The run that this one repeats, the one that that one repeats, and so on."""
    for _step in range(MOST_BACK):
        made = Operation.objects.filter(run=run, kind=Operation.Kind.CREATE_RUN).exclude(replays=None)
        operation = made.select_related("replays").first()
        if operation is None or operation.replays is None:
            return
        run = operation.replays
        yield run


def is_same(one: ToolCall, other: ToolCall) -> bool:
    """Whether two calls ask the same function the same: arguments count as JSON where they are."""
    return one.name == other.name and asked(one.arguments) == asked(other.arguments)


def asked(arguments: str) -> object:
    """Arguments to be compared: numbers exactly, whatever blanks and order stand between."""
    try:
        return exact.parse(arguments)
    except (ValueError, RecursionError):
        return arguments
