"""Texts with placeholders: filled in to the letter, and never with anything but what the arguments have."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistants_app.services import placeholders
from assistants_app.services.placeholders import Lacking, Unusable

ARGUMENTS = '{"city": "Oslo", "n": 12345678901234567890.10, "ok": true, "none": null, "of": {"b c": [{"id": 7}]}}'


def filled(text: str, chosen: str = "text", arguments: str = ARGUMENTS) -> str:
    placeholders.check(text, chosen)
    return placeholders.fill(text, chosen, placeholders.arguments_of(arguments))


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("in {{ city }}, {{n}}", "in Oslo, 12345678901234567890.10"),
        ('{{ of."b c"[0].id }}', "7"),
        ("{{ of }}", '{"b c": [{"id": 7}]}'),
        ("{{ ok }}", "true"),
        ("{{ note || 'none' }}", "none"),
        ("{{ none || city }}", "Oslo"),
        ("{{ length(city) }}", "4"),
        ("no { braces }", "no { braces }"),
    ],
)
def test_a_placeholder_becomes_what_the_arguments_have(text: str, answer: str) -> None:
    assert filled(text) == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ('{"a": {{ city }}, "b": {{ n }}}', '{"a": "Oslo", "b": 12345678901234567890.10}'),
        ('{"a": "in {{ city }} {{ n }}"}', '{"a": "in Oslo 12345678901234567890.10"}'),
        ('{"\\"": {{ of }}}', '{"\\"": {"b c": [{"id": 7}]}}'),
        ('{"{{ city }}": [{{ ok }}]}', '{"Oslo": [true]}'),
    ],
)
def test_in_json_it_becomes_a_value_or_within_quotes_letters(text: str, answer: str) -> None:
    assert filled(text, "json") == answer


@pytest.mark.parametrize(
    "text", ["{{ absent }}", "{{ none }}", "{{ city.name }}", "{{ length(n) }}", "{{ join(city) }}"]
)
def test_what_is_not_there_is_never_left_out(text: str) -> None:
    with pytest.raises(Lacking):
        filled(text)


@pytest.mark.parametrize("arguments", ["", "null", "[]", "no", "[" * 100_000, '{"a": NaN}'])
def test_arguments_that_are_no_object_lack_everything(arguments: str) -> None:
    with pytest.raises(Lacking):
        placeholders.arguments_of(arguments)


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        *(("{{ }}", "text"), ("{{ a[ }}", "text"), ("{{ a b }}", "text"), ("{{ x" + "x" * 300 + " }}", "text")),
        *(("", "text"), ("x", "empty"), ('{"a": {{ city }}{{ city }}}', "json"), ('{"a": ', "json")),
        ("{{ a }}" * 101, "text"),
    ],
)
def test_what_can_never_be_an_answer_is_refused(text: str, chosen: str) -> None:
    with pytest.raises(Unusable):
        placeholders.check(text, chosen)


def test_letters_that_cannot_be_sent_are_refused_as_text_and_escaped_as_json() -> None:
    odd = r'{"city": "\u0000\ud83d"}'
    with pytest.raises(Lacking):
        filled("{{ city }}", arguments=odd)
    assert filled('["{{ city }}"]', "json", odd) == r'["\u0000\ud83d"]'


def test_a_person_gets_what_is_there_and_the_rest_as_it_stands() -> None:
    arguments = placeholders.arguments_of(ARGUMENTS)
    assert placeholders.begin("{{ city }} {{absent}}", "text", arguments) == ("Oslo {{ absent }}", ["absent"])


values = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from("ab"), values))
def test_whatever_arguments_say_json_stays_json(arguments: dict[str, Any]) -> None:
    text = '{"value": {{ a }}, "words": "of {{ a }}", "fixed": 1}'
    try:
        answer = json.loads(filled(text, "json", json.dumps(arguments)))
    except Lacking:
        assert arguments.get("a") is None
        return
    assert (answer["value"], answer["fixed"], [*answer]) == (arguments["a"], 1, ["value", "words", "fixed"])
