"""Answers that are none: cut off, too large, not JSON, not HTTP, pointing elsewhere."""

import gzip
import socket
import tracemalloc

import pytest

from assistants_app.api.client import Client, Timeouts
from assistants_app.api.errors import AnswerTooLarge, ConnectFailed, ConnectionCut, Redirected, Unreadable

from .conftest import Server, answer, made, resets, says, sends, sends_and_closes

MEGABYTE = 1024 * 1024


def nothing(sock: socket.socket) -> None:
    sock.shutdown(socket.SHUT_RDWR)


CUTS = {
    "nothing": nothing,
    "reset": resets,
    "half the headers": sends_and_closes(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "half the body": sends_and_closes(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"id": '),
    "half a chunk": sends_and_closes(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{"),
}
NO_JSON = {
    "empty": b"",
    "html": b"<html><title>Hello</title></html>",
    "byte order mark": b'\xef\xbb\xbf{"id": "a"}',
    "latin-1": b'{"id": "caf\xe9"}',
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "rather deep": b'{"id": "a", "x": ' + b"[" * 120 + b"]" * 120 + b"}",
    "long number": b'{"id": ' + b"9" * 5_000 + b"}",
    "a list": b"[]",
    "a word": b'"hello"',
    "an error with status 200": b'{"error": {"message": "no"}}',
}
NO_HTTP = {
    "another protocol": b"SSH-2.0-OpenSSH_9.2\r\n",
    "a chunk size that is none": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 3, 5\r\n\r\nabcde",
    "no gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
    "a line without end": b"HTTP/1.1 200 OK\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
}


@pytest.mark.parametrize("name", CUTS)
def test_a_cut_post_is_sent_once_and_its_effect_is_unknown(server: Server, client: Client, name: str) -> None:
    server.plays(CUTS[name])
    with pytest.raises(ConnectionCut) as caught:
        client.threads.create()
    assert caught.value.effect == "unknown"
    assert len(server.requests) == 1


@pytest.mark.parametrize("name", CUTS)
def test_a_cut_get_is_tried_again(server: Server, client: Client, name: str) -> None:
    server.plays(CUTS[name], says({"id": "t"}))
    assert client.threads.get("t").id == "t"
    assert len(server.requests) == 2


@pytest.mark.parametrize("name", NO_JSON)
def test_it_refuses_to_read(server: Server, client: Client, name: str) -> None:
    server.plays(says(raw=NO_JSON[name]))
    with pytest.raises(Unreadable) as caught:
        client.threads.get("t")
    assert caught.value.effect == "none"


def test_an_unreadable_answer_to_a_post_leaves_the_effect_unknown(server: Server, client: Client) -> None:
    server.plays(says(raw=b"{", x_request_id="req_1"))
    with pytest.raises(Unreadable) as caught:
        client.threads.create()
    assert (caught.value.effect, caught.value.request_id) == ("unknown", "req_1")


@pytest.mark.parametrize("name", NO_HTTP)
def test_what_is_not_http_is_in_our_tree(server: Server, client: Client, name: str) -> None:
    server.plays(sends_and_closes(NO_HTTP[name]))
    with pytest.raises((Unreadable, ConnectionCut)):
        client.threads.create()


def test_an_interim_answer_is_passed_over(server: Server, client: Client) -> None:
    server.plays(sends(b"HTTP/1.1 100 Continue\r\n\r\n" + answer({"id": "t"})))
    assert client.threads.create().id == "t"


def test_a_redirect_is_told_and_not_followed(server: Server, client: Client) -> None:
    server.plays(says(status=302, raw=b"x" * 100_000, Location="http://169.254.169.254/latest"))
    with pytest.raises(Redirected, match=r"169\.254\.169\.254") as caught:
        client.threads.get("t")
    assert caught.value.status == 302
    assert len(server.requests) == 1


def test_a_claimed_size_is_refused_before_the_body(server: Server) -> None:
    server.plays(sends(b"HTTP/1.1 200 OK\r\nContent-Length: 300000000\r\n\r\n"))
    with made(server) as client, pytest.raises(AnswerTooLarge):
        client.threads.get("t")


@pytest.mark.parametrize("glancing", [False, True])
@pytest.mark.parametrize("kind", ["plain", "gzip", "gzip in gzip", "chunked"])
def test_memory_stays_within_the_limit(server: Server, kind: str, glancing: bool) -> None:
    server.plays(sends_and_closes(too_much(kind)))
    with made(server, largest_answer=2 * MEGABYTE) as client:
        call = client.threads.runs.glance if glancing else client.threads.runs.get
        tracemalloc.start()
        try:
            with pytest.raises(AnswerTooLarge):
                call("t", "r")
            assert tracemalloc.get_traced_memory()[1] < 5 * MEGABYTE
        finally:
            tracemalloc.stop()


def too_much(kind: str) -> bytes:
    content = b" " * 40 * MEGABYTE
    if kind == "chunked":
        return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2800000\r\n" + content + b"\r\n0\r\n\r\n"
    if kind == "plain":
        return b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + content
    encoding = "gzip"
    for _ in range(kind.count("gzip")):
        content = gzip.compress(content)
    if kind == "gzip in gzip":
        encoding = "gzip, gzip"
    return answer(raw=content, Content_Encoding=encoding)


def test_an_answer_of_exactly_the_limit_is_read(server: Server) -> None:
    body = b'{"id": "t"}'.ljust(1000)
    server.plays(says(raw=body))
    with made(server, largest_answer=1000) as client:
        assert client.threads.get("t").id == "t"


def test_nobody_listening_had_no_effect(server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with made(server, base_url=f"http://127.0.0.1:{port}") as client, pytest.raises(ConnectFailed) as caught:
        client.threads.create()
    assert caught.value.effect == "none"
    assert "Connection refused" in str(caught.value)


def test_a_tls_handshake_without_end_had_no_effect(server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        timeouts = Timeouts(0.2, 5, 0.5)
        with made(server, base_url=url, timeouts=timeouts) as client, pytest.raises(ConnectFailed) as caught:
            client.threads.create()
    assert caught.value.effect == "none"
