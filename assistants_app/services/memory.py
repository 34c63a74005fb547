"""What was answered before: per function, the last answers to the same or similar arguments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.db.models.functions import Left

from assistants_app.models import ToolCall
from assistants_app.models.tool_calls import INDEXED
from assistants_app.services import exact, replays

LOOKED_THROUGH = 200  # newest answers to the functions of a run
MOST_SHOWN = 3
LONGEST_COMPARED = 20_000  # characters of arguments
SIMILAR = 0.3  # of what two calls say, so much must be the same


@dataclass(frozen=True)
class Remembered:
    """An answer that was given, and whether it was to exactly these arguments."""

    call: ToolCall
    is_same: bool


def of(calls: Sequence[ToolCall], *, connection: int) -> dict[int, list[Remembered]]:
    """The last answers of people to the functions of these calls, by the calls' keys: those to the same arguments
    first, then to the most similar ones; the same answer once."""
    answered: dict[str, list[ToolCall]] = {}
    for each in _answered({call.name for call in calls}, besides=calls, connection=connection):
        answered.setdefault(each.name, []).append(each)
    return {call.pk: _best(call, answered.get(call.name, [])) for call in calls}


def _answered(names: set[str], *, besides: Sequence[ToolCall], connection: int) -> QuerySet[ToolCall]:
    return (
        ToolCall.objects.alias(short=Left("name", INDEXED))
        .filter(short__in={name[:INDEXED] for name in names}, name__in=names, operation__isnull=False)
        .filter(run__connection=connection, operation__is_automatic=False)
        .exclude(pk__in=[call.pk for call in besides])
        .exclude(output=None)
        .select_related("operation__by", "run")
        .defer("run__raw")
        .order_by("-pk")[:LOOKED_THROUGH]
    )


def _best(call: ToolCall, answered: Sequence[ToolCall]) -> list[Remembered]:
    mine = said(call.arguments)
    liked = [(likeness(mine, said(each.arguments)), each) for each in answered]
    liked.sort(key=lambda pair: -pair[0])
    seen: dict[str | None, Remembered] = {}
    for degree, each in liked:
        if degree >= SIMILAR and len(seen) < MOST_SHOWN:
            seen.setdefault(each.output, Remembered(each, replays.is_same(each, call)))
    return list(seen.values())


def said(arguments: str) -> dict[str, str]:
    """What arguments say: each value in its own letters, by where it stands."""
    try:
        value = exact.parse(arguments) if len(arguments) <= LONGEST_COMPARED else None
    except (ValueError, RecursionError):
        value = None
    return {key: exact.write(item) for key, item in value.items()} if isinstance(value, dict) else {"": arguments}


def likeness(one: dict[str, str], other: dict[str, str]) -> float:
    """From 0 to 1: how much of what is said is the same."""
    names = one.keys() | other.keys()
    if not names:
        return 1.0
    return sum(1 for name in names if one.get(name) == other.get(name) and name in one) / len(names)
