"""Fields made from what a function returns."""

from __future__ import annotations

import json
from typing import Any

import pytest

from assistants_app.services import schemas, typed_answers
from assistants_app.services.typed_answers import Place

RETURNS: dict[str, Any] = {
    "type": "object",
    "required": ["total", "paid", "lines"],
    "properties": {
        "total": {"type": "number"},
        "count": {"type": "integer", "minimum": 1},
        "paid": {"type": "boolean"},
        "note": {"type": ["string", "null"]},
        "due": {"type": "string", "format": "date"},
        "state": {"enum": ["open", "closed", 3]},
        "ship/to": {"type": "object", "required": ["city"], "properties": {"city": {"type": "string"}}},
        "lines": {"type": "array", "items": {"$ref": "#/$defs/line"}},
        "more": {},
    },
    "$defs": {"line": {"type": "object", "required": ["sku"], "properties": {"sku": {"type": "string"}}}},
}
WHOLE = (
    '{"total": 12345678901234567890.10, "count": 2, "paid": false, "note": "hé", "due": "2026-11-21", "state": 3, '
    '"ship/to": {"city": "Oslo"}, "lines": [{"sku": "A"}, {"sku": "B"}], "more": [1.50]}'
)


def drawn(**filled: str) -> Place:
    named = {f"o:/{name.replace('__', '/')}": value for name, value in filled.items()}
    place = typed_answers.draw(RETURNS, name="o", filled=named)
    assert place is not None
    return place


def wrong(place: Place) -> dict[str, list[str]]:
    return {each.name: each.errors for each in place.every() if each.errors}


def test_an_answer_goes_into_fields_and_comes_out_to_the_letter() -> None:
    filled = typed_answers.filled_with(RETURNS, WHOLE, name="o")
    assert filled is not None
    assert filled["o:/total"] == "12345678901234567890.10"
    assert filled["o:/ship~1to/city"] == "Oslo"
    place = typed_answers.draw(RETURNS, name="o", filled=filled)
    assert place is not None
    assert typed_answers.written(place) == WHOLE


def test_the_kinds_of_fields_follow_the_types() -> None:
    kinds = [(each.label, each.kind) for each in drawn().places]
    assert [kind for _, kind in kinds] == [
        *("number", "number", "yes_no", "text", "date", "choice", "object", "list", "json"),
    ]


def test_what_is_optional_and_empty_is_left_out() -> None:
    place = drawn(total="1.50", paid="true")
    assert typed_answers.written(place) == '{"total": 1.50, "paid": true, "lines": []}'


def test_what_is_missing_is_told_at_its_place() -> None:
    place = drawn(**{"lines__-": "1"})
    assert typed_answers.written(place) == ""
    assert set(wrong(place)) == {"o:/total", "o:/paid", "o:/lines/0/sku"}


@pytest.mark.parametrize("number", ["1,5", "007", "1.", "two", "0x1", "1_000", "Infinity", "\uff11"])
def test_a_number_is_what_json_calls_one(number: str) -> None:
    place = drawn(total=number, paid="true")
    typed_answers.written(place)
    assert wrong(place) == {"o:/total": ["Write a number, such as 12 or 0.5."]}


def test_what_the_schema_says_of_a_value_is_told_at_its_place() -> None:
    place = drawn(total="1", paid="true", count="0", due="2026-02-31")
    typed_answers.written(place)
    assert wrong(place) == {"o:/count": ["Must be at least 1."], "o:/due": ["Must be written as date."]}


@pytest.mark.parametrize(
    ("schema", "filled", "output"),
    [
        ({"type": "number"}, "5.50", "5.50"),
        ({"type": "string"}, '"as" it\nis', '"as" it\nis'),
        ({"type": "boolean"}, "false", "false"),
        ({"enum": ["rain", "sun"]}, '"sun"', "sun"),
    ],
)
def test_a_single_value_is_the_whole_output(schema: dict[str, Any], filled: str, output: str) -> None:
    place = typed_answers.draw(schema, name="o", filled={"o:": filled})
    assert place is not None
    assert typed_answers.written(place) == output


def test_items_come_and_go() -> None:
    filled = {"o:/lines/-": "2", "o:/lines/0/sku": "A", "o:/lines/1/sku": "B"}
    more = typed_answers.with_one_more(filled, "o:/lines/2")
    assert more["o:/lines/-"] == "3"
    assert typed_answers.without(more, "o:/lines/0") == {"o:/lines/-": "2", "o:/lines/0/sku": "B"}


@pytest.mark.parametrize("item", ["", "o:", "o:/lines/x", "o:/lines/99999999999", "o:/lines/²"])
def test_odd_items_do_no_harm(item: str) -> None:
    typed_answers.with_one_more({}, item)
    typed_answers.without({"o:/lines/-": "x"}, item)


@pytest.mark.parametrize("text", ["plain", '{"total": "1"}', '{"total": 1, "paid": true, "lines": [], "extra": 1}'])
def test_what_the_fields_cannot_say_stays_text(text: str) -> None:
    assert typed_answers.filled_with(RETURNS, text, name="o") is None


def test_what_can_be_anything_or_is_endless_has_no_fields() -> None:
    endless = schemas.read('{"type": "object", "properties": {"next": {"$ref": "#"}, "b": {"$ref": "#"}}}')
    many = {"type": "object", "properties": {f"p{n}": {"type": "string"} for n in range(500)}}
    assert [typed_answers.draw(each, name="o", filled={}) for each in ({}, endless, many)] == [None] * 3


def test_hostile_schemas_do_no_harm() -> None:
    hostile: list[Any] = [
        {"properties": []},
        {"type": "object", "properties": {"a": 5}},
        {"type": "array", "items": True},
    ]
    for odd in hostile:
        place = typed_answers.draw(json.loads(json.dumps(odd)), name="o", filled={"o:": "999"})
        assert place is None or place.kind
