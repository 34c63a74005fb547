from typing import Any

import pytest

from tests.local_api.conftest import Http

TOOL = {
    "type": "function",
    "function": {"name": "look", "description": "Looks.", "parameters": {"type": "object", "properties": {}}},
}
FIELDS = {
    "id", "object", "created_at", "name", "description", "model", "instructions", "tools", "tool_resources",
    "metadata", "temperature", "top_p", "response_format",
}  # fmt: skip


def test_it_keeps_what_it_was_given(http: Http) -> None:
    asked = {
        "model": "gpt-4o",
        "name": "Zoë",
        "instructions": "Be brief.",
        "tools": [TOOL],
        "metadata": {"team": "blue"},
        "temperature": 0.2,
        "response_format": {"type": "json_object"},
    }
    made = http.post("/assistants", asked)
    assert set(made) == FIELDS
    assert {name: made[name] for name in asked} == asked
    assert http.get(f"/assistants/{made['id']}") == made


def test_it_changes_only_what_was_sent(http: Http, assistant: Any) -> None:
    changed = http.post(f"/assistants/{assistant['id']}", {"instructions": "New."})
    assert changed == {**assistant, "instructions": "New."}


def test_modify_replaces_all_metadata(http: Http) -> None:
    made = http.post("/assistants", {"model": "m", "metadata": {"a": "1"}})
    changed = http.post(f"/assistants/{made['id']}", {"metadata": {"b": "2"}})
    assert changed["metadata"] == {"b": "2"}


def test_a_deleted_one_is_gone(http: Http, assistant: Any) -> None:
    path = f"/assistants/{assistant['id']}"
    assert http.delete(path) == {"id": assistant["id"], "object": "assistant.deleted", "deleted": True}
    status, error = http.refusal("GET", path)
    assert (status, error["message"]) == (404, f"No assistant found with id '{assistant['id']}'.")


@pytest.mark.parametrize(
    ("body", "message", "code"),
    [
        ({}, "Missing required parameter: 'model'.", "missing_required_parameter"),
        (
            {"model": 4},
            "Invalid type for 'model': expected a string, but got an integer instead.",
            "invalid_type",
        ),
        ({"model": "m", "nom": "x"}, "Unknown parameter: 'nom'.", "unknown_parameter"),
        (
            {"model": "m", "name": "x" * 257},
            "Invalid 'name': string too long. Expected a string with maximum length 256, "
            "but got a string with length 257 instead.",
            "string_above_max_length",
        ),
        (
            {"model": "m", "temperature": 3},
            "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 3 instead.",
            "decimal_above_max_value",
        ),
        (
            {"model": "m", "tools": [{"type": "hammer"}]},
            "Invalid value: 'hammer'. Supported values are: 'code_interpreter', 'file_search' and 'function'.",
            "invalid_value",
        ),
        (
            {"model": "m", "metadata": {str(number): "x" for number in range(17)}},
            "Invalid 'metadata': too many properties. Expected an object with at most 16 properties, "
            "but got an object with 17 properties instead.",
            "object_above_max_properties",
        ),
    ],
)
def test_it_says_what_is_wrong(http: Http, body: dict[str, Any], message: str, code: str) -> None:
    status, error = http.refusal("POST", "/assistants", body)
    assert (status, error["message"], error["code"]) == (400, message, code)
    assert error["type"] == "invalid_request_error"


def test_a_function_name_has_to_fit_its_pattern(http: Http) -> None:
    bad = {"type": "function", "function": {"name": "with space"}}
    status, error = http.refusal("POST", "/assistants", {"model": "m", "tools": [bad]})
    assert (status, error["param"]) == (400, "tools[0].function.name")
