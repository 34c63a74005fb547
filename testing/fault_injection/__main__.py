"""`python -m testing.fault_injection [answers | posting]`: tool outputs submitted, or objects created, under faults.

SEED and COUNT are read from the environment, or given as options."""

import argparse
import os
import secrets
import sys

from testing.fault_injection import fault_run, lost_responses
from testing.fault_injection.fault_kinds import KINDS


def main() -> int:
    """The exit code: 0 where nothing was lost and nothing arrived twice."""
    parser = argparse.ArgumentParser(
        prog="python -m testing.fault_injection", description="What people send, under faults."
    )
    parser.add_argument("what", nargs="?", choices=["answers", "posting"], default="answers")
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED") or secrets.randbelow(10**6)))
    parser.add_argument("--count", type=int, default=int(os.environ.get("COUNT") or 0))
    parser.add_argument("--at-once", type=int, default=24)
    parser.add_argument("--only", choices=list(KINDS), help="faults of this kind alone")
    given = parser.parse_args()
    if given.what == "posting":
        went_well = lost_responses.measured(seed=given.seed, count=given.count or 300, at_once=given.at_once)
    else:
        went_well = fault_run.measured(
            seed=given.seed, count=given.count or 500, at_once=given.at_once, only=given.only
        )
    return 0 if went_well else 1


if __name__ == "__main__":
    sys.exit(main())
