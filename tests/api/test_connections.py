"""Connections that are kept, and that went stale."""

import socket
import threading
from collections.abc import Callable
from time import sleep

import pytest

from assistants_app.api.client import Client
from assistants_app.api.errors import ConnectionCut

from .conftest import Behaviour, Server, answer, resets, says, sends_and_closes

Call = Callable[[Client], object]
LAST = sends_and_closes(answer({"id": "t"}))  # says nothing of closing, and closes


def glance(client: Client) -> None:
    client.threads.runs.glance("t", "r")


def get(client: Client) -> None:
    client.threads.get("t")


def post(client: Client) -> None:
    client.threads.create()


def delete(client: Client) -> None:
    client.threads.delete("t")


@pytest.mark.parametrize("first", [glance, get, post])
@pytest.mark.parametrize("second", [glance, get, post])
def test_one_connection_serves_all_calls(server: Server, client: Client, first: Call, second: Call) -> None:
    server.plays(says({"id": "t"}))
    for call in (first, second, first):
        call(client)
    assert (server.connections, len(server.requests)) == (1, 3)


@pytest.mark.parametrize("call", [glance, get, post, delete])
def test_a_connection_that_the_server_closed_is_made_anew(server: Server, client: Client, call: Call) -> None:
    closed = threading.Event()

    def says_and_closes(sock: socket.socket) -> None:
        LAST(sock)
        closed.set()

    server.plays(says_and_closes, says({"id": "t"}))
    get(client)
    assert closed.wait(10)
    sleep(0.05)  # the closing has to arrive
    call(client)
    assert (server.connections, len(server.requests)) == (2, 2)


@pytest.mark.parametrize("call", [glance, get, post])
def test_a_server_that_closes_every_time_is_obeyed(server: Server, client: Client, call: Call) -> None:
    server.plays(sends_and_closes(answer({"id": "t"}, Connection="close")))
    for _ in range(3):
        call(client)
    assert server.connections == 3


@pytest.mark.parametrize("call", [post, delete])
@pytest.mark.parametrize("cut", [resets, sends_and_closes(b"")])
def test_what_is_lost_on_a_kept_connection_is_told_and_not_sent_again(
    server: Server, client: Client, call: Call, cut: Behaviour
) -> None:
    server.plays(says({"id": "t"}), cut)
    get(client)
    with pytest.raises(ConnectionCut) as caught:
        call(client)
    assert caught.value.effect == "unknown"
    assert (server.connections, len(server.requests)) == (1, 2)


def test_a_post_after_a_pause_leaves_on_a_new_connection(server: Server, client: Client) -> None:
    server.plays(says({"id": "t"}))
    get(client)
    sleep(1.1)
    get(client)
    assert server.connections == 1
    sleep(1.1)
    post(client)
    assert server.connections == 2
