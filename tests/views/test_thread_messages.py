"""Posting a message to a thread, and starting runs on it."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client

from assistants_app.models import Assistant, Connection, Operation, Thread
from assistants_app.services import assistants, connections
from testing.api_actor import ApiActor
from tests.conftest import known_thread
from tests.views.conftest import delivered, page


@pytest.fixture
def thread(connection: Connection, api_actor: ApiActor) -> Thread:
    """An empty thread of the server."""
    api_actor.assistant()
    assistants.refresh(connection=connection)
    return known_thread(connection, api_actor.post("/threads")["id"])


def assistant_of(thread: Thread) -> Assistant:
    return Assistant.objects.filter(connection=thread.connection)[0]


def here(thread: Thread, act: str = "messages") -> str:
    return f"{thread.get_absolute_url()}{act}/"


def whole(thread: Thread, text: str, **more: str) -> dict[str, str]:
    return {"text": text, "once": str(uuid4()), **more}


def on_the_server(thread: Thread, api_actor: ApiActor) -> list[str]:
    listed = api_actor.get(f"/threads/{thread.remote_id}/messages")["data"]
    return [each["content"][0]["text"]["value"] for each in listed]


def test_the_form_of_the_page_posts_a_message(thread: Thread, olga: Client, api_actor: ApiActor) -> None:
    sent = page(olga.get(thread.get_absolute_url())).sends(here(thread))
    text = " Hello <b>\n\n\u202e🌧 "
    response = olga.post(here(thread), {**sent, "text": text.replace("\n", "\r\n"), "assistant": ""})
    assert (response.status_code, response["Location"]) == (303, thread.get_absolute_url())
    assert "Hello <b>" in page(olga.get(thread.get_absolute_url())).text("thread-timeline")
    assert [each.state for each in delivered()] == ["accepted"]
    assert on_the_server(thread, api_actor) == [text]


def test_with_an_assistant_a_run_follows(thread: Thread, olga: Client, api_actor: ApiActor) -> None:
    olga.post(here(thread), whole(thread, "Hello?", assistant=str(assistant_of(thread).pk)))
    assert [(each.kind, each.state) for each in delivered()] == [
        ("create_message", "accepted"),
        ("create_run", "accepted"),
    ]
    (run,) = api_actor.get(f"/threads/{thread.remote_id}/runs")["data"]
    assert run["assistant_id"] == assistant_of(thread).remote_id


@pytest.mark.parametrize(
    "text", ["", "  ", "\r\n", "x" * 256_001, "a\x00b"], ids=["none", "blank", "break", "long", "NUL"]
)
def test_what_cannot_be_posted_is_told_beside_the_field_and_kept(thread: Thread, olga: Client, text: str) -> None:
    shown = page(olga.post(here(thread), whole(thread, text)), 422)
    assert shown.text("id_text_error")
    as_read = text.replace("\r\n", "\n").replace("\x00", "\ufffd")  # by a browser
    assert shown.sends(here(thread))["text"] == as_read
    assert not Operation.objects.exists()


def test_the_longest_message_is_taken_however_its_lines_are_broken(thread: Thread, olga: Client) -> None:
    text = "x\n" * 128_000
    assert olga.post(here(thread), whole(thread, text.replace("\n", "\r\n"))).status_code == 303
    assert Operation.objects.get().payload["content"] == text


@pytest.mark.parametrize("once", ["", "garbage", "\x00", "1" * 40])
def test_a_form_without_its_number_comes_back_whole(thread: Thread, olga: Client, once: str) -> None:
    shown = page(olga.post(here(thread), {"text": "kept", "once": once}), 422)
    assert "This form was not whole. Send it again." in shown.text("thread-acts")
    assert not Operation.objects.exists()
    assert olga.post(here(thread), shown.sends(here(thread))).status_code == 303


def test_a_double_click_posts_once(thread: Thread, olga: Client) -> None:
    sent = whole(thread, "Hello?", assistant=str(assistant_of(thread).pk))
    assert [olga.post(here(thread), sent).status_code for _ in range(3)] == [303] * 3
    assert Operation.objects.count() == 2


def test_the_same_form_may_first_post_and_then_start_a_run(thread: Thread, olga: Client) -> None:
    sent = whole(thread, "Hello?")
    olga.post(here(thread), sent)
    sent["assistant"] = str(assistant_of(thread).pk)
    assert olga.post(here(thread, "runs"), sent).status_code == 303
    assert [each.state for each in delivered()] == ["accepted", "accepted"]


@pytest.mark.parametrize("act", ["messages", "runs"])
def test_an_assistant_of_another_connection_is_refused(thread: Thread, olga: Client, act: str) -> None:
    other = connections.set_up(name="Second", base_url="http://127.0.0.1:9/v1", key="other")
    stranger = Assistant.objects.create(connection=other, remote_id="asst_other")
    page(olga.post(here(thread, act), whole(thread, "Hello?", assistant=str(stranger.pk))), 422)
    assert not Operation.objects.exists()


@pytest.mark.parametrize("assistant", ["x", "0", "9" * 30, "\x00"])
def test_an_assistant_that_is_not_there_is_refused(thread: Thread, olga: Client, assistant: str) -> None:
    page(olga.post(here(thread, "runs"), {"assistant": assistant, "once": str(uuid4())}), 422)
    assert not Operation.objects.exists()


def test_a_run_alone_is_started(thread: Thread, olga: Client, api_actor: ApiActor) -> None:
    sent = {"assistant": str(assistant_of(thread).pk), "once": str(uuid4())}
    assert olga.post(here(thread, "runs"), sent).status_code == 303
    assert [each.kind for each in delivered()] == ["create_run"]
    assert len(api_actor.get(f"/threads/{thread.remote_id}/runs")["data"]) == 1


def test_a_refused_message_stands_in_the_timeline_with_the_servers_words(
    thread: Thread, olga: Client, api_actor: ApiActor
) -> None:
    api_actor.fault("POST", ".*/messages$", status=400, body='{"error": {"message": "No <i>such</i> luck"}}')
    olga.post(here(thread), whole(thread, "Hello?"))
    delivered()
    words = page(olga.get(thread.get_absolute_url())).text("thread-timeline")
    assert "No <i>such</i> luck" in words
    assert "Hello?" in words
