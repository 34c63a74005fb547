"""`start`: seconds to the ready line from the second start on, and memory of all processes."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import processes
from benchmarks.options import Options
from benchmarks.report import Table
from testing.stack import start_stack

SETTLE = 5.0  # seconds from the ready line to the look at memory


def run(options: Options) -> Iterator[Table]:
    table = Table(
        "make run (the launcher, SQLite, embedded broker, local API, demonstration)",
        ["start", "s to ready", "RSS MB", "PSS MB", "processes"],
        notes=["Goals: a second start within 6 s; 500 MB. RSS counts shared pages once for each process, PSS once."],
    )
    with tempfile.TemporaryDirectory(prefix="switchboard-benchmark-") as folder:
        starts = [_start(Path(folder) / "data") for _ in range(options.starts + 1)]
    table.rows.append(["first", *starts[0]])
    table.rows.append(["later, median", *(statistics.median(column) for column in zip(*starts[1:], strict=True))])
    yield table


def _start(folder: Path) -> tuple[float, float, float, int]:
    stack = start_stack(folder, env={"DATABASE_URL": "", "BROKER_URL": ""})
    try:
        time.sleep(SETTLE)
        pids = processes.family(stack.process.pid)
        return stack.ready_seconds, processes.resident(pids), processes.proportional(pids), len(pids)
    finally:
        stack.stop()
