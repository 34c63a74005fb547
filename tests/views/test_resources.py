"""Files and vector stores in the form of an assistant: picked, uploaded and made beside their fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from assistants_app.models import Connection, File, Operation, VectorStore
from assistants_app.models.people import Role
from assistants_app.services import connections, mirror, sending
from testing.html_page import Page
from tests.views.conftest import Response, page

URL = "/assistants/resources/"


@pytest.fixture
def edda(signed_in: Callable[..., Client]) -> Client:
    """The browser of an editor."""
    return signed_in("edda", Role.EDITOR)


@pytest.fixture
def file(connection: Connection) -> File:
    """A file on the server that was read."""
    seen = connections.for_people(connection).files.create(filename="no<tes.md", content=b"a", purpose="assistants")
    mirror.files(connection, [seen])
    return File.objects.get(remote_id=seen.id)


def picker(client: Client, connection: Connection, field: str, **given: str) -> Page:
    return page(client.get(URL, {"connection": str(connection.pk), "field": field, **given}))


def shown(response: Response) -> Page:
    return page(response)


def test_what_is_chosen_is_told_by_name_and_what_is_unknown_is_warned_of(
    connection: Connection, file: File, edda: Client
) -> None:
    text = picker(edda, connection, "file_ids", ids=f"{file.remote_id}, file-none {'x' * 600}").text("picker-file_ids")
    assert "no<tes.md" in text
    assert "file-none not seen on this server; it is sent as it is" in text
    File.objects.update(gone_at=file.first_seen_at)
    assert "no longer has it" in picker(edda, connection, "file_ids", ids=file.remote_id).text("picker-file_ids")


def test_a_picker_that_shows_what_there_is_gets_nothing_anew(connection: Connection, file: File, edda: Client) -> None:
    given = {"connection": str(connection.pk), "field": "file_ids", "ids": file.remote_id}
    first = picker(edda, connection, "file_ids", ids=file.remote_id)
    seen = {"X-Seen-Version": str(first.one("div", id="picker-file_ids").attributes["data-version"])}
    assert edda.get(URL, given, headers=seen).status_code == 204
    assert edda.get(URL, {**given, "q": "no"}, headers=seen).status_code == 200
    File.objects.update(gone_at=file.first_seen_at)
    assert edda.get(URL, given, headers=seen).status_code == 200


def test_what_can_be_added_is_found_by_words_and_not_offered_twice(
    connection: Connection, file: File, edda: Client
) -> None:
    def offers(**given: str) -> list[str]:
        return [
            each.attributes["data-adds"]
            for each in picker(edda, connection, "file_ids", **given).all("button")
            if "data-adds" in each.attributes
        ]

    assert offers() == offers(q="TES.m") == [file.remote_id]
    assert offers(q="other") == offers(ids=file.remote_id) == []


def test_how_far_a_vector_store_is_is_told_and_asked_again(connection: Connection, edda: Client) -> None:
    VectorStore.objects.create(
        connection=connection,
        remote_id="vs_1",
        name="Manuals",
        status="in_progress",
        file_count=3,
        raw='{"file_counts": {"in_progress": 2, "failed": 1, "completed": null, "total": 3}}',
    )
    made = picker(edda, connection, "vector_store_ids", ids="vs_1")
    assert "3 files · 2 in progress · 1 failed" in made.text("picker-vector_store_ids")
    assert "every 3s" in made.one(id="picker-vector_store_ids").attributes["hx-trigger"]
    assert VectorStore.objects.get().due_at is not None


@pytest.mark.parametrize(
    "given", [{"field": "name"}, {"field": "file_ids", "connection": "x"}, {"connection": "99999"}]
)
def test_an_address_that_names_no_field_is_none(given: dict[str, str], connection: Connection, edda: Client) -> None:
    assert edda.get(URL, {"connection": str(connection.pk), "field": "file_ids", **given}).status_code == 404


def uploaded(client: Client, connection: Connection, **given: Any) -> Response:
    sent = {"connection": connection.pk, "field": "interpreter_files", "once": uuid4()}
    return client.post(f"{URL}upload/", {**sent, "file": SimpleUploadedFile("a.txt", b"hello"), **given})


def test_a_file_is_uploaded_once_and_its_id_told(connection: Connection, edda: Client) -> None:
    once = uuid4()
    first, second = uploaded(edda, connection, once=once), uploaded(edda, connection, once=once)
    operation = Operation.objects.get()
    act = f"act-{operation.uuid}"
    assert "is on its way" in shown(first).text(act) == shown(second).text(act)
    assert "data-made" not in shown(first).one(id=act).attributes
    sending.deliver_due()
    told = shown(edda.get(f"{URL}{operation.uuid}/interpreter_files/")).one(id=act).attributes
    file = File.objects.get()
    assert (told["data-made"], told["data-into"]) == (file.remote_id, "interpreter_files")
    assert file.purpose == "assistants"


def test_what_cannot_be_uploaded_is_told(connection: Connection, edda: Client) -> None:
    assert "Choose a file first." in uploaded(edda, connection, file="").content.decode()
    response = uploaded(edda, connection, field="name")
    assert response.status_code == 422
    assert not Operation.objects.exists()


def test_a_vector_store_is_made_of_files(connection: Connection, file: File, edda: Client) -> None:
    sent = {"connection": connection.pk, "name": "Manuals", "file_ids": f"{file.remote_id}\r\n", "once": uuid4()}
    edda.post(f"{URL}store/", sent)
    sending.deliver_due()
    operation, store = Operation.objects.get(), VectorStore.objects.get()
    told = shown(edda.get(f"{URL}{operation.uuid}/vector_store_ids/")).one(id=f"act-{operation.uuid}").attributes
    assert told["data-made"] == store.remote_id
    assert (store.name, store.file_count) == ("Manuals", 1)


def test_only_uploads_and_vector_stores_are_told_of(connection: Connection, edda: Client) -> None:
    uploaded(edda, connection)
    Operation.objects.update(kind=Operation.Kind.CREATE_THREAD)
    assert edda.get(f"{URL}{Operation.objects.get().uuid}/file_ids/").status_code == 404


def test_the_form_shows_what_is_chosen_and_keeps_the_text(connection: Connection, edda: Client) -> None:
    url = f"/assistants/new/?connection={connection.pk}"
    made = page(edda.get(url))
    assert made.has("picker-interpreter_files")
    assert made.has("picker-vector_store_ids")
    assert made.has("new-store")
    sent = {**made.sends(url), "interpreter_files": "file-abc", "act": "more pair"}
    again = page(edda.post(url, sent))
    assert again.sends(url)["interpreter_files"] == "file-abc"
    assert "file-abc" in again.text("picker-interpreter_files")
