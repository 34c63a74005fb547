"""Assistants as files, written and read again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistants_app.services import configurations, exchange, yaml_text
from testing.generation import EXAMPLES
from testing.specifications import specification
from tests.views.test_assistant_round_trips import allowed

ODD = st.text(
    st.sampled_from("ab \n\t:-#'\"|>{}[]&*!%@`\r\x85\u2028\u2029\ufeff\ud800~=<?,0123456789eE.+_"), max_size=12
)
# What other YAML takes for something else than a text.
WORDS = st.sampled_from(
    [
        *("on", "yes", "null", "~", "<<", "=", "True", "1e5", "0o7", "0x1f", "1_000", "1.", "+1", ".5", "012"),
        *("2024-01-01", "1:30", ".inf", "-", "---", "..."),
    ]
)
TEXTS = st.text(max_size=30) | ODD | WORDS
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
often = settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))


@often
@given(VALUES)
def test_yaml_gives_back_what_it_was_given(value: Any) -> None:
    again = yaml_text.read(yaml_text.write(value))
    assert (again, repr(again)) == (value, repr(value))


@pytest.mark.parametrize("dialect", ["v2", "v1"])
@pytest.mark.parametrize("write", [exchange.as_json, exchange.as_yaml])
def test_an_exported_assistant_is_read_as_it_was(dialect: str, write: Any) -> None:
    specified = specification(dialect)

    @often
    @given(allowed(specified, specified.schema("CreateAssistantRequest")), st.dictionaries(TEXTS, TEXTS, max_size=3))
    def every(body: dict[str, Any], metadata: dict[str, str]) -> None:
        settings = configurations.of({**body, "metadata": metadata})
        file = {"switchboard": 1, "kind": "assistant", "dialect": dialect, "configuration": settings}
        (entry,) = exchange.read(write(file))
        assert (entry.configuration, entry.others) == (settings, {})

    every()


def test_instructions_are_lines_in_yaml() -> None:
    assert exchange.as_yaml({"instructions": "Be kind.\nBe brief."}) == "instructions: |-\n  Be kind.\n  Be brief.\n"


def test_yaml_is_read_as_people_write_it() -> None:
    (entry,) = exchange.read(
        "name: on\nmodel: 2024-01-01\ntemperature: 1\nmetadata: {zip: 01234}\ninstructions: >\n  a\n  b\n"
    )
    assert entry.configuration == {
        "name": "on",
        "model": "2024-01-01",
        "instructions": "a b\n",
        "temperature": 1,
        "metadata": {"zip": "01234"},
    }


@pytest.mark.parametrize(
    "text",
    [
        '{"object": "assistant", "id": "asst_1", "created_at": 1, "model": "m", "name": "A", "tools": []}',
        '[{"id": "asst_1", "model": "m", "name": "A"}]',
        '{"object": "list", "data": [{"id": "asst_1", "object": "assistant", "model": "m", "name": "A"}]}',
        "- id: asst_1\n  model: m\n  name: A\n",
        '{"switchboard": 1, "kind": "assistant", "from": {"assistant": "asst_1"}, '
        '"configuration": {"model": "m", "name": "A"}}',
        '\ufeff{"id": "asst_1", "model": "m", "name": "A"}',
    ],
)
def test_what_servers_and_people_give_is_read(text: str) -> None:
    (entry,) = exchange.read(text)
    assert (entry.configuration, entry.assistant, entry.others) == ({"name": "A", "model": "m"}, "asst_1", {})


def test_what_has_no_name_for_us_is_kept_apart() -> None:
    (entry,) = exchange.read('{"model": "m", "voice": {"pitch": 3}}')
    assert entry.others == {"voice": {"pitch": 3}}


BOMB = "a: &a [x, x]\n" + "\n".join(f"{b}: &{b} [*{a}, *{a}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"model": "m" 1}', "line 1, column 15"),
        ('{"model": "m", "model": "n"}', "given twice"),
        ('{"model": 1e999}', "too large"),
        ("model: m\nmodel: n", "line 2"),
        ("model: [m", "line 1"),
        ("model: m\n\ttools: []", "line 2"),
        ("model: !!python/object/apply:os.system [x]", "is not taken"),
        ("model: !!binary aGk=", "is not taken"),
        (BOMB, "aliases (*a) are not taken"),
        ("a: *b", "aliases (*b) are not taken"),
        ("model: \x01", "U+0001"),
        ("---\na: 1\n---\nb: 2", "another document"),
        ("[" * 5000 + "]" * 5000, "too deep"),
        ("model: " + "[" * 5000, "too deep"),
        ('{"model": ' + "[" * 300 + "]" * 300 + "}", "too deep"),
        ("just words", "no assistant"),
        ("", "no assistant"),
        ("[]", "no assistant"),
        ("{}", "no assistant"),
        ('{"object": "thread", "name": "x"}', '"thread"'),
        ('[{"model": "m"}, 5]', "Number 2"),
        ('{"switchboard": 2}', "format 2"),
        ('{"switchboard": 1, "kind": "rule"}', '"rule"'),
        ('{"switchboard": 1, "kind": "assistant", "configuration": []}', "must be an object"),
        (json.dumps([{"model": "m"}] * 201), "at most 200"),
        ("a: " + "x" * 500_001, "500000"),
    ],
)
def test_what_cannot_be_read_says_why_and_where(text: str, words: str) -> None:
    with pytest.raises(exchange.Unreadable) as refused:
        exchange.read(text)
    assert words in str(refused.value)


@often
@given(st.text(max_size=60) | ODD)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        exchange.read(text)
    except exchange.Unreadable as error:
        assert str(error)
