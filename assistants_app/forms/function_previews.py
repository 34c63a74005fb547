"""What whoever answers a call gets to see, while the function's declaration is still being written: the very form of a
run, for an example of a call."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _

from assistants_app.api.dialects.tolerance import clean
from assistants_app.forms import assistant_texts
from assistants_app.forms.assistant_texts import FUNCTION
from assistants_app.forms.fields import JsonField
from assistants_app.forms.tool_calls import AnswerRow, Answers
from assistants_app.models import Connection, ToolCall
from assistants_app.services import exact, example_calls, output_schemas, schemas
from assistants_app.services.output_schemas import Returns

# Drawn with the page; of those that come after, one at a time.
MOST_DRAWN = 20
LONGEST = 100_000  # characters of a declaration that is drawn
NAMED = re.compile(r'"name"\s*:\s*"([^"\\]{1,256})"')


@dataclass(frozen=True)
class ExampleCall:
    """A call that nobody made, as far as a form needs to know one."""

    place: int
    name: str
    arguments: str
    type: str = "function"
    remote_id: str = ""

    @property
    def pk(self) -> str:
        return f"example-{self.place}"

    @property
    def field(self) -> str:
        return f"example-{self.place}"

    @property
    def format_field(self) -> str:
        return f"example-format-{self.place}"


@dataclass(frozen=True)
class FunctionPreview:
    """The row of an example of a call, where one can be made, and what is missing or does not fit."""

    name: str
    row: AnswerRow | None
    missing: list[str]


@dataclass(frozen=True)
class _Read:
    """A declaration as far as it can be read, and what keeps it from being one."""

    declaration: Mapping[str, Any]
    missing: list[str]
    is_readable: bool = True

    @property
    def name(self) -> str:
        given = self.declaration.get("name")
        return clean(given)[:256] if isinstance(given, str) else ""


def of(
    given: Mapping[str, str], *, connection: Connection, asked: int | None = None, alone: bool = False
) -> dict[int, FunctionPreview]:
    """The previews of the functions of a form by their rows: of the first ones, and of the one that was asked for, or
    of that alone."""
    rows = assistant_texts.rows(given, FUNCTION, "function-{}")
    drawn = [row for number, row in enumerate(rows) if row[0] == asked or (number < MOST_DRAWN and not alone)]
    read = {place: _read(text) for place, text in drawn}
    declared = {each.name: each.declaration for each in read.values() if each.name}
    returns = output_schemas.of_declared(declared, names=declared, connection=connection.pk)
    return {place: _preview(place, each, returns.get(each.name)) for place, each in read.items()}


def names(given: Mapping[str, str]) -> set[str]:
    """The names of the functions that a form declares, also of those that are not right yet."""
    found = {_name(text) for _place, text in assistant_texts.rows(given, FUNCTION, "function-{}")}
    found |= set(NAMED.findall(given.get("other_tools", "")))
    return found - {""}


def _name(text: str) -> str:
    try:
        value = exact.plain(text)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict):
        return value["name"] if isinstance(value.get("name"), str) else ""
    found = NAMED.search(text)
    return found[1] if found else ""


def _read(text: str) -> _Read:
    if not text.strip():
        return _Read({}, [_("Nothing is declared yet.")], is_readable=False)
    if len(text) > LONGEST:
        return _Read({}, [_("It is too long to be shown here.")], is_readable=False)
    try:
        value = JsonField().clean(text)
    except forms.ValidationError as error:
        return _Read({}, list(error.messages), is_readable=False)
    if not isinstance(value, dict):
        return _Read({}, [_("A function is a JSON object with a “name”.")], is_readable=False)
    missing = [] if isinstance(value.get("name"), str) and value["name"] else [_("It has no name yet.")]
    if not value.get("description"):
        missing.append(_("It has no description: neither the model nor whoever answers is told what it does."))
    return _Read(value, missing)


def _preview(place: int, read: _Read, returns: Returns | None) -> FunctionPreview:
    if not read.is_readable:
        return FunctionPreview("", None, read.missing)
    missing, arguments = [*read.missing], "{}"
    parameters = read.declaration.get("parameters")
    if parameters is None:
        missing.append(_("It has no parameters: it is called without arguments."))
    else:
        try:
            example = example_calls.call(schemas.usable(parameters))
            arguments = example.arguments
            missing += [_("The example does not fit: %(problem)s") % {"problem": each} for each in example.misfits[:5]]
        except schemas.Unusable as error:
            missing.append(f"“parameters”: {error}")
        except (RecursionError, ArithmeticError, TypeError, ValueError):
            missing.append(_("No example can be made of its parameters."))
    call = cast(ToolCall, ExampleCall(place, read.name, arguments))
    answers = Answers(calls=[call], returns={call.name: returns} if returns else {})
    said = read.declaration.get("description")
    (row,) = answers.rows({call.name: {"description": clean(said) if isinstance(said, str) else ""}})
    return FunctionPreview(read.name, row, [clean(each) for each in missing])
