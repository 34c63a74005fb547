"""Runs at a pace, their expiry, and a store that outlives its process. Each on a server of its own."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from testing.local_api_process import start
from tests.local_api.conftest import Http, calls_of, path_of

SCRIPT = {
    "id": "slow",
    "turns": [{"user": "hello", "rounds": [[{"name": "look", "arguments": "{}"}]], "reply": "Bye."}],
}


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Callable[..., Http]]:
    """Start a server with given settings on one folder; all are stopped at the end."""
    running = []

    def run(**settings: Any) -> Http:
        running.append(start(tmp_path, **settings))
        return Http(running[-1])

    yield run
    for api in running:
        api.kill()


def start_run(http: Http) -> Any:
    http.post("/control/scripts", [SCRIPT])
    assistant = http.post("/assistants", {"model": "m"})
    thread = {"messages": [{"role": "user", "content": "hello"}]}
    return http.post("/threads/runs", {"assistant_id": assistant["id"], "thread": thread})


def wait_until(http: Http, run: Any, status: str) -> tuple[Any, list[str]]:
    """The run once it has a status, and the statuses seen on the way."""
    seen = []
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        run = http.get(path_of(run))
        seen.append(run["status"])
        if run["status"] == status:
            return run, seen
        time.sleep(0.02)
    raise AssertionError(f"never {status}, but {set(seen)}")


def test_it_stays_in_each_state_for_its_time(begin: Callable[..., Http]) -> None:
    http = begin(pace="queued=0.4,in_progress=0.4,cancelling=0.4")
    run, seen = wait_until(http, start_run(http), "requires_action")
    assert list(dict.fromkeys(seen)) == ["queued", "in_progress", "requires_action"]
    http.post(path_of(run) + "/cancel")
    _, seen = wait_until(http, run, "cancelled")
    assert seen[0] == "cancelling"


def test_unanswered_calls_expire(begin: Callable[..., Http]) -> None:
    http = begin(expires_after=1)
    run, _ = wait_until(http, start_run(http), "expired")
    assert (run["required_action"], run["usage"]["completion_tokens"]) == (None, 0)
    (step,) = http.get(path_of(run) + "/steps")["data"]
    assert (step["status"], step["expired_at"] is not None) == ("expired", True)
    status, error = http.refusal("POST", path_of(run) + "/submit_tool_outputs", {"tool_outputs": []})
    assert (status, error["message"]) == (400, 'Runs in status "expired" do not accept tool outputs.')


def test_a_kill_loses_nothing(begin: Callable[..., Http]) -> None:
    http = begin()
    run = http.get(path_of(start_run(http)))
    http.api.kill()
    again = begin()
    assert again.get(path_of(run)) == run
    output = {"tool_call_id": calls_of(run)[0]["id"], "output": "x"}
    again.post(path_of(run) + "/submit_tool_outputs", {"tool_outputs": [output]})
    assert again.get(path_of(run))["status"] == "completed"
    assert again.get("/control/scripts")["scripts"] == ["slow"]


@pytest.mark.slow
def test_runs_expire_while_the_server_is_away(begin: Callable[..., Http]) -> None:
    http = begin(expires_after=1)
    run = http.get(path_of(start_run(http)))
    assert http.api.stop() == 0
    time.sleep(1.2)
    assert begin().get(path_of(run))["status"] == "expired"
