"""Adding threads by their ids."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from assistants_app.models import Connection, Thread
from testing.api_actor import ApiActor
from testing.html_page import normalize_text
from tests.views.conftest import Response, page


def add(client: Client, connection: Connection, ids: str) -> Response:
    return client.post("/threads/add/", {"connection": str(connection.pk), "ids": ids})


def test_one_id_leads_to_its_thread(connection: Connection, olga: Client, api_actor: ApiActor) -> None:
    made = api_actor.post("/threads")["id"]
    response = add(olga, connection, f" {made} ")
    assert (response.status_code, response["Location"]) == (303, f"/threads/{made}/")
    assert "Being read for the first time" in page(olga.get(response["Location"])).text("thread-head")


def test_several_ids_lead_to_the_list_which_says_how_many(connection: Connection, olga: Client) -> None:
    response = add(olga, connection, "thread_a, thread_b\r\nthread_c;thread_a")
    assert (response.status_code, response["Location"]) == (303, "/threads/")
    assert "3 threads added" in page(olga.get("/threads/")).text("problems")
    assert set(Thread.objects.values_list("remote_id", flat=True)) == {"thread_a", "thread_b", "thread_c"}


def test_adding_a_known_thread_keeps_it(connection: Connection, olga: Client) -> None:
    thread = Thread.objects.create(
        connection=connection, remote_id="thread_a", active_at=timezone.now(), preview="Mine"
    )
    add(olga, connection, "thread_a")
    assert Thread.objects.get() == thread
    assert Thread.objects.get().preview == "Mine"


@pytest.mark.parametrize(
    ("ids", "words"),
    [
        ("", "Paste at least one thread id"),
        (" \r\n,;", "Paste at least one thread id"),
        ("x" * 513, "too long to be an id"),
        ("a\x00b", "Null characters"),
        (" ".join(f"thread_{n}" for n in range(1001)), "at most 1,000"),
    ],
    ids=["nothing", "separators", "too long", "NUL", "too many"],
)
def test_what_cannot_be_ids_is_told_beside_the_field(
    connection: Connection, olga: Client, ids: str, words: str
) -> None:
    shown = page(add(olga, connection, ids), 422)
    assert words in shown.text("id_ids_error")
    assert "open" in shown.one(id="add-threads").attributes
    assert shown.sends("/threads/add/")["ids"] == normalize_text(ids)
    assert not Thread.objects.exists()


@pytest.mark.parametrize("which", ["", "0", "x", "9" * 30, "\x00"])
def test_a_connection_that_is_not_there_is_told(connection: Connection, olga: Client, which: str) -> None:
    shown = page(olga.post("/threads/add/", {"connection": which, "ids": "thread_a"}), 422)
    assert shown.text("id_connection_error")


def test_nothing_can_be_added_to_a_server_that_is_gone(connection: Connection, olga: Client) -> None:
    Connection.objects.update(gone_at=timezone.now())
    page(add(olga, connection, "thread_a"), 422)
    assert not Thread.objects.exists()


def test_a_thread_that_the_server_does_not_know_gets_a_tombstone(
    connection: Connection, olga: Client, api_actor: ApiActor
) -> None:
    from assistants_app.services import refreshing

    add(olga, connection, "thread_<none>")
    thread = Thread.objects.get()
    refreshing.refresh_thread(key=thread.pk)
    assert "no longer has this thread" in page(olga.get(thread.get_absolute_url())).text("thread-head")
