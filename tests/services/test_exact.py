"""JSON to the letter."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistants_app.services import exact

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(VALUES)
def test_what_is_read_and_written_again_says_the_same(value: object) -> None:
    text = json.dumps(value)
    assert json.loads(exact.write(exact.parse(text))) == value
    assert json.loads(exact.tidy(text)) == value


@pytest.mark.parametrize("number", ["12345678901234567890", "0.10", "1E400", "-0", "1.00", "9" * 5000])
def test_numbers_keep_their_letters(number: str) -> None:
    assert exact.write(exact.parse(f'{{"n": {number}}}')) == f'{{"n": {number}}}'
    assert exact.tidy(f"[{number}]") == f"[\n  {number}\n]"


def test_what_an_object_says_twice_stays() -> None:
    assert exact.tidy('{"a":1,"a":[],"b":{}}') == '{\n  "a": 1,\n  "a": [],\n  "b": {}\n}'


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "{", "", "[1,]"])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        exact.tidy(text)


@pytest.mark.parametrize("read", [exact.parse, exact.plain, exact.tidy])
def test_the_same_depth_is_read_on_every_python(read: Callable[[str], object]) -> None:
    deepest = "[" * exact.DEEPEST + "]" * exact.DEEPEST
    assert read(deepest)
    with pytest.raises(RecursionError):
        read(f"[{deepest}]")
