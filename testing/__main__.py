"""`make test`: the whole suite on the embedded defaults, then on PostgreSQL and Redis where they run.

What is marked slow runs only where SLOW is set, as it is in CI. Arguments go to pytest.
TEST_POSTGRES_URL and TEST_REDIS_URL say where those are.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from testing import backing_services, browser_finder

POSTGRES = "postgres://postgres@127.0.0.1:5432/postgres"
REDIS = "redis://127.0.0.1:6379"
# One of them has the browser tests, so what that starts has a processor too.
AT_ONCE = ("-n", str(max(os.cpu_count() or 1, 2)))
MORE_TRIES = 2  # of what failed, alone
# In a browser, what writes and what is told of it meets both databases; the rest looks at pages, which are the same.
BROWSER_TWICE = ("desk", "live", "main_job", "once", "stream")
# These touch neither database nor broker, or look at what no database changes: once is enough.
ONCE = [
    f"--ignore={path.as_posix()}"
    for path in (
        *(Path("tests") / name for name in ("api", "local_api", "templatetags", "test_colours.py", "test_launch.py")),
        *(each for each in sorted(Path("tests/browser").glob("test_*.py")) if each.stem[5:] not in BROWSER_TWICE),
    )
]


def main() -> int:
    """Run both; the exit code is 0 when both passed."""
    try:
        os.environ["CHROMIUM"] = browser_finder.find()
    except browser_finder.NoBrowser as none:
        say(str(none))
        return 1
    results = {"SQLite and the embedded broker": run_pytest({})}
    grown_up, without = services_there()
    if grown_up:
        results[" and ".join(grown_up)] = run_pytest(grown_up_environment(grown_up), *ONCE)
    say("")
    for leg, (code, seconds) in results.items():
        say(f"{'passed' if code == 0 else 'FAILED'} in {seconds:.0f} s on {leg}")
    for line in without:
        say(line)
    return max(code for code, _ in results.values())


def run_pytest(variables: dict[str, str], *options: str) -> tuple[int, float]:
    """The exit code and the seconds of one run. What failed is tried again, alone: pages of a busy machine may
    take longer than a test waits."""
    chosen = () if os.environ.get("SLOW") else ("-m", "not slow")
    environ = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "BROKER_URL"}}
    command = [sys.executable, "-m", "pytest", *chosen, *options, *sys.argv[1:]]
    began = time.monotonic()
    code = subprocess.run([*command, *AT_ONCE], env=environ | variables, check=False).returncode
    again = [*command, "-v", "--last-failed", "--last-failed-no-failures=none"]
    for _ in range(MORE_TRIES):
        if code != pytest.ExitCode.TESTS_FAILED:
            break
        say("Once more, one after the other, what failed:")
        code = subprocess.run(again, env=environ | variables, check=False).returncode
    return code, time.monotonic() - began


def services_there() -> tuple[dict[str, str], list[str]]:
    """The URLs of PostgreSQL and Redis by name, and a sentence for what is left out."""
    postgres = os.environ.get("TEST_POSTGRES_URL", POSTGRES)
    try:
        backing_services.server(postgres).close()
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[-1]
        return {}, [f"left out: PostgreSQL and Redis, because {postgres} cannot be reached ({reason})"]
    redis_url = os.environ.get("TEST_REDIS_URL", REDIS)
    claimed = backing_services.claim_redis(redis_url) if backing_services.answers(redis_url) else None
    if claimed is None:
        return {"PostgreSQL": postgres}, [f"left out: Redis, because {redis_url} has no empty database for tests"]
    return {"PostgreSQL": postgres, "Redis": claimed}, []


def grown_up_environment(urls: dict[str, str]) -> dict[str, str]:
    """The variables of the second run: a database of its own on each server."""
    environ = {"DATABASE_URL": backing_services.claim_postgres(urls["PostgreSQL"])}
    if "Redis" in urls:
        environ["BROKER_URL"] = urls["Redis"]
    return environ


def say(text: str) -> None:
    """One line to the terminal, in order with pytest's."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
