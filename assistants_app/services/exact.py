"""JSON to the letter: numbers of any size stay as they were written, and no float comes in between."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from assistants_app.services import positions

STEP = "  "
# How deep objects and lists may stand in one another. The limit of json depends on the version of Python.
DEEPEST = 500
# What Python says of a text that is no JSON.
PROBLEMS = [
    gettext_noop("Expecting value"),
    gettext_noop("Expecting property name enclosed in double quotes"),
    gettext_noop("Expecting ':' delimiter"),
    gettext_noop("Expecting ',' delimiter"),
    gettext_noop("Extra data"),
    gettext_noop("Unterminated string starting at"),
    gettext_noop("Invalid control character at"),
    gettext_noop("Illegal trailing comma before end of object"),
    gettext_noop("Illegal trailing comma before end of array"),
]


class Number(Decimal):
    """A number with the letters it was written in."""

    letters: str

    def __new__(cls, letters: str) -> Number:
        made = super().__new__(cls, letters)
        made.letters = letters
        return made


class Pairs(list[tuple[str, Any]]):
    """An object as it was written: in its order, and with what it says twice."""


def parse(text: str) -> Any:
    """The value of a JSON text; numbers are Decimals. Raises ValueError, and RecursionError for what is too deep."""
    return _load(text, parse_int=Number, parse_float=Number)


def _load(text: str, **hooks: Any) -> Any:
    value = json.loads(text, parse_constant=_refuse, **hooks)
    if text.count("[") + text.count("{") > DEEPEST and positions.depth(text) > DEEPEST:
        raise RecursionError(f"nested more than {DEEPEST} deep")
    return value


def _refuse(word: str) -> None:
    raise ValueError(_("%(word)s is not a JSON value") % {"word": word})


def plain(text: str) -> Any:
    """The value of a JSON text in numbers of Python, as it goes to a server. Raises ValueError for what is no JSON that
    every program reads alike, a name given twice in one object too; RecursionError for what is too deep."""
    return _load(text, parse_float=_finite, object_pairs_hook=_once)


def _finite(letters: str) -> float:
    number = float(letters)
    if number in {float("inf"), float("-inf")}:
        raise ValueError(_("%(number)s is too large a number") % {"number": letters[:40]})
    return number


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in pairs:
        if name in made:
            raise ValueError(_("“%(name)s” is given twice in one object") % {"name": name[:80]})
        made[name] = value
    return made


def said(error: json.JSONDecodeError) -> str:
    """What Python says is wrong, in the language of whoever reads."""
    return _(error.msg)


def tidy(text: str) -> str:
    """The same JSON with line breaks and indents: nothing in it changes but blanks. Raises as `parse` does."""
    value = _load(text, parse_int=Number, parse_float=Number, object_pairs_hook=Pairs)
    return "".join(_written(value, "\n"))


def write(value: Any) -> str:
    """A value as JSON on one line; numbers in their own letters, other Decimals exactly."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_string(key)}: {write(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(write(item) for item in value) + "]"
    return _leaf(value)


def _written(value: Any, line: str) -> Iterator[str]:
    if not value or not isinstance(value, list):
        yield "{}" if isinstance(value, Pairs) else "[]" if isinstance(value, list) else _leaf(value)
        return
    opens, closes = "{}" if isinstance(value, Pairs) else "[]"
    yield opens
    for place, item in enumerate(value):
        yield f"{',' if place else ''}{line}{STEP}"
        if isinstance(value, Pairs):
            yield f"{_string(item[0])}: "
            item = item[1]  # noqa: PLW2901
        yield from _written(item, line + STEP)
    yield f"{line}{closes}"


def _leaf(value: Any) -> str:
    if isinstance(value, Number):
        return value.letters
    return str(value) if isinstance(value, Decimal) else _string(value)


def _string(value: Any) -> str:
    """A leaf as JSON; a lone surrogate, which cannot be sent as it is, stays an escape."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value)
    return text
