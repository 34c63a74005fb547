"""The key goes over the wire and nowhere else."""

import logging
import traceback
from pathlib import Path
from typing import Any

import pytest

from assistants_app.api.client import Client
from assistants_app.api.errors import ApiError, BadSettings

from .conftest import CANARY, Server, made, resets, says, sends_and_closes

FAULTS = {
    "reset": resets,
    "half": sends_and_closes(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"),
    "echo in an error": says({"error": {"message": f"Incorrect key: {CANARY}", "code": CANARY}}, status=401),
    "echo in a page": says(raw=f"<title>Bearer {CANARY}</title>".encode(), status=500),
    "echo in no JSON": says(raw=CANARY.encode()),
    "redirect": says(status=307, Location=f"http://elsewhere.example/?key={CANARY}"),
    "echo in the request id": says({}, status=400, x_request_id=CANARY),
}


@pytest.mark.parametrize("call", ["create", "glance"])
@pytest.mark.parametrize("name", FAULTS)
def test_no_error_holds_the_key(
    server: Server, client: Client, caplog: pytest.LogCaptureFixture, name: str, call: str
) -> None:
    caplog.set_level(logging.DEBUG)
    server.plays(FAULTS[name])
    try:
        client.threads.create() if call == "create" else client.threads.runs.glance("t", "r")
    except ApiError as error:
        shown = traceback.TracebackException.from_exception(error, capture_locals="echo" not in name)
        told = "".join(shown.format()) + repr(error) + str(error.args) + repr(vars(error))
        assert CANARY not in told
    else:
        assert (name, call) == ("echo in no JSON", "glance")  # whose body is not read yet
    assert CANARY not in caplog.text
    assert all(CANARY.encode() in request for request in server.requests)
    assert server.requests


def test_no_error_of_a_failed_connect_holds_the_key(server: Server) -> None:
    with made(server, base_url="http://127.0.0.1:1") as client, pytest.raises(ApiError) as caught:
        client.threads.create()
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert CANARY not in "".join(shown.format())


def test_reprs_hold_no_key(client: Client) -> None:
    transport = client._transport
    assert repr(client).startswith("<Client openai v2 at http://127.0.0.1:")
    assert CANARY not in repr(client) + repr(transport) + repr(vars(transport)) + repr(client.assistants)


@pytest.mark.parametrize("spoilt", ["\n", "\r\nX: 1", "\x00", "é", " "])
def test_a_key_that_no_header_can_carry_is_refused(server: Server, spoilt: str) -> None:
    with pytest.raises(BadSettings, match="Authorization") as caught:
        made(server, key=CANARY + spoilt)
    assert CANARY not in repr(caught.value)


@pytest.mark.parametrize(
    "url",
    ["", "example.com", "ftp://a/", "http://", "http://u:p@host/", "http://h/?a=b", "http://h/#x",
     "http://h/a b", "http://[::1", "http://h:99999/", "http://h\\@x/"],
)  # fmt: skip
def test_a_base_url_that_is_none_is_refused(server: Server, url: str) -> None:
    with pytest.raises(BadSettings):
        made(server, base_url=url)


@pytest.mark.parametrize("wrong", [{"endpoint": "moon"}, {"dialect": "v9"}, {"verify": "/no/such/file"}])
def test_settings_that_are_unknown_are_refused(server: Server, wrong: dict[str, Any]) -> None:
    with pytest.raises(BadSettings):
        made(server, **{"base_url": "https://example.com", **wrong})


def test_no_cookie_is_kept(server: Server, client: Client) -> None:
    server.plays(says({"id": "t"}, Set_Cookie="session=1; Path=/"))
    client.threads.get("t")
    client.threads.get("t")
    assert b"ookie" not in server.requests[1]


def test_the_environment_changes_nothing(
    server: Server, client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    server.plays(says({"id": "t"}))
    assert client.threads.get("t").id == "t"
