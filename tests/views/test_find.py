"""From any id to its page."""

from __future__ import annotations

from urllib.parse import quote, urlencode

import pytest
from django.test import Client
from django.utils import timezone

from assistants_app.models import Connection, Run, Thread
from assistants_app.models.mirrored import LONGEST_ID
from assistants_app.services import connections
from testing.api_actor import ApiActor
from tests.conftest import known_run
from tests.views.conftest import page

pytestmark = pytest.mark.database

ODD = ["~5", "~", "a/b", "a b", "..", "é🌧", "<script>", "%2F", "a?b=c#d", "x" * LONGEST_ID, "\u202egnp", "-", "&amp;"]
NOWHERE = ["~5", "~999999999999999999999", "~-1", "~²", "\x00", "a\x00", "..", "é", "x" * 5000, "%00", "'; --", "<b>"]


def find(client: Client, wanted: str) -> str:
    """Where a find leads."""
    response = client.get("/find", {"q": wanted})
    assert response.status_code == 302, response.content
    return str(response["Location"])


def twin(run: Run, name: str = "Second") -> Run:
    """A run of the same ids at another connection."""
    other = connections.set_up(name=name, base_url=run.connection.base_url, key="local")
    Connection.objects.update(due_at=None)
    thread = Thread.objects.create(connection=other, remote_id=run.thread.remote_id, active_at=timezone.now())
    return Run.objects.create(connection=other, thread=thread, remote_id=run.remote_id, status="requires_action")


def test_each_kind_of_id_leads_to_its_page(waiting: Run, olga: Client, api_actor: ApiActor) -> None:
    api_actor.outputs(waiting.thread.remote_id, waiting.remote_id)
    run = known_run(waiting.connection, (waiting.thread.remote_id, waiting.remote_id))
    message, call, step = run.thread.messages.order_by("pk")[0], run.calls.all()[0], run.steps.all()[0]
    thread_page, run_page = run.thread.get_absolute_url(), run.get_absolute_url()
    assert find(olga, run.remote_id) == run_page
    assert find(olga, f" {run.thread.remote_id}\n") == thread_page
    assert find(olga, run.assistant_remote_id) == f"/assistants/{run.assistant_remote_id}/"
    assert find(olga, step.remote_id) == run_page
    assert find(olga, call.remote_id) == f"{run_page}#call-{call.pk}"
    assert page(olga.get(run_page)).has(f"call-{call.pk}")
    place = find(olga, message.remote_id)
    assert place == f"{thread_page}?message={message.pk}#message-{message.pk}"
    assert page(olga.get(place)).has(f"message-{message.pk}")


def test_an_unknown_id_is_a_page_that_says_so(connection: Connection, olga: Client) -> None:
    shown = page(olga.get("/find", {"q": "run_<b>"}), 404)
    assert "Nothing here has that id" in shown.text("main")
    assert "run_<b>" in shown.text("main")


def test_without_an_id_it_explains_itself(connection: Connection, olga: Client) -> None:
    assert "Find anything by its id" in page(olga.get("/find")).text("main")


@pytest.mark.parametrize("wanted", NOWHERE)
def test_whatever_is_looked_for_the_answer_is_a_page(connection: Connection, olga: Client, wanted: str) -> None:
    page(olga.get("/find", {"q": wanted}), 404)


@pytest.mark.parametrize("remote_id", ODD)
def test_an_object_with_an_odd_id_is_found_and_has_a_page(connection: Connection, olga: Client, remote_id: str) -> None:
    thread = Thread.objects.create(connection=connection, remote_id=remote_id, active_at=timezone.now())
    place = find(olga, remote_id)
    assert place == thread.get_absolute_url()
    assert remote_id in [each.text for each in page(olga.get(place)).all("code")]


@pytest.mark.parametrize("kind", ["assistants", "threads", "runs"])
@pytest.mark.parametrize("reference", NOWHERE)
def test_an_odd_reference_in_an_address_is_not_found(
    connection: Connection, olga: Client, kind: str, reference: str
) -> None:
    shown = page(olga.get(f"/{kind}/{quote(reference, safe='')}/"), 404)
    assert "There is nothing here" in shown.text("main")


def test_an_id_of_two_connections_leads_to_a_choice(waiting: Run, olga: Client) -> None:
    other = twin(waiting)
    for place in (f"/runs/{waiting.remote_id}/", f"/runs/{waiting.remote_id}/raw/"):
        assert olga.get(place)["Location"] == f"/find?{urlencode({'q': waiting.remote_id})}"
    shown = page(olga.get("/find", {"q": waiting.remote_id}))
    chosen = [each.attributes["href"] for each in shown.all("a", class_="row-link")]
    assert chosen == [f"/runs/~{waiting.pk}/", f"/runs/~{other.pk}/"]
    assert "Second" in shown.text("main")


def test_what_was_chosen_stays_chosen_on_its_page(waiting: Run, olga: Client) -> None:
    twin(waiting)
    here = f"/runs/~{waiting.pk}/"
    shown = page(olga.get(here))
    sent = shown.sends(f"{here}answers/")
    texts = {name: "fine" for name in sent if name.startswith("output-")}
    assert olga.post(f"{here}answers/", {**sent, **texts})["Location"] == here
    assert {each.attributes["hx-get"] for each in shown.all("section") if "hx-get" in each.attributes} == {here}
    leads = [each.attributes["href"] for each in shown.all("a") if "/threads/" in each.attributes["href"]]
    assert {olga.get(each.partition("#")[0]).status_code for each in leads} == {200}
