from typing import Any

from tests.local_api.conftest import Http, answers, calls_of, finish, path_of

FIELDS = {
    "id", "object", "created_at", "assistant_id", "thread_id", "run_id", "type", "status", "step_details",
    "last_error", "expired_at", "cancelled_at", "failed_at", "completed_at", "metadata", "usage",
}  # fmt: skip


def steps_of(http: Http, run: Any) -> list[Any]:
    steps: list[Any] = http.get(path_of(run) + "/steps", order="asc")["data"]
    return steps


def test_a_round_in_waiting_is_a_step_without_outputs(http: Http, waiting: Any) -> None:
    (step,) = steps_of(http, waiting)
    assert set(step) == FIELDS
    assert (step["type"], step["status"], step["usage"]) == ("tool_calls", "in_progress", None)
    shown = step["step_details"]["tool_calls"]
    assert [call["id"] for call in shown] == [call["id"] for call in calls_of(waiting)]
    assert [call["function"]["output"] for call in shown] == [None, None]


def test_submitted_outputs_complete_it(http: Http, waiting: Any) -> None:
    http.post(path_of(waiting) + "/submit_tool_outputs", answers(waiting, "sunny"))
    step = steps_of(http, waiting)[0]
    outputs = [call["function"]["output"] for call in step["step_details"]["tool_calls"]]
    assert (step["status"], outputs) == ("completed", ["sunny", "sunny"])


def test_the_reply_is_the_last_step(http: Http, started: Any) -> None:
    run = finish(http, started)
    steps = steps_of(http, run)
    assert [step["type"] for step in steps] == ["tool_calls", "tool_calls", "message_creation"]
    message_id = steps[-1]["step_details"]["message_creation"]["message_id"]
    message = http.get(f"/threads/{run['thread_id']}/messages/{message_id}")
    assert message["run_id"] == run["id"]


def test_cancelling_cancels_the_open_step(http: Http, waiting: Any) -> None:
    http.post(path_of(waiting) + "/cancel")
    (step,) = steps_of(http, waiting)
    assert step["status"] == "cancelled"
    assert step["cancelled_at"] is not None


def test_one_can_be_read_alone(http: Http, waiting: Any) -> None:
    (step,) = steps_of(http, waiting)
    assert http.get(f"{path_of(waiting)}/steps/{step['id']}") == step
    status, error = http.refusal("GET", path_of(waiting) + "/steps/step_X")
    assert (status, error["message"]) == (404, "No run step found with id 'step_X'.")
