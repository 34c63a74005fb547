"""A run's page: opening it claims the run, others see that, and may take it over by name."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from assistants_app.models import Claim, Run
from assistants_app.models.people import Role
from tests.conftest import polled
from tests.views.conftest import delivered, page, piece, typed

pytestmark = pytest.mark.database


def holder(client: Client, run: Run) -> str:
    return page(client.get(run.get_absolute_url())).text("run-holder")


def number(client: Client, run: Run) -> str:
    """The number of a page that is opened now."""
    (found,) = [
        each.attributes["data-page-number"]
        for each in page(client.get(run.get_absolute_url())).elements
        if "data-page-number" in each.attributes
    ]
    return found


def test_opening_a_waiting_run_claims_it(waiting: Run, signed_in: Callable[..., Client]) -> None:
    assert "You are at this run" in holder(signed_in("anna"), waiting)
    assert "anna is answering this run" in holder(signed_in("pete"), waiting)
    assert "You are at this run" in holder(signed_in("anna"), waiting)


def test_who_only_looks_claims_nothing(waiting: Run, signed_in: Callable[..., Client]) -> None:
    holder(signed_in("vera", Role.VIEWER), waiting)
    piece(signed_in("olga"), waiting.get_absolute_url(), "run-answers")
    signed_in("olga").get(waiting.get_absolute_url(), headers={"Sec-Purpose": "prefetch;prerender"})
    signed_in("olga").get(f"{waiting.get_absolute_url()}holder/")
    assert not Claim.objects.exists()


def test_a_viewer_sees_who_is_at_it_and_cannot_take_it(waiting: Run, signed_in: Callable[..., Client]) -> None:
    holder(signed_in("anna"), waiting)
    shown = holder(signed_in("vera", Role.VIEWER), waiting)
    assert "anna is answering this run" in shown
    assert "Take over" not in shown


def test_taking_over_by_name(waiting: Run, signed_in: Callable[..., Client]) -> None:
    url = f"{waiting.get_absolute_url()}claim/take-over/"
    holder(signed_in("anna"), waiting)
    pete = signed_in("pete")
    shown = page(pete.get(waiting.get_absolute_url()))
    assert "Take over from anna" in shown.text("run-holder")
    assert pete.post(url, shown.sends(url)).status_code == 303
    assert "You are at this run" in holder(pete, waiting)
    assert "pete is answering this run" in holder(signed_in("anna"), waiting)


def test_taking_over_from_somebody_who_has_it_no_more_says_who_has_it(
    waiting: Run, signed_in: Callable[..., Client]
) -> None:
    url = f"{waiting.get_absolute_url()}claim/take-over/"
    holder(signed_in("anna"), waiting)
    late = page(signed_in("late").get(waiting.get_absolute_url())).sends(url)
    pete = signed_in("pete")
    pete.post(url, page(pete.get(waiting.get_absolute_url())).sends(url))
    answer = signed_in("late").post(url, late, headers={"HX-Request": "true", "HX-Target": "run-holder"})
    assert "pete is answering this run" in page(answer).text("run-holder")


def test_a_page_says_that_it_is_open_and_that_it_is_left(waiting: Run, signed_in: Callable[..., Client]) -> None:
    anna, url = signed_in("anna"), f"{waiting.get_absolute_url()}claim/"
    here = number(anna, waiting)
    assert anna.post(url, {"page": here}).status_code == 204
    assert signed_in("pete").post(url, {"page": here}).status_code == 200
    anna.post(f"{url}release/", {"page": "another"})
    assert Claim.objects.count() == 1
    anna.post(f"{url}release/", {"page": here})
    assert not Claim.objects.exists()


@pytest.mark.usefixtures("api_actor")
def test_a_run_that_waits_no_more_cannot_be_claimed(waiting: Run, olga: Client) -> None:
    olga.post(f"{waiting.get_absolute_url()}answers/", typed(waiting, "4", "5"))
    delivered()
    polled(waiting)
    assert olga.post(f"{waiting.get_absolute_url()}claim/", {"page": ""}).status_code == 200
    assert holder(olga, waiting) == ""
    assert not Claim.objects.exists()


def test_a_claim_keeps_nobody_from_answering(waiting: Run, signed_in: Callable[..., Client]) -> None:
    holder(signed_in("anna"), waiting)
    response = signed_in("pete").post(f"{waiting.get_absolute_url()}answers/", typed(waiting, "4", "5"))
    assert response.status_code == 303
