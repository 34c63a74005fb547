"""Run the test suite: on SQLite with the embedded broker, then what a database can change on PostgreSQL with Redis.

A test that failed is run once more, alone. It is never forgotten: whatever passed at the second try is listed by name
in the last lines, recorded in test-results/flaky.jsonl, and fails the run where there are three of them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from testing.backing_services import ROOT, results_folder
from testing.test_results import Failure, count_skips, read_failures

SQLITE = "SQLite and the embedded broker"
POSTGRES = "PostgreSQL and Redis"
# Most tests wait for a process or a page, so there are more of them than processors.
WORKERS = max(os.cpu_count() or 1, 2) + 1
FLAKY_LIMIT = 3
# More failures than this are no accident, and running them again would only take time.
SECOND_TRIES = 10
# Variables of a running dashboard that do not count for tests.
NOT_FOR_TESTS = {"DATABASE_URL", "BROKER_URL", "DJANGO_SETTINGS_MODULE"}
PYTEST_FAILED, PYTEST_FOUND_NONE = 1, 5


@dataclass(frozen=True)
class Leg:
    """One run of pytest. `environ` names the services, `options` choose the tests, `file` names its report log."""

    name: str
    file: str
    options: Sequence[str] = ()
    environ: dict[str, str] = field(default_factory=dict)


@dataclass
class LegResult:
    """What came of a leg; `flaky` failed at first and passed when run alone."""

    leg: Leg
    seconds: float = 0.0
    code: int = 0
    failed: list[Failure] = field(default_factory=list)
    flaky: list[Failure] = field(default_factory=list)
    found_none: bool = False
    skipped: Counter[str] = field(default_factory=Counter)

    @property
    def passed(self) -> bool:
        return self.code == 0


def run_leg(leg: Leg, arguments: Sequence[str]) -> LegResult:
    """Run pytest, and once more, alone, what failed."""
    started = time.monotonic()
    log = results_folder() / f"{leg.file}.jsonl"
    result = LegResult(leg, code=_run_pytest(leg, arguments, log))
    result.skipped = count_skips(log)
    if result.code == PYTEST_FOUND_NONE and arguments:
        # A part of the suite need not have tests for this leg, as long as it has some for the other.
        result.code, result.found_none = 0, True
    result.failed = read_failures(log)
    if result.code == PYTEST_FAILED and 0 < len(result.failed) <= SECOND_TRIES:
        _try_again(result, arguments)
    result.seconds = time.monotonic() - started
    return result


def _try_again(result: LegResult, arguments: Sequence[str]) -> None:
    """Run what failed alone, and tell what failed again from what passed."""
    print_line("Once more, one after the other, what failed:")
    log = results_folder() / f"{result.leg.file}-again.jsonl"
    again = [*arguments, "-v", "--last-failed", "--last-failed-no-failures=none", "-n0"]
    result.code = _run_pytest(result.leg, again, log)
    failed = {each.test for each in read_failures(log)}
    result.flaky = [each for each in result.failed if each.test not in failed]
    result.failed = [each for each in result.failed if each.test in failed]
    record_flaky(result)


def _run_pytest(leg: Leg, arguments: Sequence[str], log: Path) -> int:
    """The exit code of one run of pytest."""
    log.unlink(missing_ok=True)
    environ = {name: value for name, value in os.environ.items() if name not in NOT_FOR_TESTS}
    command = [sys.executable, "-m", "pytest", *leg.options, f"--report-log={log}", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environ | leg.environ, check=False).returncode


def record_flaky(result: LegResult) -> None:
    """Append the flaky tests of a leg to the record."""
    with (results_folder() / "flaky.jsonl").open("a", encoding="utf-8") as file:
        for each in result.flaky:
            entry = {
                "at": datetime.now(UTC).isoformat(timespec="seconds"),
                "test": each.test,
                "on": result.leg.name,
                "load": round(os.getloadavg()[0], 1),
                "error": each.error,
            }
            file.write(json.dumps(entry) + "\n")


def summarize(results: Sequence[LegResult], left_out: Sequence[str]) -> int:
    """Print the last lines of a run. Returns its exit code."""
    flaky = {each.test: each for result in results for each in result.flaky}
    print_line("")
    for result in results:
        for failure in result.failed:
            print_line(f"failed on {result.leg.name}: {failure.test}: {failure.error}")
    for reason, count in sum((result.skipped for result in results), Counter()).items():
        print_line(f"skipped: {count} {'test' if count == 1 else 'tests'}: {reason}")
    if flaky:
        print_line(f"flaky, failed and then passed when run alone (recorded in {results_folder().name}/flaky.jsonl):")
        for each in flaky.values():
            print_line(f"  {each.test}: {each.error}")
    for result in results:
        outcome = "FAILED" if not result.passed else "no test ran" if result.found_none else "passed"
        print_line(f"{outcome} in {result.seconds:.0f} s on {result.leg.name}")
    for line in left_out:
        print_line(f"left out: {line}")
    if len(flaky) >= FLAKY_LIMIT:
        print_line(f"FAILED: {len(flaky)} flaky tests; {FLAKY_LIMIT} fail a run.")
        return 1
    if results and all(result.found_none for result in results):
        print_line(
            "FAILED: no test ran. Slow tests run with SLOW=on, and only tests marked `database` run on PostgreSQL."
        )
        return 1
    return max((result.code for result in results), default=0)


def print_line(text: str) -> None:
    """One line to the terminal, in order with pytest's."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
