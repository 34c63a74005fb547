"""Nothing holds a thread longer than the deadline. The waits of the servers here never end by themselves."""

import socket
from time import monotonic

import pytest

from assistants_app.api.client import Timeouts
from assistants_app.api.errors import BadRequest, ConnectFailed, TimedOut

from .conftest import Drips, Server, made

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
SHORT = Timeouts(connect=0.3, read=5, total=0.4)


def test_headers_that_drip_end_at_the_deadline(server: Server, drips: Drips) -> None:
    server.plays(drips(b"HTTP/1.1 200 OK\r\nX-Endless: ", b"a"))
    with made(server, timeouts=SHORT) as client, pytest.raises(TimedOut):
        client.assistants.get("a")


def test_a_body_that_drips_ends_at_the_deadline(server: Server, drips: Drips) -> None:
    server.plays(drips(HEAD, b" "))
    with made(server, timeouts=SHORT) as client, pytest.raises(TimedOut):
        client.assistants.get("a")


def test_chunks_that_drip_end_at_the_deadline(server: Server, drips: Drips) -> None:
    server.plays(drips(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"))
    with made(server, timeouts=SHORT) as client, pytest.raises(TimedOut):
        client.assistants.get("a")


def test_a_glance_keeps_the_deadline_too(server: Server, drips: Drips) -> None:
    server.plays(drips(HEAD, b" "))
    with made(server, timeouts=SHORT) as client, pytest.raises(TimedOut):
        client.threads.runs.glance("t", "r")


def test_an_error_that_drips_is_still_told_by_its_status(server: Server, drips: Drips) -> None:
    server.plays(drips(HEAD.replace(b"200", b"400"), b"x"))
    with made(server, timeouts=SHORT) as client, pytest.raises(BadRequest, match="xxx") as caught:
        client.assistants.create({})
    assert caught.value.status == 400


def test_silence_ends_at_the_read_time_out(server: Server) -> None:
    def wait(sock: socket.socket) -> None:
        server.stopping.wait()

    server.plays(wait)
    started = monotonic()
    with made(server, timeouts=Timeouts(1, 0.2, 60)) as client, pytest.raises(TimedOut) as caught:
        client.assistants.create({})
    assert caught.value.effect == "unknown"
    assert monotonic() - started < 30


def test_a_server_that_does_not_read_ends_at_the_deadline(server: Server) -> None:
    server.plays(lambda sock: None)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        server_url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        with made(server, base_url=server_url, timeouts=SHORT) as client, pytest.raises(TimedOut):
            client.assistants.create({"instructions": "x" * 20_000_000})


def test_a_connection_that_does_not_come_about_had_no_effect(server: Server) -> None:
    full = socket.create_server(("127.0.0.1", 0), backlog=0)
    address = full.getsockname()
    waiting = [socket.socket() for _ in range(4)]
    for sock in waiting:
        sock.setblocking(False)
        sock.connect_ex(address)
    try:
        url = f"http://127.0.0.1:{address[1]}"
        timeouts = Timeouts(0.1, 5, 1)
        with made(server, base_url=url, timeouts=timeouts) as client, pytest.raises(ConnectFailed) as caught:
            client.assistants.create({})
        assert caught.value.effect == "none"
    finally:
        for sock in (*waiting, full):
            sock.close()
