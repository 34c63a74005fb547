"""Declarations from calls that were made: the types of their arguments, as far as samples tell."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from genson import SchemaBuilder

from assistants_app.services import exact
from assistants_app.services.declarations_from.drafted import (
    Drafted,
    Found,
    Notes,
    Unusable,
    bounded,
    finished,
    fit_name,
)

MOST_CALLS = 200
# What the arguments of a call are called by the APIs that have tools.
ARGUMENTS = ("arguments", "input", "args")


def find(text: str) -> list[Found]:
    """The functions that a JSON text calls: one call or a list of them, each {"name", "arguments"}, a tool call of the
    API, or the arguments alone; also what is a declaration already. Raises Unusable."""
    value = parsed(text)
    bounded(value)
    calls = value if isinstance(value, list) else [value]
    if not calls or len(calls) > MOST_CALLS or not all(isinstance(each, dict) for each in calls):
        raise Unusable(_("A call is a JSON object with the “name” of a function and its “arguments”."))
    found: list[Found] = []
    by_name: dict[str, list[Any]] = {}
    for call in map(_inner, calls):
        if _is_declaration(call):
            found.append(Found(f"{call['name']} {len(found)}", call["name"], partial(_as_it_is, call)))
        else:
            name, arguments = _read(call)
            by_name.setdefault(name, []).append(arguments)
    return found + [Found(name, name or _("(no name)"), partial(draft, name, them)) for name, them in by_name.items()]


def draft(name: str, arguments: Sequence[Any]) -> Drafted:
    """A declaration of a function that was called with these arguments: JSON objects. Raises Unusable."""
    notes = Notes()
    if not name:
        notes.add(_("The call does not say what is called: write the function's name."))
    fit = fit_name(name or "my_function", notes)
    builder = SchemaBuilder(schema_uri=None)
    for each in arguments:
        bounded(each)
        builder.add_object(each)
    schema: dict[str, Any] = builder.to_schema() if arguments else {"type": "object", "properties": {}}
    schema.setdefault("properties", {})
    count = len(arguments)
    words = ngettext(
        "Types are guessed from %(count)s call. Descriptions, choices and what may be left out are not in it.",
        "Types are guessed from %(count)s calls. Descriptions and choices are not in them; required is what all have.",
        count,
    )
    notes.add(words % {"count": count})
    return finished(fit, "", schema, notes)


def parsed(text: str) -> Any:
    """The value of a JSON text. Raises Unusable, with the line."""
    try:
        return exact.plain(text)
    except json.JSONDecodeError as error:
        words = _("This is not JSON: %(problem)s (column %(column)s).")
        raise Unusable(words % {"problem": exact.said(error), "column": error.colno}, error.lineno) from error
    except RecursionError as error:
        raise Unusable(_("This is nested too deep.")) from error
    except ValueError as error:
        words = _("This is not JSON that every program reads alike: %(problem)s.")
        raise Unusable(words % {"problem": error}) from error


def _inner(call: dict[str, Any]) -> dict[str, Any]:
    """Of a tool or a tool call of the API the part that is about the function."""
    inner = call.get("function")
    return inner if isinstance(inner, dict) and isinstance(inner.get("name"), str) else call


def _is_declaration(call: dict[str, Any]) -> bool:
    parameters = call.get("parameters")
    is_schema = isinstance(parameters, dict) and (parameters.get("type") == "object" or "properties" in parameters)
    return isinstance(call.get("name"), str) and is_schema


def _as_it_is(declaration: dict[str, Any]) -> Drafted:
    notes = Notes()
    made = finished(fit_name(declaration["name"], notes), "", declaration["parameters"], notes)
    return Drafted({**declaration, "name": made.declaration["name"]}, notes.said)


def _read(call: dict[str, Any]) -> tuple[str, Any]:
    """The name and the arguments of a call."""
    key = next((each for each in ARGUMENTS if each in call), None)
    if not isinstance(call.get("name"), str) or key is None:
        return "", call
    arguments = call[key]
    if isinstance(arguments, str):
        try:
            arguments = parsed(arguments or "{}")
        except Unusable as error:
            words = _("The arguments of “%(name)s”: %(problem)s")
            raise Unusable(words % {"name": call["name"][:80], "problem": error}) from error
    if not isinstance(arguments, dict):
        raise Unusable(_("The arguments of “%(name)s” are no JSON object.") % {"name": call["name"][:80]})
    return call["name"], arguments
