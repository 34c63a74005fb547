"""Whether an answer is what its function returns."""

from __future__ import annotations

import time

import pytest

from assistants_app.services import exact, schemas

ORDER = """{"type": "object", "required": ["amount", "lines"], "additionalProperties": false, "properties": {
  "amount": {"type": "number", "minimum": 0, "multipleOf": 0.01}, "count": {"type": "integer"},
  "when": {"type": "string", "format": "date-time"},
  "code": {"type": "string", "pattern": "^[A-Z]{3}$", "maxLength": 3},
  "lines": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/line"}}},
  "$defs": {"line": {"enum": ["a", "b"]}}}"""


def told(text: str) -> dict[str, str]:
    found = schemas.problems(schemas.read(ORDER), exact.parse(text))
    return {"/".join(map(str, each.path)): each.words for each in found}


@pytest.mark.parametrize(
    "text",
    [
        '{"amount": 12345678901234567890.10, "lines": ["a"]}',
        '{"amount": 0, "count": 3.0, "lines": ["b"], "when": "2026-11-21T16:00:00Z", "code": "ABC"}',
    ],
)
def test_what_fits_has_no_problems(text: str) -> None:
    assert told(text) == {}


def test_each_problem_is_told_where_it_is() -> None:
    text = '{"amount": 0.005, "count": 1.5, "lines": ["a", "c"], "when": "2026-11-21T16:00:00", "code": "abc"}'
    assert told(text) == {
        "amount": "Must be a multiple of 0.01.",
        "code": "Must fit the pattern ^[A-Z]{3}$",
        "count": "Must be a whole number.",
        "lines/1": 'Must be one of "a", "b".',
        "when": "Must be written as date-time.",
    }


def test_what_is_missing_or_too_much_is_told() -> None:
    assert told('{"lines": [], "other": 1}')["lines"] == "Must have at least 1 item."
    assert told('{"lines": ["a"]}') == {"": "Lacks amount."}
    assert told('{"amount": true, "lines": ["a"]}') == {"amount": "Must be a number."}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "line 1, column 2"),
        ("[]", "A schema is a JSON object"),
        ('{"type": "wrong"}', "no JSON Schema: type"),
        ('{"$ref": "#/nowhere"}', "which is not in it"),
        ('{"$ref": "https://elsewhere.example/"}', "which is not in it"),
        ('{"$ref": "#"}', "cannot be worked with"),
    ],
)
def test_what_is_no_schema_is_refused_with_the_reason(text: str, words: str) -> None:
    with pytest.raises(schemas.Unusable, match=words):
        schemas.read(text)


def test_nothing_is_fetched_for_a_schema() -> None:
    hidden = {"properties": {"a": {"$ref": "http://127.0.0.1:1/"}}}
    assert schemas.problems(hidden, exact.parse('{"a": 1}'))[0].words.startswith("It cannot be compared")


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*$", "a*a*a*a*a*b"])
def test_a_pattern_cannot_keep_us_busy(pattern: str) -> None:
    began = time.monotonic()
    schemas.problems({"pattern": pattern}, "a" * 5_000 + "!")
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "text", ['{"amount": 1e999999999, "lines": ["a"]}', '{"amount": ' + "9" * 9_000 + ', "lines": ["a"]}']
)
def test_odd_numbers_do_no_harm(text: str) -> None:
    assert isinstance(told(text), dict)
