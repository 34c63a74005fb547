"""`make run`'s launcher, with all of its processes."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from launcher.readiness import answer
from testing.backing_services import ROOT, free_port
from testing.stack import Stack, launch, start_stack

ALWAYS = {"launcher", "supervisor", "web", "worker", "beat", "local_api"}


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    running = start_stack(tmp_path / "data", env={"DEMONSTRATION": "off"})
    yield running
    running.process.kill()
    running.process.wait()
    wait_until(lambda: not running.pids())


def wait_until(true: Callable[[], object], *, seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.05)


def health(stack: Stack) -> dict[str, object]:
    with urllib.request.urlopen(f"{stack.url}/healthz", timeout=10) as response:
        found: dict[str, object] = json.load(response)
        return found


def refusal(folder: Path | str, **variables: str) -> str:
    """What a start that is refused says: one line, on standard error."""
    environ = {
        **os.environ,
        "DATA_DIR": str(folder),
        "PORT": str(free_port()),
        "LOCAL_API_PORT": str(free_port()),
    }
    done = subprocess.run(
        [sys.executable, "-m", "launcher", "run"],
        cwd=ROOT,
        env={**environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.mark.slow
def test_it_runs_every_program_with_the_demonstration_until_ctrl_c(tmp_path: Path) -> None:
    stack = start_stack(tmp_path / "data")
    assert set(stack.pids()) >= ALWAYS
    assert stack.url == f"http://127.0.0.1:{stack.environ['PORT']}"
    assert stack.sign_in_url.startswith(f"{stack.url}/")
    assert health(stack)
    assert api(stack, "/assistants")["data"]
    with urllib.request.urlopen(f"{stack.url}/healthz", timeout=10):
        began = time.monotonic()
        assert stack.stop() == 0
    assert time.monotonic() - began < 5
    assert stack.pids() == {}


@pytest.mark.slow
def test_a_second_ctrl_c_stops_it_at_once(stack: Stack) -> None:
    os.kill(stack.pids()["web"], signal.SIGSTOP)  # so that an orderly stop takes three seconds
    stack.process.send_signal(signal.SIGINT)
    time.sleep(0.7)
    stack.process.send_signal(signal.SIGINT)
    assert stack.process.wait(timeout=10) == 130
    wait_until(lambda: not stack.pids())


@pytest.mark.slow
def test_two_signals_of_one_stop_are_one(stack: Stack) -> None:
    stack.process.send_signal(signal.SIGTERM)
    stack.process.send_signal(signal.SIGINT)
    assert stack.process.wait(timeout=10) == 0
    assert stack.pids() == {}


@pytest.mark.slow
def test_a_second_start_keeps_all_data(stack: Stack) -> None:
    made = api(stack, "/assistants", {"model": "any", "name": "Kept"})
    stack.stop()
    again = start_stack(stack.folder, env={"DEMONSTRATION": "off"})
    try:
        assert api(again, f"/assistants/{made['id']}") == made
    finally:
        assert again.stop() == 0


def api(stack: Stack, path: str, body: dict[str, str] | None = None) -> dict[str, object]:
    request = urllib.request.Request(
        stack.local_api_url + path,
        data=json.dumps(body).encode() if body else None,
        headers={
            "Authorization": f"Bearer {stack.local_api_key}",
            "Content-Type": "application/json",
            "OpenAI-Beta": "assistants=v2",
        },
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        found: dict[str, object] = json.load(response)
        return found


@pytest.mark.parametrize("victim", ["launcher", "supervisor"])
@pytest.mark.slow
def test_no_orphan_survives_a_killed(victim: str, stack: Stack) -> None:
    stack.kill(victim)
    wait_until(lambda: not stack.pids())


@pytest.mark.slow
def test_a_killed_program_comes_back(stack: Stack) -> None:
    # BROKER_URL may name a broker that is not ours to kill.
    for name in ["web", "worker", *{"broker"} & stack.pids().keys()]:
        before = stack.pids()[name]
        stack.kill(name)
        wait_until(partial(has_come_back, stack, name, before))
        wait_until(lambda: answers_well(stack))


def has_come_back(stack: Stack, name: str, before: int) -> bool:
    return stack.pids().get(name, before) != before


def answers_well(stack: Stack) -> bool:
    status, _ = answer(f"{stack.url}/healthz", seconds=10)
    return status == 200


@pytest.mark.slow
def test_it_refuses_a_second_start_on_the_same_folder(stack: Stack) -> None:
    said = refusal(stack.folder)
    assert f"already runs on the folder {stack.folder}" in said
    assert "DATA_DIR" in said


@pytest.mark.parametrize("variable", ["PORT", "LOCAL_API_PORT"])
def test_it_refuses_a_taken_port(variable: str, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert refusal(tmp_path, **{variable: port}) == f"Port {port} is taken: set {variable} to a free port.\n"


def test_it_refuses_a_folder_that_cannot_be_written() -> None:
    said = refusal("/dev/null/data")
    assert "/dev/null/data cannot be written" in said
    assert "DATA_DIR" in said


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_it_refuses_a_port_that_is_none(port: str, tmp_path: Path) -> None:
    assert refusal(tmp_path, PORT=port) == f"PORT must be a whole number from 1 to 65535, not {port!r}.\n"


def test_it_shows_the_log_of_a_program_that_fails(tmp_path: Path) -> None:
    stack = launch(tmp_path / "data", env={"TICK_SECONDS": "soon"})
    assert stack.process.wait(timeout=60) == 1
    assert "TICK_SECONDS must be a number" in stack.log("launcher")
    assert stack.pids() == {}


@pytest.mark.slow
def test_it_works_in_a_folder_with_a_long_and_odd_name(tmp_path: Path) -> None:
    stack = start_stack(tmp_path / ("100% o'dd #1 ; " + "long" * 30), env={"DEMONSTRATION": "off"})
    try:
        assert health(stack)
    finally:
        assert stack.stop() == 0


def test_the_leash_of_a_dead_parent_starts_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "launcher.leash", "KILL", "echo", "started"],
        env={**os.environ, "LEASH_PARENT": "1"},
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, b"")
