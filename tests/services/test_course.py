"""The course of a run: where its time went."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from assistants_app.api.dialects import DIALECTS
from assistants_app.models import Connection, Run, RunStep, Thread
from assistants_app.services import course, mirror, runs

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def at(seconds: float) -> int:
    return int((START + timedelta(seconds=seconds)).timestamp())


def step(number: int, start: int | None, end: int | None, details: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": f"step_{number}",
        "type": details["type"],
        "status": "completed" if end is not None else "in_progress",
        "created_at": None if start is None else at(start),
        "completed_at": None if end is None else at(end),
        "step_details": details,
        **more,
    }


CALLS = {"type": "tool_calls", "tool_calls": [{"id": "c", "type": "function", "function": {"name": "look"}}]}
CODE = {
    "type": "tool_calls",
    "tool_calls": [
        {
            "id": "d",
            "type": "code_interpreter",
            "code_interpreter": {
                "input": "print(1)",
                "outputs": [{"type": "logs", "logs": "1"}, {"type": "image", "image": {"file_id": "file-1"}}],
            },
        }
    ],
}
SAID = {"type": "message_creation", "message_creation": {"message_id": "msg_1"}}


@pytest.fixture
def run(connection: Connection) -> Run:
    """A run that took 100 seconds."""
    thread = Thread.objects.create(connection=connection, remote_id="thread_1", active_at=START)
    return Run.objects.create(
        connection=connection,
        thread=thread,
        remote_id="run_1",
        status="completed",
        created_at=START,
        ended_at=START + timedelta(seconds=100),
        raw='{"usage": {"prompt_tokens": 7, "completion_tokens": true, "total_tokens": 9}}',
    )


def of(run: Run, *steps: dict[str, Any]) -> course.Course:
    mirror.steps(run, [DIALECTS["v2"].read_step(each) for each in steps])
    return course.of(run, runs.steps(run))


def test_steps_stand_on_one_scale_with_what_lies_between(run: Run) -> None:
    made = of(run, step(1, 10, 60, CALLS), step(2, 70, 100, SAID))
    assert [(row.offset, row.lasted, row.idle) for row in made.rows] == [(10, 50, 10), (70, 30, 10)]
    bars = [[(bar.kind, bar.x, bar.width) for bar in row.bars] for row in made.rows]
    assert bars == [
        [("idle", 0, 100), ("person", 100, 500)],
        [("idle", 600, 100), ("model", 700, 300)],
    ]
    assert (made.total, made.person, made.usage) == (100, 50, {"prompt": 7, "total": 9})


def test_a_tool_of_the_server_is_no_wait_for_a_person(run: Run) -> None:
    made = of(run, step(1, 0, 4, CODE, usage={"total_tokens": 3}))
    (row,) = made.rows
    (call,) = row.calls
    assert (row.kind, made.person, row.usage) == ("tool", 0, {"total": 3})
    assert (call.input, call.language, call.output, call.images) == ("print(1)", "python", "1", ["file-1"])


def test_a_step_that_waits_goes_on_until_now(run: Run) -> None:
    now = timezone.now()
    Run.objects.update(status="requires_action", created_at=now - timedelta(seconds=90), ended_at=None)
    run.refresh_from_db()
    waiting = step(1, 0, None, CALLS) | {"created_at": int(now.timestamp()) - 60}
    (row,) = of(run, waiting).rows
    assert row.is_open
    assert row.lasted is not None
    assert 59 <= row.lasted < 120


@pytest.mark.parametrize("ended", ["failed_at", "cancelled_at", "expired_at"])
def test_a_step_ends_however_it_ended(run: Run, ended: str) -> None:
    (row,) = of(run, step(1, 10, None, CALLS, **{"status": "failed", ended: at(30)})).rows
    assert row.lasted == 20


def test_times_of_any_kind_do_no_harm(run: Run) -> None:
    RunStep.objects.create(run=run, remote_id="bare")
    made = of(run, step(1, None, None, SAID), step(2, 500, -500, CALLS), step(3, 20, 10, {"type": "x", "x": []}))
    assert all(bar.x >= 0 and bar.width > 0 and bar.x + bar.width <= 1000 for row in made.rows for bar in row.bars)
    Run.objects.update(created_at=None, started_at=None, ended_at=None)
    run.refresh_from_db()
    RunStep.objects.update(created_at=None, ended_at=None)
    assert course.of(run, runs.steps(run)).total is None
