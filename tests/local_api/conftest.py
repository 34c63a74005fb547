"""One real server for the session, and a client that speaks plain HTTP to it."""

import itertools
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from testing.local_api_process import LocalApi, start

_numbers = itertools.count()


class Http:
    """A session with key and version; paths below /v1, or /control with `control`."""

    def __init__(self, api: LocalApi, dialect: str = "v2") -> None:
        self.api = api
        self.session = requests.Session()
        self.session.headers.update({"Authorization": "Bearer local", "OpenAI-Beta": f"assistants={dialect}"})

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        origin = self.api.origin if path.startswith("/control") else self.api.url
        return self.session.request(method, origin + path, timeout=30, **options)

    def get(self, path: str, **query: Any) -> Any:
        return self._good(self.ask("GET", path, params=query))

    def post(self, path: str, body: Any = None) -> Any:
        return self._good(self.ask("POST", path, json=body))

    def delete(self, path: str) -> Any:
        return self._good(self.ask("DELETE", path))

    def refusal(self, method: str, path: str, body: Any = None, **options: Any) -> tuple[int, Any]:
        """Status and error object of a request that has to be refused."""
        answer = self.ask(method, path, json=body, **options)
        assert not answer.ok
        return answer.status_code, answer.json()["error"]

    @staticmethod
    def _good(answer: requests.Response) -> Any:
        assert answer.ok, answer.text
        return answer.json()


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalApi]:
    running = start(tmp_path_factory.mktemp("local_api"))
    yield running
    running.stop()


@pytest.fixture
def http(api: LocalApi) -> Iterator[Http]:
    client = Http(api)
    yield client
    client.delete("/control/faults")
    client.session.close()


@pytest.fixture
def older(api: LocalApi) -> Iterator[Http]:
    """The same in the first dialect."""
    client = Http(api, "v1")
    yield client
    client.session.close()


@pytest.fixture
def assistant(http: Http) -> Any:
    return http.post("/assistants", {"model": "gpt-4o", "name": "Tester"})


@pytest.fixture
def thread(http: Http) -> Any:
    return http.post("/threads", {})


@pytest.fixture
def greeting(http: Http) -> str:
    """A user text that no other test uses; a script of two calls, then one, then a reply begins with it."""
    text = f"greeting {next(_numbers)}"
    two = [{"name": "look", "arguments": '{"at":  1}'}, {"name": "look", "arguments": "not json"}]
    one = [{"name": "act", "arguments": "{}"}]
    turns = [
        {"user": text, "rounds": [two, one], "reply": "All **done**."},
        {"user": "break", "rounds": [], "error": {"code": "server_error", "message": "It broke."}},
        {"user": "silence", "rounds": [], "reply": None},
    ]
    http.post("/control/scripts", [{"id": text, "assistant": {"name": "Tester"}, "turns": turns}])
    return text


@pytest.fixture
def started(http: Http, assistant: Any, greeting: str) -> Any:
    """A run that has just been made, on the script of `greeting`."""
    body = {
        "assistant_id": assistant["id"],
        "thread": {"messages": [{"role": "user", "content": greeting}]},
    }
    return http.post("/threads/runs", body)


@pytest.fixture
def waiting(http: Http, started: Any) -> Any:
    """The same run, waiting for the outputs of its first two calls."""
    return http.get(path_of(started))


def upload(http: Http, content: bytes = b"One.", *, name: str = "one.txt", purpose: str = "assistants") -> Any:
    """A file that has just been uploaded."""
    answer = http.ask("POST", "/files", files={"file": (name, content)}, data={"purpose": purpose})
    assert answer.ok, answer.text
    return answer.json()


def path_of(run: Any) -> str:
    return f"/threads/{run['thread_id']}/runs/{run['id']}"


def calls_of(run: Any) -> list[Any]:
    calls: list[Any] = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    return calls


def answers(run: Any, output: str = "42") -> Any:
    """A submission that answers all calls of a waiting run alike."""
    return {"tool_outputs": [{"tool_call_id": call["id"], "output": output} for call in calls_of(run)]}


def finish(http: Http, run: Any) -> Any:
    """Answer whatever a run asks, until it has ended."""
    run = http.get(path_of(run))
    while run["status"] == "requires_action":
        http.post(path_of(run) + "/submit_tool_outputs", answers(run))
        run = http.get(path_of(run))
    return run


def recorded_conversations() -> list[Any]:
    """The airline conversations that lie beside the checkout. Skips the test where they do not."""
    beside = Path(__file__).resolve().parents[2].parent / "shared"
    path = Path(os.environ.get("SHARED_DIR", beside)) / "data/airline/conversations.jsonl"
    if not path.exists():
        pytest.skip(f"no recorded conversations in {path.parent}")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
