"""The files of an assistant, in the first dialect."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from assistants_app.models import Assistant, AssistantFile, Connection, Operation
from assistants_app.models.people import Role
from assistants_app.services import assistant_files, assistants, connections, sending
from testing.api_actor import ApiActor
from testing.local_api_process import LocalApi
from tests.views.conftest import page


@pytest.fixture
def edda(signed_in: Callable[..., Client]) -> Client:
    """The browser of an editor."""
    return signed_in("edda", Role.EDITOR)


@pytest.fixture
def older(db: None, local_api: LocalApi) -> Connection:
    made = connections.set_up(name="Older", base_url=local_api.url, key="local", dialect="v1")
    Connection.objects.update(due_at=None)
    return made


@pytest.fixture
def assistant(older: Connection, api_actor: ApiActor) -> Assistant:
    made = api_actor.assistant(name="Porter")
    assistants.refresh(connection=older)
    return Assistant.objects.select_related("connection").get(remote_id=made["id"])


@pytest.fixture
def file_id(older: Connection) -> str:
    return connections.for_people(older).files.create(filename="a.txt", content=b"a").id


def act(client: Client, url: str, **sent: str) -> Operation:
    once = page(client.get(url)).sends(url)["once"]
    assert client.post(url, {"once": once, **sent}).status_code == 303
    sending.deliver_due()
    return Operation.objects.latest("made_at")


def test_a_file_is_attached_and_taken_away(assistant: Assistant, file_id: str, edda: Client) -> None:
    url = f"{assistant.get_absolute_url()}files/"
    assert url in [each.attributes["href"] for each in page(edda.get(assistant.get_absolute_url())).all("a")]
    assert act(edda, url, act="attach", file_id=file_id).state == "accepted"
    assert file_id in page(edda.get(url)).text("assistant-files")
    client = connections.for_people(assistant.connection)
    assert [each.id for each in client.assistants.files.list(assistant.remote_id).data] == [file_id]
    assert act(edda, url, act="detach", file_id=file_id).state == "accepted"
    assert "No files" in page(edda.get(url)).text("assistant-files")
    assert not client.assistants.files.list(assistant.remote_id).data
    assert client.files.get(file_id).id == file_id


def test_they_are_read_from_the_server(assistant: Assistant, file_id: str, edda: Client) -> None:
    client = connections.for_people(assistant.connection)
    client.assistants.files.create(assistant.remote_id, file_id)
    assistant_files.read(key=assistant.pk)
    assert [each.remote_id for each in assistant_files.of(assistant)] == [file_id]
    client.assistants.files.delete(assistant.remote_id, file_id)
    assistant_files.read(key=assistant.pk)
    assert AssistantFile.objects.get().gone_at is not None


def test_what_the_server_refuses_is_told(assistant: Assistant, edda: Client) -> None:
    url = f"{assistant.get_absolute_url()}files/"
    operation = act(edda, url, act="attach", file_id="file-none")
    assert operation.state == "refused"
    once = page(edda.get(url)).sends(url)["once"]
    shown = page(edda.post(url, {"once": once, "act": "attach", "file_id": " "}), 422)
    assert shown.has("id_file_id_error")


def test_whether_a_lost_act_arrived_is_read(assistant: Assistant, file_id: str) -> None:
    client = connections.for_people(assistant.connection)
    assert not assistant_files.find(client, assistant, file_id)
    client.assistants.files.create(assistant.remote_id, file_id)
    assert assistant_files.find(client, assistant, file_id)


def test_there_are_none_in_the_second_dialect(connection: Connection, edda: Client, api_actor: ApiActor) -> None:
    made = api_actor.assistant(name="Porter")
    assistants.refresh(connection=connection)
    assistant = Assistant.objects.get(remote_id=made["id"])
    shown = page(edda.get(f"{assistant.get_absolute_url()}files/"))
    assert "has no such operation" in shown.text("main")
