"""Examples of calls: the same each time, and as their schema wants them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistants_app.services import example_calls, schemas
from testing.generation import EXAMPLES


def example(properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, **more}
    made = example_calls.call(schemas.usable(schema))
    assert made.misfits == []
    assert made == example_calls.call(schema)
    value: dict[str, Any] = json.loads(made.arguments)
    return value


def test_what_the_schema_gives_is_taken() -> None:
    given = {
        "a": {"const": 7},
        "b": {"examples": ["first", "second"], "default": "third"},
        "c": {"enum": ["x", "y"]},
        "d": {"enum": ["x", "y"], "default": "y"},
        "e": {"type": "integer", "default": 12},
    }
    assert example(given) == {"a": 7, "b": "first", "c": "x", "d": "y", "e": 12}


def test_limits_are_kept() -> None:
    given = {
        "when": {"type": "string", "format": "date-time"},
        "mail": {"type": "string", "format": "email"},
        "city_name": {"type": "string"},
        "long": {"type": "string", "minLength": 30, "maxLength": 31},
        "short": {"type": "string", "maxLength": 2},
        "code": {"type": "string", "pattern": "^[A-Z]{3}$"},
        "amount": {"type": "number", "minimum": 2.5, "maximum": 3},
        "count": {"type": "integer", "exclusiveMinimum": 9, "multipleOf": 5},
        "below": {"type": "integer", "maximum": -3},
        "lines": {"type": "array", "minItems": 2, "items": {"type": "boolean"}},
        "none": {"type": "array", "maxItems": 0},
        "either": {"anyOf": [{"type": "null"}, {"type": "integer"}]},
        "map": {"type": "object", "additionalProperties": {"type": "number"}},
    }
    made = example(given)
    assert made["city_name"] == "city name"
    assert (made["code"], made["count"], made["below"]) == ("ABC", 10, -3)
    assert (made["lines"], made["none"], made["either"], made["map"]) == ([True, True], [], 1, {"name": 1})


def test_references_are_followed_and_cycles_end() -> None:
    node = {"type": "object", "properties": {"value": {"type": "integer"}, "next": {"$ref": "#/$defs/node"}}}
    made = example({"list": {"$ref": "#/$defs/node"}}, **{"$defs": {"node": node}})
    assert made["list"]["next"]["next"]["value"] == 1


def test_parts_that_add_up_are_put_together() -> None:
    given = [{"properties": {"a": {"type": "integer"}}, "required": ["a"]}, {"properties": {"b": {"type": "null"}}}]
    assert example({"it": {"type": "object", "allOf": given}}) == {"it": {"a": 1, "b": None}}


def test_what_does_not_fit_is_told() -> None:
    impossible = {"type": "object", "properties": {"a": {"type": "string", "pattern": "^zebra$"}}}
    assert example_calls.call(impossible).misfits == ["a: Must fit the pattern ^zebra$"]
    assert "Arguments are an object" in example_calls.call({"type": "string"}).misfits[0]


def test_a_schema_that_branches_without_end_is_soon_done() -> None:
    node = {"type": "object", "properties": {f"n{n}": {"$ref": "#/$defs/node"} for n in range(40)}}
    made = example_calls.call({**node, "required": [f"n{n}" for n in range(40)], "$defs": {"node": node}})
    assert len(made.arguments) < 200_000


WORDS = st.sampled_from(["type", "enum", "default", "minimum", "items", "properties", "anyOf", "required", "pattern"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


@given(schema=st.dictionaries(WORDS, VALUES, max_size=5))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_usable_schema_breaks_it(schema: dict[str, Any]) -> None:
    try:
        usable = schemas.usable(schema)
    except schemas.Unusable:
        return
    json.loads(example_calls.call(usable).arguments)


@pytest.mark.parametrize("limit", [10**400, 1e308, -1e308, 5e-324])
def test_numbers_beyond_all_measure_are_no_trouble(limit: float) -> None:
    for word in ("minimum", "maximum", "multipleOf"):
        if word == "multipleOf" and limit < 0:
            continue
        example_calls.call(schemas.usable({"type": "object", "properties": {"a": {"type": "number", word: limit}}}))
