"""Where the values of a JSON text stand."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistants_app.services.positions import Position, Positions, depth

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def test_a_value_is_found_by_its_name_or_its_number() -> None:
    text = '{\n  "a": [1,\n    {"b:": ","}],\n  "c": {}}'
    found = Positions(text)
    assert found.of(()) == Position(1, 1)
    assert found.of(("a",)) == Position(2, 3)
    assert found.of(("a", 0)) == Position(2, 9)
    assert found.of(("a", 1, "b:")) == Position(3, 6)
    assert found.of(("c",)) == Position(4, 3)


def test_what_is_not_there_is_where_it_would_be() -> None:
    assert Positions('{"a":\n [{"b": 1}]}').of(("a", 0, "c", "d")) == Position(2, 3)


def test_a_name_given_twice_is_found_where_it_comes_again() -> None:
    assert Positions('{"a": {"b": 1},\n "b": 2,\n "a": 3}').twice == Position(3, 2)
    assert Positions('{"a": {"b": 1}, "b": 2}').twice is None


def test_what_is_deep_is_not_looked_into() -> None:
    text = "[" * 5_000 + "]" * 5_000
    assert depth(text) == 5_000
    assert Positions(text).of((0,) * 4_000) == Position(1, 61)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(value=JSON, indent=st.sampled_from([None, 1]))
def test_at_each_place_the_value_of_its_path_begins(value: Any, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    lines = text.split("\n")
    found = Positions(text)
    for path, inner in paths(value):
        position = found.of(path)
        rest = "\n".join([lines[position.line - 1][position.column - 1 :], *lines[position.line :]])
        name, end = json.JSONDecoder().raw_decode(rest)
        if path and isinstance(path[-1], str):
            assert name == path[-1]
            name, _end = json.JSONDecoder().raw_decode(rest[end:].lstrip(": "))
        assert name == inner


def paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], Any]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(path, value), *(found for key, item in inner for found in paths(item, (*path, key)))]
