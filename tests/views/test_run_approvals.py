"""Runs that want consent to calls, and runs that want what nobody can give."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from assistants_app.models import Connection, Operation, Run
from assistants_app.models.people import Role
from assistants_app.services import connections, tool_calls
from testing.api_actor import ApiActor
from tests.conftest import known_run, polled
from tests.views.conftest import delivered, page


@pytest.fixture
def asking(connection: Connection, api_actor: ApiActor) -> Run:
    """A run that wants consent to two calls."""
    return polled(known_run(connection, api_actor.asking_consent(("read_note", {"id": 7}), ("delete_note", {"id": 7}))))


def url(run: Run) -> str:
    return f"{run.get_absolute_url()}answers/"


def decided(run: Run, *decisions: str) -> dict[str, str]:
    calls = tool_calls.waiting_calls(run)
    sent = {"calls": tool_calls.calls_key(run, calls)}
    return sent | {call.field: each for call, each in zip(calls, decisions, strict=True) if each}


def test_each_call_is_shown_with_its_name_and_arguments(asking: Run, olga: Client) -> None:
    shown = page(olga.get(asking.get_absolute_url()))
    assert "2 calls to approve" in shown.text("answers-title")
    form = shown.one("form", id="answers")
    assert [each.text for each in shown.all(class_="call-name") if each.inside(form)] == ["read_note", "delete_note"]
    assert not shown.all("textarea")
    assert len(shown.all("input", type="radio", value="deny")) == 2


def test_decisions_go_out_together_and_the_run_goes_on(asking: Run, olga: Client, api_actor: ApiActor) -> None:
    assert olga.post(url(asking), decided(asking, "approve", "deny")).status_code == 303
    (operation,) = delivered()
    calls = [each["approve"] for each in operation.payload["tool_approvals"]]
    assert (operation.state, calls, set(operation.payload)) == ("accepted", [True, False], {"tool_approvals"})
    run = known_run(asking.connection, (asking.thread.remote_id, asking.remote_id))
    assert run.status == "completed"
    assert [(each.approved, each.output) for each in run.calls.all()] == [(True, "made"), (False, None)]
    shown = page(olga.get(run.get_absolute_url())).text("run-answers")
    assert "approved · olga" in shown
    assert "denied · olga" in shown


@pytest.mark.parametrize("second", ["", "perhaps"])
def test_a_call_without_a_decision_is_told_and_nothing_is_sent(asking: Run, olga: Client, second: str) -> None:
    shown = page(olga.post(url(asking), decided(asking, "approve", second)), 422)
    assert "delete_note: Approve or deny this call" in shown.text("answer-errors")
    assert shown.sends(url(asking))[tool_calls.waiting_calls(asking)[0].field] == "approve"
    assert not Operation.objects.exists()


def test_a_preview_shows_the_decisions(asking: Run, olga: Client) -> None:
    shown = page(olga.post(url(asking), decided(asking, "deny", "deny") | {"act": "preview"}))
    assert shown.text("preview-letters").count('"approve": false') == 2
    assert not Operation.objects.exists()


def test_a_double_click_decides_once(asking: Run, olga: Client) -> None:
    sent = decided(asking, "approve", "approve")
    assert [olga.post(url(asking), sent).status_code for _ in range(2)] == [303, 303]
    assert [each.state for each in delivered()] == ["accepted"]


def test_a_lost_answer_to_decisions_is_settled_by_reading(asking: Run, olga: Client, api_actor: ApiActor) -> None:
    api_actor.fault("POST", "submit_tool_outputs$", cut="before", after_effect=True)
    olga.post(url(asking), decided(asking, "approve", "deny"))
    assert [each.state for each in delivered()] == ["unknown"]
    long_ago = timezone.now() - timedelta(seconds=30)
    Operation.objects.update(sent_at=long_ago, due_at=long_ago)
    connections.heard(asking.connection)
    assert [each.state for each in delivered()] == ["accepted"]
    assert (
        api_actor.sent("POST", f"/v1/threads/{asking.thread.remote_id}/runs/{asking.remote_id}/submit_tool_outputs")
        == 1
    )


def test_decisions_that_somebody_else_made_first_are_told(asking: Run, olga: Client, api_actor: ApiActor) -> None:
    path = f"/threads/{asking.thread.remote_id}/runs/{asking.remote_id}"
    api_actor.fault("POST", "submit_tool_outputs$", cut="before")
    olga.post(url(asking), decided(asking, "deny", "deny"))
    assert [each.state for each in delivered()] == ["unknown"]
    ids = [call.remote_id for call in tool_calls.waiting_calls(asking)]
    approvals = [{"tool_call_id": each, "approve": True} for each in ids]
    api_actor.post(f"{path}/submit_tool_outputs", {"tool_approvals": approvals})
    long_ago = timezone.now() - timedelta(seconds=30)
    Operation.objects.update(sent_at=long_ago, due_at=long_ago)
    connections.heard(asking.connection)
    (operation,) = delivered()
    assert (operation.state, "answered elsewhere" in operation.error) == ("refused", True)


def test_what_nobody_can_answer_is_shown_raw_and_can_only_be_cancelled(asking: Run, olga: Client) -> None:
    raw = asking.raw.replace("submit_tool_approval", "submit_tool_inputs")
    Run.objects.filter(pk=asking.pk).update(raw=raw, required_type="submit_tool_inputs")
    shown = page(olga.get(asking.get_absolute_url()))
    assert "delete_note" in shown.text("required-action")
    assert not shown.has("answers")
    assert [each.attributes["action"] for each in shown.all("form", id="run-cancel")]
    assert [each for each in shown.all("button") if "Cancel run" in each.text]
    page(olga.post(url(asking), decided(asking, "approve", "approve")), 409)
    assert not Operation.objects.exists()


def test_a_viewer_sees_the_calls_and_decides_nothing(asking: Run, signed_in: Callable[..., Client]) -> None:
    viewer = signed_in("vera", Role.VIEWER)
    assert "delete_note" in page(viewer.get(asking.get_absolute_url())).text("run-answers")
    page(viewer.post(url(asking), decided(asking, "approve", "approve")), 403)
