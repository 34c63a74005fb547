"""Files: the list, one of them, uploading and deleting."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from assistants_app.models import Connection, File, Listing, Operation
from assistants_app.models.people import Role
from assistants_app.services import connections, files, refreshing
from testing.api_actor import ApiActor
from testing.local_api_process import LocalApi
from tests.views.conftest import delivered, page, piece
from tests.views.test_thread_message_details import upload


def read() -> None:
    """What somebody wants read is read, as a worker does."""
    for listing in Listing.objects.exclude(due_at=None):
        refreshing.read_listing(key=listing.pk)


@pytest.fixture
def file(connection: Connection, olga: Client, api_actor: ApiActor, local_api: LocalApi) -> File:
    """A file of the server that was read."""
    # The server is that of other tests too: what they left there has other names.
    for each in api_actor.get("/files")["data"]:
        api_actor.delete(f"/files/{each['id']}")
    file_id = upload(local_api, api_actor, "no<tes.txt", b"Notes")
    page(olga.get("/files/"))
    read()
    return File.objects.get(remote_id=file_id)


def test_looking_has_the_list_read_and_shows_it(connection: Connection, olga: Client, file: File) -> None:
    shown = page(olga.get("/files/"))
    assert file.get_absolute_url() in {each.attributes["href"] for each in shown.all("a", class_="row-link")}
    assert "no<tes.txt" in shown.text("files-list")
    assert "Test was read" in shown.text("files-list")
    assert page(piece(olga, "/files/", "files-list")).elements[0].attributes["id"] == "files-list"


def test_words_narrow_the_list(olga: Client, file: File) -> None:
    assert "no<tes.txt" in page(olga.get("/files/?q=no%3CTES")).text("files-list")
    assert "No file matches" in page(olga.get("/files/?q=nowhere")).text("files-list")
    page(olga.get("/files/?q=%00"))


def test_what_the_server_no_longer_has_is_no_longer_listed(olga: Client, file: File, api_actor: ApiActor) -> None:
    api_actor.delete(f"/files/{file.remote_id}")
    Listing.objects.update(read_at=None)
    page(olga.get("/files/"))
    read()
    assert "no<tes.txt" not in page(olga.get("/files/")).text("files-list")
    assert "no longer has this file" in page(olga.get(file.get_absolute_url())).text("file-head")


def test_a_server_that_gives_no_good_answer_is_told_of(
    connection: Connection, olga: Client, api_actor: ApiActor
) -> None:
    api_actor.fault("GET", "/files$", status=500, body="Broken <b>", times=5)
    page(olga.get("/files/"))
    read()
    assert "Broken <b>" in page(olga.get("/files/")).text("files-list")


def test_a_server_without_files_is_asked_once(connection: Connection, olga: Client, api_actor: ApiActor) -> None:
    api_actor.fault("GET", "/files$", status=404, body={"detail": "Nothing"}, times=5)
    page(olga.get("/files/"))
    read()
    assert "listFiles" in Connection.objects.get().lacking
    Listing.objects.update(read_at=None)
    page(olga.get("/files/"))
    assert not Listing.objects.exclude(due_at=None).exists()


def test_a_file_is_uploaded_once_and_listed(connection: Connection, olga: Client, api_actor: ApiActor) -> None:
    sent = page(olga.get("/files/")).sends("/files/upload/") | {"connection": connection.pk, "purpose": "vision"}
    for _ in range(2):
        given = {**sent, "file": SimpleUploadedFile("a\u202eb.png", bytes(range(256)), "image/png")}
        assert olga.post("/files/upload/", given)["Location"] == "/files/"
    assert "Upload file: Sending." in page(olga.get("/files/")).text("files-list")
    assert [(each.kind, each.state) for each in delivered()] == [("create_file", "accepted")]
    made = File.objects.get()
    assert (made.purpose, made.size) == ("vision", 256)
    shown = page(olga.get(made.get_absolute_url()))
    (link,) = [each for each in shown.all("a") if each.text == "Download"]
    assert olga.get(link.attributes["href"]).content == bytes(range(256))


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"file": None}, "Choose a file first."),
        ({"file": SimpleUploadedFile("a.txt", b"")}, "empty"),
        ({"file": SimpleUploadedFile("a.txt", b"x" * (files.LARGEST + 1))}, "at most 32.0"),
        ({"purpose": "cooking"}, "not one of the available choices"),
        ({"connection": "0"}, "not one of the available choices"),
        ({"once": "x"}, "not whole"),
    ],
    ids=["none", "empty", "large", "purpose", "connection", "number"],
)
def test_what_cannot_be_uploaded_is_told(
    connection: Connection, olga: Client, changed: dict[str, object], told: str
) -> None:
    sent = page(olga.get("/files/")).sends("/files/upload/") | {"connection": connection.pk, "purpose": "assistants"}
    given = {**sent, "file": SimpleUploadedFile("a.txt", b"x"), **changed}
    shown = page(olga.post("/files/upload/", {key: value for key, value in given.items() if value is not None}), 422)
    assert told in shown.text("upload-file").replace("\xa0", " ")
    assert not Operation.objects.exists()


def test_a_refused_upload_is_told_in_the_servers_words(
    connection: Connection, olga: Client, api_actor: ApiActor
) -> None:
    api_actor.fault("POST", "/files$", status=400, body={"error": {"message": "No <such> luck"}})
    sent = page(olga.get("/files/")).sends("/files/upload/") | {"connection": connection.pk, "purpose": "vision"}
    olga.post("/files/upload/", {**sent, "file": SimpleUploadedFile("a.png", b"x")})
    delivered()
    assert "No <such> luck" in page(olga.get("/files/")).text("files-list")


def test_refreshing_reads_one_again(olga: Client, file: File) -> None:
    File.objects.update(raw="{}", filename="old")
    assert olga.post(f"{file.get_absolute_url()}refresh/")["Location"] == file.get_absolute_url()
    assert "no<tes.txt" in page(olga.get(file.get_absolute_url())).text("file-head")


def test_deleting_says_first_what_it_means(olga: Client, file: File, api_actor: ApiActor) -> None:
    where = f"{file.get_absolute_url()}delete/"
    assert "for good" in page(olga.get(where)).text("delete")
    assert api_actor.get(f"/files/{file.remote_id}")
    assert olga.post(where)["Location"] == "/files/"
    assert file.remote_id not in {each["id"] for each in api_actor.get("/files")["data"]}
    assert "no<tes.txt" not in page(olga.get("/files/")).text("files-list")


def test_a_viewer_sees_files_and_changes_none(file: File, signed_in: Callable[..., Client]) -> None:
    vera = signed_in("vera", Role.VIEWER)
    assert not page(vera.get("/files/")).has("upload-file")
    assert "Delete" not in page(vera.get(file.get_absolute_url())).text("file-head")


LARGE = {"filename": "\x00<b>" * 500, "bytes": 2**80, "purpose": "p" * 999}


@pytest.mark.parametrize("raw", [{}, {"filename": 5, "bytes": -1, "created_at": "x"}, LARGE])
def test_whatever_a_server_says_of_a_file_is_shown(
    connection: Connection, olga: Client, api_actor: ApiActor, raw: dict[str, object]
) -> None:
    api_actor.fault("GET", "/files$", body={"data": [{"id": "file odd/?#", **raw}, {"id": None}, 5], "has_more": False})
    page(olga.get("/files/"))
    read()
    odd = File.objects.get()
    page(olga.get(odd.get_absolute_url()))
    assert odd.get_absolute_url() == f"/files/~{odd.pk}/"
    assert json.loads(odd.raw)["id"] == "file odd/?#"
    page(olga.get("/files/"))


@pytest.mark.parametrize("count", [0, 3, 200])
def test_it_takes_few_queries_however_many(
    connection: Connection, olga: Client, count: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    now = timezone.now()
    File.objects.bulk_create(
        File(connection=connection, remote_id=f"file-{n}", filename=f"{n}", created_at=now - timedelta(seconds=n))
        for n in range(count)
    )
    page(olga.get("/files/"))
    with django_assert_max_num_queries(9):
        page(olga.get("/files/"))


def test_an_archive_keeps_its_files_readable(olga: Client, file: File) -> None:
    Connection.objects.update(gone_at=timezone.now())
    shown = page(olga.get(file.get_absolute_url()))
    assert all("disabled" in each.attributes for each in shown.all("button") if each.text in {"Download", "Delete"})
    assert "no<tes.txt" in page(olga.get("/files/")).text("files-list")


def test_its_id_is_found(olga: Client, file: File) -> None:
    assert olga.get(f"/find?q={file.remote_id}")["Location"] == file.get_absolute_url()


def test_several_connections_are_read_and_switched(olga: Client, file: File) -> None:
    connections.set_up(name="Second", base_url="http://127.0.0.1:9/v1", key="other")
    assert "no<tes.txt" in page(olga.get("/files/")).text("files-list")
    assert Listing.objects.count() == 2
