"""The first minutes: three steps, each ticked off by what somebody really did."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assistants_app.models import Connection, Run
from assistants_app.models.people import Role
from testing.api_actor import ApiActor
from tests.conftest import known_run, polled
from tests.views.conftest import delivered, page, piece, typed


def steps(client: Client) -> list[str]:
    """The classes of the three steps; none where there is no card."""
    shown = page(client.get("/queue/"))
    return [each.attributes["class"].removeprefix("check check-") for each in shown.all("li", class_="check")]


@pytest.mark.usefixtures("api_actor")
def test_a_newcomer_is_led_to_answer_a_first_call(waiting: Run, olga: Client) -> None:
    assert steps(olga) == ["next", "check", "check"]
    address = waiting.get_absolute_url()
    shown = page(olga.get("/queue/"))
    card = shown.one(id="first-steps")
    assert [each.attributes["href"] for each in shown.all("a") if each.inside(card)] == [address]
    olga.get(address)
    assert steps(olga) == ["done", "next", "check"]
    olga.post(f"{address}answers/", typed(waiting, "4", "5"))
    assert steps(olga) == ["done", "next", "check"]
    delivered()
    assert steps(olga) == ["done", "done", "next"]
    assert polled(waiting).status == "completed"
    olga.get(address)
    assert steps(olga) == []


@pytest.mark.usefixtures("api_actor")
def test_what_others_did_ticks_off_nothing(waiting: Run, olga: Client, signed_in: Callable[..., Client]) -> None:
    other = signed_in("oskar")
    other.get(waiting.get_absolute_url())
    other.post(f"{waiting.get_absolute_url()}answers/", typed(waiting, "4", "5"))
    delivered()
    polled(waiting)
    olga.get(waiting.get_absolute_url())
    assert steps(olga) == ["next", "check", "check"]


def test_looking_at_a_run_that_has_ended_is_not_opening_one_that_waits(
    connection: Connection, api_actor: ApiActor, olga: Client
) -> None:
    ended = polled(known_run(connection, api_actor.run()))
    olga.get(ended.get_absolute_url())
    assert steps(olga) == ["next", "check", "check"]


def test_it_can_be_dismissed_for_good(waiting: Run, olga: Client) -> None:
    response = olga.post("/settings/first-steps/")
    assert (response.status_code, response["Location"]) == (303, "/queue/")
    assert steps(olga) == []
    olga.get(waiting.get_absolute_url())
    olga.logout()
    olga.force_login(User.objects.get(), backend="assistants_app.services.people.PeopleBackend")
    assert steps(olga) == []


def test_who_may_not_answer_is_not_led(waiting: Run, signed_in: Callable[..., Client]) -> None:
    assert steps(signed_in("vera", Role.VIEWER)) == []


def test_without_a_waiting_run_it_says_how_one_comes(connection: Connection, olga: Client) -> None:
    assert "None waits right now" in page(olga.get("/queue/")).text("first-steps")


def test_htmx_gets_the_card_alone_and_an_empty_one_when_it_is_over(waiting: Run, olga: Client) -> None:
    assert "three steps" in page(piece(olga, "/queue/", "first-steps")).text("first-steps")
    olga.post("/settings/first-steps/")
    (only,) = page(piece(olga, "/queue/", "first-steps")).elements
    assert "hidden" in only.attributes


def test_whoever_is_through_costs_no_query(waiting: Run, olga: Client) -> None:
    olga.post("/settings/first-steps/")
    with CaptureQueriesContext(database) as seen:
        olga.get("/queue/")
        olga.get(waiting.get_absolute_url())
    asked = [each["sql"] for each in seen if not re.search("assistants_claim|claimed_at", each["sql"])]
    assert not [sql for sql in asked if "EXISTS" in sql.upper() or sql.startswith("UPDATE")]
