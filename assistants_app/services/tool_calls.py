"""The calls that runs wait for, and sending their answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, IntegerField, Subquery, Value

from assistants_app.models import Claim, Operation, Run, ToolCall
from assistants_app.models.operations import APPROVE
from assistants_app.models.runs import APPROVALS
from assistants_app.services import connections, operations

MOST_SHOWN = 200


@dataclass(frozen=True)
class Submission:
    """What came of sending answers: the operation, and whether it is this one or one that stood before."""

    operation: Operation
    is_new: bool


class CallsChanged(Exception):
    """The run does not wait for these calls (any more)."""


def counted() -> Subquery:
    """How many runs wait for a person, as a part of another query; None where none does."""
    every = Run.objects.waiting().order_by().annotate(one=Value(1)).values("one")
    return Subquery(every.annotate(number=Count("pk")).values("number"), output_field=IntegerField())


def waiting_runs() -> list[Run]:
    """The runs of the queue with no more of them than who they are and how long they wait."""
    shown = Run.objects.waiting().select_related("assistant")
    return list(shown.only("remote_id", "expires_at", "assistant__name", "assistant__remote_id")[:MOST_SHOWN])


def calls_key(run: Run, calls: Sequence[ToolCall]) -> str:
    """What stands for exactly these calls of this run."""
    ids = "\n".join(sorted(call.remote_id for call in calls))
    return f"submit:{run.pk}:{sha256(ids.encode()).hexdigest()[:32]}"


def waiting_calls(run: Run) -> list[ToolCall]:
    """The calls that a run waits for, in their order, with the drafts of their answers and what rules made of them."""
    joined = ("draft__by", "verdict__ruling")
    return list(run.calls.filter(waiting=True).select_related(*joined)) if run.is_waiting else []


def submit(*, run: Run, outputs: Mapping[int, str], by: User, is_automatic: bool = False) -> Submission:
    """Stores the answers of all waiting calls (submitToolOutputs) and has them sent, once for these calls.

    `is_automatic`: rules answered, and `by` switched them on. `outputs` maps calls' keys to texts, or to APPROVE or
    DENY. Raises CallsChanged if the run does not wait for exactly these calls, or for what nobody can give here.
    """
    if run.connection.gone_at is not None:
        raise CallsChanged
    calls = waiting_calls(run)
    body = body_for(run, calls, outputs)
    operation, is_new = operations.record(
        kind=Operation.Kind.SUBMIT,
        key=calls_key(run, calls),
        connection=run.connection,
        thread=run.thread,
        run=run,
        by=by,
        is_automatic=is_automatic,
        body=body,
    )
    return Submission(operation, is_new)


def body_for(run: Run, calls: Sequence[ToolCall], outputs: Mapping[int, str]) -> dict[str, Any]:
    """What goes out for these answers, exactly. Raises CallsChanged as `submit` does."""
    if not calls or not run.asks or {call.pk for call in calls} != set(outputs):
        raise CallsChanged
    dialect = connections.dialect(run.connection)
    if run.asks == APPROVALS:
        return dialect.tool_approvals([(call.remote_id, outputs[call.pk] == APPROVE) for call in calls])
    return dialect.tool_outputs([(call.remote_id, outputs[call.pk]) for call in calls])


def standing(*, run: Run, key: str) -> Operation | None:
    """What was sent for the calls that a key stands for, unless it was refused."""
    found = operations.standing_for(key)
    return found if found is not None and found.run_id == run.pk else None


def are_outputs(operation: Operation, *, run: Run, outputs: Mapping[int, str]) -> bool:
    """Whether an operation carries exactly these texts for these calls."""
    ids = dict(run.calls.filter(pk__in=outputs).values_list("pk", "remote_id"))
    return operation.answers == {ids.get(key): text for key, text in outputs.items()}


def last_submission(run: Run, calls: Sequence[ToolCall]) -> Operation | None:
    """What was last sent for a run: for these calls where it waits for some, else at all."""
    sent = Operation.objects.filter(run=run, kind=Operation.Kind.SUBMIT).select_related("by")
    if calls:
        sent = sent.filter(key=calls_key(run, calls))
    return sent.order_by("-pk").first()


def under_way(run: Run) -> set[str]:
    """The ids of the calls whose answers were sent, and it is not known yet what came of them."""
    sent = Operation.objects.filter(run=run, kind=Operation.Kind.SUBMIT, state__in=Operation.OPEN)
    return {call_id for each in sent for call_id in each.answers}


def next_waiting(*, besides: Run, by: User) -> Run | None:
    """The next run of the queue that nobody has answered yet and no other person is at."""
    answered = Operation.objects.filter(kind=Operation.Kind.SUBMIT, state__in=Operation.OPEN).values("run")
    others = Claim.objects.standing().exclude(by=by).values("run")
    return Run.objects.waiting().exclude(pk=besides.pk).exclude(pk__in=answered).exclude(pk__in=others).first()
