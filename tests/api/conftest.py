"""A server that does on a raw socket exactly what a test tells it to."""

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from assistants_app.api.client import Client, Timeouts, connect

CANARY = "sk-canary-5f3e9a7714c2"
Behaviour = Callable[[socket.socket], None]
Drips = Callable[[bytes, bytes], Behaviour]


class Server:
    """Plays its behaviours in order, the last one for ever; `requests` holds what came in, head and body."""

    def __init__(self) -> None:
        self.behaviours: list[Behaviour] = []
        self.requests: list[bytes] = []
        self.connections = 0
        self.stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"

    def plays(self, *behaviours: Behaviour) -> None:
        self.behaviours = list(behaviours)

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(sock)
            thread = threading.Thread(target=self._serve, args=(sock,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        with sock, contextlib.suppress(OSError):
            while request := read_request(sock):
                self.requests.append(request)
                play = self.behaviours.pop(0) if len(self.behaviours) > 1 else self.behaviours[0]
                play(sock)

    def stop(self) -> None:
        self.stopping.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._open:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()


def read_request(sock: socket.socket) -> bytes:
    found = b""
    while b"\r\n\r\n" not in found:
        piece = sock.recv(65536)
        if not piece:
            return b""
        found += piece
    head, _, body = found.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += sock.recv(65536)
    return head + b"\r\n\r\n" + body


def answer(body: Any = None, *, status: int = 200, raw: bytes | None = None, **headers: str) -> bytes:
    """An HTTP answer; underscores in header names become dashes."""
    content = json.dumps(body).encode() if raw is None else raw
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(content)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + content


def says(*arguments: Any, **options: Any) -> Behaviour:
    return sends(answer(*arguments, **options))


def sends(content: bytes) -> Behaviour:
    return lambda sock: sock.sendall(content)


def sends_and_closes(content: bytes) -> Behaviour:
    def play(sock: socket.socket) -> None:
        sock.sendall(content)
        sock.shutdown(socket.SHUT_RDWR)

    return play


def resets(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    sock.close()


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.stop()


@pytest.fixture
def drips(server: Server) -> Drips:
    """Says the first at once and the second byte by byte, over and over, until the test is over."""

    def behaviour(first: bytes, again: bytes) -> Behaviour:
        def play(sock: socket.socket) -> None:
            sock.sendall(first)
            while not server.stopping.wait(0.02):
                sock.sendall(again)

        return play

    return behaviour


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with made(server) as one:
        yield one


def made(server: Server, **options: Any) -> Client:
    defaults: dict[str, Any] = {"base_url": server.url, "key": CANARY, "timeouts": Timeouts(2, 5, 10)}
    return connect(**{"endpoint": "openai", "dialect": "v2", **defaults, **options})
