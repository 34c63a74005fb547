"""All threads: filters, pages, and both kinds of nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from assistants_app.models import Assistant, Connection, Message, Run, Thread
from assistants_app.models.people import Role
from testing.html_page import Page
from tests.views.conftest import page, piece

pytestmark = pytest.mark.database


def known(connection: Connection, count: int, **more: object) -> list[Thread]:
    """Threads, the later ones longer ago."""
    now = timezone.now()
    return Thread.objects.bulk_create(
        Thread(connection=connection, remote_id=f"thread_{n}", active_at=now - timedelta(minutes=n), **more)
        for n in range(count)
    )


def listed(shown: Page) -> list[str]:
    return [each.attributes["id"] for each in shown.all("tr") if "id" in each.attributes]


def test_a_row_tells_what_a_thread_is_about_and_leads_to_it(waiting: Run, olga: Client) -> None:
    shown = page(olga.get("/threads/"))
    row = shown.text(f"thread-{waiting.thread_id}")
    assert waiting.assistant is not None
    for words in ("Please help me", "Needs action", "Test", waiting.assistant.title):
        assert words in row
    assert shown.all("a", class_="row-link")[0].attributes["href"] == waiting.thread.get_absolute_url()


def test_the_assistant_narrows_the_list(connection: Connection, olga: Client) -> None:
    assistant = Assistant.objects.create(connection=connection, remote_id="asst_1", name="Porter")
    threads = known(connection, 3)
    Thread.objects.filter(pk=threads[1].pk).update(assistant=assistant)
    shown = page(olga.get("/threads/", {"assistant": assistant.pk}))
    assert listed(shown) == [f"thread-{threads[1].pk}"]
    assert shown.sends("/threads/")["assistant"] == str(assistant.pk)


@pytest.mark.parametrize(("status", "expected"), [("failed", [0]), ("none", [1]), ("", [0, 1, 2])])
def test_the_status_narrows_the_list(connection: Connection, olga: Client, status: str, expected: list[int]) -> None:
    threads = known(connection, 3, status="completed")
    Thread.objects.filter(pk=threads[0].pk).update(status="failed")
    Thread.objects.filter(pk=threads[1].pk).update(status="")
    shown = page(olga.get("/threads/", {"status": status}))
    assert listed(shown) == [f"thread-{threads[n].pk}" for n in expected]


@pytest.mark.parametrize("words", ["Marmalade late", "thread_1"])
def test_words_narrow_the_list_to_messages_or_an_id(connection: Connection, olga: Client, words: str) -> None:
    threads = known(connection, 3)
    Message.objects.create(
        thread=threads[1], remote_id="msg", text="The marmalade is LATE", created_at=timezone.now(), role="user"
    )
    shown = page(olga.get("/threads/", {"words": words}))
    assert listed(shown) == [f"thread-{threads[1].pk}"]
    assert shown.sends("/threads/")["words"] == words


@pytest.mark.parametrize(
    "query",
    [
        {"words": "\x00"},
        {"words": "x" * 501},
        {"words": '"; DROP TABLE--'},
        {"assistant": "9" * 30},
        {"assistant": "-1"},
        {"assistant": "\x00"},
        {"status": "\x00"},
        {"status": "unheard of"},
        {"after": "\x00~1"},
        {"after": "0001-01-01T00:00:00+14:00~1"},
        {"before": "9999-12-31T23:59:59-14:00~1"},
        {"after": "2026-01-01T00:00:00+00:00~" + "9" * 5000},
        {"before": "~0", "after": "~0"},
    ],
    ids=str,
)
def test_any_query_is_answered_by_a_page(connection: Connection, olga: Client, query: dict[str, str]) -> None:
    known(connection, 1)
    page(olga.get("/threads/", query))
    page(olga.get("/assistants/", {"q": query.get("words", ""), **query}))


def test_a_filter_that_cannot_be_does_not_undo_the_others(connection: Connection, olga: Client) -> None:
    known(connection, 2, status="completed")
    shown = page(olga.get("/threads/", {"status": "failed", "assistant": "x"}))
    assert listed(shown) == []


def test_nothing_at_all_and_nothing_that_fits_are_told_apart(connection: Connection, olga: Client) -> None:
    assert "No threads yet" in page(olga.get("/threads/")).text("threads-list")
    known(connection, 1)
    shown = page(olga.get("/threads/", {"words": "nowhere"}))
    assert "No thread matches" in shown.text("threads-list")
    assert "Clear filters" in shown.text("threads-list")


def test_pages_lead_through_all_threads_and_keep_the_filter(connection: Connection, olga: Client) -> None:
    threads = known(connection, 120, status="failed")
    seen: list[str] = []
    query = "?status=failed"
    for _ in range(3):
        shown = page(olga.get(f"/threads/{query}"))
        seen += listed(shown)
        query = next((each.attributes["href"] for each in shown.all("a", rel="next")), "")
    assert seen == [f"thread-{each.pk}" for each in threads]
    assert "status=failed" in shown.one("a", rel="prev").attributes["href"]


def test_htmx_gets_the_list_alone_with_its_filter(connection: Connection, olga: Client) -> None:
    known(connection, 1)
    shown = page(piece(olga, "/threads/?words=thread_0&status=none", "threads-list"))
    assert shown.elements[0].attributes["id"] == "threads-list"
    assert shown.elements[0].attributes["hx-get"] == "/threads/?words=thread_0&status=none"


def test_a_thread_that_is_gone_is_marked(connection: Connection, olga: Client) -> None:
    (thread,) = known(connection, 1, gone_at=timezone.now())
    assert "Gone" in page(olga.get("/threads/")).text(f"thread-{thread.pk}")


@pytest.mark.parametrize("count", [1, 50])
def test_it_takes_few_queries_however_many_threads(
    connection: Connection, olga: Client, count: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    known(connection, count)
    with django_assert_max_num_queries(8):
        page(olga.get("/threads/"))


def test_a_viewer_sees_no_form_to_add_or_make_one(connection: Connection, signed_in: Callable[..., Client]) -> None:
    actions = {
        each.attributes.get("action") for each in page(signed_in("vera", Role.VIEWER).get("/threads/")).all("form")
    }
    assert not actions & {"/threads/add/", "/threads/create/"}
