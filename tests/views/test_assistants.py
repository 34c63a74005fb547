"""All assistants, and one."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from assistants_app.models import Assistant, Connection, Thread
from tests.views.conftest import page, piece


def known(connection: Connection, count: int, **more: object) -> list[Assistant]:
    """Assistants, the later ones older."""
    now = timezone.now()
    return Assistant.objects.bulk_create(
        Assistant(
            connection=connection,
            remote_id=f"asst_{n}",
            name=f"Porter {n}",
            model="gpt-4o",
            created_at=now - timedelta(minutes=n),
            **more,
        )
        for n in range(count)
    )


def test_whoever_opens_the_list_has_it_read_soon_unless_the_server_is_silent(
    connection: Connection, olga: Client
) -> None:
    def state(**given: object) -> tuple[bool, bool]:
        """Whether the assistants are to be read, and whether that is due."""
        later = timezone.now() + timedelta(seconds=60)
        Connection.objects.filter(pk=connection.pk).update(due_at=later, **given)
        olga.get("/assistants/")
        connection.refresh_from_db()
        return connection.assistants_at is None, connection.due_at is not None and connection.due_at < later

    now = timezone.now()
    assert state(assistants_at=now) == (False, False)
    assert state(assistants_at=now - timedelta(seconds=20), failures=2) == (False, False)
    assert state(assistants_at=now - timedelta(seconds=20), failures=0) == (True, True)


def test_they_are_listed_newest_first_and_lead_to_their_pages(connection: Connection, olga: Client) -> None:
    rows = known(connection, 3)
    shown = page(olga.get("/assistants/"))
    assert [each.attributes["href"] for each in shown.all("a", class_="row-link")] == [
        each.get_absolute_url() for each in rows
    ]
    assert "Porter 0 Test gpt-4o" in shown.text(f"assistant-{rows[0].pk}")


@pytest.mark.parametrize("words", ["porter 1", "asst_1", " Porter 1 "])
def test_words_narrow_the_list(connection: Connection, olga: Client, words: str) -> None:
    rows = known(connection, 3)
    shown = page(olga.get("/assistants/", {"q": words}))
    assert [each.attributes["id"] for each in shown.all("tr") if "id" in each.attributes] == [f"assistant-{rows[1].pk}"]


def test_nothing_at_all_and_nothing_that_fits_are_told_apart(connection: Connection, olga: Client) -> None:
    assert "No assistants yet" in page(olga.get("/assistants/")).text("assistants-list")
    known(connection, 1)
    assert "contains “<b>”" in page(olga.get("/assistants/", {"q": "<b>"})).text("assistants-list")


def test_pages_lead_through_all_of_them(connection: Connection, olga: Client) -> None:
    known(connection, 60)
    shown = page(olga.get("/assistants/?q=porter"))
    more = page(olga.get(f"/assistants/{shown.one('a', rel='next').attributes['href']}"))
    assert len(shown.all("a", class_="row-link")) + len(more.all("a", class_="row-link")) == 60


def test_htmx_gets_the_list_alone(connection: Connection, olga: Client) -> None:
    known(connection, 1)
    shown = page(piece(olga, "/assistants/?q=porter", "assistants-list"))
    assert shown.elements[0].attributes["id"] == "assistants-list"


def test_its_page_shows_instructions_tools_and_threads(connection: Connection, olga: Client) -> None:
    function = {"name": "ring", "description": "Rings <b>", "parameters": {"type": "object"}}
    tools = [{"type": "function", "function": function}, {"type": "file_search"}]
    raw = json.dumps({"id": "asst_0", "tools": tools})
    (assistant,) = known(connection, 1, instructions="Be <kind>.", raw=raw)
    Thread.objects.create(
        connection=connection, remote_id="thread_1", preview="Room 12", assistant=assistant, active_at=timezone.now()
    )
    words = page(olga.get(assistant.get_absolute_url())).text("main")
    for each in ("Be <kind>.", "ring", "Rings <b>", "file_search", "Room 12", "asst_0", "gpt-4o"):
        assert each in words


def test_one_that_is_gone_says_so(connection: Connection, olga: Client) -> None:
    (assistant,) = known(connection, 1, gone_at=timezone.now())
    assert "no longer has this assistant" in page(olga.get(assistant.get_absolute_url())).text("main")


def test_a_huge_one_is_cut_with_a_way_to_the_whole(connection: Connection, olga: Client) -> None:
    tools = [{"type": "function", "function": {"name": "f" * 99_999, "description": "d" * 99_999, "parameters": {}}}]
    raw = json.dumps({"instructions": "i" * 256_000, "description": "d" * 999_999, "tools": tools})
    text = {"name": "n" * 999_999, "description": "d" * 999_999, "instructions": "i" * 999_999, "model": "m" * 99_999}
    (assistant,) = Assistant.objects.bulk_create([Assistant(connection=connection, remote_id="asst", raw=raw, **text)])
    response = olga.get(assistant.get_absolute_url())
    assert len(response.content) < 200_000
    (link,) = page(response).all("a", class_="whole")
    whole = olga.get(link.attributes["href"])
    assert (whole.content.decode(), whole["Content-Type"]) == (raw, "application/json")
    assert len(olga.get("/assistants/").content) < 200_000


@pytest.mark.parametrize("count", [1, 50])
def test_it_takes_few_queries_however_many(
    connection: Connection, olga: Client, count: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    rows = known(connection, count)
    with django_assert_max_num_queries(8):
        page(olga.get("/assistants/"))
    with django_assert_max_num_queries(8):
        page(olga.get(rows[0].get_absolute_url()))
