"""What a run of pytest wrote to its report log (`--report-log`): outcomes, and the time each file took."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Failure:
    """A test that failed; `error` is the last line of what pytest said about it."""

    test: str
    error: str


@dataclass
class FileTime:
    """The seconds that the tests of a file took, in setup, call and teardown together."""

    tests: int = 0
    seconds: float = 0.0


def read_reports(log: Path) -> Iterator[dict[str, Any]]:
    """The reports in a log; none where pytest ended before it wrote one."""
    if not log.exists():
        return
    with log.open(encoding="utf-8") as lines:
        for line in lines:
            report = json.loads(line)
            if report.get("$report_type") == "TestReport":
                yield report


def read_failures(log: Path) -> list[Failure]:
    """The tests that failed in any phase, each once."""
    found = {each["nodeid"]: _last_line(each) for each in read_reports(log) if each["outcome"] == "failed"}
    return [Failure(test, error) for test, error in found.items()]


def count_skips(log: Path) -> Counter[str]:
    """How many tests were skipped for each reason."""
    skipped = (each for each in read_reports(log) if each["outcome"] == "skipped")
    return Counter(_skip_reason(each) for each in skipped)


def sum_times(logs: Iterable[Path]) -> dict[str, FileTime]:
    """The time of each file, the slowest first."""
    found: dict[str, FileTime] = defaultdict(FileTime)
    for log in logs:
        for report in read_reports(log):
            entry = found[report["nodeid"].partition("::")[0]]
            entry.seconds += report["duration"]
            entry.tests += report["when"] == "call"
    return dict(sorted(found.items(), key=lambda item: -item[1].seconds))


def _last_line(report: dict[str, Any]) -> str:
    """The message of the crash, where pytest knows it."""
    representation = report.get("longrepr")
    if isinstance(representation, dict):
        crash = representation.get("reprcrash") or {}
        return str(crash.get("message", "")).partition("\n")[0]
    return str(representation).strip().rpartition("\n")[2]


def _skip_reason(report: dict[str, Any]) -> str:
    representation = report.get("longrepr")
    text = str(representation[2]) if isinstance(representation, list) else str(representation)
    return text.removeprefix("Skipped: ")
