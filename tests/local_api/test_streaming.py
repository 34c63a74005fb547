import json
import time
from typing import Any

import pytest
import requests

from tests.local_api.conftest import Http, answers, path_of


def told(answer: requests.Response) -> list[tuple[str, str]]:
    """The events of a stream, as (name, data)."""
    assert answer.headers["content-type"].startswith("text/event-stream")
    blocks = [block.split("\n") for block in answer.text.split("\n\n") if block]
    return [(name.removeprefix("event: "), data.removeprefix("data: ")) for name, data in blocks]


def names(events: list[tuple[str, str]]) -> list[str]:
    return [name.removeprefix("thread.") for name, _ in events]


def stream(http: Http, path: str, body: dict[str, Any]) -> list[tuple[str, str]]:
    return told(http.ask("POST", path, json={**body, "stream": True}))


@pytest.fixture
def asked(assistant: Any, greeting: str) -> dict[str, Any]:
    return {"assistant_id": assistant["id"], "thread": {"messages": [{"role": "user", "content": greeting}]}}


def test_a_run_is_told_until_it_waits_and_on_until_it_ends(http: Http, asked: dict[str, Any]) -> None:
    first = stream(http, "/threads/runs", asked)
    step = ["run.step.created", "run.step.in_progress", "run.step.delta"]
    queued = ["run.queued", "run.in_progress"]
    assert names(first) == ["created", "run.created", *queued, *step, "run.requires_action", "done"]
    assert first[-1][1] == "[DONE]"
    run = json.loads(first[-2][1])
    second = stream(http, path_of(run) + "/submit_tool_outputs", answers(run))
    assert names(second) == ["run.step.completed", *queued, *step, "run.requires_action", "done"]
    run = json.loads(second[-2][1])
    third = stream(http, path_of(run) + "/submit_tool_outputs", answers(run))
    begun = ["run.step.created", "run.step.in_progress", "message.created", "message.in_progress"]
    ended = ["message.completed", "run.step.completed", "run.completed", "done"]
    assert names(third) == ["run.step.completed", *queued, *begun, "message.delta", "message.delta", *ended]
    pieces = [
        json.loads(data)["delta"]["content"][0]["text"]["value"] for name, data in third if name.endswith("delta")
    ]
    assert pieces == ["All ", "**done**."]
    message = json.loads(next(data for name, data in third if name == "thread.message.completed"))
    assert http.get(f"/threads/{run['thread_id']}/messages/{message['id']}") == message
    assert message["content"][0]["text"]["value"] == "All **done**."


def test_the_last_event_is_what_reading_tells(http: Http, asked: dict[str, Any]) -> None:
    run = json.loads(stream(http, "/threads/runs", asked)[-2][1])
    assert http.get(path_of(run)) == run


def test_it_is_refused_before_it_begins(http: Http, waiting: Any) -> None:
    answer = http.ask("POST", path_of(waiting) + "/submit_tool_outputs", json={"tool_outputs": [], "stream": True})
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("Expected tool outputs for call_ids")


def test_the_first_dialect_is_spoken_in_it_too(older: Http, asked: dict[str, Any]) -> None:
    run = json.loads(stream(older, "/threads/runs", asked)[-2][1])
    assert run["file_ids"] == []


def test_a_reply_grows_before_the_eyes_of_others(http: Http, assistant: Any) -> None:
    words = "one two three four five six seven eight"
    http.post("/control/scripts", [{"id": words, "turns": [{"user": words, "rounds": [], "reply": words}]}])
    http.post("/control/settings", {"pace": "piece=0.25"})
    try:
        asked = {"assistant_id": assistant["id"], "thread": {"messages": [{"role": "user", "content": words}]}}
        answer = http.ask("POST", "/threads/runs", json={**asked, "stream": True}, stream=True)
        lines = answer.iter_lines(chunk_size=1)
        created = next(line for line in lines if b'"object":"thread.run"' in line)
        run = json.loads(created.removeprefix(b"data: "))
        next(line for line in lines if b"two" in line)
        said = http.get(f"/threads/{run['thread_id']}/messages", run_id=run["id"])["data"][0]
        assert said["status"] == "in_progress"
        assert "two" in said["content"][0]["text"]["value"]
        assert "eight" not in said["content"][0]["text"]["value"]
        http.post(path_of(run) + "/cancel")
        left = [line for line in lines if line.startswith(b"event")]
        assert left[-2:] == [b"event: thread.run.cancelled", b"event: done"]
        cut = http.get(f"/threads/{run['thread_id']}/messages/{said['id']}")
        assert (cut["status"], cut["incomplete_details"]) == ("incomplete", {"reason": "run_cancelled"})
    finally:
        http.post("/control/settings", {"pace": "immediate"})


def test_who_hangs_up_changes_nothing(http: Http, asked: dict[str, Any]) -> None:
    http.post("/control/settings", {"pace": "in_progress=0.2"})
    try:
        with http.ask("POST", "/threads/runs", json={**asked, "stream": True}, stream=True) as answer:
            line = next(line for line in answer.iter_lines(chunk_size=1) if b'"object":"thread.run"' in line)
        run = json.loads(line.removeprefix(b"data: "))
        deadline = time.monotonic() + 10
        while http.get(path_of(run))["status"] != "requires_action":
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        http.post("/control/settings", {"pace": "immediate"})
