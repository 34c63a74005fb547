"""What became of the calls that people were asked for: the list and the figures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from assistants_app.models import Connection, HistoryEntry, Run
from tests.services.test_figures import add
from tests.views.conftest import delivered, page, piece, typed
from tests.views.test_queue import wait

pytestmark = pytest.mark.database


@pytest.fixture
def run(connection: Connection) -> Run:
    return wait(connection, 1)[0]


def listed(client: Client, query: str = "") -> list[str]:
    """The functions in the list of that address."""
    return [each.text for each in page(client.get(f"/history/{query}")).all("a", class_="row-link")]


@pytest.mark.usefixtures("api_actor")
def test_an_answer_stands_there_with_who_gave_it(waiting: Run, olga: Client) -> None:
    olga.post(f"{waiting.get_absolute_url()}answers/", typed(waiting, "4 degrees", "high"))
    delivered()
    shown = page(olga.get("/history/"))
    row = shown.text(f"entry-{HistoryEntry.objects.get(function='get_tide').pk}")
    assert "Accepted" in row
    assert "olga" in row
    assert {each.attributes["href"] for each in shown.all("a", class_="row-link")} == {waiting.get_absolute_url()}


def test_filters_are_in_the_address(run: Run, olga: Client, person: Callable[..., User]) -> None:
    anna = person("anna")
    add(run, 1.0, function="get_weather", by=anna)
    add(run, 1.0, function="get_tide", outcome="expired")
    assert listed(olga, "?function=WEATH") == ["get_weather"]
    assert listed(olga, f"?person={anna.pk}") == ["get_weather"]
    assert listed(olga, "?outcome=expired") == ["get_tide"]
    assert listed(olga, f"?connection={run.connection_id}") == ["get_tide", "get_weather"]
    assert listed(olga, "?connection=999999&days=30") == []


def test_the_last_seven_days_are_shown_unless_more_is_asked_for(run: Run, olga: Client) -> None:
    add(run, 1.0, function="old", at=timezone.now() - timedelta(days=8))
    add(run, 1.0, function="new")
    assert listed(olga) == ["new"]
    assert listed(olga, "?days=30") == listed(olga, "?days=all") == ["new", "old"]


@pytest.mark.parametrize(
    "query", ["person=nobody", "outcome=eaten", "days=-1", "days=%00", "function=%00", "after=x", "before=~1", "tab=x"]
)
def test_what_is_no_choice_narrows_nothing(run: Run, olga: Client, query: str) -> None:
    add(run, 1.0, function="f")
    assert listed(olga, f"?{query}") == ["f"]


def test_pages_lead_on_and_back(run: Run, olga: Client) -> None:
    for number in range(53):
        add(run, 1.0, function=f"f{number}", at=timezone.now() - timedelta(minutes=number))
    shown = page(olga.get("/history/?days=all"))
    older = shown.one("a", rel="next").attributes["href"]
    assert listed(olga, older) == ["f50", "f51", "f52"]
    newer = page(olga.get(f"/history/{older}")).one("a", rel="prev").attributes["href"]
    assert listed(olga, newer)[0] == "f0"


def test_figures_have_a_row_a_function_and_a_person(run: Run, olga: Client, person: Callable[..., User]) -> None:
    add(run, 65.0, function="get_weather", by=person("anna"))
    shown = page(olga.get("/history/?tab=figures"))
    text = shown.text("history-list")
    assert "By function" in text
    assert "1m 05s" in text
    assert {"get_weather", "anna"} <= {each.text for each in shown.all("span", class_="mono")}


def test_the_chart_is_also_a_table(run: Run, olga: Client) -> None:
    add(run, 1800.0, at=timezone.now().replace(hour=12, minute=0, second=0) - timedelta(days=1))
    shown = page(olga.get("/history/?tab=figures&days=1&days=7"))
    assert "most 0.07 (11:00)" in shown.one("svg", role="img").attributes["aria-label"]
    assert [each.text for each in shown.all("td", class_="number")][:2] == ["00:00", "0"]


def test_nothing_yet_and_nothing_found_read_differently(run: Run, olga: Client) -> None:
    assert "Nothing in this time yet" in page(olga.get("/history/")).text("history-list")
    assert "No answer matches" in page(olga.get("/history/?function=x")).text("history-list")
    assert "No figures yet" in page(olga.get("/history/?tab=figures")).text("history-list")
    assert "Nothing on this page" in page(olga.get("/history/?before=9999-01-01T00:00:00%2B00:00~1")).text(
        "history-list"
    )


@pytest.mark.parametrize(("count", "query"), [(1, ""), (60, ""), (60, "?tab=figures"), (60, "?connection=1&person=1")])
def test_it_takes_few_queries_however_much_there_is(
    run: Run, olga: Client, count: int, query: str, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for number in range(count):
        add(run, 1.0, function=f"f{number}")
    with django_assert_max_num_queries(6):
        olga.get(f"/history/{query}")
    with django_assert_max_num_queries(3):
        piece(olga, f"/history/{query}", "history-list")
