"""The page of one message, and reading it again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from assistants_app.models import Connection, Message
from assistants_app.services import connections
from testing.api_actor import ApiActor
from testing.local_api_process import LocalApi
from tests.conftest import known_thread
from tests.views.conftest import page


def upload(local_api: LocalApi, api_actor: ApiActor, name: str, content: bytes, purpose: str = "assistants") -> str:
    """A file that somebody else uploaded; gives its id."""
    answer = api_actor.session.post(
        f"{local_api.url}/files", files={"file": (name, content)}, data={"purpose": purpose}
    )
    return str(answer.json()["id"])


@pytest.fixture
def file_id(local_api: LocalApi, api_actor: ApiActor) -> str:
    return upload(local_api, api_actor, "notes.txt", b"Notes")


@pytest.fixture
def message(connection: Connection, api_actor: ApiActor, file_id: str) -> Message:
    attached = [{"file_id": file_id, "tools": [{"type": "file_search"}]}]
    body: dict[str, Any] = {
        "role": "user",
        "content": "Read <this>",
        "attachments": attached,
        "metadata": {"mood": "<fine>"},
    }
    thread = known_thread(connection, api_actor.post("/threads", {"messages": [body]})["id"])
    return Message.objects.get(thread=thread)


def here(message: Message, act: str = "details") -> str:
    return f"{message.thread.get_absolute_url()}messages/{message.pk}/{act}/"


def test_it_tells_all_that_is_known(message: Message, olga: Client, file_id: str) -> None:
    words = page(olga.get(here(message))).text("main")
    for each in ("Read <this>", "mood", "<fine>", file_id, "for file_search", message.remote_id):
        assert each in words


def test_the_timeline_leads_to_it(message: Message, olga: Client) -> None:
    links = page(olga.get(message.thread.get_absolute_url())).all("a")
    assert here(message) in {each.attributes["href"] for each in links}


def test_refreshing_reads_it_again(message: Message, olga: Client, api_actor: ApiActor) -> None:
    api_actor.post(f"/threads/{message.thread.remote_id}/messages/{message.remote_id}", {"metadata": {"mood": "sad"}})
    assert olga.post(here(message, "refresh"))["Location"] == here(message)
    assert "sad" in page(olga.get(here(message))).text("main")


def test_refreshing_one_that_is_gone_says_so(message: Message, olga: Client, api_actor: ApiActor) -> None:
    api_actor.delete(f"/threads/{message.thread.remote_id}/messages/{message.remote_id}")
    olga.post(here(message, "refresh"))
    assert "no longer has this message" in page(olga.get(here(message))).text("message-head")


def test_what_goes_wrong_is_told(message: Message, olga: Client, api_actor: ApiActor) -> None:
    api_actor.fault("GET", "/messages/", status=400, body={"error": {"message": "Too <tired>"}})
    olga.post(here(message, "refresh"))
    assert "Too <tired>" in page(olga.get(here(message))).text("problems")


def test_in_v1_its_files_are_read_too_all_and_one_by_one(message: Message, olga: Client, file_id: str) -> None:
    connections.save(message.thread.connection, dialect="v1")
    olga.post(here(message, "refresh"))
    assert file_id in page(olga.get(here(message))).text("message-files")
    Message.objects.update(files=json.dumps([{"id": file_id, "object": "stale"}]))
    olga.post(here(message, "refresh"), {"file": file_id})
    assert [each["object"] for each in Message.objects.get().attached] == ["thread.message.file"]
    olga.post(here(message, "refresh"), {"file": "file-none"})
    assert [each["id"] for each in Message.objects.get().attached] == [file_id]


@pytest.mark.parametrize("files", [None, "[]", '[null, 5, {"id": null}, {"id": {"a": 1}}, {}]'])
def test_whatever_a_server_tells_of_its_files_is_shown(message: Message, olga: Client, files: str | None) -> None:
    Message.objects.update(files=files)
    page(olga.get(here(message)))
