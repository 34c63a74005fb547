"""`python -m testing.times`: the seconds that each file of the newest run took, the slowest first."""

from __future__ import annotations

import sys

from testing.backing_services import results_folder
from testing.suite import print_line
from testing.test_results import sum_times


def main() -> int:
    """Print a line for each file, for both legs."""
    for leg in ("sqlite", "postgresql"):
        times = sum_times([results_folder() / f"{leg}.jsonl", results_folder() / f"{leg}-again.jsonl"])
        total = sum(each.seconds for each in times.values())
        print_line(f"{leg}: {total:.0f} s of tests in {len(times)} files")
        for path, each in times.items():
            print_line(f"{each.seconds:8.1f} s {each.tests:5d} tests  {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
