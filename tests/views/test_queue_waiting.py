"""The waiting runs, for whoever is told of them on their desktop."""

from __future__ import annotations

import pytest
from django.test import Client

from assistants_app.models import Run

pytestmark = pytest.mark.database


def test_it_names_what_waits_and_nothing_of_what_it_asks(waiting: Run, olga: Client) -> None:
    response = olga.get("/queue/waiting/")
    (run,) = response.json()["runs"]
    assert run["key"] == waiting.pk
    assert run["url"] == waiting.get_absolute_url()
    assert waiting.assistant is not None
    assert run["assistant"] == waiting.assistant.name
    assert set(run) == {"key", "url", "assistant", "expires_at"}
    for asked in ("Oslo", "Bergen", "get_weather", "Please help me"):
        assert asked not in response.content.decode()


def test_it_names_nothing_when_nothing_waits(waiting: Run, olga: Client) -> None:
    Run.objects.update(status="completed")
    assert olga.get("/queue/waiting/").json() == {"runs": [], "quiet": False}
