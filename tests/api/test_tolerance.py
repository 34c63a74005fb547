"""Whatever a server puts where, it is read, and any database can store what was read."""

import json
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistants_app.api import errors
from assistants_app.api.client import Client, every
from assistants_app.api.dialects import DIALECTS, files
from testing.generation import EXAMPLES
from testing.specifications import samples

from .conftest import Behaviour, Server, says

V2 = DIALECTS["v2"]
ENDS = ("completed_at", "failed_at", "cancelled_at", "expired_at")
READERS = {
    "assistant.file": files.read_attached_file,
    "thread.message.file": files.read_attached_file,
    "file": files.read_file,
    "model": files.read_model,
    "vector_store": files.read_vector_store,
    "vector_store.file": files.read_vector_store_file,
    "assistant": V2.read_assistant,
    "assistant.deleted": V2.read_deleted,
    "thread": V2.read_thread,
    "thread.deleted": V2.read_deleted,
    "thread.message": V2.read_message,
    "thread.message.deleted": V2.read_deleted,
    "thread.run": V2.read_run,
    "thread.run.step": V2.read_step,
}
WORDS = """
    id object created_at thread_id run_id assistant_id role status content metadata name description model instructions
    tools expires_at started_at completed_at failed_at cancelled_at last_error code message incomplete_details reason
    required_action submit_tool_outputs tool_calls function arguments output type usage step_details message_creation
    message_id text value refusal image_file image_url file_id url deleted annotations start_index end_index quote
    file_citation file_path attachments failed_at expired_at file_ids tool_resources code_interpreter file_search
    vector_store_ids bytes filename purpose created owned_by shutdown_date usage_bytes file_counts last_active_at
    vector_store_id assistant_id
"""
NAMES = WORDS.split()
TEXTS = st.one_of(
    st.sampled_from(
        ["text", "function", "image_file", "9" * 4_000, "1e999", "nan", "2024-01-01", "9999-12-31T23:59-23:00"]
    ),
    st.text(st.one_of(st.characters(), st.sampled_from("\x00\ud800\udfff"))),
)
NUMBERS = st.one_of(st.integers(), st.integers(-(10**400), 10**400), st.floats())
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES) | TEXTS, inner, max_size=6),
    max_leaves=30,
)


def what_was_read(value: Any) -> Iterator[Any]:
    """All that is in it but what is kept as sent."""
    if is_dataclass(value):
        for field in fields(value):
            if field.name != "raw":
                yield from what_was_read(getattr(value, field.name))
    elif isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from what_was_read(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from what_was_read(item)
    else:
        yield value


def assert_storable(seen: Any) -> None:
    for value in what_was_read(seen):
        if isinstance(value, str):
            assert "\x00" not in value
            value.encode()
        if isinstance(value, float):
            json.dumps(value, allow_nan=False)
        if isinstance(value, datetime):
            assert value.utcoffset() is not None
            assert 1970 <= value.year <= 5138
    assert json.dumps(json.loads(seen.raw_text)) == seen.raw_text


@pytest.mark.parametrize("read", dict.fromkeys(READERS.values()), ids=lambda read: read.__name__)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(raw=st.dictionaries(st.sampled_from(NAMES), JSON))
def test_nothing_is_too_strange_to_be_read_and_stored(
    read: Callable[[dict[str, Any]], Any], raw: dict[str, Any]
) -> None:
    seen = read(raw)
    assert_storable(seen)
    assert seen.raw is raw


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(content=JSON)
def test_every_message_can_be_shown(content: Any) -> None:
    message = V2.read_message({"content": content})
    assert_storable(message)
    assert "\x00" not in message.text


def examples() -> list[dict[str, Any]]:
    """The sample objects of both specifications. Skips the test where they are not at hand."""
    found: list[Any] = []
    for dialect in DIALECTS:
        held = samples(dialect)
        found += [example.get("response") for shown in held["operations"].values() for example in shown]
        found += held["schemas"].values()
    found += [item for one in found if isinstance(one, dict) for item in one.get("data") or []]
    return [one for one in found if isinstance(one, dict) and one.get("object") in READERS]


def test_the_samples_of_the_specification_are_read_as_they_stand() -> None:
    for raw in examples():
        seen = READERS[raw["object"]](raw)
        assert_storable(seen)
        for field in fields(seen):
            sent, read = raw.get(field.name), getattr(seen, field.name)
            if raw["object"] == "model" and field.name.endswith("_at"):
                continue  # under other names there, `created` and `shutdown_date`
            if field.name == "ended_at":
                sent = next((raw[each] for each in ENDS if raw.get(each)), None)
            if isinstance(sent, str) or field.name == "metadata":
                assert read == (sent or {}), (raw["id"], field.name)
            elif field.name.endswith("_at") and isinstance(sent, int | None):
                assert (read and read.timestamp()) == sent, (raw["id"], field.name)


def test_the_samples_of_the_specification_are_of_every_kind() -> None:
    assert {raw["object"] for raw in examples()} == set(READERS)


HEX, UUID = "65f1a0c2e4b0a1b2c3d4e5f6", "33d586e7-666a-46be-9f94-6180fb0f9bf0"


@pytest.mark.parametrize("identifier", [HEX, UUID, "7", "thread/../x", "ä b"])
def test_ids_of_any_shape_go_there_and_back(server: Server, client: Client, identifier: str) -> None:
    server.plays(says({"id": identifier, "thread_id": identifier, "status": "queued"}))
    run = client.threads.runs.get(identifier, identifier)
    assert (run.id, run.thread_id) == (identifier, identifier)
    assert server.requests[0].split(b" ")[1].count(b"/") == 5


@pytest.mark.parametrize("moment", [1710330640, 1710330640.25, 1710330640_250, "1710330640", "2024-03-13T11:50:40Z"])
def test_time_stamps_of_any_kind_mean_the_same_second(
    server: Server, client: Client, moment: float | int | str
) -> None:
    server.plays(says({"id": "a", "created_at": moment}))
    created_at = client.threads.get("a").created_at
    assert created_at is not None
    assert created_at.replace(microsecond=0) == datetime(2024, 3, 13, 11, 50, 40, tzinfo=UTC)


@pytest.mark.parametrize("resource", ["assistants", "threads", "files", "models", "vector_stores"])
@pytest.mark.parametrize("lists_object", ["list", "assistants", None])
def test_lists_need_no_object_and_no_cursors(
    server: Server, client: Client, resource: str, lists_object: str | None
) -> None:
    named = {"object": lists_object} if lists_object else {}
    server.plays(says({**named, "data": [{"id": HEX}, {}, {"id": None}], "first_id": "none", "last_id": "none"}))
    page = getattr(client, resource).list()
    assert [item.id for item in page.data] == [HEX, "", ""]
    assert page.first_id is None
    assert page.last_id is None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"json": {"detail": "Thread not there"}}, "Thread not there"),
        ({"json": {"detail": [{"loc": ["body", "role"], "msg": "field required"}]}}, "body.role: field required"),
        ({"json": {"message": "Not implemented"}}, "Not implemented"),
        ({"json": {"error": {"code": "request_validation_error", "message": "No role", "type": None}}}, "No role"),
        ({"json": {"error": "Nothing here"}}, "Nothing here"),
        ({"raw": b"no such thread"}, "no such thread"),
        ({"raw": b"<html><title>502 Bad Gateway</title></html>"}, "502 Bad Gateway"),
        ({"raw": b""}, "422"),
    ],
)
def test_errors_of_any_shape_are_told_in_the_words_of_the_server(
    server: Server, client: Client, body: dict[str, Any], words: str
) -> None:
    server.plays(says(body.get("json"), raw=body.get("raw"), status=422))
    with pytest.raises(errors.BadRequest, match=words) as caught:
        client.threads.get("a")
    assert caught.value.status == 422


def test_an_operation_that_is_not_implemented_is_told_as_such(server: Server, client: Client) -> None:
    server.plays(says({"message": "Not implemented."}, status=501))
    with pytest.raises(errors.NotOffered, match="Not implemented"):
        client.threads.runs.cancel("a", "b")


def test_a_model_says_when_it_was_made_and_when_it_ends(server: Server, client: Client) -> None:
    server.plays(says({"data": [{"id": "m", "created": 1710330640, "shutdown_date": "2026-10-23"}]}))
    (model,) = client.models.list().data
    assert (model.created_at, model.shutdown_at) == (
        datetime(2024, 3, 13, 11, 50, 40, tzinfo=UTC),
        datetime(2026, 10, 23, tzinfo=UTC),
    )


def test_what_nobody_knows_is_kept_as_sent(server: Server, client: Client) -> None:
    part, tool = {"type": "hologram", "hologram": {"file_id": "f"}}, {"type": "bing_grounding", "bing": {}}
    server.plays(says({"id": "m", "status": "pondering", "role": "narrator", "content": [part], "attachments": None}))
    message = client.threads.messages.get("t", "m")
    assert (message.parts[0].kind, message.parts[0].refers_to, message.parts[0].raw) == ("hologram", "f", part)
    assert (message.status, message.role) == ("pondering", "narrator")
    server.plays(says({"id": "a", "tools": [tool, None, "odd"]}))
    assert client.assistants.get("a").tools == [tool]


def test_a_step_and_an_action_that_nobody_knows_show_their_calls(server: Server, client: Client) -> None:
    call = {"id": "c", "type": "mcp", "mcp": {"name": "look"}}
    server.plays(says({"id": "s", "type": "pondering", "step_details": {"type": "pondering", "tool_calls": [call]}}))
    step = client.threads.runs.steps.get("t", "r", "s")
    assert (step.type, step.calls[0].type, json.loads(step.calls[0].arguments)) == ("pondering", "mcp", call["mcp"])
    action = {"type": "submit_tool_approvals", "submit_tool_approvals": {"tool_calls": [call]}}
    server.plays(says({"id": "r", "status": "requires_consent", "required_action": action}))
    run = client.threads.runs.get("t", "r")
    assert run.status == "requires_consent"
    assert run.required_action is not None
    assert run.required_action.type == "submit_tool_approvals"
    assert [each.id for each in run.required_action.calls] == ["c"]


@pytest.mark.parametrize("arguments", ["", "{", "not json", '{"a": NaN}', None, {"a": 1}, 7, "\x00"])
def test_arguments_need_not_be_json(server: Server, client: Client, arguments: Any) -> None:
    call = {"id": "c", "type": "function", "function": {"name": "look", "arguments": arguments}}
    action = {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": [call]}}
    server.plays(says({"id": "r", "status": "requires_action", "required_action": action}))
    action_read = client.threads.runs.get("t", "r").required_action
    assert action_read is not None
    (read,) = action_read.calls
    assert_storable(read)
    assert (read.id, read.name) == ("c", "look")


@pytest.mark.parametrize(("status", "kind"), [(400, errors.BadRequest), (502, errors.ServerFault)])
def test_a_refused_cursor_is_told_after_what_came_before_it(
    server: Server, client: Client, status: int, kind: type[errors.ApiError]
) -> None:
    first = says({"data": [{"id": "b"}, {"id": "a"}], "has_more": True})
    server.plays(first, says({"message": "after is not supported"}, status=status))
    walk = every(client.assistants.list)
    assert [next(walk).id, next(walk).id] == ["b", "a"]
    with pytest.raises(kind, match="after is not supported"):
        next(walk)


def test_runs_of_other_threads_are_not_taken_for_ours(server: Server, client: Client) -> None:
    def page(*runs: Any, last: bool) -> Behaviour:
        return says({"data": [{"id": run, "thread_id": thread} for run, thread in runs], "has_more": not last})

    server.plays(page(("r1", "mine"), ("r2", "other"), last=False), page(("r3", "other"), last=False), page(last=True))
    assert [run.id for run in every(client.threads.runs.list, "mine")] == ["r1"]
    assert b"after=r3" in server.requests[-1]


def test_files_of_both_dialects_are_read_from_one_answer(server: Server, client: Client) -> None:
    hybrid = {"file_ids": ["a", "b"], "tool_resources": {"code_interpreter": {"file_ids": ["b", "c"]}}}
    server.plays(says({"id": "x", **hybrid}))
    assert client.assistants.get("x").file_ids == ("a", "b", "c")
    server.plays(says({"id": "m", "file_ids": ["a", "b"], "attachments": [{"file_id": "b"}, None]}))
    assert [each.file_id for each in client.threads.messages.get("t", "m").attachments] == ["b", "a"]


def test_a_deletion_needs_no_words(server: Server, client: Client) -> None:
    server.plays(says(status=204, raw=b""))
    assert client.files.delete("f").deleted
    server.plays(says({"id": "f", "object": "assistant_file.deleted", "deleted": True}))
    assert client.assistants.files.delete("a", "f").deleted
