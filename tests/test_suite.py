"""`make test` tells the truth: what failed once, what was left out, and what could not be had."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from testing.backing_services import ROOT, start_postgres

SAMPLE = """
from pathlib import Path
import pytest

def fail_once(name):
    seen = Path(__file__).with_name(name)
    if not seen.exists():
        seen.touch()
        raise AssertionError(f"{name} was not there")

def test_flaky(): fail_once("first")
"""
MORE = """
def test_broken(): assert 1 == 2
def test_sound(): pass

@pytest.mark.skip(reason="no such server here")
def test_skipped(): pass
"""
# What the run that this test is a part of was given.
INHERITED = {"BROKER_URL", "DATABASE_URL", "REQUIRE_SERVICES", "DATABASE"}
THREE = """
def test_flaky_too(): fail_once("second")
def test_flaky_as_well(): fail_once("third")
"""


def run_suite(folder: Path, *arguments: str, **variables: str) -> tuple[int, str]:
    """The exit code and the output of `make test`; its results are kept in this folder."""
    command = [sys.executable, "-m", "testing", *arguments]
    given = {name: value for name, value in os.environ.items() if name not in INHERITED}
    environ = {**given, "TEST_RESULTS": str(folder), **variables}
    done = subprocess.run(
        command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return done.returncode, done.stdout


def run_sample(folder: Path, text: str) -> tuple[int, str]:
    """The same for a file of tests with this text."""
    (folder / "test_sample.py").write_text(text)
    config = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(folder), "-o", f"cache_dir={folder / 'cache'}"]
    return run_suite(folder, str(folder / "test_sample.py"), *config)


@pytest.mark.slow
def test_each_test_that_did_not_simply_pass_is_named_in_the_last_lines(tmp_path: Path) -> None:
    code, output = run_sample(tmp_path, SAMPLE + MORE)
    end = output.rpartition("short test summary")[2]
    assert code == 1
    assert "failed on SQLite and the embedded broker: test_sample.py::test_broken: assert 1 == 2" in end
    assert "skipped: 1 test: no such server here" in end
    assert "flaky, failed and then passed when run alone" in end
    assert "  test_sample.py::test_flaky: AssertionError: first was not there" in end
    assert "test_sound" not in end
    assert "left out: PostgreSQL and Redis" in end.splitlines()[-1]
    (entry,) = [json.loads(line) for line in (tmp_path / "flaky.jsonl").read_text().splitlines()]
    assert (entry["test"], entry["on"]) == ("test_sample.py::test_flaky", "SQLite and the embedded broker")


@pytest.mark.slow
def test_three_flaky_tests_fail_a_run_in_which_all_passed_in_the_end(tmp_path: Path) -> None:
    code, output = run_sample(tmp_path, SAMPLE + THREE)
    assert code == 1
    assert "passed in" in output
    assert output.splitlines()[-1] == "FAILED: 3 flaky tests; 3 fail a run."


@pytest.mark.slow
def test_ci_fails_where_a_service_cannot_be_had(tmp_path: Path) -> None:
    nowhere = {"DATABASE": "postgresql", "REQUIRE_SERVICES": "on"}
    code, output = run_suite(tmp_path, TEST_POSTGRES_URL="postgres://postgres@127.0.0.1:1/postgres", **nowhere)
    assert (code, "TEST_POSTGRES_URL cannot be reached" in output) == (1, True)
    code, output = run_suite(tmp_path, TEST_REDIS_URL="redis://127.0.0.1:1", **nowhere)
    assert (code, "TEST_REDIS_URL cannot be reached" in output) == (1, True)


def test_elsewhere_the_half_that_is_left_out_is_named_in_the_last_line(tmp_path: Path) -> None:
    nowhere = {"DATABASE": "postgresql", "TEST_POSTGRES_URL": "postgres://postgres@127.0.0.1:1/postgres"}
    code, output = run_suite(tmp_path, **nowhere)
    assert output.splitlines()[-1].startswith("left out: PostgreSQL and Redis: TEST_POSTGRES_URL cannot be reached")
    assert code == 0


@pytest.mark.parametrize(
    ("arguments", "variables", "told"),
    [
        (["tests/views/test_nothing.py"], {}, "There is no tests/views/test_nothing.py."),
        (["tests/views/test_queue.py", "tests/nowhere"], {}, "There is no tests/nowhere."),
        pytest.param(["tests/test_suite.py", "-k", "nosuchtest"], {}, "FAILED: no test ran.", marks=pytest.mark.slow),
        (["tests/test_suite.py", "-k", "three_flaky"], {"SLOW": "off"}, "Slow tests run with SLOW=on"),
        pytest.param(
            [], {"DATABASE": "sqlite", "PYTEST_ADDOPTS": "-k nosuchtest"}, "FAILED in", marks=pytest.mark.slow
        ),
        (["tests/test_suite.py"], {"SLOW": "maybe"}, "SLOW must be on or off, not 'maybe'."),
    ],
)
def test_a_run_without_a_test_fails_and_says_why(
    tmp_path: Path, arguments: list[str], variables: dict[str, str], told: str
) -> None:
    code, output = run_suite(tmp_path, *arguments, **variables)
    assert code != 0
    assert told in output.splitlines()[-1]


def test_without_a_browser_the_suite_fails_at_once(tmp_path: Path) -> None:
    code, output = run_suite(tmp_path, CHROMIUM="/nowhere/chromium")
    assert code == 1
    assert "set it to the path of a Chromium" in output


@pytest.mark.slow
def test_where_no_postgresql_runs_one_is_started_from_its_wheel() -> None:
    with psycopg.connect(start_postgres("none runs")) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
