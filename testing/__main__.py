"""`make test`: the whole suite on SQLite, then the tests marked `database` on PostgreSQL.

Arguments go to pytest and choose a part of the suite, which runs on SQLite alone. Variables:

SLOW=on            also runs the tests marked `slow`, as CI does
DATABASE=sqlite | postgresql | both
                   where to run; by default both, and SQLite for a part of the suite
REQUIRE_SERVICES=on
                   fails where PostgreSQL or Redis cannot be had, as in CI, instead of leaving them out
TEST_POSTGRES_URL, TEST_REDIS_URL
                   services to use instead of those on this machine or out of their wheels
CHROMIUM           the browser to use
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from launcher.locations import Refusal
from testing import browser_finder, variables
from testing.backing_services import ROOT, Unavailable, claim_postgres, provide_postgres, provide_redis
from testing.suite import POSTGRES, SQLITE, WORKERS, Leg, print_line, run_leg, summarize

DATABASES = ("sqlite", "postgresql", "both")


def main(arguments: Sequence[str]) -> int:
    """Run the chosen legs; the exit code is 0 when all of them passed."""
    chosen = os.environ.get("DATABASE") or ("sqlite" if arguments else "both")
    if chosen not in DATABASES:
        print_line(f"DATABASE is one of {', '.join(DATABASES)}, not {chosen!r}.")
        return 2
    if missing := find_missing_paths(arguments):
        print_line(f"There is no {' and no '.join(missing)}.")
        return 2
    legs, left_out = [], []
    try:
        os.environ["CHROMIUM"] = browser_finder.find()
    except browser_finder.NoBrowser as error:
        if needs_browser(arguments):
            print_line(str(error))
            return 1
    if chosen != "postgresql":
        legs.append(Leg(SQLITE, "sqlite", select_tests(arguments)))
    if chosen != "sqlite":
        try:
            legs.append(Leg(POSTGRES, "postgresql", select_tests(arguments, "database"), provide_services()))
        except Unavailable as error:
            if variables.requires_services():
                print_line(str(error))
                return 1
            left_out.append(f"{POSTGRES}: {error}")
    elif not os.environ.get("DATABASE"):
        left_out.append(f"{POSTGRES}, as for every part of the suite (DATABASE=both runs it there too)")
    return summarize([run_leg(leg, arguments) for leg in legs], left_out)


def find_paths(arguments: Sequence[str]) -> list[str]:
    """The files and folders that arguments name, without what follows `::`."""
    paths = [each.partition("::")[0] for each in arguments if not each.startswith("-")]
    return [each for each in paths if (ROOT / each).exists()]


def find_missing_paths(arguments: Sequence[str]) -> list[str]:
    """The arguments that name a file or folder which does not exist. With pytest-xdist, pytest accepts them."""
    # What follows an option may be its value.
    pairs = zip(("", *arguments), arguments, strict=False)
    paths = [each.partition("::")[0] for before, each in pairs if not before.startswith("-") and is_path(each)]
    return [each for each in paths if not (ROOT / each).exists()]


def is_path(argument: str) -> bool:
    """Whether an argument of pytest names a file or folder."""
    return not argument.startswith("-") and ("/" in argument or argument.partition("::")[0].endswith(".py"))


def needs_browser(arguments: Sequence[str]) -> bool:
    """Whether browser tests may be among the chosen ones."""
    paths = find_paths(arguments)
    return not paths or any(each.startswith("tests/browser") or each.strip("./") == "tests" for each in paths)


def provide_services() -> dict[str, str]:
    """The variables of a PostgreSQL database and a Redis database. Raises Unavailable."""
    postgres = claim_postgres(provide_postgres())
    return {"DATABASE_URL": postgres, "BROKER_URL": provide_redis()}


def select_tests(arguments: Sequence[str], marked: str = "") -> list[str]:
    """The options of pytest that choose tests and how many run at once.

    A few files run in one process, which has its result before others have started.
    """
    marks = " and ".join(filter(None, [marked, "" if variables.runs_slow_tests() else "not slow"]))
    paths = [ROOT / each for each in find_paths(arguments)]
    files = [each for each in paths if each.is_file()]
    is_small = 0 < len(files) <= 3 and not any(each.is_dir() for each in paths)
    # Files without the mark need not be read.
    named = [] if paths or not marked else find_files(f"mark.{marked}")
    return [*(["-m", marks] if marks else []), "-n", "0" if is_small else str(WORKERS), *named]


def find_files(text: str) -> list[str]:
    """The files of tests in which that stands."""
    return sorted(str(path) for path in (ROOT / "tests").rglob("test_*.py") if text in path.read_text())


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Refusal as error:
        sys.exit(str(error))
