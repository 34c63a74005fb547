"""The history as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from assistants_app.models import Connection, Run
from assistants_app.services import history
from tests.services.test_figures import add
from tests.views.test_queue import wait


@pytest.fixture
def run(connection: Connection) -> Run:
    return wait(connection, 1)[0]


def sheet(client: Client, what: str, query: str = "") -> list[dict[str, str]]:
    """The rows of a file, by the names in its first line."""
    response: Any = client.get(f"/history/{what}.csv{query}")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert f'filename="switchboard-{what}.csv"' in response["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))


def test_answers_are_rows_with_times_that_programs_read(run: Run, olga: Client, person: Callable[..., User]) -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
    add(run, 1.5, at=at, by=person("anna"), drafted_at=at)
    (row,) = sheet(olga, "answers", "?days=all")
    assert (row["at"], row["outcome"], row["by"]) == ("2026-01-02T03:04:05.678Z", "accepted", "anna")
    assert (row["seconds_waited"], row["seconds_to_claim"]) == ("1.500", "")
    assert (row["run"], row["first_draft_at"]) == (run.remote_id, row["at"])


def test_all_that_fits_is_there_and_nothing_else(
    run: Run, olga: Client, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    monkeypatch.setattr(history, "BATCH", 5)
    for number in range(12):
        add(run, 1.0, function=f"f{number}")
    add(run, 1.0, function="g")
    with django_assert_max_num_queries(6):
        rows = sheet(olga, "answers", "?function=f")
    assert [row["function"] for row in rows] == [f"f{number}" for number in range(11, -1, -1)]


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t=", "\r", "\n", "\uff1d"])
def test_no_spreadsheet_takes_a_cell_for_a_formula(run: Run, olga: Client, begins: str) -> None:
    name = f"{begins}cmd|' /C calc'!A0"
    add(run, 1.0, function=name)
    response: Any = olga.get("/history/answers.csv")
    (row,) = csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode(), newline=""))
    assert row["function"] == f"'{name}"


def test_a_comma_a_quote_and_a_line_break_stay_in_their_cell(run: Run, olga: Client) -> None:
    name = 'a,"b"\n=c'
    add(run, 1.0, function=name)
    assert [row["function"] for row in sheet(olga, "answers")] == [name]
    assert [row["function"] for row in sheet(olga, "functions")] == [name]


def test_figures_are_there_by_function_person_and_hour(run: Run, olga: Client, person: Callable[..., User]) -> None:
    add(run, 10.0, by=person("anna"))
    (function,), (who,) = sheet(olga, "functions"), sheet(olga, "people")
    assert (function["function"], function["answered"], function["expired"]) == ("f", "1", "0")
    assert (who["person"], who["median_seconds_to_answer"], who["p95_seconds_to_claim"]) == ("anna", "10.000", "")
    hours = sheet(olga, "hours")
    assert [row["hour"] for row in hours][::23] == ["00:00", "23:00"]
    assert hours[0]["time_zone"] == "UTC"


def test_anything_else_is_not_there(olga: Client) -> None:
    assert olga.get("/history/secrets.csv").status_code == 404
