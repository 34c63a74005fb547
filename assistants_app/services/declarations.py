"""Declarations of functions, and schemas of responses: what a server demands of them, and what keeps one from that.

The specification says how a name looks and that “only a subset of JSON Schema is supported” where `strict` is true. The
subset is that of OpenAI's guide “Structured outputs”, section “Supported schemas”, as it stood in February 2026, and of
what the API answers: “'default' is not permitted”, “'oneOf' is not permitted”, “Extra required key 'x' supplied”,
“schema must have a 'type' key”, “array schema missing items”. The guide's older limits (100 properties, 5 levels) are
not held against anybody: a server that still has them says so itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import unquote

from django.utils.translation import gettext as _

from assistants_app.services import exact, positions, schemas
from assistants_app.services.positions import Path, Position, Positions

NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
MOST_PROBLEMS = 20
# Objects and lists in one another, beyond which a text is not written anew.
MOST_DEEP = 100

# What the guide says is not supported, and what the API says is not permitted.
REFUSED = (
    *("allOf", "not", "dependentRequired", "dependentSchemas", "if", "then", "else"),
    *("oneOf", "default"),
)
MOST_PROPERTIES = 5_000
MOST_LEVELS = 10
MOST_CHOICES = 1_000
MOST_LETTERS = 120_000  # of names and choices together
# What says which values there are; a schema has one of them.
SAYS_WHAT = {"type", "$ref", "anyOf", "enum", "const", *REFUSED}


_LOST = object()


@dataclass(frozen=True)
class Problem:
    """What is wrong with a declaration, and where in it."""

    path: Path
    words: str


@dataclass(frozen=True)
class Mark:
    """What is wrong with a text, and where in it."""

    position: Position
    words: str


class NotReadable(Exception):
    """A text that is no JSON, or none that every program reads alike. Says what is wrong, and where."""

    def __init__(self, mark: Mark) -> None:
        super().__init__(mark.words)
        self.mark = mark


# ---- Texts


def read(text: str) -> Any:
    """The value of a JSON text, in numbers of Python. Raises NotReadable."""
    try:
        return exact.plain(text)
    except json.JSONDecodeError as error:
        words = _("This is not JSON: %(problem)s.") % {"problem": exact.said(error)}
        raise NotReadable(Mark(Position(error.lineno, error.colno), words)) from error
    except RecursionError as error:
        raise NotReadable(Mark(Position(1, 1), _("This is nested too deep."))) from error
    except ValueError as error:
        words = _("This is not JSON that every program reads alike: %(problem)s.") % {"problem": error}
        raise NotReadable(Mark(_second(text), words)) from error


def _second(text: str) -> Position:
    """Where a name is given for the second time; the beginning, if it is something else that is wrong."""
    return Positions(text).twice or Position(1, 1)


def marks(text: str, kind: str) -> list[Mark]:
    """What is wrong with what somebody is writing, by its lines; `kind` is a key of KINDS, or else only JSON."""
    if not text.strip():
        return []
    try:
        value = read(text)
    except NotReadable as error:
        return [error.mark]
    return at_their_lines(text, KINDS.get(kind, _nothing)(value))


def at_their_lines(text: str, found: list[Problem]) -> list[Mark]:
    """The problems of the value of a text, in the order in which they stand in it."""
    places = Positions(text) if found else None
    made = [Mark(places.of(each.path), each.words) for each in found] if places else []
    return sorted(made, key=lambda each: (each.position.line, each.position.column))


# ---- What a server demands


def of_function(declaration: Any) -> list[Problem]:
    """What keeps a JSON value from being the declaration of a function."""
    if not isinstance(declaration, dict):
        return [Problem((), _("A function is a JSON object with a “name”."))]
    found = _of_name(declaration)
    if not isinstance(declaration.get("description", ""), str):
        found.append(Problem(("description",), _("“description” must be a text.")))
    return found + _of_schema(declaration, "parameters")


def of_response(written: Any) -> list[Problem]:
    """What keeps a JSON value from being the json_schema of a response format."""
    if not isinstance(written, dict):
        return [Problem((), _("Write it as a JSON object."))]
    return _of_name(written) + _of_schema(written, "schema")


def of_plain_schema(schema: Any) -> list[Problem]:
    """What keeps a JSON value from being the schema of a parameter."""
    return [] if isinstance(schema, bool) else _unusable(schema, ())


def _of_object(written: Any) -> list[Problem]:
    return [] if isinstance(written, dict) else [Problem((), _("Write it as a JSON object."))]


def _nothing(written: Any) -> list[Problem]:
    return []


KINDS: Mapping[str, Callable[[Any], list[Problem]]] = {
    "function": of_function,
    "response": of_response,
    "schema": of_plain_schema,
    "object": _of_object,
}


def _of_name(written: Mapping[str, Any]) -> list[Problem]:
    name = written.get("name")
    if isinstance(name, str) and NAME.fullmatch(name):
        return []
    words = _("“name” must have 1 to 64 letters from a to z, digits, underscores or hyphens.")
    return [Problem(("name",), words)]


def _of_schema(written: Mapping[str, Any], name: str) -> list[Problem]:
    found: list[Problem] = []
    strict = written.get("strict")
    if not isinstance(strict, bool | None):
        found.append(Problem(("strict",), _("“strict” must be true or false.")))
    if name not in written:
        return found
    unusable = _unusable(written[name], (name,))
    if not unusable and strict is True:
        return found + list(islice(_of_strict(written[name], (name,)), MOST_PROBLEMS))
    return found + unusable


def _unusable(schema: Any, path: Path) -> list[Problem]:
    if lost := list(islice(_lost_references(schema, path), MOST_PROBLEMS)):
        return lost
    try:
        schemas.usable(schema)
    except schemas.Unusable as error:
        named = f"“{path[0]}”: {error}" if path else str(error)
        return [Problem((*path, *error.path), named)]
    return []


def _lost_references(schema: Any, root: Path) -> Iterator[Problem]:
    """The references that lead nowhere in the schema itself."""
    for part in _parts(schema, root):
        reference = part.schema.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/") and not _leads_somewhere(schema, reference):
            words = _("It refers to “%(what)s”, which is not in it.") % {"what": reference[:100]}
            yield Problem((*part.path, "$ref"), words)


def _leads_somewhere(schema: Any, reference: str) -> bool:
    found = schema
    for part in unquote(reference).removeprefix("#").split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, list) and key.isdecimal() and len(key) < 9:
            found = dict(enumerate(found)).get(int(key), _LOST)
        else:
            found = found.get(key, _LOST) if isinstance(found, dict) else _LOST
    return found is not _LOST


# ---- Strict


@dataclass(frozen=True)
class _Part:
    """A schema within a schema, and how many objects are around it."""

    path: Path
    schema: Any
    level: int


def _parts(schema: Any, path: Path) -> Iterator[_Part]:
    """A schema and all within it, outside first. What is no object is left out."""
    left = [_Part(path, schema, 0)]
    while left:
        part = left.pop()
        if not isinstance(part.schema, dict):
            continue
        yield part
        left += reversed(list(_within(part)))


def _within(part: _Part) -> Iterator[_Part]:
    level = part.level + _is_object(part.schema)
    for name in ("properties", "$defs", "definitions"):
        named = part.schema.get(name)
        around = level if name == "properties" else 0
        for key, each in named.items() if isinstance(named, dict) else ():
            yield _Part((*part.path, name, key), each, around)
    for name in ("items", "additionalProperties"):
        if name in part.schema:
            yield _Part((*part.path, name), part.schema[name], level)
    for name in ("anyOf", "allOf", "oneOf", "prefixItems"):
        listed = part.schema.get(name)
        for place, each in enumerate(listed if isinstance(listed, list) else ()):
            yield _Part((*part.path, name, place), each, level)


def _is_object(schema: Mapping[str, Any]) -> bool:
    return "object" in _types(schema) or isinstance(schema.get("properties"), dict)


def _types(schema: Mapping[str, Any]) -> list[Any]:
    said = schema.get("type", [])
    return said if isinstance(said, list) else [said]


def _of_strict(schema: Any, root: Path) -> Iterator[Problem]:
    if _types(schema) != ["object"] or "anyOf" in schema:
        yield Problem(root, _("With “strict”, the outermost schema is of “type”: “object”, without “anyOf”."))
    properties = letters = choices = 0
    for part in _parts(schema, root):
        yield from _of_part(part)
        named = part.schema.get("properties")
        listed = part.schema.get("enum")
        properties += len(named) if isinstance(named, dict) else 0
        choices += len(listed) if isinstance(listed, list) else 0
        letters += sum(map(len, named)) if isinstance(named, dict) else 0
        letters += sum(len(each) for each in listed if isinstance(each, str)) if isinstance(listed, list) else 0
    for most, given, words in (
        (MOST_PROPERTIES, properties, _("With “strict”, a schema has at most %(most)s properties, not %(given)s.")),
        (MOST_CHOICES, choices, _("With “strict”, a schema has at most %(most)s values of “enum”, not %(given)s.")),
        (MOST_LETTERS, letters, _("With “strict”, names and choices have at most %(most)s characters, not %(given)s.")),
    ):
        if given > most:
            yield Problem(root, words % {"most": f"{most:,}", "given": f"{given:,}"})


def _of_part(part: _Part) -> Iterator[Problem]:
    schema, where = part.schema, _named(part.path)
    for name in REFUSED:
        if name in schema:
            words = _("%(where)s: with “strict” there may be no “%(name)s”. Take it out, or say it in the description.")
            yield Problem((*part.path, name), words % {"where": where, "name": name})
    if schema and not SAYS_WHAT & schema.keys():
        yield Problem(part.path, _("%(where)s: with “strict” it needs a “type”.") % {"where": where})
    if "array" in _types(schema) and "items" not in schema:
        yield Problem(part.path, _("%(where)s: with “strict” a list needs “items”.") % {"where": where})
    if _is_object(schema):
        yield from _of_object_in_strict(part, where)


def _of_object_in_strict(part: _Part, where: str) -> Iterator[Problem]:
    if part.level >= MOST_LEVELS:
        words = _("%(where)s: with “strict” at most %(most)s objects stand in one another.")
        yield Problem(part.path, words % {"where": where, "most": MOST_LEVELS})
    if part.schema.get("additionalProperties") is not False:
        words = _("%(where)s: with “strict” every object needs “additionalProperties”: false.")
        place = (*part.path, "additionalProperties")
        yield Problem(place if "additionalProperties" in part.schema else part.path, words % {"where": where})
    given, needed = part.schema.get("properties"), part.schema.get("required")
    names = list(given) if isinstance(given, dict) else []
    required = needed if isinstance(needed, list) else []
    place = (*part.path, "required") if "required" in part.schema else part.path
    if missing := [name for name in names if name not in required]:
        words = _(
            "%(where)s: with “strict” every property stands in “required”; %(names)s is missing. "
            "What may be left out has null among its types."
        )
        yield Problem(place, words % {"where": where, "names": _listed(missing)})
    if unknown := [name for name in required if name not in names]:
        words = _("%(where)s: “required” names what is no property: %(names)s.")
        yield Problem(place, words % {"where": where, "names": _listed(unknown)})


def _listed(names: list[Any]) -> str:
    shown = ", ".join(f"“{str(name)[:64]}”" for name in names[:6])
    return f"{shown}, …" if len(names) > 6 else shown


def _named(path: Path) -> str:
    return "/".join(str(each)[:64] for each in path)


# ---- Writing it anew


def read_exactly(text: str) -> Any:
    """The value of a JSON text, numbers in their own letters, to be written again. Raises NotReadable."""
    read(text)
    if positions.depth(text) > MOST_DEEP:
        raise NotReadable(Mark(Position(1, 1), _("This is nested too deep.")))
    return exact.parse(text)


def formatted(text: str) -> str:
    """The same JSON with line breaks and indents, and nothing else changed. Raises NotReadable."""
    read_exactly(text)
    return exact.tidy(text)


def made_strict(text: str, name: str = "parameters") -> str:
    """The same declaration with `strict` and what that demands, as far as it can be added: no object has anything more,
    all properties are required, and what was optional may be null. `name` is where its schema stands. Raises
    NotReadable; what is no object stays as it is."""
    declaration = read_exactly(text)
    if not isinstance(declaration, dict):
        return text
    declaration["strict"] = True
    # Inside first: what may be null is another object than before.
    for part in reversed(list(_parts(declaration.get(name), (name,)))):
        if _is_object(part.schema):
            _close(part.schema)
    return exact.tidy(exact.write(declaration))


def _close(schema: dict[str, Any]) -> None:
    schema.setdefault("additionalProperties", False)
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return
    needed = schema.get("required")
    required = list(needed) if isinstance(needed, list) else []
    for key in properties:
        if key not in required:
            properties[key] = or_null(properties[key])
            required.append(key)
    schema["required"] = required


def or_null(schema: Any) -> Any:
    """A schema that takes null as well."""
    if not isinstance(schema, dict):
        return schema
    if isinstance(schema.get("anyOf"), list):
        has_null = {"type": "null"} in schema["anyOf"]
        return schema if has_null else {**schema, "anyOf": [*schema["anyOf"], {"type": "null"}]}
    types = _types(schema)
    if not types or "const" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    made = dict(schema)
    if "null" not in types:
        made["type"] = [*types, "null"]
    if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
        made["enum"] = [*schema["enum"], None]
    return made
