import json
from typing import Any

import pytest

from tests.local_api.conftest import Http, answers, calls_of, finish, path_of


def ask(http: Http, assistant: Any, *texts: str, metadata: dict[str, str] | None = None) -> tuple[Any, str]:
    """A finished run on a thread of these texts, user and assistant in turn; and its newest message."""
    roles = ("user", "assistant")
    messages = [{"role": roles[place % 2], "content": text} for place, text in enumerate(texts)]
    thread = {"messages": messages, "metadata": metadata or {}}
    run = finish(http, http.post("/threads/runs", {"assistant_id": assistant["id"], "thread": thread}))
    newest = http.get(f"/threads/{run['thread_id']}/messages", limit=1)["data"][0]
    return run, newest["content"][0]["text"]["value"]


def load(http: Http, identifier: str, user: str, reply: str, **assistant: str) -> None:
    script = {
        "id": identifier,
        "assistant": assistant,
        "turns": [{"user": user, "rounds": [], "reply": reply}],
    }
    http.post("/control/scripts", [script])


def test_json_lines_are_taken_too(http: Http) -> None:
    lines = [json.dumps({"id": f"line-{number}", "turns": []}) for number in range(2)]
    answer = http.ask("POST", "/control/scripts", data="\n".join(lines).encode())
    assert answer.json()["loaded"] == ["line-0", "line-1"]
    assert {"line-0", "line-1"} <= set(http.get("/control/scripts")["scripts"])


def test_the_same_id_replaces_a_script(http: Http, assistant: Any) -> None:
    load(http, "twice", "which one?", "old")
    load(http, "twice", "which one?", "new")
    assert ask(http, assistant, "which one?")[1] == "new"
    assert http.get("/control/scripts")["scripts"].count("twice") == 1


def test_the_script_of_the_own_assistant_comes_first(http: Http, assistant: Any) -> None:
    load(http, "theirs", "who are you?", "Somebody.", name="Somebody")
    load(http, "mine", "who are you?", "Tester.", name="Tester")
    assert ask(http, assistant, "who are you?")[1] == "Tester."


def test_a_thread_can_name_its_script(http: Http, assistant: Any) -> None:
    load(http, "first-twin", "same?", "First.")
    load(http, "second-twin", "same?", "Second.")
    assert ask(http, assistant, "same?")[1] == "First."
    assert ask(http, assistant, "same?", metadata={"script": "second-twin"})[1] == "Second."


def test_line_ends_of_a_browser_do_not_matter(http: Http, assistant: Any) -> None:
    load(http, "lines", "one\ntwo", "Both lines.")
    assert ask(http, assistant, "one\r\ntwo ")[1] == "Both lines."


def test_what_no_script_knows_is_said_so(http: Http, assistant: Any) -> None:
    run, reply = ask(http, assistant, "Tell me about bees")
    assert run["status"] == "completed"
    assert "none of them goes on from “Tell me about bees”" in reply


def test_after_that_a_script_can_begin_in_the_same_thread(http: Http, assistant: Any) -> None:
    load(http, "begin", "begin here", "Begun.")
    run, _ = ask(http, assistant, "Tell me about wasps")
    http.post(f"/threads/{run['thread_id']}/messages", {"role": "user", "content": "begin here"})
    finish(http, http.post(f"/threads/{run['thread_id']}/runs", {"assistant_id": assistant["id"]}))
    newest = http.get(f"/threads/{run['thread_id']}/messages", limit=1)["data"][0]
    assert newest["content"][0]["text"]["value"] == "Begun."


def test_a_null_reply_leaves_no_message(http: Http, started: Any) -> None:
    run = finish(http, started)
    path = f"/threads/{run['thread_id']}"
    for text in ("break", "silence"):
        http.post(path + "/messages", {"role": "user", "content": text})
        run = finish(http, http.post(path + "/runs", {"assistant_id": run["assistant_id"]}))
    assert run["status"] == "completed"
    assert http.get(path + "/messages", run_id=run["id"])["data"] == []


@pytest.mark.parametrize(
    "script",
    [
        {},
        {"id": "x"},
        {"id": "x", "turns": [{}]},
        {"id": "x", "turns": [{"user": "a", "rounds": [[]]}]},
        {"id": "x", "turns": [{"user": "a", "rounds": [[{"arguments": "{}"}]]}]},
        {"id": "x", "turns": [{"user": "a", "error": {"code": "odd", "message": "m"}}]},
    ],
)
def test_it_refuses_what_is_no_script(http: Http, script: dict[str, Any]) -> None:
    assert http.refusal("POST", "/control/scripts", [script])[0] == 400


def test_the_pace_can_be_changed(http: Http, started: Any) -> None:
    try:
        changed = http.post("/control/settings", {"pace": "cancelling=60", "expires_after": 30})
        assert changed == {"pace": "queued=0,in_progress=0,cancelling=60,piece=0", "expires_after": 30.0}
        assert http.get("/control/settings") == changed
        http.post(path_of(started) + "/cancel")
        assert http.get(path_of(started))["status"] == "cancelling"
    finally:
        http.post("/control/settings", {"pace": "immediate", "expires_after": 600})
    assert http.refusal("POST", "/control/settings", {"pace": "fast"})[0] == 400


def test_requests_are_counted_by_route(http: Http, thread: Any) -> None:
    http.delete("/control/requests")
    http.get(f"/threads/{thread['id']}")
    http.refusal("GET", "/threads/thread_gone")
    seen = http.get("/control/requests")
    assert seen["counts"] == {"GET /v1/threads/{thread_id}": 2}
    assert [(each["path"], each["status"]) for each in seen["requests"]] == [
        (f"/v1/threads/{thread['id']}", 200),
        ("/v1/threads/thread_gone", 404),
    ]


def test_tool_outputs_are_recorded_with_their_true_status(http: Http, waiting: Any) -> None:
    path = path_of(waiting) + "/submit_tool_outputs"
    http.post("/control/faults", {"method": "POST", "path": "submit_tool_outputs", "status": 500, "after_effect": True})
    assert http.refusal("POST", path, answers(waiting))[0] == 500
    http.refusal("POST", path, answers(waiting))
    seen = [each for each in http.get("/control/deliveries")["deliveries"] if each["run_id"] == waiting["id"]]
    assert [each["status"] for each in seen] == [200, 400]
    assert seen[0]["outputs"] == {call["id"]: "42" for call in calls_of(waiting)}
