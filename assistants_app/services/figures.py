"""How quickly people answer: counts, medians and 95th percentiles, and how many calls waited at which hour."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from math import ceil

from django.utils import timezone

from assistants_app.models import HistoryEntry
from assistants_app.services import history

MOST = 50_000  # entries that figures are made of, the newest
MOST_ROWS = 100  # functions or people
HOUR = 3600.0
Outcome = HistoryEntry.Outcome


def percentile(values: Sequence[float], percent: int) -> float | None:
    """The least of the values that so many percent of them do not exceed (nearest rank): one that was measured."""
    return sorted(values)[max(0, ceil(len(values) * percent / 100) - 1)] if values else None


@dataclass
class Figure:
    """What is known of one function or person. Seconds are from the asking."""

    name: str
    counts: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    claims: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)

    @property
    def answered(self) -> int:
        return self.counts[Outcome.ACCEPTED]

    @property
    def expired(self) -> int:
        return self.counts[Outcome.EXPIRED]

    @property
    def other(self) -> int:
        """What is neither answered by people nor expired."""
        return self.total - self.answered - self.expired

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def others(self) -> dict[str, int]:
        """How often it came to each of the other outcomes."""
        return {outcome.value: self.counts[outcome] for outcome in Outcome if outcome is not Outcome.ACCEPTED}

    @cached_property
    def times(self) -> list[float | None]:
        """Median and 95th percentile until claimed, then until answered by a person."""
        return [percentile(values, each) for values in (self.claims, self.answers) for each in (50, 95)]


@dataclass(frozen=True)
class Figures:
    """Of the entries that fit: by function, by person, and how many calls waited on average in each hour of the day.
    `is_cut` where there were more than MOST."""

    functions: Sequence[Figure]
    people: Sequence[Figure]
    hours: Sequence[float]
    is_cut: bool


def of(narrowed: history.Narrowed) -> Figures:
    """The figures of a history. One query, of at most MOST narrow rows; nothing of it depends on the database."""
    wanted = ("function", "by__username", "outcome", "asked_at", "claimed_at", "at")
    newest = history.rows(narrowed).order_by("-at", "-pk").values_list(*wanted, named=True)[: MOST + 1]
    found = list(newest)
    functions: dict[str, Figure] = {}
    people: dict[str, Figure] = {}
    for row in found[:MOST]:
        _count(functions.setdefault(row.function, Figure(row.function)), row)
        if row.by__username is not None:
            _count(people.setdefault(row.by__username, Figure(row.by__username)), row)
    # A refused answer is no end of the waiting.
    waits = [(row.asked_at, row.at) for row in found[:MOST] if row.asked_at and row.outcome != Outcome.REFUSED]
    return Figures(_most(functions), _most(people), _hours(waits, narrowed.days), len(found) > MOST)


def _count(figure: Figure, row: object) -> None:
    outcome, asked_at, claimed_at, at = (getattr(row, name) for name in ("outcome", "asked_at", "claimed_at", "at"))
    figure.counts[outcome] += 1
    if asked_at is None:
        return
    if claimed_at is not None and outcome != Outcome.REFUSED:
        figure.claims.append(max(0.0, (claimed_at - asked_at).total_seconds()))
    if outcome == Outcome.ACCEPTED:
        figure.answers.append(max(0.0, (at - asked_at).total_seconds()))


def _most(figures: dict[str, Figure]) -> list[Figure]:
    return sorted(figures.values(), key=lambda each: (-each.total, each.name))[:MOST_ROWS]


def _hours(waits: Iterable[tuple[datetime, datetime]], days: int | None) -> list[float]:
    """How many waited on average in each hour of the day of the person's time zone."""
    zone = timezone.get_current_timezone()
    seconds = [0.0] * 24
    first = now = timezone.now()
    for start, end in waits:
        first, moment = min(first, start), start
        # A wait of many days would only say the same of every hour.
        last = min(end, start + timedelta(days=1))
        while moment < last:
            here = moment.astimezone(zone)
            passed = timedelta(minutes=here.minute, seconds=here.second, microseconds=here.microsecond)
            step = min(timedelta(hours=1) - passed, last - moment)
            seconds[here.hour] += step.total_seconds()
            moment += step
    lasted = days or max(1.0, (now - first).total_seconds() / 86_400)
    return [total / HOUR / lasted for total in seconds]
