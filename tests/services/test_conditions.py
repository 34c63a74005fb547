"""Conditions on arguments: what cannot be told does not hold."""

from __future__ import annotations

import pytest

from assistants_app.services import conditions, placeholders
from assistants_app.services.conditions import Condition

ARGUMENTS = (
    '{"city": "Oslo", "n": 1.50, "big": 12345678901234567890, "ok": true, "none": null, "of": {"id": "7"}, "l": [1]}'
)
LONG = '{"city": "' + "a" * 301 + '"}'


@pytest.mark.parametrize(
    ("argument", "way", "value", "holds"),
    [
        ("city", "is", "Oslo", True),
        ("city", "is", '"Oslo"', True),
        ("city", "is", "oslo", False),
        ("n", "is", "1.5", True),
        ("of.id", "is", "7", True),
        ("ok", "is", "true", True),
        ("ok", "is", "1", False),
        ("big", "is", "12345678901234567891", False),
        ("absent", "is", "null", False),
        ("city", "is_not", "Bergen", True),
        ("absent", "is_not", "Bergen", False),
        ("city", "one_of", "Bergen\nOslo", True),
        ("n", "one_of", "1\n1.5", True),
        ("n", "least", "1.5", True),
        ("n", "least", "1.51", False),
        ("n", "most", "1.5", True),
        ("of.id", "least", "1", False),
        ("ok", "least", "0", False),
        ("city", "matches", "[A-Z][a-z]+", True),
        ("city", "matches", "Os", False),
        ("city", "matches", "Os|lo", False),
        ("n", "matches", ".*", False),
        ("city", "present", "", True),
        ("none", "present", "", False),
        ("none", "absent", "", True),
        ("of.name", "absent", "", True),
        ("l[0]", "is", "1", True),
        ("length(n)", "present", "", False),
    ],
)
def test_a_condition_holds(argument: str, way: str, value: str, *, holds: bool) -> None:
    condition = Condition(argument, way, value)
    conditions.check(condition)
    assert conditions.hold([condition], placeholders.arguments_of(ARGUMENTS)) is holds


def test_a_pattern_does_not_hold_for_a_text_that_is_too_long_to_look_at() -> None:
    assert not conditions.hold([Condition("city", "matches", "a*")], placeholders.arguments_of(LONG))


def test_a_line_break_at_the_end_is_a_letter() -> None:
    given = placeholders.arguments_of(r'{"city": "Oslo\n"}')
    assert not conditions.hold([Condition("city", "matches", "Oslo")], given)


def test_all_must_hold() -> None:
    arguments = placeholders.arguments_of(ARGUMENTS)
    pair = [Condition("n", "least", "1"), Condition("n", "most", "2")]
    assert conditions.hold(pair, arguments)
    assert not conditions.hold([*pair, Condition("city", "absent", "")], arguments)
    assert conditions.hold([], arguments)


@pytest.mark.parametrize(
    ("argument", "way", "value"),
    [
        *(("a[", "present", ""), ("", "is", "1"), ("a", "is", " "), ("a", "least", "many"), ("a", "most", "true")),
        *(("a", "matches", "("), ("a", "matches", "(a+)+"), ("a", "matches", "a" * 301)),
    ],
)
def test_what_is_no_condition_is_refused(argument: str, way: str, value: str) -> None:
    with pytest.raises(placeholders.Unusable):
        conditions.check(Condition(argument, way, value))
