"""Ids stand whole in paths, whatever they are made of."""

from urllib.parse import unquote

import pytest

from assistants_app.api.client import Client
from assistants_app.api.errors import BadRequest

from .conftest import Server, made, says

IDS = [
    "thread_1", "..", ".", "...", "../../admin", "a/b", "a?b=c", "a#b", "a b", "a%2Fb", "%2e%2e", "a\r\nX-Evil: 1",
    "Räder", "\u202e🦊", "\x00", "a;b", "a\\b", "//host", "@host",
]  # fmt: skip


def target(server: Server) -> str:
    return server.requests[-1].split(b"\r\n")[0].decode().removeprefix("GET ").removesuffix(" HTTP/1.1")


@pytest.mark.parametrize("glancing", [False, True])
@pytest.mark.parametrize("strange", IDS)
def test_an_id_is_one_segment(server: Server, client: Client, strange: str, glancing: bool) -> None:
    server.plays(says({"id": "run_1"}))
    runs = client.threads.runs
    runs.glance(strange, "run_1") if glancing else runs.get(strange, "run_1")
    segments = target(server).split("/")
    assert [unquote(segment) for segment in segments] == ["", "v1", "threads", strange, "runs", "run_1"]
    assert segments[3] not in (".", "..")
    assert b"X-Evil" not in server.requests[-1].partition(b"\r\n")[2]


def test_a_lone_surrogate_goes_as_bytes(server: Server, client: Client) -> None:
    server.plays(says({"id": "t"}))
    client.threads.get("a\ud800")
    assert target(server) == "/v1/threads/a%ED%A0%80"


@pytest.mark.parametrize("glancing", [False, True])
def test_an_empty_id_is_refused_and_nothing_sent(server: Server, client: Client, glancing: bool) -> None:
    with pytest.raises(BadRequest, match="empty"):
        client.threads.runs.glance("t", "") if glancing else client.threads.get("")
    assert server.connections == 0


@pytest.mark.parametrize("glancing", [False, True])
def test_the_query_of_the_endpoint_goes_with_every_request(server: Server, glancing: bool) -> None:
    server.plays(says({"id": "r"}))
    with made(server, endpoint="azure_openai", query={"x": "a&b ü"}) as client:
        runs = client.threads.runs
        runs.glance("t", "r") if glancing else runs.get("t", "r")
    assert target(server) == "/v1/threads/t/runs/r?api-version=2024-05-01-preview&x=a%26b+%C3%BC"
    assert b"\r\napi-key: sk-canary" in server.requests[0]


def test_the_path_of_the_base_url_is_kept(server: Server) -> None:
    server.plays(says({"id": "t"}))
    with made(server, base_url=server.url + "/deep%20er/") as client:
        client.threads.get("t")
        client.threads.runs.glance("t", "r")
    assert [request.split(b" ")[1] for request in server.requests] == [
        b"/v1/deep%20er/threads/t",
        b"/v1/deep%20er/threads/t/runs/r",
    ]
