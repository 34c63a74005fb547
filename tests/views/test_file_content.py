"""What is in files: saved and never shown, but for images that are none but images."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.test import Client

from assistants_app.models import Connection
from assistants_app.views.files import safe_name
from testing.api_actor import ApiActor
from testing.local_api_process import LocalApi
from tests.conftest import known_thread
from tests.views.conftest import page
from tests.views.test_thread_message_details import upload

PIXEL = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010806000000")
PAGE = b"<!doctype html><script>alert(1)</script>"


def address(connection: Connection, file_id: str, what: str = "content") -> str:
    return f"/files/{what}/?{urlencode({'connection': connection.pk, 'id': file_id})}"


def test_a_file_is_saved_as_it_is_and_never_shown(
    connection: Connection, olga: Client, api_actor: ApiActor, local_api: LocalApi
) -> None:
    file_id = upload(local_api, api_actor, "../ev\u202eil.html", PAGE, "vision")
    api_actor.fault("GET", "/content$", headers={"Content-Type": "text/html"}, delay=0)
    response = olga.get(address(connection, file_id))
    assert response.content == PAGE
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == 'attachment; filename="evil.html"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response["Content-Security-Policy"]


def test_an_image_is_shown_and_asked_for_once(
    connection: Connection, olga: Client, api_actor: ApiActor, local_api: LocalApi
) -> None:
    file_id = upload(local_api, api_actor, "a.png", PIXEL, "vision")
    response = olga.get(address(connection, file_id, "image"))
    assert (response.content, response["Content-Type"]) == (PIXEL, "image/png")
    again = olga.get(address(connection, file_id, "image"), headers={"If-None-Match": response["ETag"]})
    assert again.status_code == 304
    assert api_actor.sent("GET", f"/v1/files/{file_id}/content") == 1


@pytest.mark.parametrize("content", [PAGE, b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"", b"RIFF1234WAVE"])
def test_what_is_no_image_is_not_shown(
    connection: Connection, olga: Client, api_actor: ApiActor, local_api: LocalApi, content: bytes
) -> None:
    page(olga.get(address(connection, upload(local_api, api_actor, "a.png", content, "vision"), "image")), 404)


@pytest.mark.parametrize("query", ["", "connection=1", "id=file-1", "connection=x&id=a", f"connection={'9' * 30}&id=a"])
@pytest.mark.parametrize("what", ["content", "image"])
def test_an_address_that_names_no_file_is_not_found(olga: Client, query: str, what: str) -> None:
    page(olga.get(f"/files/{what}/?{query}"), 404)


@pytest.mark.parametrize("file_id", ["file-none", "../assistants", "a/b?c#d", "\x00", "\u202e", "x" * 2000])
def test_whatever_an_id_is_made_of_it_is_asked_for_as_a_file(
    connection: Connection, olga: Client, file_id: str
) -> None:
    page(olga.get(address(connection, file_id)), 502)


def test_what_is_too_large_is_told(
    connection: Connection, olga: Client, api_actor: ApiActor, local_api: LocalApi
) -> None:
    file_id = upload(local_api, api_actor, "a.png", PIXEL, "vision")
    api_actor.fault("GET", "/content$", headers={"Content-Length": str(64 * 1024 * 1024)})
    shown = page(olga.get(address(connection, file_id)), 502)
    assert "larger than 33,554,432 bytes" in shown.text("main")


def test_images_and_files_of_messages_lead_there(
    connection: Connection, olga: Client, api_actor: ApiActor, local_api: LocalApi
) -> None:
    file_id = upload(local_api, api_actor, "a.png", PIXEL, "vision")
    parts = [{"type": "text", "text": "Look"}, {"type": "image_file", "image_file": {"file_id": file_id}}]
    attached = [{"file_id": file_id, "tools": [{"type": "code_interpreter"}]}]
    body = {"messages": [{"role": "user", "content": parts, "attachments": attached}]}
    thread = known_thread(connection, api_actor.post("/threads", body)["id"])
    shown = page(olga.get(thread.get_absolute_url()))
    (image,) = [each for each in shown.all("img") if each.inside(shown.one(id="thread-timeline"))]
    assert olga.get(image.attributes["src"]).content == PIXEL
    links = [
        each.attributes["href"]
        for each in shown.all("a")
        if each.attributes.get("href", "").startswith("/files/content")
    ]
    assert [olga.get(each).content for each in links] == [PIXEL, PIXEL]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("report.csv", "report.csv"),
        ("a/b\\c.txt", "c.txt"),
        ("..", "file"),
        ("", "file"),
        ("ex\u202egpj.exe", "exgpj.exe"),
        ("x\r\nSet-Cookie: a", "xSet-Cookie: a"),
        ("é ü.md", "é ü.md"),
        ("x" * 500 + ".csv", "x" * 130 + ".csv"),
    ],
)
def test_names_of_files_are_harmless(name: str, safe: str) -> None:
    assert safe_name(name) == safe
