"""The queue: every run that waits for a person, least time left first, and what narrows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.db.models import (
    CharField,
    Count,
    Exists,
    Max,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Length
from django.utils import timezone

from assistants_app.models import Assistant, Claim, Connection, Message, Operation, Run, ToolCall, Verdict
from assistants_app.services import connections, threads

MOST_SHOWN = 200
MOST_SUGGESTED = 200
CLAIMS = "claims"


@dataclass(frozen=True)
class Narrowed:
    """What somebody wants to see of the queue, by keys. `holder` 0: runs that nobody is at."""

    connection: int | None = None
    assistant: int | None = None
    function: str = ""
    holder: int | None = None


@dataclass(frozen=True)
class WaitingRun:
    """A run of the queue: what it asks, what the user had asked last, who is at it, and whether it is answered."""

    run: Run
    calls: Sequence[ToolCall]
    last_user_text: str
    claim: Claim | None
    open_operation: Operation | None


@dataclass(frozen=True)
class State:
    """A version, which changes whenever anything that the list shows does, and the keys of who is at a run."""

    version: str
    holders: frozenset[int]


def _rows(narrowed: Narrowed) -> QuerySet[Run]:
    rows: QuerySet[Run] = Run.objects.waiting()
    if narrowed.connection is not None:
        rows = rows.filter(connection=narrowed.connection)
    if narrowed.assistant is not None:
        rows = rows.filter(assistant=narrowed.assistant)
    if narrowed.function:
        asked = ToolCall.objects.filter(run=OuterRef("pk"), waiting=True, name__icontains=narrowed.function)
        rows = rows.filter(Exists(asked))
    if narrowed.holder is not None:
        standing = Claim.objects.standing().filter(run=OuterRef("pk"))
        rows = rows.filter(Exists(standing.filter(by=narrowed.holder)) if narrowed.holder else ~Exists(standing))
    return rows


def page(narrowed: Narrowed) -> list[WaitingRun]:
    """The waiting runs that fit, least time left first, at most MOST_SHOWN."""
    last_user = Message.objects.filter(thread=OuterRef("thread"), role="user").order_by("-created_at", "-pk")
    rows = list(
        _rows(narrowed)
        .select_related("thread", "assistant", "connection", "claim__by")
        .defer("raw", "thread__raw", "assistant__raw", "assistant__instructions", *connections.HEAVY)
        .annotate(last_user_text=Subquery(last_user.values("text")[:1]), is_scratch=threads.is_scratch("thread__"))[
            :MOST_SHOWN
        ]
    )
    calls: dict[int, list[ToolCall]] = {row.pk: [] for row in rows}
    asked = ToolCall.objects.filter(run__in=calls, waiting=True).select_related("verdict").defer("output")
    for call in asked if rows else ():
        calls[call.run_id].append(call)
    sending = _open_operations().filter(run__in=calls).select_related("by") if rows else ()
    operation = {each.run_id: each for each in sending}
    now = timezone.now()
    return [
        WaitingRun(
            row,
            calls[row.pk],
            getattr(row, "last_user_text", None) or "",
            row.claim if hasattr(row, "claim") and row.claim.lapses_at > now else None,
            operation.get(row.pk),
        )
        for row in rows
    ]


def _open_operations() -> QuerySet[Operation]:
    return Operation.objects.filter(kind=Operation.Kind.SUBMIT, state__in=["sending", "unknown"])


def state(narrowed: Narrowed) -> State:
    """What stands for the queue as it is now. One query."""
    waiting = _rows(narrowed).order_by()
    ruled = Verdict.objects.filter(call__waiting=True).exclude(reason="")
    failing = Connection.objects.answering().exclude(last_error="").order_by()
    parts = [
        _summary("runs", waiting, Sum("pk"), Max("changed_at")),
        _summary("threads", waiting, Sum("assistant"), Max("thread__active_at")),
        _summary("operations", _open_operations(), Sum("pk"), Max("made_at")),
        _summary("verdicts", ruled, Sum(Length("reason")), Max("made_at")),
        _summary("connections", failing, Sum(Length("last_error")), Max("last_answer_at")),
        _part(CLAIMS, Claim.objects.standing().filter(run__status="requires_action"), "run", "by", "since"),
    ]
    found = sorted(parts[0].union(*parts[1:], all=True), key=str)
    holders = frozenset(int(by) for part, _run, by, _since in found if part == CLAIMS)
    return State(sha256(repr(found).encode()).hexdigest()[:16], holders)


def _summary(name: str, rows: QuerySet[Any, Any], keys: Any, moment: Any) -> Any:
    named = rows.annotate(part=Value(name, output_field=CharField())).values("part")
    return named.annotate(number=Count("pk"), keys=keys, moment=moment).values_list("part", "number", "keys", "moment")


def _part(name: str, rows: QuerySet[Any, Any], *columns: str) -> Any:
    return rows.annotate(part=Value(name, output_field=CharField())).values_list("part", *columns)


def first() -> Run | None:
    """The run with the least time left."""
    return Run.objects.waiting().only("remote_id").first()


def functions() -> list[str]:
    """The names of the functions that waiting calls ask for, at most MOST_SUGGESTED."""
    waiting = ToolCall.objects.filter(waiting=True, run__in=Run.objects.waiting().order_by()).exclude(name="")
    return list(waiting.order_by("name").values_list("name", flat=True).distinct()[:MOST_SUGGESTED])


def assistants() -> list[Assistant]:
    """The assistants that anything can wait for, by name."""
    return list(Assistant.objects.only("pk", "name", "remote_id").order_by("name", "pk"))
