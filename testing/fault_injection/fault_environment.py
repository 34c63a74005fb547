"""Where it happens: a running dashboard with two web and two worker processes, its servers, and who can be killed."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from testing.api_actor import ApiActor
from testing.local_api_process import LocalApi
from testing.local_api_process import start as start_api
from testing.stack import ApiAddress, Stack, launch

PACE = "queued=0.2,in_progress=0.3,cancelling=0.3"
START_SECONDS = 900
PEOPLE = ("olga", "pete")
# A process younger than this is not killed: it would be killed while it starts, again and again.
GROWN_UP = {"worker": 8.0, "web": 5.0}
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Server:
    """One local API, a connection of its own in the dashboard: what one server asks of us leaves the others alone."""

    api: LocalApi | ApiAddress
    lock: threading.Lock = field(default_factory=threading.Lock)

    def api_actor(self) -> ApiActor:
        return ApiActor(self.api)


@dataclass(frozen=True)
class WaitingRun:
    """A run that waits, or soon will, for its first calls."""

    server: Server
    thread_id: str
    run_id: str


class FaultEnvironment:
    """The running thing. `people` are the cookies of those who are signed in, by name."""

    def __init__(self, stack: Stack, servers: list[Server], people: dict[str, dict[str, str]]) -> None:
        self.stack = stack
        self.servers = servers
        self.people = people
        self.broken_pages: list[str] = []
        self.killing = {name: threading.Lock() for name in ("web-0", "web-1", "worker-0", "worker-1")}

    def make_runs(self, number: int, *, expires_after: float = 3600, seed: str = "") -> list[WaitingRun]:
        """Makes runs, spread over the servers; half of them ask for calls a second time after the first."""
        shares = [len(range(place, number, len(self.servers))) for place in range(len(self.servers))]
        made = [
            _runs_of(server, share, expires_after, random.Random(f"{seed} {place}"))
            for place, (server, share) in enumerate(zip(self.servers, shares, strict=True))
        ]
        return [made[place % len(made)][place // len(made)] for place in range(number)]

    @contextmanager
    def victims(self, names: Sequence[str]) -> Iterator[Callable[[], None]]:
        """Waits until these processes are up and gives what kills them; nobody else kills them meanwhile."""
        with ExitStack() as held:
            for name in sorted(names):
                held.enter_context(self.killing[name])
            for name in names:
                self._await_grown_up(name)
            yield lambda: self._kill(names)

    def _await_grown_up(self, name: str) -> None:
        ends = time.monotonic() + START_SECONDS
        while (age := self._age(name)) is None or age < GROWN_UP[name.partition("-")[0]]:
            if time.monotonic() > ends:
                raise AssertionError(f"{name} was not started again within {START_SECONDS} s")
            time.sleep(0.25)

    def _age(self, name: str) -> float | None:
        """Seconds since that process was started; None where there is none."""
        pid = self.stack.pids().get(name)
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return float(Path("/proc/uptime").read_text().split()[0]) - int(fields[19]) / TICKS

    def _kill(self, names: Sequence[str]) -> None:
        pids = self.stack.pids()
        for name in names:
            if name in pids:
                os.kill(pids[name], signal.SIGKILL)


def _runs_of(server: Server, number: int, expires_after: float, rng: random.Random) -> list[WaitingRun]:
    with server.lock:
        api_actor = server.api_actor()
        api_actor.control("/settings", {"pace": PACE, "expires_after": expires_after})
        scripts = [_script(rng) for _ in range(number)]
        api_actor.control("/scripts", scripts)
        assistant = api_actor.assistant(name="Weather desk")["id"]
        made = []
        for script in scripts:
            thread = {"messages": [{"role": "user", "content": script["turns"][0]["user"]}]}
            run = api_actor.post("/threads/runs", {"assistant_id": assistant, "thread": thread})
            made.append(WaitingRun(server, run["thread_id"], run["id"]))
        api_actor.session.close()
        return made


def _script(rng: random.Random) -> dict[str, Any]:
    name = f"{rng.getrandbits(64):x}"
    rounds = [[_call(rng) for _ in range(rng.randint(1, 3))] for _ in range(rng.randint(1, 2))]
    turn = {"user": f"What is the weather in {name}?", "rounds": rounds, "reply": "It is as you say."}
    return {"id": name, "assistant": {"name": "Weather desk"}, "turns": [turn]}


def _call(rng: random.Random) -> dict[str, str]:
    return {"name": rng.choice(["get_weather", "get_tide"]), "arguments": json.dumps({"day": rng.randint(1, 365)})}


@contextmanager
def started(folder: Path, *, servers: int) -> Iterator[FaultEnvironment]:
    """Starts everything with its data in `folder`, and stops it at the end."""
    with ExitStack() as running:
        processes = {"WEB_WORKERS": "2", "WORKERS": "2", "READY_SECONDS": str(START_SECONDS)}
        environ = {"DEMONSTRATION": "0", "LOCAL_API_PACE": PACE, "API_KEY": "local", **processes}
        stack = launch(folder / "stack", env=environ)
        running.callback(stack.stop)
        stack.wait_until_ready(seconds=START_SECONDS)
        found = [Server(stack.local_api())]
        for place in range(1, servers):
            api = start_api(folder / f"api-{place}", pace=PACE)
            running.callback(api.kill)
            stack.manage("connect", f"Server {place}", api.url)
            found.append(Server(api))
        yield FaultEnvironment(stack, found, {name: _signed_in(stack, name) for name in PEOPLE})


def _signed_in(stack: Stack, name: str) -> dict[str, str]:
    """The cookies of a new operator's browser."""
    link = stack.manage("add_person", name, "operator").strip()
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(link, timeout=60)
        assert answer.ok, f"{urlsplit(answer.url).path}: {answer.status_code}"
        return dict(session.cookies.items())
