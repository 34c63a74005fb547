"""What people make (messages, runs, threads, and a thread with its run) while the answers to it are lost.

Counted where it counts, at the servers: whatever was asked for is there once.
"""

from __future__ import annotations

import random
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from testing.fault_injection.fault_environment import FaultEnvironment, Server, started
from testing.fault_injection.fault_run import SERVERS, say
from testing.fault_injection.operator import Operator, waits

MARK = "switchboard_operation"
LONGEST = 1200.0
BROKEN = ("", "<html>Welcome</html>", '{"id": "run_', "[]", "\u0000")


@dataclass
class Act:
    """Something that somebody makes; `made` counts at the server how often it is there."""

    environment: FaultEnvironment
    server: Server
    number: int
    rng: random.Random
    kind: str
    thread_id: str = ""
    text: str = ""
    lost: int = 0
    made: list[int] = field(default_factory=list)
    error: str = ""

    @property
    def connection(self) -> str:
        return str(self.environment.servers.index(self.server) + 1)

    @property
    def page(self) -> str:
        return f"/threads/{self.thread_id}/"

    @property
    def olga(self) -> Operator:
        cookies = self.environment.people["olga"]
        return Operator(
            "olga", self.environment.stack.url, cookies, has_script=False, broken_pages=self.environment.broken_pages
        )

    def lose(self, path: str) -> None:
        """The answer to the next POST there is lost, mostly after it had its effect."""
        fault = self.rng.choice(LOSSES)(self.rng)
        api_actor = self.server.api_actor()
        api_actor.fault("POST", path, **fault)
        api_actor.session.close()
        self.lost += 1


def _late(rng: random.Random) -> dict[str, Any]:
    return {"delay": rng.uniform(20.5, 26), "after_effect": True}


# The answer is cut off, late, an error or no answer at all; a stream breaks off before it tells anything, or soon.
LOSSES: list[Callable[[random.Random], dict[str, Any]]] = [
    *[lambda rng: {"cut": rng.choice(["before", "headers", "body"]), "after_effect": True}] * 8,
    *[lambda rng: {"events": rng.choice([0, 0, 1, 2]), "cut": "body"}] * 3,
    *[lambda rng: {"status": rng.choice([500, 502, 503, 504]), "body": "<html>", "after_effect": True}] * 4,
    *[lambda rng: {"status": 200, "body": rng.choice(BROKEN), "after_effect": True}] * 3,
    *[lambda rng: {"cut": "before"}] * 2,
    _late,
]


def message(act: Act) -> None:
    """Send only."""
    act.lose(f"{act.thread_id}/messages$")
    _post(act, "messages", assistant="", text=act.text)


def run(act: Act) -> None:
    """Run only."""
    act.lose(f"{act.thread_id}/runs$")
    _post(act, "runs")


def message_and_run(act: Act) -> None:
    """Send and run: one of both is lost, or both are."""
    for path in act.rng.choice([["messages"], ["runs"], ["messages", "runs"]]):
        act.lose(f"{act.thread_id}/{path}$")
    _post(act, "messages", text=act.text)


def thread(act: Act) -> None:
    """New thread."""
    act.lose("/threads$")
    act.olga.fills("/threads/", "/threads/create/", connection=act.connection)


def killed(act: Act) -> None:
    """Send and run, and the worker is killed while the server works or while its answer is on its way."""
    slow = act.rng.uniform(0.8, 2.0)
    api_actor = act.server.api_actor()
    api_actor.fault(
        "POST", f"{act.thread_id}/(messages|runs)$", delay=slow, after_effect=act.rng.random() < 0.7, times=2
    )
    api_actor.session.close()
    act.lost += 1
    with act.environment.victims(["worker-0", "worker-1"]) as kill:
        _post(act, "messages", text=act.text)
        time.sleep(act.rng.uniform(0.2, slow * 2))
        kill()


def _post(act: Act, where: str, **fields: str) -> None:
    olga, form = act.olga, f"{act.page}messages/"
    ends = time.monotonic() + LONGEST
    for wait in waits():
        if olga.reads(act.page).options(form, "assistant")[1:]:  # after that of nobody
            break
        assert time.monotonic() < ends, "no assistant can be chosen"
        time.sleep(wait)
    assistant = olga.reads(act.page).options(form, "assistant")[-1]
    olga.fills(act.page, form, to=f"{act.page}{where}/", **{"assistant": assistant, **fields})


KINDS: dict[str, tuple[Callable[[Act], None], int]] = {
    "message": (message, 28),
    "run": (run, 22),
    "message and run": (message_and_run, 20),
    "thread": (thread, 12),
    "thread and run": (lambda act: act.lose("/threads/runs$"), 12),  # asked for together, see `_threads_and_runs`
    "worker killed": (killed, 6),
}


def acts(environment: FaultEnvironment, seed: int, count: int) -> list[Act]:
    """What is made under a seed, each in a thread of its own that the dashboard knows."""
    rng = random.Random(seed)
    kinds = [*KINDS, *rng.choices(list(KINDS), [weight for _, weight in KINDS.values()], k=count)][:count]
    made = []
    for number, kind in enumerate(kinds):
        server = environment.servers[number % len(environment.servers)]
        act = Act(environment, server, number, random.Random(f"{seed} {number}"), kind, text=f"Hello {uuid4().hex}")
        if kind in {"message", "run", "message and run", "worker killed"}:
            api_actor = server.api_actor()
            act.thread_id = api_actor.post("/threads")["id"]
            api_actor.session.close()
        made.append(act)
    for server in environment.servers:
        ids = [act.thread_id for act in made if act.server is server and act.thread_id]
        if ids:
            _Adding(made[0], server).add(ids)
    return made


@dataclass
class _Adding:
    act: Act
    server: Server

    def add(self, ids: list[str]) -> None:
        connection = str(self.act.environment.servers.index(self.server) + 1)
        self.act.olga.fills("/threads/", "/threads/add/", connection=connection, ids="\n".join(ids))


def _struck(act: Act) -> None:
    try:
        KINDS[act.kind][0](act)
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        act.error = f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"[:400]


def _threads_and_runs(environment: FaultEnvironment, made: list[Act]) -> None:
    """All of them in one process: the service itself, as a page calls it."""
    asked = [(int(act.connection), act.text) for act in made if act.kind == "thread and run"]
    code = f"""
from uuid import uuid4
from django.contrib.auth.models import User
from assistants_app.models import Assistant, Connection
from assistants_app.services import threads
by = User.objects.get(username="olga")
for key, text in {asked!r}:
    connection = Connection.objects.get(pk=key)
    assistant = Assistant.objects.filter(connection=connection).first()
    said = [{{"role": "user", "content": text}}]
    threads.create_and_run(connection=connection, assistant=assistant, by=by, once=uuid4(), messages=said)
"""
    environment.stack.manage("shell", "--no-imports", "-c", code)


def _states(environment: FaultEnvironment) -> Counter[str]:
    """How many of what was asked for are in which state, as the dashboard has it."""
    code = "from assistants_app.models import Operation; print(*Operation.objects.values_list('state', flat=True))"
    return Counter(environment.stack.manage("shell", "--no-imports", "-c", code).split())


def _counted(environment: FaultEnvironment, made: list[Act]) -> None:
    """How often each thing that was asked for is at its server."""
    by_uuid = {id(server): _marked_threads(server) for server in environment.servers}
    for act in made:
        api_actor = act.server.api_actor()
        if act.kind == "thread and run":
            found = [key for key, texts in by_uuid[id(act.server)].items() if act.text in texts]
            act.made = [len(found), *(len(_runs(api_actor, key)) for key in found)]
        elif act.kind != "thread":
            said = [
                each["content"][0]["text"]["value"] for each in _all(api_actor, f"/threads/{act.thread_id}/messages")
            ]
            act.made = [] if act.kind == "run" else [said.count(act.text)]
            act.made += [] if act.kind == "message" else [len(_runs(api_actor, act.thread_id))]
        api_actor.session.close()
    _count_threads(environment, made)


def _count_threads(environment: FaultEnvironment, made: list[Act]) -> None:
    """Threads alone have nothing but their mark: as many as were asked for, each under a mark of its own."""
    for server in environment.servers:
        mine = [act for act in made if act.kind == "thread" and act.server is server]
        api_actor = server.api_actor()
        marks = Counter(
            each["metadata"][MARK]
            for each in _all(api_actor, "/threads")
            if MARK in each["metadata"] and not _runs(api_actor, each["id"])
        )
        api_actor.session.close()
        counts = sorted(marks.values(), reverse=True) + [0] * len(mine)
        for act, count in zip(mine, counts, strict=False):
            act.made = [count]
        if len(marks) > len(mine) and mine:
            mine[0].made = [2]


def _marked_threads(server: Server) -> dict[str, list[str]]:
    """What is said in the threads that the dashboard made, by their ids."""
    api_actor = server.api_actor()
    ids = [each["id"] for each in _all(api_actor, "/threads") if MARK in each["metadata"]]
    found = {
        key: [each["content"][0]["text"]["value"] for each in _all(api_actor, f"/threads/{key}/messages")]
        for key in ids
    }
    api_actor.session.close()
    return found


def _runs(api_actor: Any, thread_id: str) -> list[Any]:
    return list(_all(api_actor, f"/threads/{thread_id}/runs"))


def _all(api_actor: Any, path: str) -> Iterator[Any]:
    after: dict[str, str] = {}
    while True:
        page = api_actor.get(path, limit=100, **after)
        yield from page["data"]
        if not page["has_more"]:
            return
        after = {"after": page["last_id"]}


def measured(*, seed: int, count: int, at_once: int) -> bool:
    """Makes `count` things, loses the answer to each, and prints one line of what is there in the end. True where
    everything is there once."""
    say(f"SEED={seed} COUNT={count}, {at_once} at the same time")
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="switchboard-posting-") as folder,
        started(Path(folder), servers=SERVERS) as environment,
    ):
        for server in environment.servers:
            server.api_actor().assistant(name="Weather desk")
        made = acts(environment, seed, count)
        first = [act for act in made if act.kind != "thread and run"]
        with ThreadPoolExecutor(at_once) as pool:
            list(pool.map(_struck, first))
            # By now the assistants are known.
            list(pool.map(_struck, [act for act in made if act.kind == "thread and run"]))
        _threads_and_runs(environment, made)
        ends = time.monotonic() + LONGEST
        while (states := _states(environment)).keys() - {"accepted", "refused"} and time.monotonic() < ends:
            time.sleep(2)
        _counted(environment, made)
        struck = sum(
            each["hits"]
            for server in environment.servers
            for each in server.api_actor().control("/faults", method="GET")["faults"]
        )
    return _told(made, states, struck, time.monotonic() - began)


def _told(made: list[Act], states: Counter[str], struck: int, seconds: float) -> bool:
    doubled = [act for act in made if any(count > 1 for count in act.made)]
    lost = [act for act in made if act.error or not act.made or any(count == 0 for count in act.made)]
    for act in {id(act): act for act in (*doubled, *lost)}.values():
        say(f"{act.number} {act.kind}: made {act.made} {act.error}")
    kinds = Counter(act.kind for act in made)
    say(f"{seconds:.0f} s; {', '.join(f'{number} {kind}' for kind, number in kinds.items())}")
    shown = ", ".join(f"{number} {state}" for state, number in states.items())
    say(
        f"{sum(act.lost for act in made)} lost answers ({struck} struck): {len(made) - len(doubled) - len(lost)} made "
        f"once, {len(doubled)} doubled, {len(lost)} lost; shown as {shown}"
    )
    return not doubled and not lost and states.keys() == {"accepted"}
