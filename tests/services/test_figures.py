"""Medians, percentiles and hours: by hand what they must come to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from assistants_app.models import Connection, HistoryEntry, Run, ToolCall
from assistants_app.services import figures
from assistants_app.services.history import Narrowed
from tests.views.test_queue import wait

pytestmark = pytest.mark.database

ALL = Narrowed()


@pytest.fixture
def run(connection: Connection) -> Run:
    return wait(connection, 1)[0]


def add(run: Run, seconds: float, *, at: datetime | None = None, **more: Any) -> HistoryEntry:
    """An entry that waited so long."""
    end = at or timezone.now()
    call = ToolCall.objects.create(run=run, remote_id=f"call_{ToolCall.objects.count()}", name="f")
    fields = {"function": "f", "outcome": "accepted", "asked_at": end - timedelta(seconds=seconds), "at": end} | more
    return HistoryEntry.objects.create(call=call, connection=run.connection, **fields)


@pytest.mark.parametrize(
    ("values", "median", "most"),
    [([], None, None), ([3.0], 3.0, 3.0), ([1.0, 2.0], 1.0, 2.0), ([float(n) for n in range(100, 0, -1)], 50.0, 95.0)],
)
def test_percentiles_are_measured_values(values: list[float], median: float | None, most: float | None) -> None:
    assert (figures.percentile(values, 50), figures.percentile(values, 95)) == (median, most)


def test_a_function_has_its_counts_and_times(run: Run) -> None:
    for number in range(1, 21):
        entry = add(run, number * 10.0)
        assert entry.asked_at is not None
        HistoryEntry.objects.filter(pk=entry.pk).update(claimed_at=entry.asked_at + timedelta(seconds=number))
    add(run, 600.0, outcome="expired")
    add(run, 7.0, outcome="refused")
    add(run, 0.1, outcome="automatic")
    add(run, 1.0, function="g")
    most, other = figures.of(ALL).functions
    assert (most.name, most.answered, most.expired, most.other) == ("f", 20, 1, 2)
    assert most.times == pytest.approx([10.0, 19.0, 100.0, 190.0])
    assert (other.name, other.answered) == ("g", 1)


def test_a_person_has_what_they_answered_and_let_expire(run: Run, person: Callable[..., User]) -> None:
    anna, pete = person("anna"), person("pete")
    add(run, 10.0, by=anna)
    add(run, 600.0, by=anna, outcome="expired")
    add(run, 20.0, by=pete)
    add(run, 600.0, outcome="expired")
    found: Any = {each.name: (each.answered, each.expired, each.times[2]) for each in figures.of(ALL).people}
    assert found == {"anna": (1, 1, pytest.approx(10.0)), "pete": (1, 0, pytest.approx(20.0))}


def test_hours_are_of_the_persons_time_zone_and_split_where_an_hour_ends(run: Run) -> None:
    noon = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)
    add(run, 1800.0, at=noon + timedelta(minutes=10))  # 11:40 to 12:10
    with timezone.override(ZoneInfo("Asia/Kolkata")):  # 17:10 to 17:40
        kolkata = figures.of(Narrowed(days=2)).hours
    utc = figures.of(Narrowed(days=2)).hours
    assert (utc[11], utc[12], sum(utc)) == pytest.approx((20 / 60 / 2, 10 / 60 / 2, 0.25))
    assert kolkata[17] == pytest.approx(0.25)


def test_a_refused_answer_is_no_end_of_the_waiting(run: Run) -> None:
    add(run, 60.0, outcome="refused")
    assert sum(figures.of(ALL).hours) == 0


def test_more_than_is_read_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "MOST", 2)
    for number in range(3):
        add(run, 1.0 + number)
    found = figures.of(ALL)
    assert found.is_cut
    assert found.functions[0].answered == 2


def test_figures_take_one_query(run: Run, django_assert_num_queries: Callable[..., Any]) -> None:
    add(run, 1.0)
    with django_assert_num_queries(1):
        figures.of(ALL)
