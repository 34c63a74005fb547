"""One way of following runs against one server for a while: what it cost, and how late it noticed."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from benchmarks import processes
from testing.backing_services import free_port

CHAIN_PROCESSES = 8
LONGEST_START = 90  # seconds


@dataclass(frozen=True, kw_only=True)
class Contest:
    """`environ` names the database and the broker. `warm_up` and `seconds` are of the clock, `latency` is the
    server's, `gap` the mean time between two changes of a run, all in seconds. `drain` bounds the wait for changes
    that are not noticed yet when the time is over."""

    way: str
    runs: int
    environ: Mapping[str, str]
    seconds: float
    latency: float = 0.0
    gap: float = 30.0
    per_minute: int = 0
    warm_up: float = 4.0
    drain: float = 10.0


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`delays` are from a change to the answer that shows it, `written` to the row that shows it."""

    polls: float
    per_core: float
    refused: float
    delays: list[float]
    unseen: int
    written: list[float] = field(default_factory=list)
    memory: float = 0.0

    @property
    def mean(self) -> float:
        return statistics.fmean(self.delays) if self.delays else float("nan")

    @property
    def p95(self) -> float:
        return percentile(self.delays, 0.95)

    @property
    def most(self) -> float:
        return max(self.delays, default=float("nan"))


def percentile(values: list[float], share: float) -> float:
    """The value that this share of values does not exceed; nan for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


class Remote:
    """The server's control path."""

    def __init__(self, port: int) -> None:
        self.origin = f"http://127.0.0.1:{port}"

    def __call__(self, path: str) -> Any:
        with urllib.request.urlopen(self.origin + path, timeout=30) as reply:
            return json.load(reply)


@contextmanager
def serving(contest: Contest) -> Iterator[Remote]:
    """The server that is asked."""
    port = free_port()
    options = ["--runs", contest.runs, "--latency", contest.latency, "--gap", contest.gap]
    process = processes.start("benchmarks.polling.server", "--port", port, *options, "--per-minute", contest.per_minute)
    try:
        processes.wait_for_line(process)
        yield Remote(port)
    finally:
        processes.kill(process)


@contextmanager
def following(contest: Contest, origin: str) -> Iterator[int]:
    """The way at work on all runs; gives the key of its (first) process."""
    url = f"{origin}/v1"
    environ = {**contest.environ, "BENCHMARK_URL": url}
    if contest.way != "official":
        once("benchmarks.polling.ours", "prepare", contest.runs, url, contest.per_minute, environ=environ)
    if contest.way == "ours":
        process = processes.start("benchmarks.polling.ours", "follow", environ=environ)
    elif contest.way == "official":
        process = processes.start("benchmarks.polling.official", contest.runs, url)
    else:
        process = chain(contest, environ)
    try:
        if contest.way != "chain":
            processes.wait_for_line(process)
        yield process.pid
    finally:
        processes.kill(process)


def chain(contest: Contest, environ: Mapping[str, str]) -> subprocess.Popen[str]:
    """A worker with its chains begun."""
    options = ["--pool", "prefork", "--concurrency", CHAIN_PROCESSES, "--loglevel", "CRITICAL", "--without-mingle"]
    environ = {**environ, "PYTHONWARNINGS": "ignore"}  # Celery's, of those who may do everything
    worker = processes.start("celery", "-A", "benchmarks.polling.chain", "worker", *options, environ=environ)
    once("benchmarks.polling.chain", contest.runs, environ=environ)
    return worker


def once(module: str, *arguments: object, environ: Mapping[str, str]) -> str:
    """Runs `python -m module` to its end; gives what it printed."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    return subprocess.run(
        command, cwd=processes.ROOT, env={**os.environ, **environ}, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def hold(contest: Contest) -> Outcome:
    """Measures one way."""
    with serving(contest) as remote, following(contest, remote.origin) as pid:
        until_asked(remote, contest.runs)
        time.sleep(contest.warm_up)
        remote("/begin")
        began, used = time.monotonic(), cost(pid)
        time.sleep(contest.seconds)
        used, passed = cost(pid) - used, time.monotonic() - began
        counted = remote("/end")
        memory = processes.resident(processes.family(pid))
        state = drained(remote, contest.drain)
        written = delays_of_rows(contest, state) if contest.way == "ours" else []
    answered = counted["asked"] - counted["refused"]
    return Outcome(
        polls=answered / passed,
        per_core=answered / used,
        refused=counted["refused"] / max(1, counted["asked"]),
        delays=state["delays"] + state["unseen"],
        unseen=len(state["unseen"]),
        written=written,
        memory=memory,
    )


def until_asked(remote: Remote, runs: int) -> None:
    """Waits until every run was asked about once, or LONGEST_START (who is refused again and again may never come
    to that): from then on it warms up. Raises RuntimeError where nobody asks."""
    until = time.monotonic() + LONGEST_START
    while (asked := remote("/state?since=1000")["asked_runs"]) < runs:
        if time.monotonic() > until:
            if not asked:
                raise RuntimeError(f"No request came within {LONGEST_START} s.")
            return
        time.sleep(0.25)


def cost(pid: int) -> float:
    return processes.cpu_seconds(processes.family(pid))


def drained(remote: Remote, seconds: float) -> Any:
    """The state once all changes are noticed, or time is up."""
    until = time.monotonic() + seconds
    while (state := remote("/state"))["unseen"] and time.monotonic() < until:
        time.sleep(0.25)
    time.sleep(0.5)
    return state


def delays_of_rows(contest: Contest, state: Any) -> list[float]:
    """From the last change of each run to the time at which its row had it."""
    rows = json.loads(once("benchmarks.polling.ours", "written", environ=contest.environ))
    return [rows[run_id] - changed_at for run_id, changed_at in state["changed"].items()]
