"""A way station before a server that passes everything on and remembers it: what was asked, and what was answered."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

PASSED_ON = {"authorization", "api-key", "openai-beta", "content-type", "accept"}


@dataclass(frozen=True)
class Exchange:
    """One request and its answer; bodies parsed where they are JSON, else as bytes. `path` is without the base."""

    method: str
    path: str
    query: list[tuple[str, str]]
    asked: Any
    dialect: str
    status: int
    answered: Any
    kind: str  # of the answer


class RecordingProxy(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, origin: str, base: str = "/v1") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.origin = urlsplit(origin).netloc
        self.base = base
        self.exchanges: list[Exchange] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{self.base}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is none of our business."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: RecordingProxy

    def _pass_on(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() in PASSED_ON}
        connection = http.client.HTTPConnection(self.server.origin, timeout=30)
        connection.request(self.command, self.path, sent or None, headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        kind = answer.headers.get("Content-Type", "")
        self._remember(sent, answer.status, body, kind)
        self.send_response_only(answer.status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _remember(self, sent: bytes, status: int, body: bytes, kind: str) -> None:
        parts = urlsplit(self.path)
        exchange = Exchange(
            method=self.command,
            path=parts.path.removeprefix(self.server.base),
            query=parse_qsl(parts.query),
            asked=parsed(sent),
            dialect=self.headers.get("OpenAI-Beta", "").removeprefix("assistants="),
            status=status,
            answered=parsed(body) if kind.startswith("application/json") else body,
            kind=kind,
        )
        self.server.exchanges.append(exchange)

    do_GET = do_POST = do_DELETE = do_PATCH = do_PUT = _pass_on

    def log_message(self, *arguments: Any) -> None:
        """Says nothing."""


def parsed(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body


@contextmanager
def record_requests(origin: str, base: str = "/v1") -> Iterator[RecordingProxy]:
    recorder = RecordingProxy(origin, base)
    thread = threading.Thread(target=recorder.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield recorder
    finally:
        recorder.shutdown()
        thread.join()
        recorder.server_close()
