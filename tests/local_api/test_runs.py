from typing import Any

import pytest

from tests.local_api.conftest import Http, answers, calls_of, finish, path_of

FIELDS = {
    "id", "object", "created_at", "thread_id", "assistant_id", "status", "required_action", "last_error",
    "expires_at", "started_at", "cancelled_at", "failed_at", "completed_at", "model", "instructions", "tools",
    "metadata", "usage", "incomplete_details", "max_prompt_tokens", "max_completion_tokens",
    "truncation_strategy", "tool_choice", "parallel_tool_calls", "response_format", "temperature", "top_p",
}  # fmt: skip


def test_it_is_queued_and_then_waits(started: Any, waiting: Any) -> None:
    assert set(started) == FIELDS
    assert (started["status"], waiting["status"]) == ("queued", "requires_action")
    assert started["expires_at"] == started["created_at"] + 600


def test_it_asks_with_the_recorded_arguments(waiting: Any) -> None:
    asked = [(call["function"]["name"], call["function"]["arguments"]) for call in calls_of(waiting)]
    assert asked == [("look", '{"at":  1}'), ("look", "not json")]
    assert waiting["required_action"]["type"] == "submit_tool_outputs"


def test_answers_lead_to_the_next_round_and_the_reply(http: Http, waiting: Any) -> None:
    queued = http.post(path_of(waiting) + "/submit_tool_outputs", answers(waiting))
    assert (queued["status"], queued["required_action"]) == ("queued", None)
    second = http.get(path_of(waiting))
    assert [call["function"]["name"] for call in calls_of(second)] == ["act"]
    run = finish(http, second)
    assert (run["status"], run["expires_at"]) == ("completed", None)
    assert run["usage"]["total_tokens"] > 0
    newest = http.get(f"/threads/{run['thread_id']}/messages", limit=1)["data"][0]
    assert newest["content"][0]["text"]["value"] == "All **done**."


def test_all_outputs_have_to_come_at_once(http: Http, waiting: Any) -> None:
    ids = [call["id"] for call in calls_of(waiting)]
    partly = {"tool_outputs": answers(waiting)["tool_outputs"][1:]}
    status, error = http.refusal("POST", path_of(waiting) + "/submit_tool_outputs", partly)
    assert status == 400
    assert error["message"] == f"Expected tool outputs for call_ids ['{ids[0]}', '{ids[1]}'], got ['{ids[1]}']"


def test_a_second_submission_is_refused(http: Http, waiting: Any) -> None:
    body = answers(waiting)
    done = finish(http, waiting)
    status, error = http.refusal("POST", path_of(done) + "/submit_tool_outputs", body)
    assert (status, error["message"]) == (400, 'Runs in status "completed" do not accept tool outputs.')


def test_an_active_run_locks_its_thread(http: Http, waiting: Any) -> None:
    thread_id, run_id = waiting["thread_id"], waiting["id"]
    message = {"role": "user", "content": "x"}
    status, error = http.refusal("POST", f"/threads/{thread_id}/messages", message)
    assert status == 400
    assert error["message"] == f"Can't add messages to {thread_id} while a run {run_id} is active."
    body = {"assistant_id": waiting["assistant_id"], "additional_messages": [message]}
    status, error = http.refusal("POST", f"/threads/{thread_id}/runs", body)
    assert (status, error["message"]) == (400, f"Thread {thread_id} already has an active run {run_id}.")


def test_it_can_be_cancelled_while_it_waits(http: Http, waiting: Any) -> None:
    assert http.post(path_of(waiting) + "/cancel")["status"] == "cancelling"
    run = http.get(path_of(waiting))
    assert (run["status"], run["required_action"]) == ("cancelled", None)
    assert run["cancelled_at"] >= run["created_at"]
    status, error = http.refusal("POST", path_of(run) + "/cancel")
    assert (status, error["message"]) == (400, "Cannot cancel run with status 'cancelled'.")


def test_a_cancelled_run_frees_its_thread(http: Http, waiting: Any) -> None:
    http.post(path_of(waiting) + "/cancel")
    message = http.post(f"/threads/{waiting['thread_id']}/messages", {"role": "user", "content": "x"})
    assert message["role"] == "user"


def test_a_script_can_fail(http: Http, waiting: Any) -> None:
    run = finish(http, waiting)
    http.post(f"/threads/{run['thread_id']}/messages", {"role": "user", "content": "break"})
    made = http.post(f"/threads/{run['thread_id']}/runs", {"assistant_id": run["assistant_id"]})
    failed = http.get(path_of(made))
    assert (failed["status"], failed["last_error"]) == (
        "failed",
        {"code": "server_error", "message": "It broke."},
    )
    assert failed["failed_at"] is not None


def test_what_it_was_asked_is_echoed(http: Http, assistant: Any, thread: Any) -> None:
    asked = {
        "model": "gpt-x",
        "instructions": "Base.",
        "temperature": 0.5,
        "metadata": {"a": "b"},
        "max_completion_tokens": 300,
        "tool_choice": {"type": "function", "function": {"name": "look"}},
        "parallel_tool_calls": False,
        "truncation_strategy": {"type": "last_messages", "last_messages": 3},
    }
    more = {"additional_instructions": "More.", "additional_messages": [{"role": "user", "content": "Hey"}]}
    body = {"assistant_id": assistant["id"], **asked, **more}
    run = http.post(f"/threads/{thread['id']}/runs", body)
    assert {name: run[name] for name in asked} == {**asked, "instructions": "Base.\nMore."}
    assert run["top_p"] == assistant["top_p"]
    oldest = http.get(f"/threads/{thread['id']}/messages", order="asc")["data"][0]
    assert oldest["content"][0]["text"]["value"] == "Hey"


def test_a_refused_run_adds_no_messages(http: Http, thread: Any) -> None:
    body = {"assistant_id": "asst_gone", "additional_messages": [{"role": "user", "content": "Hey"}]}
    status, error = http.refusal("POST", f"/threads/{thread['id']}/runs", body)
    assert (status, error["message"]) == (404, "No assistant found with id 'asst_gone'.")
    assert http.get(f"/threads/{thread['id']}/messages")["data"] == []


def test_too_long_a_reply_ends_incomplete(http: Http, assistant: Any) -> None:
    text = "a long story, please"
    turn = {"user": text, "rounds": [], "reply": "word " * 1000}
    http.post("/control/scripts", [{"id": "long", "turns": [turn]}])
    thread = {"messages": [{"role": "user", "content": text}]}
    made = http.post("/threads/runs", {"assistant_id": assistant["id"], "thread": thread, "max_completion_tokens": 256})
    run = http.get(path_of(made))
    assert (run["status"], run["incomplete_details"]) == ("incomplete", {"reason": "max_completion_tokens"})
    message = http.get(f"/threads/{run['thread_id']}/messages", run_id=run["id"])["data"][0]
    assert (message["status"], message["incomplete_details"]) == ("incomplete", {"reason": "max_tokens"})


def test_its_metadata_can_be_changed(http: Http, waiting: Any) -> None:
    changed = http.post(path_of(waiting), {"metadata": {"seen": "yes"}})
    assert changed == {**waiting, "metadata": {"seen": "yes"}}


def test_an_unknown_one_is_a_404(http: Http, thread: Any) -> None:
    status, error = http.refusal("GET", f"/threads/{thread['id']}/runs/run_X")
    assert (status, error["message"]) == (404, "No run found with id 'run_X'.")


@pytest.mark.parametrize(
    "body", [{}, {"assistant_id": 1}, {"assistant_id": "asst_x", "stream": True}, {"tool_choice": "perhaps"}]
)
def test_it_refuses_what_is_no_run(http: Http, thread: Any, body: dict[str, Any]) -> None:
    assert http.refusal("POST", f"/threads/{thread['id']}/runs", body)[0] in (400, 404)


def test_runs_are_listed_newest_first(http: Http, started: Any) -> None:
    finish(http, started)
    made = http.post(f"/threads/{started['thread_id']}/runs", {"assistant_id": started["assistant_id"]})
    listed = http.get(f"/threads/{started['thread_id']}/runs")["data"]
    assert [run["id"] for run in listed] == [made["id"], started["id"]]
