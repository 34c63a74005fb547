"""What servers demand of the declarations of functions, told at the line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from assistants_app.services import declarations

STRICT = {
    "name": "f",
    "strict": True,
    "parameters": {
        "type": "object",
        "properties": {
            "a": {"type": ["string", "null"]},
            "b": {"anyOf": [{"$ref": "#/$defs/point"}, {"type": "null"}]},
        },
        "required": ["a", "b"],
        "additionalProperties": False,
        "$defs": {
            "point": {
                "type": "object",
                "properties": {"x": {"type": "number", "minimum": 0}},
                "required": ["x"],
                "additionalProperties": False,
            }
        },
    },
}


def told(text: str, kind: str = "function") -> list[tuple[int, str]]:
    return [(each.position.line, each.words) for each in declarations.marks(text, kind)]


def strict(parameters: dict[str, Any]) -> list[tuple[int, str]]:
    return told(json.dumps({"name": "f", "strict": True, "parameters": parameters}, indent=1))


def test_what_a_strict_server_takes_is_right() -> None:
    assert told(json.dumps(STRICT)) == []


def test_an_empty_text_is_no_problem_yet() -> None:
    assert told(" \n") == []


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('{"name": "f",\n "parameters": {,}}', 2, "This is not JSON"),
        ('{"name": "f",\n "parameters": {},\n "name": "g"}', 3, "given twice"),
        ("[]", 1, "a JSON object"),
        ('{\n "name": "two words"}', 2, "1 to 64 letters"),
        ('{"name": "f",\n "description": 3}', 2, "must be a text"),
        ('{"name": "f",\n "strict": "yes"}', 2, "true or false"),
        ('{"name": "f", "parameters": {\n "properties": {"a":\n  {"type": "odd"}}}}', 3, "no JSON Schema"),
        ('{"name": "f", "parameters": {\n "properties": {"a": {\n  "$ref": "#/$defs/none"}}}}', 3, "is not in it"),
        ('{"name": "f",\n "parameters": []}', 2, "A schema is a JSON object"),
    ],
)
def test_what_is_wrong_is_told_at_its_line(text: str, line: int, words: str) -> None:
    ((at, said),) = told(text)
    assert at == line
    assert words in said


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"additionalProperties": True}, "parameters: with “strict” every object needs “additionalProperties”: false"),
        ({"required": ["a"]}, "“b” is missing"),
        ({"required": ["a", "b", "c"]}, "no property: “c”"),
        ({"anyOf": [{"type": "string"}]}, "without “anyOf”"),
        ({"not": {"type": "string"}}, "there may be no “not”"),
        ({"type": ["object", "null"]}, "“type”: “object”"),
    ],
)
def test_strict_demands_more(change: dict[str, Any], words: str) -> None:
    found = strict({**STRICT["parameters"], **change})  # type: ignore[dict-item]
    assert any(words in said for _line, said in found), found


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"description": "anything"}, "parameters/properties/a: with “strict” it needs a “type”"),
        ({"type": "array"}, "a list needs “items”"),
        ({"type": "string", "default": "x"}, "there may be no “default”"),
        ({"oneOf": [{"type": "string"}]}, "there may be no “oneOf”"),
        ({"type": "array", "items": {"type": "object"}}, "parameters/properties/a/items: with “strict” every object"),
        ({"type": "string", "enum": [str(n) for n in range(1001)]}, "at most 1,000 values"),
        ({"type": "string", "enum": ["x" * 120_000]}, "at most 120,000 characters"),
    ],
)
def test_strict_demands_it_of_every_part(schema: dict[str, Any], words: str) -> None:
    found = strict({"type": "object", "properties": {"a": schema}, "required": ["a"], "additionalProperties": False})
    assert any(words in said for _line, said in found), found


def nested(depth: int) -> dict[str, Any]:
    inner = {"properties": {"a": nested(depth - 1)}, "required": ["a"]} if depth else {"properties": {}, "required": []}
    return {"type": "object", "additionalProperties": False, **inner}


def test_ten_objects_may_stand_in_one_another_and_no_more() -> None:
    assert strict(nested(9)) == []
    ((_line, said),) = strict(nested(10))
    assert "at most 10 objects" in said


def test_without_strict_none_of_it_is_demanded() -> None:
    assert told(json.dumps({**STRICT, "strict": False, "parameters": {"properties": {"a": {"default": 1}}}})) == []


def test_making_it_strict_adds_what_can_be_added_and_loses_nothing() -> None:
    loose = {
        "name": "f",
        "parameters": {
            "type": "object",
            "properties": {
                "size": {"type": "string", "enum": ["S", "L"]},
                "limit": {"type": "number", "minimum": 1},
                "of": {"type": "array", "items": {"type": "object", "properties": {"x": {"const": 1}}}},
            },
            "required": ["limit"],
        },
    }
    made = declarations.made_strict(json.dumps(loose).replace('"minimum": 1', '"minimum": 1.00'))
    assert told(made) == []
    assert '"minimum": 1.00' in made
    point = {"anyOf": [{"const": 1}, {"type": "null"}]}
    assert json.loads(made) == {
        "name": "f",
        "strict": True,
        "parameters": {
            "type": "object",
            "properties": {
                "size": {"type": ["string", "null"], "enum": ["S", "L", None]},
                "limit": {"type": "number", "minimum": 1},
                "of": {
                    "type": ["array", "null"],
                    "items": {
                        "type": "object",
                        "properties": {"x": point},
                        "required": ["x"],
                        "additionalProperties": False,
                    },
                },
            },
            "required": ["limit", "size", "of"],
            "additionalProperties": False,
        },
    }
    assert declarations.made_strict(made) == made


def test_what_cannot_be_read_is_not_written_anew() -> None:
    for text in ("{", '{"a": 1, "a": 2}', "[" * 101 + "]" * 101, "[" * 100_000):
        with pytest.raises(declarations.NotReadable):
            declarations.formatted(text)
        with pytest.raises(declarations.NotReadable):
            declarations.made_strict(text)
    assert declarations.made_strict("[1]") == "[1]"
