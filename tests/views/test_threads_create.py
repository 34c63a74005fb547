"""Making a thread on a server."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from assistants_app.models import Connection, Operation, Thread
from testing.api_actor import ApiActor
from tests.views.conftest import delivered, page


def test_the_form_of_the_list_makes_a_thread(connection: Connection, olga: Client, api_actor: ApiActor) -> None:
    sent = page(olga.get("/threads/")).sends("/threads/create/")
    response = olga.post("/threads/create/", {**sent, "connection": connection.pk})
    assert (response.status_code, response["Location"]) == (303, "/threads/")
    assert "being made" in page(olga.get("/threads/")).text("problems")
    (operation,) = delivered()
    assert operation.state == "accepted"
    assert api_actor.get(f"/threads/{Thread.objects.get().remote_id}")["id"] == operation.result_remote_id


def test_sending_the_form_twice_makes_one_and_then_leads_to_it(connection: Connection, olga: Client) -> None:
    sent = {"connection": connection.pk, "once": str(uuid4())}
    olga.post("/threads/create/", sent)
    delivered()
    assert olga.post("/threads/create/", sent)["Location"] == Thread.objects.get().get_absolute_url()
    assert Operation.objects.count() == 1


@pytest.mark.parametrize("once", ["", "garbage", "\x00", "0" * 999])
def test_a_form_without_its_number_is_not_sent_and_comes_back_with_one(
    connection: Connection, olga: Client, once: str
) -> None:
    shown = page(olga.post("/threads/create/", {"connection": connection.pk, "once": once}), 422)
    assert not Operation.objects.exists()
    again = {**shown.sends("/threads/create/"), "connection": connection.pk}
    assert olga.post("/threads/create/", again).status_code == 303


def test_none_is_made_on_a_server_that_is_gone(connection: Connection, olga: Client) -> None:
    Connection.objects.update(gone_at=timezone.now())
    page(olga.post("/threads/create/", {"connection": connection.pk, "once": str(uuid4())}), 422)
    assert not Operation.objects.exists()
