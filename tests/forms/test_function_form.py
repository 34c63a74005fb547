"""A function as fields and as JSON: nothing is lost on the way from one to the other."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given as of
from hypothesis import strategies as st

from assistants_app.forms import function_form
from assistants_app.forms.function_form import Beyond, Texts, closed, folded, opened, rearranged, texts, view

WEATHER = {
    "name": "get_weather",
    "description": "The weather now.",
    "parameters": {
        "type": "object",
        "properties": {
            "place": {"type": "string", "description": "A town"},
            "unit": {"type": "string", "enum": ["C", "F"]},
            "days": {"type": ["integer", "null"]},
            "tags": {"type": "array", "items": {"type": "string"}, "description": "Any"},
            "area": {"type": "object", "properties": {"lat": {"type": "number", "minimum": -90.0}}},
        },
        "required": ["place", "unit"],
        "additionalProperties": False,
    },
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
TYPES = ["string", "number", "integer", "boolean", "array", "object", "null", ["string", "null"], ["null", "integer"]]
SCHEMAS = JSON | st.fixed_dictionaries(
    {"type": st.sampled_from(TYPES)},
    optional={
        "description": st.text(max_size=6) | JSON,
        "enum": st.lists(st.text(max_size=3) | st.none(), max_size=3) | JSON,
        "items": st.fixed_dictionaries({"type": st.sampled_from(TYPES)}) | JSON,
        "default": JSON,
    },
)
PARAMETERS = JSON | st.fixed_dictionaries(
    {"type": st.just("object")},
    optional={
        "properties": st.dictionaries(st.text(max_size=4), SCHEMAS, max_size=4),
        "required": st.lists(st.text(max_size=3), max_size=3),
        "additionalProperties": st.booleans(),
    },
)
DECLARATIONS = JSON | st.fixed_dictionaries(
    {"name": st.text(max_size=5)},
    optional={"description": st.text(max_size=9) | JSON, "strict": st.booleans() | JSON, "parameters": PARAMETERS},
)


def fields(declaration: Any) -> Texts:
    """The form with the fields of a function, as a browser sends it."""
    made, note = opened({"function-0": json.dumps(declaration, indent=2)}, 0)
    assert not note
    return {name: text.replace("\n", "\r\n") for name, text in made.items()}


def declared(given: Texts) -> Any:
    """What a form makes of it."""
    made, note = closed(given, 0)
    assert not note, note
    return json.loads(made["function-0"])


def changed(declaration: Any, **fields_changed: str) -> Any:
    return declared({**fields(declaration), **{name.replace("_", "-"): text for name, text in fields_changed.items()}})


@of(declaration=DECLARATIONS)
def test_to_the_fields_and_back_nothing_changes(declaration: Any) -> None:
    text = json.dumps(declaration)
    given, note = opened({"function-0": text}, 0)
    if note:
        assert given == {"function-0": text}
        return
    sent = {name: each.replace("\n", "\r\n") for name, each in given.items()}
    assert closed(sent, 0) == ({"function-0": text}, "")
    assert folded(sent)["function-0"] == text


def test_the_common_cases_have_fields_and_the_others_their_json() -> None:
    given = fields(WEATHER)
    kinds = [given[f"function-0-row-{row}-kind"] for row in range(5)]
    assert kinds == ["string", "choice", "integer", "string[]", "json"]
    assert given["function-0-row-1-choices"] == "C\r\nF"
    assert given["function-0-row-2-null"] == "on"
    assert json.loads(given["function-0-row-4-schema"]) == WEATHER["parameters"]["properties"]["area"]  # type: ignore[index]


def test_what_has_no_field_stays_when_something_else_changes() -> None:
    found = changed(WEATHER, function_0_row_0_description="A village")
    wanted = json.loads(json.dumps(WEATHER))
    wanted["parameters"]["properties"]["place"]["description"] = "A village"
    assert found == wanted


def test_a_renamed_parameter_keeps_its_place_and_stays_required() -> None:
    found = changed(WEATHER, function_0_row_0_name="town")["parameters"]
    assert list(found["properties"]) == ["town", "unit", "days", "tags", "area"]
    assert found["required"] == ["town", "unit"]


def test_numbers_keep_their_letters() -> None:
    text = '{"name": "f", "parameters": {"properties": {"a": {"minimum": 1.00}, "b": {"type": "string"}}}}'
    given, _note = opened({"function-0": text}, 0)
    made, _note = closed({**given, "function-0-row-1-description": "B"}, 0)
    assert '"minimum": 1.00' in made["function-0"]


def test_a_type_is_changed() -> None:
    found = changed(WEATHER, function_0_row_0_kind="choice", function_0_row_0_choices=" Oslo\r\n\r\nRome ")
    assert found["parameters"]["properties"]["place"] == {
        "type": "string",
        "enum": ["Oslo", "Rome"],
        "description": "A town",
    }
    found = changed(WEATHER, function_0_row_1_kind="number[]", function_0_row_1_null="on")
    assert found["parameters"]["properties"]["unit"] == {"type": ["array", "null"], "items": {"type": "number"}}
    found = changed(WEATHER, function_0_row_0_kind="json", function_0_row_0_description="Else")
    assert found["parameters"]["properties"]["place"] == {"type": "string", "description": "Else"}
    found = changed(WEATHER, function_0_row_0_kind="json", function_0_row_0_schema='{"pattern": "x"}')
    assert found["parameters"]["properties"]["place"] == {"pattern": "x"}


def test_parameters_come_and_go() -> None:
    given, _note = rearranged(fields(WEATHER), "more-parameter function-0") or ({}, "")
    assert declared(given) == WEATHER
    given |= {"function-0-row-5-name": "wind", "function-0-row-5-kind": "boolean", "function-0-row-5-required": "on"}
    found = declared(given)["parameters"]
    assert found["properties"]["wind"] == {"type": "boolean"}
    assert found["required"] == ["place", "unit", "wind"]
    given, _note = rearranged(given, "less-parameter function-0 0") or ({}, "")
    found = declared(given)["parameters"]
    assert list(found["properties"]) == ["unit", "days", "tags", "area", "wind"]
    assert found["required"] == ["unit", "wind"]


def test_a_new_function_is_made_of_fields_alone() -> None:
    given = {**opened({"function-0": ""}, 0)[0], "function-0-form-name": "ring", "function-0-form-strict": "on"}
    given |= {"function-0-row-0-name": "often", "function-0-row-0-kind": "integer"}
    parameters = {"type": "object", "properties": {"often": {"type": "integer"}}}
    assert declared(given) == {"name": "ring", "strict": True, "parameters": parameters}


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("name", "", "needs a name"),
        ("name", "unit", "already"),
        ("kind", "odd", "Choose a type"),
        ("schema", "{", "Line 1: This is not JSON"),
        ("schema", '{"type": "odd"}', "no JSON Schema"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field_and_kept(name: str, text: str, words: str) -> None:
    kind = {"function-0-row-0-kind": "json"} if name == "schema" else {}
    given = {**fields(WEATHER), **kind, f"function-0-row-0-{name}": text}
    after, note = closed(given, 0)
    assert after == given
    assert "Put right" in note
    assert json.loads(folded(given)["function-0"]) == WEATHER
    shown = view(0, given)
    assert shown is not None
    assert any(words in each for _number, row in shown.rows for each in row.errors.get(name, []))
    assert [each for each in function_form.rows_wrong(shown) if words in each]


def test_a_choice_needs_choices() -> None:
    _given, note = closed({**fields(WEATHER), "function-0-row-0-kind": "choice"}, 0)
    assert "Put right" in note


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"name": "f", "name": "g"}',
        '{"name": 3}',
        '{"name": "a\\nb"}',
        '{"strict": "yes"}',
        '{"parameters": []}',
        '{"parameters": {"type": "string"}}',
        '{"parameters": {"properties": []}}',
        '{"parameters": {"required": "a"}}',
        '{"parameters": {"properties": {"": {}}}}',
        '{"parameters": {"properties": {"a": ' + "[" * 200 + "]" * 200 + "}}}",
    ],
)
def test_what_fields_cannot_show_stays_json_and_says_why(text: str) -> None:
    with pytest.raises(Beyond):
        texts(0, text)
    given, note = opened({"function-0": text}, 0)
    assert given == {"function-0": text}
    assert "only be shown as JSON" in note


def test_a_page_has_no_more_fields_than_can_be_sent() -> None:
    many = {"name": "f", "parameters": {"properties": {f"p{n}": {"type": "string"} for n in range(200)}}}
    given, note = opened({"function-0": json.dumps(many)}, 0)
    assert "view-0" not in given
    assert "more fields than one page" in note
