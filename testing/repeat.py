"""`make test-repeat`: run the suite many times on a loaded machine, and name every test that was not steady.

Two suites run beside each other, so that each is the load of the other, until COUNT runs (10) have ended. Arguments
go to pytest. The output of each run is kept in test-results/repeat/.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from testing.backing_services import ROOT, results_folder
from testing.suite import print_line
from testing.test_results import read_failures

LANES = 2


def main(arguments: Sequence[str]) -> int:
    """Run the suite; the exit code is 0 where each run passed without a flaky test."""
    count = int(os.environ.get("COUNT", "10"))
    with ThreadPoolExecutor(LANES) as lanes:
        unsteady = list(lanes.map(lambda number: run_suite(number, arguments), range(1, count + 1)))
    found: Counter[str] = sum(unsteady, Counter())
    print_line(f"{count} runs, {sum(not each for each in unsteady)} of them without a flaky or failed test")
    for test, times in found.most_common():
        print_line(f"  {times} x {test}")
    return 1 if found else 0


def run_suite(number: int, arguments: Sequence[str]) -> Counter[str]:
    """Run the suite once. Returns the tests that failed, also those that passed at the second try."""
    folder = results_folder() / "repeat" / str(number)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    environ = os.environ | {"TEST_RESULTS": str(folder)}
    command = [sys.executable, "-m", "testing", *arguments, "-o", f"cache_dir={folder.with_suffix('.cache')}"]
    environ.setdefault("DATABASE", "sqlite" if arguments else "both")
    started = time.monotonic()
    with (folder / "output.txt").open("wb") as output:
        code = subprocess.run(command, cwd=ROOT, env=environ, stdout=output, stderr=output, check=False).returncode
    found = Counter({each.test for log in folder.glob("*.jsonl") for each in read_failures(log)})
    if code and not found:
        found[f"run {number} ended with exit code {code} (see {folder / 'output.txt'})"] = 1
    seconds, load = time.monotonic() - started, os.getloadavg()[0]
    print_line(
        f"run {number}: {'failed' if code else 'passed'} in {seconds:.0f} s, load {load:.1f}, {len(found)} unsteady"
    )
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
