"""Cancelling a run."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from assistants_app.models import Operation, Run
from assistants_app.models.people import Role
from testing.api_actor import ApiActor
from tests.conftest import polled
from tests.views.conftest import delivered, page


@pytest.mark.usefixtures("api_actor")
def test_cancelling_is_asked_for_once_and_ends_the_run(waiting: Run, olga: Client) -> None:
    here = waiting.get_absolute_url()
    for _ in range(2):
        response = olga.post(f"{here}cancel/")
        assert (response.status_code, response["Location"]) == (303, here)
    assert "olga asked to cancel this run" in page(olga.get(here)).text("run-head")
    assert [each.state for each in delivered()] == ["accepted"]
    assert polled(waiting).status == "cancelled"
    assert "accepted by the API" in page(olga.get(here)).text("run-head")


def test_a_refusal_is_told_in_the_servers_words(waiting: Run, olga: Client, api_actor: ApiActor) -> None:
    api_actor.fault("POST", ".*/cancel$", status=400, body='{"error": {"message": "Too <late>"}}')
    olga.post(f"{waiting.get_absolute_url()}cancel/")
    delivered()
    assert "the server refused. Too <late>" in page(olga.get(waiting.get_absolute_url())).text("run-head")


def test_a_viewer_cannot_cancel(waiting: Run, signed_in: Callable[..., Client]) -> None:
    page(signed_in("vera", Role.VIEWER).post(f"{waiting.get_absolute_url()}cancel/"), 403)
    assert not Operation.objects.exists()


def test_a_reason_is_kept_and_shown(waiting: Run, olga: Client) -> None:
    here = waiting.get_absolute_url()
    assert olga.post(f"{here}cancel/", {"reason": " Wrong <customer> \n"}).status_code == 303
    assert Operation.objects.get().reason == "Wrong <customer>"
    assert "Reason: Wrong <customer>" in page(olga.get(here)).text("run-head")


def test_a_reason_that_is_too_long_is_refused(waiting: Run, olga: Client) -> None:
    shown = page(olga.post(f"{waiting.get_absolute_url()}cancel/", {"reason": "x" * 2_000}), 422)
    assert "1000 characters" in shown.text("run-head")
    assert not Operation.objects.exists()
