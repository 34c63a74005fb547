"""One thread: its timeline, its head, and what can be written."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from assistants_app.models import Assistant, Connection, Message, Run, Thread, ToolCall
from assistants_app.models.people import Role
from assistants_app.services import rendering
from testing.api_actor import ApiActor
from tests.conftest import known_run
from tests.views.conftest import delivered, page, piece


@pytest.fixture
def thread(connection: Connection) -> Thread:
    """A thread that was read just now."""
    now = timezone.now()
    return Thread.objects.create(connection=connection, remote_id="thread_1", active_at=now, refreshed_at=now)


def talk(thread: Thread, count: int, text: str = "Said") -> list[Message]:
    """Messages of a thread, a second apart, each of the user followed by one of the assistant and its run."""
    start = timezone.now() - timedelta(hours=1)
    messages = Message.objects.bulk_create(
        Message(
            thread=thread,
            remote_id=f"msg_{n}",
            role="assistant" if n % 2 else "user",
            text=f"{text} {n}",
            html=rendering.markdown(f"{text} {n}"),
            run_remote_id=f"run_{n}" if n % 2 else "",
            created_at=start + timedelta(seconds=n),
        )
        for n in range(count)
    )
    runs = Run.objects.bulk_create(
        Run(
            thread=thread,
            connection=thread.connection,
            remote_id=f"run_{n}",
            status="completed",
            created_at=start + timedelta(seconds=n),
        )
        for n in range(1, count, 2)
    )
    ToolCall.objects.bulk_create(
        ToolCall(run=run, remote_id=f"call_{n}", name="look", arguments="{}", output="{}") for run in runs for n in "ab"
    )
    return messages


def test_the_timeline_tells_what_happened_in_order(waiting: Run, olga: Client, api_actor: ApiActor) -> None:
    api_actor.outputs(waiting.thread.remote_id, waiting.remote_id, output="<fine>")
    run = known_run(waiting.connection, (waiting.thread.remote_id, waiting.remote_id))
    words = page(olga.get(run.thread.get_absolute_url())).text("thread-timeline")
    places = [words.index(each) for each in ("Please help me", "get_weather", "<fine>", "get_tide", "Rain, high water")]
    assert places == sorted(places)


def test_a_run_that_waits_leads_to_its_form(waiting: Run, olga: Client) -> None:
    shown = page(olga.get(waiting.thread.get_absolute_url()))
    assert "A run waits for answers." in shown.text("thread-head")
    assert waiting.get_absolute_url() in {each.attributes["href"] for each in shown.all("a", class_="button-primary")}


def test_a_thread_with_an_active_run_is_locked_and_keeps_the_form_to_write(waiting: Run, olga: Client) -> None:
    shown = page(olga.get(waiting.thread.get_absolute_url()))
    assert "The server takes no messages while a run is waiting for answers." in shown.text("thread-acts")
    buttons = [each for each in shown.all("button") if each.inside(shown.one(id="compose"))]
    assert buttons
    assert all("disabled" in each.attributes for each in buttons)


@pytest.mark.usefixtures("api_actor")
def test_what_is_posted_to_a_locked_thread_all_the_same_is_refused_in_the_servers_words(
    waiting: Run, olga: Client
) -> None:
    here = waiting.thread.get_absolute_url()
    assert olga.post(f"{here}messages/", {"text": "Hello?", "once": str(uuid4())}).status_code == 303
    assert [each.state for each in delivered()] == ["refused"]
    words = page(olga.get(here)).text("thread-timeline")
    assert "Refused" in words
    assert "active" in words
    assert "Hello?" in words


def test_pages_lead_through_a_long_thread_in_both_directions(thread: Thread, olga: Client) -> None:
    messages = talk(thread, 120)
    first = page(olga.get(thread.get_absolute_url()))
    older = page(olga.get(first.one("a", rel="next").attributes["href"]))
    oldest = page(olga.get(older.one("a", rel="next").attributes["href"]))
    seen = [each for shown in (oldest, older, first) for each in shown.all("li") if shown.has("thread-timeline")]
    found = [each.attributes["id"] for each in seen if each.attributes.get("id", "").startswith("message-")]
    assert found == [f"message-{each.pk}" for each in messages]
    assert not oldest.all("a", rel="next")
    assert page(olga.get(oldest.one("a", rel="prev").attributes["href"])).has(f"message-{messages[69].pk}")


@pytest.mark.parametrize("count", [0, 2, 400])
def test_it_takes_few_queries_however_long_the_thread(
    thread: Thread, olga: Client, count: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    talk(thread, count)
    with django_assert_max_num_queries(9):
        page(olga.get(thread.get_absolute_url()))


@pytest.mark.parametrize(
    "query", ["message=x", "message=" + "9" * 40, "message=%00", "after=%00", "before=~", "message=²"]
)
def test_an_odd_place_shows_the_newest_messages(thread: Thread, olga: Client, query: str) -> None:
    last = talk(thread, 3)[-1]
    assert page(olga.get(f"{thread.get_absolute_url()}?{query}")).has(f"message-{last.pk}")


@pytest.mark.parametrize("target", ["thread-head", "thread-timeline", "thread-acts"])
def test_htmx_gets_one_piece_alone(thread: Thread, olga: Client, target: str) -> None:
    response = piece(olga, thread.get_absolute_url(), target)
    shown = page(response)
    assert shown.elements[0].attributes["id"] == target
    assert [each for each in shown.elements if each.within is None] == shown.elements[:1]
    assert {"HX-Request", "HX-Target"} <= set(response["Vary"].split(", "))


def test_opening_a_stale_thread_has_it_read_again_and_a_piece_does_not(thread: Thread, olga: Client) -> None:
    Thread.objects.update(refreshed_at=timezone.now() - timedelta(minutes=5), due_at=None)
    page(piece(olga, thread.get_absolute_url(), "thread-head"))
    assert Thread.objects.get().due_at is None
    page(olga.get(thread.get_absolute_url()))
    assert Thread.objects.get().due_at is not None


def test_a_viewer_may_read_and_not_write(thread: Thread, signed_in: Callable[..., Client]) -> None:
    shown = page(signed_in("vera", Role.VIEWER).get(thread.get_absolute_url()))
    assert "may read this thread but not write to it" in shown.text("thread-acts")
    assert not shown.all("textarea")


def test_a_thread_that_is_gone_keeps_its_messages_and_takes_none(thread: Thread, olga: Client) -> None:
    talk(thread, 2)
    Thread.objects.update(gone_at=timezone.now())
    shown = page(olga.get(thread.get_absolute_url()))
    assert "no longer has this thread" in shown.text("thread-head")
    assert "Said 1" in shown.text("thread-timeline")
    assert not shown.all("textarea")


def test_a_thread_that_is_not_read_any_more_says_why(thread: Thread, olga: Client) -> None:
    Thread.objects.update(parked_at=timezone.now(), parked_because="ValueError: <odd>")
    words = page(olga.get(thread.get_absolute_url())).text("thread-head")
    assert "not read any more" in words
    assert "ValueError: <odd>" in words


def test_refreshing_has_it_read_at_once(thread: Thread, signed_in: Callable[..., Client]) -> None:
    Thread.objects.update(parked_at=timezone.now(), due_at=None)
    response = signed_in("vera", Role.VIEWER).post(f"{thread.get_absolute_url()}refresh/")
    assert (response.status_code, response["Location"]) == (303, thread.get_absolute_url())
    assert Thread.objects.get().parked_at is None
    assert Thread.objects.get().due_at is not None


def test_a_long_message_is_cut_with_a_way_to_the_whole(thread: Thread, olga: Client) -> None:
    (message,) = talk(thread, 1, text="word & <b>\n" * 100_000)
    response = olga.get(thread.get_absolute_url())
    assert len(response.content) < 500_000
    (link,) = page(response).all("a", class_="whole")
    whole = olga.get(link.attributes["href"])
    assert whole.content.decode() == message.text
    assert whole["Content-Type"] == "text/plain; charset=utf-8"


def test_long_calls_are_cut_with_a_way_to_the_whole(thread: Thread, olga: Client) -> None:
    talk(thread, 100)
    ToolCall.objects.update(arguments=json.dumps({"a": "<" * 100_000}), output="y" * 100_000)
    response = olga.get(thread.get_absolute_url())
    assert len(response.content) < 1_000_000
    links = page(response).all("a", class_="whole")
    assert olga.get(links[1].attributes["href"]).content == b"y" * 100_000


def test_a_message_of_another_thread_is_not_found(thread: Thread, olga: Client, connection: Connection) -> None:
    (message,) = talk(thread, 1)
    other = Thread.objects.create(connection=connection, remote_id="thread_2", active_at=timezone.now())
    page(olga.get(f"{other.get_absolute_url()}messages/{message.pk}/"), 404)
    page(olga.get(f"{other.get_absolute_url()}messages/{'9' * 30}/"), 404)


def test_a_run_only_without_an_assistant_keeps_what_was_typed(thread: Thread, olga: Client) -> None:
    Assistant.objects.create(connection=thread.connection, remote_id="asst_1", name="Porter")
    here = thread.get_absolute_url()
    sent = {"text": "kept <b>", "assistant": "", "once": str(uuid4())}
    shown = page(olga.post(f"{here}runs/", sent), 422)
    assert "Choose an assistant." in shown.text("thread-acts")
    assert shown.sends(f"{here}messages/")["text"] == "kept <b>"


def test_what_a_run_wrote_stands_in_it(thread: Thread, olga: Client) -> None:
    talk(thread, 2)
    shown = page(olga.get(thread.get_absolute_url()))
    run, reply = Run.objects.get(), Message.objects.get(role="assistant")
    assert shown.one(id=f"message-{reply.pk}").inside(shown.one(id=f"run-{run.pk}"))
    assert not shown.one(id=f"message-{reply.pk - 1}").inside(shown.one(id=f"run-{run.pk}"))


def test_a_long_message_is_folded_and_a_short_one_is_not(thread: Thread, olga: Client) -> None:
    talk(thread, 2)
    Message.objects.filter(role="user").update(html=rendering.markdown("A line\n\n" * 100))
    shown = page(olga.get(thread.get_absolute_url()))
    (fold,) = shown.all("details", class_="fold-all")
    assert fold.inside(shown.one(id=f"message-{Message.objects.get(role='user').pk}"))
