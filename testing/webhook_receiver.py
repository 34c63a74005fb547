"""An HTTP endpoint as somebody's program has it, in a process of its own: answers each path with what a test said, and
tells what it was asked. `python -m testing.webhook_receiver` prints its port."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

TOLD: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
ASKED: list[dict[str, Any]] = []


class Handler(BaseHTTPRequestHandler):
    """PUT /path: what to answer there, one after the other, the last one for good. GET /: what was asked by POST."""

    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        TOLD[self.path] = json.loads(self.body())
        self.say(200, "")

    def do_GET(self) -> None:
        self.say(200, json.dumps(ASKED))

    def do_POST(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        ASKED.append({"path": self.path, "headers": headers, "body": self.body()})
        told = TOLD[self.path] or [{"status": 404}]
        answer = told.pop(0) if len(told) > 1 else told[0]
        time.sleep(answer.get("delay", 0))
        self.say(answer.get("status", 200), answer.get("body", ""), answer.get("headers", {}))

    def body(self) -> str:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()

    def say(self, status: int, body: str, headers: dict[str, str] | None = None) -> None:
        content = body.encode("latin-1") if "\xff" in body else body.encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: object) -> None: ...


@dataclass
class WebhookReceiver:
    """A running one."""

    url: str
    process: subprocess.Popen[str]

    def says(self, path: str, *answers: dict[str, Any]) -> str:
        """Has a path answer this; gives its URL."""
        requests.put(self.url + path, json=list(answers), timeout=10)
        return self.url + path

    def asked(self, path: str) -> list[dict[str, Any]]:
        """The requests that came to a path."""
        return [each for each in requests.get(self.url, timeout=10).json() if each["path"] == path]

    def stop(self) -> None:
        self.process.kill()
        self.process.communicate()


def start() -> WebhookReceiver:
    """Starts one on a free port."""
    command = [sys.executable, "-m", "launcher.leash", "TERM", sys.executable, "-m", "testing.webhook_receiver"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return WebhookReceiver(f"http://127.0.0.1:{int(process.stdout.readline())}", process)


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()
