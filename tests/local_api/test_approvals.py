"""Calls of other servers' tools, to which a run wants consent as Azure AI Foundry has it."""

from __future__ import annotations

from typing import Any

import pytest

from testing.api_actor import ApiActor


@pytest.fixture
def asking(api_actor: ApiActor) -> tuple[str, dict[str, Any]]:
    """The path of a run that wants consent to two calls, and the run."""
    thread_id, run_id = api_actor.asking_consent(("read_note", {"id": 7}), ("delete_note", {"id": 7}))
    path = f"/threads/{thread_id}/runs/{run_id}"
    return path, api_actor.get(path)


def decisions(run: dict[str, Any], *approved: bool) -> dict[str, Any]:
    calls = run["required_action"]["submit_tool_approval"]["tool_calls"]
    return {"tool_approvals": [{"tool_call_id": c["id"], "approve": a} for c, a in zip(calls, approved, strict=False)]}


def test_the_run_names_the_calls(asking: tuple[str, dict[str, Any]]) -> None:
    action = asking[1]["required_action"]
    assert action["type"] == "submit_tool_approval"
    calls = action["submit_tool_approval"]["tool_calls"]
    assert [(call["type"], call["server_label"], call["name"]) for call in calls] == [
        ("mcp", "crm", "read_note"),
        ("mcp", "crm", "delete_note"),
    ]


def test_what_is_approved_is_made_and_what_is_denied_is_not(
    asking: tuple[str, dict[str, Any]], api_actor: ApiActor
) -> None:
    path, run = asking
    assert api_actor.post(f"{path}/submit_tool_outputs", decisions(run, True, False))["status"] == "queued"
    assert api_actor.get(path)["status"] == "completed"
    steps = api_actor.get(f"{path}/steps", order="asc")["data"]
    assert [call["output"] for call in steps[0]["step_details"]["tool_calls"]] == ["made", None]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (lambda run: decisions(run, True), "Expected tool approvals for call_ids"),
        (lambda run: {"tool_outputs": []}, "This run waits for 'submit_tool_approval'."),
        (lambda run: {"tool_approvals": [{"tool_call_id": "x"}]}, "approve"),
        (lambda run: {"tool_approvals": [{"tool_call_id": "x", "approve": "yes"}]}, "a boolean"),
    ],
)
def test_anything_else_is_refused(
    asking: tuple[str, dict[str, Any]], api_actor: ApiActor, body: Any, words: str
) -> None:
    path, run = asking
    answer = api_actor.session.post(f"{api_actor.api.url}{path}/submit_tool_outputs", json=body(run), timeout=30)
    assert answer.status_code == 400
    assert words in answer.json()["error"]["message"]
