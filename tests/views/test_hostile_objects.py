"""Objects that are not as the API promises: whatever a server sends, every page about it can be opened.

Missing, null and wrong fields in each object of the vendor's own examples; and texts no database or browser likes.
"""

from __future__ import annotations

import json
import os
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistants_app.api.bodies import decode
from assistants_app.api.dialects.v2 import DIALECT
from assistants_app.models import Assistant, Connection, Message, Run, RunStep, Thread, ToolCall
from assistants_app.services import mirror
from testing.backing_services import ROOT
from tests.views.conftest import page

pytestmark = pytest.mark.database

SHARED = Path(os.environ.get("SHARED_DIR", ROOT.parent / "shared")) / "api" / "spec-examples-v2.json"
MOST_BYTES = 1_000_000

WAITING = {
    "id": "run_1",
    "object": "thread.run",
    "thread_id": "thread_1",
    "assistant_id": "asst_1",
    "status": "requires_action",
    "created_at": 1_700_000_000,
    "expires_at": 1_700_000_600,
    "model": "gpt-4o",
    "instructions": "Be kind.",
    "last_error": {"code": "server_error", "message": "Sorry."},
    "required_action": {
        "type": "submit_tool_outputs",
        "submit_tool_outputs": {
            "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}]
        },
    },
    "metadata": {"a": "b"},
    "usage": None,
}
STEP = {
    "id": "step_1",
    "object": "thread.run.step",
    "type": "tool_calls",
    "status": "completed",
    "created_at": 1_700_000_001,
    "step_details": {
        "type": "tool_calls",
        "tool_calls": [
            {"id": "call_2", "type": "function", "function": {"name": "look", "arguments": "{}", "output": "4"}},
            {"id": "call_3", "type": "code_interpreter", "code_interpreter": {"input": "1+1", "outputs": []}},
        ],
    },
    "last_error": None,
}
MESSAGE = {
    "id": "msg_1",
    "object": "thread.message",
    "role": "user",
    "status": "completed",
    "created_at": 1_700_000_000,
    "run_id": "run_1",
    "assistant_id": None,
    "content": [
        {"type": "text", "text": {"value": "Hello", "annotations": []}},
        {"type": "image_file", "image_file": {"file_id": "file_1"}},
    ],
}
ASSISTANT = {
    "id": "asst_1",
    "object": "assistant",
    "name": "Porter",
    "description": None,
    "model": "gpt-4o",
    "instructions": "Be kind.",
    "created_at": 1_700_000_000,
    "tools": [
        {"type": "function", "function": {"name": "look", "description": "Looks", "parameters": {"type": "object"}}},
        {"type": "file_search"},
    ],
}
OWN: dict[str, dict[str, Any]] = {
    "assistant": ASSISTANT,
    "thread.message": MESSAGE,
    "thread.run": WAITING,
    "thread.run.step": STEP,
}
ODD: list[Any] = [
    None,
    "",
    0,
    -1,
    1.5,
    10**40,
    float("nan"),
    True,
    [],
    {},
    [None],
    [[]],
    {"type": None},
    {"": ""},
    "unheard_of",
    "a\x00b",
    "\ud800",
    "\u202edesrever\u2066",
    "🌧" * 300,
    "x" * 700,
    "<b>&quot;",
    '{"a": ',
    "9999-12-31T23:59:59-14:00",
    253_402_300_800,
]


def examples() -> list[dict[str, Any]]:
    """Every object of the vendor's examples that the dashboard shows."""
    found: list[dict[str, Any]] = []

    def look(value: Any) -> None:
        if isinstance(value, dict):
            if value.get("object") in {"assistant", "thread", "thread.message", "thread.run", "thread.run.step"}:
                found.append(value)
            for each in value.values():
                look(each)
        elif isinstance(value, list):
            for each in value:
                look(each)

    look(json.loads(SHARED.read_text()))
    return found


def places(value: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every field of an object, however deep."""
    found = []
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        found += [(*before, key), *places(each, (*before, key))]
    return found


def spoilt(whole: dict[str, Any], place: tuple[Any, ...], value: Any, missing: bool = False) -> dict[str, Any]:
    """The object with another value, or none, at a place."""
    made = deepcopy(whole)
    at: Any = made
    for key in place[:-1]:
        at = at[key]
    if missing:
        del at[place[-1]]
    else:
        at[place[-1]] = value
    return made


def show(connection: Connection, client: Client, seen: dict[str, dict[str, Any]]) -> None:
    """Mirrors these objects as if the server had sent them, and opens every page about them."""
    for model in (ToolCall, RunStep, Run, Message, Thread, Assistant):
        model.objects.all().delete()
    # As it comes over the wire.
    sent = {kind: decode(json.dumps(each).encode()) for kind, each in seen.items()}
    mirror.assistants(connection, [DIALECT.read_assistant(sent["assistant"])], asked_at=timezone.now())
    mirror.threads(connection, [DIALECT.read_thread(sent.get("thread", {}))])
    thread, _ = Thread.objects.get_or_create(
        connection=connection, remote_id="thread_1", defaults={"active_at": timezone.now()}
    )
    mirror.messages(thread, [DIALECT.read_message(sent["thread.message"])])
    mirror.runs(thread, [DIALECT.read_run({**sent["thread.run"], "thread_id": "thread_1"})], asked_at=timezone.now())
    for run in Run.objects.all():
        mirror.steps(run, [DIALECT.read_step(sent["thread.run.step"])])
    rows = [*Thread.objects.all(), *Run.objects.all(), *Assistant.objects.all()]
    for address in ["/queue/", "/threads/", "/assistants/", *[each.get_absolute_url() for each in rows]]:
        response = client.get(address)
        page(response)
        assert len(response.content) < MOST_BYTES


@pytest.mark.parametrize("kind", list(OWN))
@pytest.mark.slow
def test_each_field_may_be_missing_or_odd(connection: Connection, olga: Client, kind: str) -> None:
    for number, place in enumerate(places(OWN[kind])):
        show(connection, olga, {**OWN, kind: spoilt(OWN[kind], place, None, missing=True)})
        show(connection, olga, {**OWN, kind: spoilt(OWN[kind], place, ODD[number % len(ODD)])})


@pytest.mark.skipif(not SHARED.exists(), reason=f"the vendor's examples are not here ({SHARED})")
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
@pytest.mark.slow
def test_the_vendors_examples_may_have_any_field_spoilt(connection: Connection, olga: Client, data: Any) -> None:
    seen: dict[str, dict[str, Any]] = dict(OWN)
    for kind in ("assistant", "thread", "thread.message", "thread.run", "thread.run.step"):
        whole = data.draw(st.sampled_from([each for each in examples() if each["object"] == kind]))
        for place in data.draw(st.lists(st.sampled_from(places(whole)), max_size=3)):
            try:
                whole = spoilt(whole, place, data.draw(st.sampled_from(ODD)), missing=data.draw(st.booleans()))
            except (KeyError, IndexError, TypeError):
                continue  # an earlier one took that place away
        seen[kind] = whole
    show(connection, olga, seen)


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "a\x00b",
        "\ud800\udfff",
        '{"a": "\\ud800"}',
        '{"a": "\\u0000"}',
        "\u202e\u2066\u200b\ufeff",
        "x" * 1_000_000,
        json.dumps({"line": "<" * 1_000_000}),
        "[" * 99_999,
        json.dumps([[1] * 200] * 200),
        json.dumps({"k" * 5_000: {str(n): n for n in range(9_999)}}),
        '{"a": NaN, "b": 1e999, "c": ' + "9" * 5_000 + "}",
        '{"a": 1',
        "null",
        "\n" * 50_000,
        "👩‍👩‍👧‍👦" * 10_000,
    ],
    ids=range(15),
)
def test_any_text_can_be_shown_in_a_page_of_bounded_size(connection: Connection, olga: Client, text: str) -> None:
    function = {"name": text, "description": text, "parameters": text}
    call = {"id": "call_9", "type": "function", "function": {"name": text, "arguments": text, "output": text}}
    action = {"type": text, "submit_tool_outputs": {"tool_calls": [{**call, "id": "call_8"}]}}
    run = {**WAITING, "required_action": action, "instructions": text, "model": text, "metadata": {text: text}}
    tools = [{"type": "function", "function": function}, {"type": text, "function": text}]
    assistant = {"name": text, "description": text, "instructions": text, "model": text, "tools": tools}
    seen: dict[str, dict[str, Any]] = {
        "assistant": {**ASSISTANT, **assistant},
        "thread.message": {**MESSAGE, "content": [{"type": "text", "text": {"value": text}}]},
        "thread.run": {**run, "last_error": {"code": text, "message": text}},
        "thread.run.step": {**STEP, "type": text, "status": text, "step_details": {"tool_calls": [call]}},
    }
    show(connection, olga, seen)


def test_an_unknown_status_role_and_type_are_shown_in_the_servers_words(connection: Connection, olga: Client) -> None:
    run = {**WAITING, "status": "brewing", "required_action": None}
    message = {**MESSAGE, "role": "narrator", "content": [{"type": "hologram", "hologram": {"file_id": "file_9"}}]}
    show(connection, olga, {**OWN, "thread.run": run, "thread.message": message})
    words = page(olga.get("/threads/thread_1/")).text("main")
    for each in ("brewing", "narrator", "[hologram file_9]"):
        assert each in words
