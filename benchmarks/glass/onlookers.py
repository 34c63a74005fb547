"""`python -m benchmarks.glass.onlookers URL COOKIE COUNT`: queues that people have open, without browsers.

Each holds the event stream, and told of a change fetches the pieces that show it, with the pauses of static/js/live.js.
"""

from __future__ import annotations

import http.client
import re
import sys
import threading
import time
import zlib
from urllib.parse import urlsplit

QUIET = 0.5  # seconds between two fetches of one piece
LATER = {"nav-count": 0.4}  # seconds that a piece leaves to others
TOPICS = {"queue-list": {"queue", "claims"}, "nav-count": {"queue"}}
BEGINNING = 4_000  # bytes of a piece in which its version stands


class Piece:
    """One element of an open page, which fetches itself."""

    def __init__(self, host: str, cookie: str, name: str) -> None:
        self.name = name
        self._told = threading.Event()
        self._connection = http.client.HTTPConnection(host, timeout=60)
        self._headers = {
            "Cookie": cookie,
            "Accept-Encoding": "gzip",
            "HX-Request": "true",
            "HX-Target": name,
            "HX-Trigger": name,
        }

    def tell(self) -> None:
        self._told.set()

    def run(self) -> None:
        while True:
            self._told.wait()
            time.sleep(LATER.get(self.name, 0))
            self._told.clear()
            self._fetch()
            time.sleep(QUIET)

    def _fetch(self) -> None:
        try:
            answer, body = self._ask()
        except (http.client.RemoteDisconnected, ConnectionError):
            # Servers close a connection that was quiet for a while; browsers open another one.
            self._connection.close()
            answer, body = self._ask()
        if answer.status not in {200, 204}:
            raise RuntimeError(f"{self.name}: {answer.status}")
        text = body
        if answer.headers.get("Content-Encoding") == "gzip":
            text = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(body, BEGINNING)
        if version := re.search(rb'data-version="(\w+)"', text):
            self._headers["X-Seen-Version"] = version[1].decode()

    def _ask(self) -> tuple[http.client.HTTPResponse, bytes]:
        self._connection.request("GET", "/queue/", headers=self._headers)
        answer = self._connection.getresponse()
        return answer, answer.read()


def listen(host: str, cookie: str, greeted: threading.Semaphore) -> None:
    """Opens a queue: its stream, and its pieces."""
    pieces = [Piece(host, cookie, name) for name in TOPICS]
    for piece in pieces:
        threading.Thread(target=piece.run, daemon=True).start()
        piece.tell()
    while True:
        stream = http.client.HTTPConnection(host, timeout=60)
        stream.request("GET", "/stream/?topic=queue&topic=claims", headers={"Cookie": cookie})
        answer = stream.getresponse()
        for line in answer:
            if line == b"event: hello\n":
                greeted.release()
            elif line.startswith(b"data: "):
                topic = line.removeprefix(b"data: ").strip().decode()
                for piece in pieces:
                    if topic in TOPICS[piece.name] or not topic:
                        piece.tell()


def main() -> None:
    url, cookie, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    greeted = threading.Semaphore(0)
    for _ in range(count):
        threading.Thread(target=listen, args=(urlsplit(url).netloc, cookie, greeted), daemon=True).start()
    for _ in range(count):
        greeted.acquire()
    print("ready", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
