"""One connection or all: chosen in the address of a list, nowhere else."""

from __future__ import annotations

import pytest
from django.test import Client

from assistants_app.models import Connection, Run
from assistants_app.services import connections
from tests.views.conftest import page
from tests.views.test_find import twin

LISTS = ["/queue/", "/threads/", "/assistants/"]


@pytest.mark.parametrize("path", LISTS)
def test_one_connection_is_no_choice(waiting: Run, olga: Client, path: str) -> None:
    assert not page(olga.get(path)).has("connection-switch")


@pytest.mark.parametrize("path", LISTS)
def test_each_connection_can_be_chosen_and_all_of_them(waiting: Run, olga: Client, path: str) -> None:
    other = twin(waiting)
    shown = page(olga.get(path))
    switch = shown.one(id="connection-switch")
    links = [each.attributes["href"] for each in shown.all("a") if each.inside(switch)]
    assert [page(olga.get(each)).has("connection-switch") for each in links] == [True, True, True]
    assert links[1:] == [f"{path}?connection={each}" for each in (other.connection_id, waiting.connection_id)]


def test_the_queue_has_only_what_waits_there(waiting: Run, olga: Client) -> None:
    other = twin(waiting)
    shown = page(olga.get(f"/queue/?connection={other.connection_id}"))
    assert (shown.has(f"waiting-{other.pk}"), shown.has(f"waiting-{waiting.pk}")) == (True, False)
    assert "Second" in shown.text("connection-switch")


def test_threads_and_assistants_are_only_those_of_it(waiting: Run, olga: Client) -> None:
    other = twin(waiting)
    shown = page(olga.get(f"/threads/?connection={other.connection_id}"))
    rows = [each for each in shown.all("tr") if each.attributes.get("id", "").startswith("thread-")]
    assert [each.attributes["id"] for each in rows] == [f"thread-{other.thread_id}"]
    shown = page(olga.get(f"/assistants/?connection={other.connection_id}"))
    assert "No assistants of this connection yet" in shown.text("main")


def test_the_choice_goes_along_from_list_to_list_and_through_filters(waiting: Run, olga: Client) -> None:
    key = twin(waiting).connection_id
    for path in LISTS:
        shown = page(olga.get(f"{path}?connection={key}"))
        leads = [each.attributes["href"] for each in shown.all("a") if "data-goes" in each.attributes]
        assert {f"{each}?connection={key}" for each in LISTS} <= set(leads)
        refreshed = [each.attributes["hx-get"] for each in shown.all("section") if "hx-get" in each.attributes]
        assert f"{path}?connection={key}" in refreshed
    for path in LISTS[1:]:
        assert page(olga.get(f"{path}?connection={key}")).sends(path)["connection"] == str(key)


def test_nothing_is_remembered(waiting: Run, olga: Client) -> None:
    other = twin(waiting)
    olga.get(f"/queue/?connection={other.connection_id}")
    assert page(olga.get("/queue/")).has(f"waiting-{waiting.pk}")


@pytest.mark.parametrize("wanted", ["0", "999999999999999999999", "x", "\x00", "-1", "²", ""])
def test_what_is_no_connection_is_all_of_them(waiting: Run, olga: Client, wanted: str) -> None:
    twin(waiting)
    assert page(olga.get("/queue/", {"connection": wanted})).has(f"waiting-{waiting.pk}")


def test_one_whose_server_is_gone_stays_as_an_archive(waiting: Run, olga: Client) -> None:
    other = twin(waiting)
    Connection.objects.filter(pk=other.connection_id).update(gone_at=other.thread.active_at)
    assert "archive" in page(olga.get("/threads/")).text("connection-switch")


def test_a_hostile_name_is_shown_and_never_run(connection: Connection, olga: Client) -> None:
    connections.set_up(name="<script>alert(1)</script>", base_url=connection.base_url, key="local")
    Connection.objects.update(due_at=None)
    assert "<script>alert(1)</script>" in page(olga.get("/queue/")).text("connection-switch")


@pytest.mark.parametrize("path", LISTS)
def test_an_empty_list_of_one_connection_leads_to_all(waiting: Run, olga: Client, path: str) -> None:
    other = connections.set_up(name="Empty", base_url=waiting.connection.base_url, key="local")
    Connection.objects.update(due_at=None)
    shown = page(olga.get(f"{path}?connection={other.pk}"))
    assert "of this connection" in shown.text("main")
    assert path in [each.attributes["href"] for each in shown.all("a", class_="button")]
