"""A server with any number of active runs, in a process of its own: `python -m benchmarks.polling.server`.

Each run changes between two active statuses at random moments. The server knows when a run changed and when the answer
that shows it was sent; the difference is the delay of noticing. Its answers leave `latency` seconds after the request.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import parse_qs, urlsplit

import uvloop

STATUSES = ("queued", "in_progress")


@dataclass
class FakeRun:
    """A run that nobody ends. `changes_at` may lie in the past: then nobody has asked since."""

    number: int
    status: int = 0
    changes_at: float = float("inf")
    asked_at: float = 0.0
    changed_at: float = 0.0
    body: bytes = b""

    def render(self, created_at: int) -> bytes:
        """The whole answer, made once for each status."""
        run = {
            "id": f"run_{self.number:024}",
            "object": "thread.run",
            "created_at": created_at,
            "assistant_id": "asst_benchmark",
            "thread_id": f"thread_{self.number:024}",
            "status": STATUSES[self.status % 2],
            "started_at": created_at,
            "expires_at": created_at + 600,
            "cancelled_at": None,
            "failed_at": None,
            "completed_at": None,
            "last_error": None,
            "required_action": None,
            "incomplete_details": None,
            "model": "gpt-4o",
            "instructions": "You answer the questions of guests. " * 6,
            "tools": [
                {
                    "type": "function",
                    "function": {
                        "name": "find_room",
                        "description": "Rooms that are free",
                        "parameters": {"type": "object", "properties": {"nights": {"type": "integer"}}},
                        "strict": False,
                    },
                }
            ],
            "metadata": {"changes": str(self.status)},
            "usage": None,
            "temperature": 1.0,
            "top_p": 1.0,
            "max_completion_tokens": None,
            "max_prompt_tokens": None,
            "truncation_strategy": {"type": "auto", "last_messages": None},
            "response_format": "auto",
            "tool_choice": "auto",
            "parallel_tool_calls": True,
        }
        return answer(200, json.dumps(run).encode())


def answer(status: int, body: bytes, extra: str = "") -> bytes:
    """The bytes of an answer that keeps the connection open."""
    head = (
        f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        f"x-request-id: req_benchmark\r\nopenai-version: 2020-10-01\r\n{extra}\r\n"
    )
    return head.encode() + body


REFUSAL = answer(
    429,
    b'{"error": {"message": "Rate limit reached for requests", "type": "requests", "code": "rate_limit_exceeded"}}',
    "Retry-After: 1\r\n",
)


@dataclass
class Server:
    """The runs, the limit, and what was counted since the last `/begin`."""

    runs: list[FakeRun]
    latency: float
    gap: float
    per_minute: int
    created_at: int = field(default_factory=lambda: int(time.time()))
    tokens: float = 0.0
    tokens_at: float = 0.0
    asked: int = 0
    refused: int = 0
    delays: list[float] = field(default_factory=list)
    may_change: bool = False

    def ask(self, number: int) -> bytes:
        """The answer about one run, counted."""
        now = time.monotonic()
        self.asked += 1
        if self.per_minute and not self.allowed(now):
            self.refused += 1
            return REFUSAL
        run = self.runs[number]
        run.asked_at = now
        if run.changes_at <= now:
            self.delays.append(now + self.latency - run.changes_at)
            run.status += 1
            run.changed_at = time.time() - (now - run.changes_at)
            run.body = b""
            run.changes_at = self.next_change(now)
        if not run.body:
            run.body = run.render(self.created_at)
        return run.body

    def allowed(self, now: float) -> bool:
        """One token a request; a second's worth can be saved up."""
        a_second = self.per_minute / 60
        self.tokens = min(max(1.0, a_second), self.tokens + (now - self.tokens_at) * a_second)
        self.tokens_at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True

    def next_change(self, now: float) -> float:
        return now + random.expovariate(1 / self.gap) if self.may_change else float("inf")

    def begin(self) -> dict[str, float]:
        """Counts from here on, and lets runs change."""
        now = time.monotonic()
        self.asked = self.refused = 0
        self.delays = []
        self.may_change = True
        for run in self.runs:
            run.changes_at = self.next_change(now)
        return {}

    def end(self) -> dict[str, float]:
        """Lets no run change any more; what changed until now waits to be noticed."""
        now = time.monotonic()
        self.may_change = False
        for run in self.runs:
            if run.changes_at > now:
                run.changes_at = float("inf")
        return {"asked": self.asked, "refused": self.refused}

    def state(self, since: float = 60.0) -> dict[str, object]:
        """What was counted; `unseen` are the ages of changes that nobody noticed, `asked_runs` how many runs were
        asked about in the last `since` seconds."""
        now = time.monotonic()
        return {
            "asked": self.asked,
            "refused": self.refused,
            "delays": self.delays,
            "unseen": [now - run.changes_at for run in self.runs if run.changes_at <= now],
            "asked_runs": sum(1 for run in self.runs if now - run.asked_at <= since),
            "changed": {f"run_{run.number:024}": run.changed_at for run in self.runs if run.changed_at},
        }

    def control(self, path: str, query: dict[str, list[str]]) -> bytes:
        doors: dict[str, Callable[[], object]] = {
            "/begin": self.begin,
            "/end": self.end,
            "/state": lambda: self.state(float(query.get("since", ["60"])[0])),
        }
        return answer(200, json.dumps(doors[path]()).encode())


class Connection(asyncio.Protocol):
    """One client's connection: GET requests without a body, one after the other."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.received += data
        while (end := self.received.find(b"\r\n\r\n")) >= 0:
            line = self.received[: self.received.index(b"\r\n")]
            self.received = self.received[end + 4 :]
            self.reply(line.split(b" ")[1])

    def reply(self, path: bytes) -> None:
        _, _, number = path.rpartition(b"/run_")
        if number.isdigit():
            reply = self.server.ask(int(number))
            if self.server.latency:
                asyncio.get_running_loop().call_later(self.server.latency, self.transport.write, reply)
            else:
                self.transport.write(reply)
            return
        parts = urlsplit(path.decode())
        self.transport.write(self.server.control(parts.path, parse_qs(parts.query)))


async def serve(server: Server, port: int) -> None:
    """Listens until it is killed."""
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(lambda: Connection(server), "127.0.0.1", port, backlog=2048)
    print("listening", flush=True)
    await listening.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--runs", type=int, required=True)
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--gap", type=float, default=30.0)
    parser.add_argument("--per-minute", type=int, default=0)
    given = parser.parse_args()
    runs = [FakeRun(number) for number in range(given.runs)]
    uvloop.run(serve(Server(runs, given.latency, given.gap, given.per_minute), given.port))


if __name__ == "__main__":
    main()
