"""What runs ask for is mirrored in its shape: outputs, approvals, or something nobody knows."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from assistants_app.api.dialects import DIALECTS
from assistants_app.models import Connection, Run, Thread, ToolCall
from assistants_app.models.tool_calls import Shape
from assistants_app.services import mirror

pytestmark = pytest.mark.database

FUNCTION = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": '{"city": "Oslo"}'}}
MCP = {"id": "call_1", "type": "mcp", "name": "search_code", "arguments": '{"q": "x"}', "server_label": "github"}


def seen(connection: Connection, action: Any) -> Run:
    """A run that waits for this."""
    thread, _ = Thread.objects.get_or_create(
        connection=connection, remote_id="thread_1", defaults={"active_at": timezone.now()}
    )
    raw = {"id": "run_1", "thread_id": "thread_1", "status": "requires_action", "required_action": action}
    mirror.runs(thread, [DIALECTS["v2"].read_run(raw)], asked_at=timezone.now())
    return Run.objects.get()


@pytest.mark.parametrize(
    ("type", "call", "shape"),
    [
        ("submit_tool_outputs", FUNCTION, Shape.OUTPUTS),
        ("submit_tool_approval", MCP, Shape.APPROVAL),
        ("submit_tool_approvals", MCP, None),
        ("x" * 500, FUNCTION, None),
    ],
)
def test_a_call_keeps_the_shape_that_asked_for_it(
    connection: Connection, type: str, call: dict[str, Any], shape: Shape | None
) -> None:
    seen(connection, {"type": type, type: {"tool_calls": [call]}})
    found = ToolCall.objects.get()
    assert (found.waiting, found.required_type, found.shape) == (True, type[:64], shape)


def test_a_call_of_a_tool_elsewhere_has_its_name_arguments_and_server(connection: Connection) -> None:
    seen(connection, {"type": "submit_tool_approval", "submit_tool_approval": {"tool_calls": [MCP]}})
    found = ToolCall.objects.get()
    assert (found.type, found.name, found.server, found.arguments) == ("mcp", "search_code", "github", '{"q": "x"}')


def test_an_action_without_a_type_is_called_after_what_it_carries(connection: Connection) -> None:
    run = seen(connection, {"submit_tool_approval": {"tool_calls": [MCP]}})
    assert run.required_type == "submit_tool_approval"


def test_a_call_that_is_asked_for_otherwise_changes_its_shape(connection: Connection) -> None:
    seen(connection, {"type": "submit_tool_approval", "submit_tool_approval": {"tool_calls": [MCP]}})
    seen(connection, {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": [MCP]}})
    assert ToolCall.objects.get().shape == Shape.OUTPUTS


@pytest.mark.parametrize("action", [{"type": "submit_poem", "submit_poem": "now"}, {}, "now", None, [1]])
def test_what_nobody_knows_still_waits(connection: Connection, action: Any) -> None:
    assert seen(connection, action).is_waiting
    assert Run.objects.waiting().count() == 1
