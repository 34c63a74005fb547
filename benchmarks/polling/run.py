"""`polling`: following 100 to 10,000 active runs, beside a Celery task a run and the official SDK."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from statistics import fmean
from typing import Any

from benchmarks import databases
from benchmarks.options import Options
from benchmarks.polling import crash
from benchmarks.polling.contest import Contest, Outcome, hold
from benchmarks.report import Table

LATENCY = 0.05
PER_MINUTE = 1000
NAMES = {"ours": "ours", "chain": "a Celery task a run", "official": "official SDK, a thread a run"}


def run(options: Options) -> Iterator[Table]:
    kinds = {**({"PostgreSQL": options.postgres} if options.postgres else {}), "SQLite": ""}
    yield _cost(options, kinds)
    yield _delay(options, kinds)
    yield _budget(options)
    yield crash.table(options)


def _ways(kinds: Mapping[str, str]) -> list[tuple[str, str]]:
    """Ours in each database, and the others in the first."""
    first = next(iter(kinds))
    return [*(("ours", kind) for kind in kinds), ("chain", first), ("official", first)]


def _held(postgres: str, **contest: Any) -> Outcome:
    """One contest with a database and a broker of its own: what one leaves in a broker would run in the next."""
    with databases.fresh(postgres) as environ:
        return hold(Contest(environ=environ, **contest))


def _cost(options: Options, kinds: Mapping[str, str]) -> Table:
    """What a poll costs at a server without latency, and what memory grows by."""
    table = Table(
        "Cost of a poll (no latency; CPU time of the polling processes alone)",
        ["way", "database", "runs", "polls/s", "polls/s per core", "x chain", "RSS MB", "RSS MB at 10 runs"],
        notes=["Goals: ours >= 5 x chain (P1), memory at 10,000 runs <= 1.3 x that at 10 (P6)."],
    )
    found: dict[tuple[str, str], tuple[int, Outcome, float]] = {}
    for way, kind in _ways(kinds):
        runs = 10_000 if way == "ours" else 1_000
        few = _held(kinds[kind], way="ours", runs=10, seconds=3).memory if way == "ours" else float("nan")
        found[way, kind] = runs, _held(kinds[kind], way=way, runs=runs, seconds=options.seconds), few
    chain = next(outcome.per_core for (way, _), (_, outcome, _) in found.items() if way == "chain")
    for (way, kind), (runs, outcome, few) in found.items():
        ratio = outcome.per_core / chain
        table.rows.append([NAMES[way], kind, runs, outcome.polls, outcome.per_core, ratio, outcome.memory, few])
    return table


def _delay(options: Options, kinds: Mapping[str, str]) -> Table:
    """How late a change is noticed at a server that takes its time."""
    floor = 0.5 + LATENCY
    table = Table(
        f"Delay of noticing a change, seconds (pace 1 s, latency {LATENCY * 1000:.0f} ms: the floor is {floor:.2f})",
        ["way", "database", "runs", "mean", "x floor", "p95", "max", "not noticed", "polls/s", "mean until stored"],
        notes=["Goals: mean of ours <= 1.10 x the floor at 100 and 1,000 runs, <= 2 x at 10,000 (P2)."],
    )
    for way, kind in _ways(kinds):
        for runs in (100, 1_000, 10_000) if way == "ours" else (100, 1_000):
            gap = 5.0 if runs == 100 else 30.0
            outcome = _held(kinds[kind], way=way, runs=runs, seconds=options.seconds, latency=LATENCY, gap=gap)
            stored = fmean(outcome.written) if outcome.written else float("nan")
            late = [outcome.mean, outcome.mean / floor, outcome.p95, outcome.most, outcome.unseen]
            table.rows.append([NAMES[way], kind, runs, *late, outcome.polls, stored])
    return table


def _budget(options: Options) -> Table:
    """What comes of a server's limit. The contests take place at once: they mostly wait."""
    a_second = PER_MINUTE / 60
    table = Table(
        f"At a server that answers 429 above {PER_MINUTE:,} requests a minute (a second's worth can be saved up)",
        ["way", "runs", "429", "mean s", "x N/2B", "p95 s", "max s", "x N/B", "not noticed"],
        notes=["Goals: 429 <= 0.1 %, mean <= 1.15 x N/2B, max <= 1.25 x N/B (P3)."],
    )
    entries = [("ours", 100), ("ours", 300), ("ours", 1_000), ("official", 100), ("official", 300)]
    with ExitStack() as stack, ThreadPoolExecutor(len(entries)) as threads:
        contests = [
            Contest(
                way=way,
                runs=runs,
                environ=stack.enter_context(databases.fresh(options.postgres)),
                seconds=3 * options.seconds,
                latency=LATENCY,
                gap=20,
                per_minute=PER_MINUTE,
                drain=max(30.0, 1.5 * runs / a_second),
            )
            for way, runs in entries
        ]
        outcomes = list(threads.map(hold, contests))
    for contest, outcome in zip(contests, outcomes, strict=True):
        round_trip = contest.runs / a_second
        late = [outcome.mean, outcome.mean / (round_trip / 2), outcome.p95, outcome.most, outcome.most / round_trip]
        refused = f"{outcome.refused:.2%}"
        table.rows.append([NAMES[contest.way], contest.runs, refused, *late, outcome.unseen])
    return table
