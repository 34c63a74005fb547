"""What all sources of declarations have in common."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from assistants_app.api.dialects.tolerance import clean
from assistants_app.services import schemas

LONGEST_TEXT = 200_000  # characters that are read at all
LONGEST_NAME = 64  # of a function, as the API takes it
MOST_VALUES = 5_000  # in one declaration
DEEPEST = 30
MOST_NOTES = 20
NOT_OF_A_NAME = re.compile(r"[^a-zA-Z0-9_-]+")


class Unusable(Exception):
    """A source that cannot be taken over: why, and on which line where that is known."""

    def __init__(self, words: str, line: int | None = None) -> None:
        words = clean(words)
        super().__init__(_("Line %(line)s: %(words)s") % {"line": line, "words": words} if line else words)
        self.line = line


@dataclass(frozen=True)
class Drafted:
    """A declaration to be looked through, and what of its source is not in it."""

    declaration: dict[str, Any]
    left_out: list[str]


@dataclass(frozen=True)
class Found:
    """A function in a source: what tells it from others there, what is said of it, and how its declaration is made
    (raises Unusable)."""

    key: str
    words: str
    draft: Callable[[], Drafted]


@dataclass
class Notes:
    """What could not be taken over, each once and no more than people read."""

    said: list[str] = field(default_factory=list)

    def add(self, words: str) -> None:
        words = clean(words)
        if words not in self.said and len(self.said) < MOST_NOTES:
            self.said.append(words[:500])


def fit_name(given: str, notes: Notes) -> str:
    """A name as the API takes it; notes where it had to be changed."""
    name = NOT_OF_A_NAME.sub("_", given).strip("_")[:LONGEST_NAME] or "my_function"
    if name != given:
        words = _("The name “%(given)s” was written as “%(name)s”: letters from a to z, digits, _ and -, at most 64.")
        notes.add(words % {"given": given[:80], "name": name})
    return name


def finished(name: str, description: str, parameters: dict[str, Any], notes: Notes) -> Drafted:
    """The declaration of these parts. Raises Unusable where the parameters are no schema that can be worked with."""
    bounded(parameters)
    try:
        schemas.usable(parameters)
    except schemas.Unusable as error:
        raise Unusable(f"“{name}”: {error}") from error
    said = {"description": description.strip()} if description.strip() else {}
    return Drafted({"name": name, **said, "parameters": parameters}, notes.said)


def bounded(value: Any) -> None:
    """Raises Unusable for a JSON value that is larger or deeper than a declaration can be."""
    for count, _each in enumerate(_every(value, 0)):
        if count > MOST_VALUES:
            raise Unusable(_("It is too large: more than %(most)s values.") % {"most": f"{MOST_VALUES:,}"})


def _every(value: Any, depth: int) -> Iterator[Any]:
    if depth > DEEPEST:
        raise Unusable(_("It is nested too deep: more than %(most)s levels.") % {"most": DEEPEST})
    yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _every(each, depth + 1)
