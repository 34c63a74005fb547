"""Deleting threads and messages: first what it means, then it is done, and what was seen stays."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from assistants_app.models import Message, Run, Thread
from assistants_app.services import connections
from testing.api_actor import ApiActor
from tests.views.conftest import page

Where = Callable[[Run], str]


def of_thread(run: Run) -> str:
    return f"{run.thread.get_absolute_url()}delete/"


def of_message(run: Run) -> str:
    return f"{run.thread.get_absolute_url()}messages/{Message.objects.filter(thread=run.thread)[0].pk}/delete/"


@pytest.mark.parametrize("where", [of_thread, of_message], ids=["thread", "message"])
def test_looking_says_what_it_means_and_deletes_nothing(
    waiting: Run, olga: Client, api_actor: ApiActor, where: Where
) -> None:
    shown = page(olga.get(where(waiting)))
    assert "for good" in shown.text("delete")
    assert "stays readable here" in shown.text("delete")
    assert api_actor.get(f"/threads/{waiting.thread.remote_id}/messages")["data"]


def test_a_deleted_thread_is_gone_there_and_readable_here(waiting: Run, olga: Client, api_actor: ApiActor) -> None:
    assert olga.post(of_thread(waiting))["Location"] == waiting.thread.get_absolute_url()
    assert waiting.thread.remote_id not in {each["id"] for each in api_actor.get("/threads", limit=100)["data"]}
    shown = page(olga.get(waiting.thread.get_absolute_url()))
    assert "no longer has this thread" in shown.text("thread-head")
    assert "Please help me" in shown.text("thread-timeline")
    assert "The thread is deleted." in shown.text("problems")
    assert not shown.all("textarea")
    assert "0 waiting" in page(olga.get("/queue/")).text("nav-count")


def test_a_deleted_message_is_gone_from_the_timeline(waiting: Run, olga: Client, api_actor: ApiActor) -> None:
    assert olga.post(of_message(waiting))["Location"] == waiting.thread.get_absolute_url()
    assert api_actor.get(f"/threads/{waiting.thread.remote_id}/messages")["data"] == []
    assert "Please help me" not in page(olga.get(waiting.thread.get_absolute_url())).text("thread-timeline")
    message = Message.objects.get()
    assert "no longer has this message" in page(olga.get(of_message(waiting).replace("delete", "details"))).text(
        "message-head"
    )
    assert message.text


@pytest.mark.parametrize("where", [of_thread, of_message], ids=["thread", "message"])
def test_what_is_gone_already_is_none_the_less_deleted(
    waiting: Run, olga: Client, api_actor: ApiActor, where: Where
) -> None:
    api_actor.delete(f"/threads/{waiting.thread.remote_id}")
    assert olga.post(where(waiting)).status_code == 303


@pytest.mark.parametrize("where", [of_thread, of_message], ids=["thread", "message"])
def test_a_refusal_is_told_and_nothing_is_marked(waiting: Run, olga: Client, api_actor: ApiActor, where: Where) -> None:
    api_actor.fault("DELETE", ".*", status=403, body='{"error": {"message": "Not <yours>"}}')
    assert "Not <yours>" in page(olga.post(where(waiting)), 502).text("act-error")
    assert not Thread.objects.exclude(gone_at=None).exists()
    assert not Message.objects.exclude(gone_at=None).exists()


def test_a_server_that_says_it_did_not_is_believed(waiting: Run, olga: Client, api_actor: ApiActor) -> None:
    api_actor.fault("DELETE", ".*", status=200, body={"id": "x", "deleted": False})
    assert "was not deleted" in page(olga.post(of_thread(waiting)), 502).text("act-error")


def test_a_dialect_without_it_says_so(waiting: Run, olga: Client) -> None:
    connections.save(waiting.connection, dialect="v1")
    shown = page(olga.get(of_message(waiting)))
    assert "The dialect v1 has no such operation." in shown.text("main")
    assert "disabled" in shown.all("button", class_="button-danger-fill")[0].attributes
