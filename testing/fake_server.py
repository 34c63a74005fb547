"""A server that answers each address with what a test says, at any path: for kinds of servers that no other speaks."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """A request that arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: str


Answer = tuple[int, Any] | Callable[[Asked], tuple[int, Any]]


@dataclass
class FakeServer:
    """A running server. `answers` maps paths to status and body (text, or what becomes JSON); all else is 404."""

    server: ThreadingHTTPServer
    thread: threading.Thread
    scheme: str = "http"
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server.server_address[1]}"

    def offers(self, base: str, **more: Answer) -> None:
        """An Assistants API with one of each object below `base`; `more` by operation."""
        listed = {"assistants": "asst_1", "threads": "thread_1"}
        for noun, made in listed.items():
            self.answers[f"{base}/{noun}"] = (200, {"data": [{"id": made}]})
            self.answers[f"{base}/{noun}/{made}"] = (200, {"id": made})
        thread = f"{base}/threads/thread_1"
        for noun, made in {"messages": "msg_1", "runs": "run_1", "runs/run_1/steps": "step_1"}.items():
            self.answers[f"{thread}/{noun}"] = (200, {"data": [{"id": made, "thread_id": "thread_1"}]})
            self.answers[f"{thread}/{noun}/{made}"] = (200, {"id": made, "thread_id": "thread_1"})
        self.answers |= {f"{base}/{path}": answer for path, answer in more.items()}

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def start(certificate: Path | None = None) -> FakeServer:
    """Starts one on a free port; with TLS where a certificate with its key is given."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body)
            running.asked.append(asked)
            found = running.answers.get(parts.path, (404, {"error": {"message": f"Invalid URL ({self.path})"}}))
            status, said = found(asked) if callable(found) else found
            content = (said if isinstance(said, str) else json.dumps(said)).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = answer

        def log_message(self, *arguments: object) -> None: ...

    class Server(ThreadingHTTPServer):
        def handle_error(self, *arguments: object) -> None:
            """A client that hangs up is what some tests want."""

    server = Server(("127.0.0.1", 0), Handler)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    running = FakeServer(server, thread, "https" if certificate else "http")
    thread.start()
    return running
