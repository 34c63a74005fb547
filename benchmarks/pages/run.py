"""`pages`: server time of the thread page and the thread list beside a bare keyset view and Django's admin."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping

from benchmarks import databases
from benchmarks.options import Options
from benchmarks.processes import ROOT
from benchmarks.report import Table

BESIDE = {
    "thread: ours": "thread: bare",
    "thread: admin": "thread: bare",
    "thread with 25 runs: ours": "thread with 25 runs: bare",
    "thread of 5,000: ours": "thread: bare",
    "thread of 5,000, deepest: ours": "thread: bare",
    "list: ours": "list: bare",
    "list: admin": "list: bare",
    "list, deepest: ours": "list: bare",
    "list, deepest: admin": "list: bare",
}


def run(options: Options) -> Iterator[Table]:
    for kind, postgres in [("SQLite", ""), *([("PostgreSQL", options.postgres)] if options.postgres else [])]:
        environ = databases.kept(options.folder, f"pages-{options.messages}", postgres)
        _python(environ, "dashboard.settings", "benchmarks.pages.fill", options.messages)
        printed = _python(environ, "benchmarks.pages.settings", "benchmarks.pages.measure", options.rounds)
        found = json.loads(printed.splitlines()[-1])
        yield _table(kind, options.messages, found)


def _python(environ: Mapping[str, str], settings: str, module: str, number: int) -> str:
    variables = {**os.environ, **environ, "DJANGO_SETTINGS_MODULE": settings}
    command = [sys.executable, "-m", module, str(number)]
    return subprocess.run(command, cwd=ROOT, env=variables, check=True, stdout=subprocess.PIPE, text=True).stdout


def _table(kind: str, messages: int, found: dict[str, dict[str, float]]) -> Table:
    table = Table(
        f"Pages of 50 rows among {messages:,} messages, {kind}, one process, in turn",
        ["page", "p50 ms", "CPU ms", "queries", "x bare", "x bare, CPU"],
        notes=["Goals: thread and list of ours <= 1.3 x bare, <= 8 queries, the same for any length."],
    )
    for name, figures in found.items():
        bare = found[BESIDE.get(name, name)]
        ratios = [figures[kind] / bare[kind] for kind in ("p50", "cpu")]
        table.rows.append([name, figures["p50"], figures["cpu"], figures["queries"], *ratios])
    return table
