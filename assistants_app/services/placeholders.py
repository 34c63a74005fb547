"""Texts with placeholders for a call's arguments: `{{ city }}`, `{{ order.items[0].sku }}`, `{{ note || 'none' }}`.

What stands between the braces is JMESPath (jmespath.org): it can look things up and nothing else. An argument that is
not there, or null, is never quietly left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jmespath
from django.utils.translation import gettext as _
from jmespath.exceptions import JMESPathError

from assistants_app.services import exact
from assistants_app.services.answers import EMPTY, JSON, sent_as

PLACEHOLDER = re.compile(r"\{\{(.+?)\}\}", re.DOTALL)
NOT_SENT = re.compile("[\x00\ud800-\udfff]")
LONGEST_EXPRESSION = 200  # characters
LONGEST_ARGUMENTS = 200_000
MOST_PLACEHOLDERS = 100
LONGEST_ANSWER = 500_000


class Unusable(Exception):
    """A text that cannot be filled in, with what is wrong with it."""


class Lacking(Exception):
    """Arguments that have not what a text needs; in words for people."""


@dataclass(frozen=True)
class Part:
    """A piece of a text: letters, or a placeholder. `is_quoted`: it stands within a JSON string."""

    letters: str
    expression: str | None = None
    is_quoted: bool = False


@lru_cache(maxsize=1024)
def compiled(expression: str) -> Any:
    """A JMESPath expression. Raises Unusable."""
    if len(expression) > LONGEST_EXPRESSION:
        raise Unusable(_("“%(text)s…” is too long.") % {"text": expression[:40]})
    try:
        return jmespath.compile(expression)
    except (JMESPathError, RecursionError, ValueError) as error:
        words = _("“%(text)s” is no path to an argument, such as city or order.items[0].id.")
        raise Unusable(words % {"text": expression.strip()}) from error


def arguments_of(text: str) -> Any:
    """The arguments of a call, numbers to the letter. Raises Lacking for what is no JSON object."""
    try:
        value = exact.parse(text) if len(text) <= LONGEST_ARGUMENTS else None
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise Lacking(_("The arguments are no JSON object."))
    return value


def value_of(expression: str, arguments: Any) -> Any:
    """What an expression finds in arguments; None where that is nothing or null."""
    try:
        return compiled(expression).search(arguments)
    except (JMESPathError, RecursionError, ValueError, TypeError, ArithmeticError, AttributeError):
        # A function of the query language that is used on what it cannot work with.
        return None


def check(text: str, chosen: str) -> None:
    """Raises Unusable where a text in that format can never become an answer."""
    every = list(parts(text))
    expressions = [each.expression for each in every if each.expression is not None]
    if len(expressions) > MOST_PLACEHOLDERS:
        raise Unusable(_("More than %(most)s placeholders are too many.") % {"most": MOST_PLACEHOLDERS})
    for expression in expressions:
        compiled(expression)
    if chosen == EMPTY and text.strip():
        raise Unusable(_("You chose Empty, but there is text here. Clear it, or choose Text."))
    if chosen != EMPTY and not text.strip():
        raise Unusable(_("Write the answer, or choose Empty."))
    if chosen == JSON:
        _check_json("".join("" if each.is_quoted else "0" if each.expression else each.letters for each in every))


def _check_json(text: str) -> None:
    try:
        exact.parse(text)
    except json.JSONDecodeError as error:
        place = {"problem": exact.said(error), "line": error.lineno, "column": error.colno}
        raise Unusable(_("This is not JSON: %(problem)s (line %(line)s, column %(column)s).") % place) from error
    except (ValueError, RecursionError) as error:
        raise Unusable(_("This is not JSON that every program can read.")) from error


def parts(text: str) -> Iterator[Part]:
    """The letters and placeholders of a text, in order."""
    start, is_quoted = 0, False
    for found in PLACEHOLDER.finditer(text):
        letters = text[start : found.start()]
        is_quoted = _is_quoted_after(letters, is_quoted)
        yield Part(letters)
        yield Part("", found[1].strip(), is_quoted)
        start = found.end()
    yield Part(text[start:])


def _is_quoted_after(letters: str, is_quoted: bool) -> bool:
    return is_quoted ^ (len(re.findall(r'"', re.sub(r"\\.", "", letters))) % 2 == 1)


def fill(text: str, chosen: str, arguments: Mapping[str, Any]) -> str:
    """What goes out: in JSON a placeholder becomes a JSON value, or within quotes letters of it. Raises Lacking."""
    answer = sent_as("".join(_filled(each, chosen, arguments) for each in parts(text)), chosen)
    if len(answer) > LONGEST_ANSWER:
        raise Lacking(_("The answer would be too long."))
    if NOT_SENT.search(answer):
        raise Lacking(_("The arguments have a character that cannot be sent as text."))
    return answer


def begin(text: str, chosen: str, arguments: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The text with what the arguments have, for somebody to go on with, and the placeholders that are still in it."""
    lacking: list[str] = []
    pieces: list[str] = []
    for each in parts(text):
        try:
            pieces.append(_filled(each, chosen, arguments))
        except Lacking:
            lacking.append(str(each.expression))
            pieces.append(f"{{{{ {each.expression} }}}}")
    return NOT_SENT.sub("\ufffd", "".join(pieces)), lacking


def _filled(part: Part, chosen: str, arguments: Mapping[str, Any]) -> str:
    if part.expression is None:
        return part.letters
    value = value_of(part.expression, arguments)
    if value is None:
        raise Lacking(_("The arguments lack “%(name)s”.") % {"name": part.expression})
    if chosen == JSON and not part.is_quoted:
        return exact.write(value)
    letters = value if isinstance(value, str) else exact.write(value)
    return exact.write(letters)[1:-1] if chosen == JSON else letters
