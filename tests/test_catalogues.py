"""The catalogues of words: whole, in step with the sources, and compiled; `make words` mends most of what fails."""

from __future__ import annotations

import re
from functools import cache

import pytest
from babel.messages import Catalog

from tools import words

MEND = "run `make words`, then translate what it lists in locale/"
PLACE = re.compile(r"%\(\w+\)[sd]|\{\w+\}|</?[a-z][^>]*>|&\w+;")
EVERY = pytest.mark.parametrize("language", words.languages())


@cache
def marked() -> set[tuple[str | None, ...]]:
    """What the sources have to be translated."""
    return keys(words.found())


def keys(catalog: Catalog) -> set[tuple[str | None, ...]]:
    return {(each.context, *words.texts(each.id)) for each in catalog if each.id}


def test_there_is_much_to_translate_and_german_is_one_of_the_languages() -> None:
    assert len(marked()) > 400
    assert "de" in words.languages()


@EVERY
def test_every_text_of_the_sources_is_in_the_catalogue(language: str) -> None:
    assert marked() - keys(words.source(language)) == set(), MEND


@EVERY
def test_the_catalogue_has_nothing_that_is_not_said_any_more(language: str) -> None:
    assert keys(words.source(language)) - marked() == set(), MEND


@EVERY
def test_every_text_is_translated_and_looked_through(language: str) -> None:
    assert words.lacking(words.source(language)) == [], MEND


@EVERY
def test_a_translation_has_the_places_and_elements_of_its_text(language: str) -> None:
    for each in words.source(language):
        one, *many = words.texts(each.id)
        first, *others = words.texts(each.string)
        for said, translated in [(one, first), *((many[0], other) for other in others)]:
            assert not one or sorted(PLACE.findall(translated)) == sorted(PLACE.findall(said)), said


@EVERY
def test_what_is_compiled_says_what_is_written(language: str) -> None:
    compiled = words.path(language, "mo").read_bytes()
    assert words.content(compiled) == words.content(words.compiled(words.source(language))), MEND
