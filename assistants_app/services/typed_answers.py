"""A JSON Schema as fields to fill in, and what was filled in as JSON: numbers to the letter.

Fields are named by where they stand: NAME:/lines/0/sku, a JSON pointer. A list has a field with the number of its
items, NAME:/lines/- (for JSON pointers, what comes after the last); nothing else is remembered between two looks at a
form."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from assistants_app.services import exact, schemas

NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
MOST_FIELDS = 150
MOST_ITEMS = 40
DEEPEST = 6
MOST_CHOICES = 200
LONGEST_NAME = 80
SHORT = {"email", "uri", "uuid", "ipv4", "ipv6", "hostname", "time", "date-time"}
SCALARS = {"string": "text", "number": "number", "integer": "number", "boolean": "yes_no", "null": "nothing"}


class _Absent:
    """What was left out."""


ABSENT = _Absent()


@dataclass
class Place:
    """A field, or a group of them: an object or a list."""

    kind: str  # text, line, date, number, yes_no, choice, json, nothing; object, list
    name: str
    id: str
    label: str
    schema: schemas.Schema
    is_required: bool
    takes_null: bool
    path: tuple[str | int, ...]
    value: str = ""
    choices: Sequence[tuple[str, str]] = ()
    places: list[Place] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def help(self) -> str:
        return str(self.schema.get("description") or "")[:600]

    @property
    def is_group(self) -> bool:
        return self.kind in {"object", "list"}

    @property
    def is_whole(self) -> bool:
        """A number without a fraction."""
        return self.schema.get("type") == "integer"

    @property
    def hint(self) -> str:
        """What may stand here, in a few words."""
        return ", ".join(filter(None, (*self._limits(), _("empty for null") if self.takes_null else "")))

    def _limits(self) -> Iterator[str]:
        said = self.schema
        for key, words in (("minimum", _("at least %s")), ("maximum", _("at most %s"))):
            if isinstance(said.get(key), int | float) or hasattr(said.get(key), "as_tuple"):
                yield words % said[key]
        if said.get("format") == "date-time":
            yield _("for example 2026-11-21T16:00:00Z")
        elif said.get("format") in SHORT:
            yield str(said["format"])

    @property
    def counter(self) -> str:
        """The name of the field with the number of items of this list."""
        return counter(self.name)

    @property
    def more(self) -> str:
        """The name of the place that would be the next of this list."""
        return f"{self.name}/{len(self.places)}"

    @property
    def is_blank(self) -> bool:
        return not any(place.value.strip() for place in self.leaves())

    def leaves(self) -> Iterator[Place]:
        """Itself, or all fields in it."""
        if not self.is_group:
            yield self
        for each in self.places:
            yield from each.leaves()

    def every(self) -> Iterator[Place]:
        """Itself and all in it."""
        yield self
        for each in self.places:
            yield from each.every()


def counter(name: str) -> str:
    """The name of the field with the number of items of a list."""
    return f"{name}/-"


class TooMuch(Exception):
    """More fields than a form can have."""


def draw(schema: schemas.Schema, *, name: str, filled: Mapping[str, str]) -> Place | None:
    """The fields for what a schema says, with what was filled in by their names; None where they would be no help:
    for what can be anything, and for more than MOST_FIELDS."""
    try:
        root = _Drawing(schema, filled).place(schema, f"{name}:", id=f"id_{name}-", label="", path=(), required=True)
    except TooMuch:
        return None
    return None if root.kind in {"json", "nothing"} else root


class _Drawing:
    def __init__(self, root: schemas.Schema, filled: Mapping[str, str]) -> None:
        self.root = root
        self.filled = filled
        self.count = 0

    def place(
        self,
        given: Any,
        name: str,
        *,
        id: str,
        label: str,
        path: tuple[str | int, ...],
        required: bool,
    ) -> Place:
        self.count += 1
        if self.count > MOST_FIELDS:
            raise TooMuch
        schema, takes_null = _without_null(self.root, schemas.resolved(self.root, given))
        kind = _kind(self.root, schema) if len(path) <= DEEPEST else "json"
        made = Place(kind, name, id, label, schema, required, takes_null, path)
        if kind == "object":
            made.places = [self.inside(made, key, item, place) for place, (key, item) in _properties(schema)]
        elif kind == "list":
            made.places = [self.inside(made, place, schema["items"], place) for place in range(self.length(made))]
        else:
            made.value = self.filled.get(name, "").replace("\r\n", "\n")
            made.choices = _choices(schema) if kind == "choice" else ()
        return made

    def inside(self, within: Place, key: str | int, schema: Any, place: int) -> Place:
        required = isinstance(key, int) or key in (within.schema.get("required") or [])
        titled = schemas.resolved(self.root, schema).get("title")
        label = _("Item %s") % (place + 1) if isinstance(key, int) else str(titled or key)[:LONGEST_NAME]
        return self.place(
            schema,
            f"{within.name}/{_pointed(key)}",
            id=f"{within.id}-{place}",
            label=label,
            path=(*within.path, key),
            required=required,
        )

    def length(self, made: Place) -> int:
        said = self.filled.get(made.counter)
        if said is not None and said.isascii() and said.isdigit() and len(said) < 4:
            return min(int(said), MOST_ITEMS)
        least = made.schema.get("minItems")
        return min(least, MOST_ITEMS) if made.is_required and isinstance(least, int) and least > 0 else 0


def _pointed(key: str | int) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")


def _properties(schema: schemas.Schema) -> list[tuple[int, tuple[str, Any]]]:
    return list(enumerate(schema["properties"].items()))


def _without_null(root: schemas.Schema, schema: schemas.Schema) -> tuple[schemas.Schema, bool]:
    """The schema besides null, and whether null may stand there too: ["string", "null"], or one of two."""
    kinds = schema.get("type")
    if isinstance(kinds, list) and "null" in kinds and len(kinds) == 2:
        return {**schema, "type": next((kind for kind in kinds if kind != "null"), "null")}, True
    for word in ("anyOf", "oneOf"):
        given = schema.get(word)
        if isinstance(given, list) and len(given) == 2 and {"type": "null"} in given:
            other: Any = next((each for each in given if each != {"type": "null"}), {})
            rest = {key: item for key, item in schema.items() if key != word}
            return {**schemas.resolved(root, other), **rest}, True
    return schema, False


def _kind(root: schemas.Schema, schema: schemas.Schema) -> str:
    if any(word in schema for word in ("anyOf", "oneOf", "allOf", "not", "if", "$dynamicRef", "const")):
        return "json"
    if "enum" in schema:
        chosen = schema["enum"]
        return "choice" if isinstance(chosen, list) and 0 < len(chosen) <= MOST_CHOICES else "json"
    kind = schema.get("type") or ("object" if "properties" in schema else None)
    if kind == "object":
        properties = schema.get("properties")
        return "object" if isinstance(properties, Mapping) and properties and _plain(properties) else "json"
    if kind == "array":
        return "list" if isinstance(schema.get("items"), Mapping) and "prefixItems" not in schema else "json"
    if kind == "string":
        return "date" if schema.get("format") == "date" else "line" if schema.get("format") in SHORT else "text"
    return SCALARS.get(kind, "json") if isinstance(kind, str) else "json"


def _plain(properties: Mapping[str, Any]) -> bool:
    """Whether all names can be names of fields."""
    return all(name.isprintable() and len(name) <= 4 * LONGEST_NAME for name in properties)


def _choices(schema: schemas.Schema) -> list[tuple[str, str]]:
    return [(exact.write(each), each if isinstance(each, str) else exact.write(each)) for each in schema["enum"]]


# ---- From fields to JSON


def written(root: Place) -> str:
    """What was filled in as text: JSON, or of text alone the text. What is wrong or missing is noted at its place."""
    value = _value(root)
    if value is ABSENT:
        return ""
    if any(place.errors for place in root.every()):
        return ""
    _compare(root, value)
    return value if isinstance(value, str) else exact.write(value)


def _compare(root: Place, value: Any) -> None:
    by_path = {place.path: place for place in root.every()}
    for problem in schemas.problems(root.schema, value):
        path = problem.path
        while path not in by_path:
            path = path[:-1]
        by_path[path].errors.append(problem.words)


def _value(place: Place) -> Any:
    if place.kind == "object":
        return _object(place)
    if place.kind == "list":
        return [_value(each) for each in place.places] if place.places or place.is_required else ABSENT
    if not place.value.strip():
        return _nothing(place)
    reader = {"number": _number, "yes_no": _word, "choice": _word, "json": _json}.get(place.kind)
    return reader(place) if reader else place.value


def _object(place: Place) -> Any:
    if not place.is_required and place.is_blank:
        return ABSENT
    if place.takes_null and place.is_blank:
        return None
    values = {str(each.path[-1]): _value(each) for each in place.places}
    return {key: value for key, value in values.items() if value is not ABSENT}


def _nothing(place: Place) -> Any:
    if place.kind == "nothing":
        return None if place.is_required else ABSENT
    if place.is_required and place.takes_null:
        return None
    if place.is_required:
        place.errors.append(_("Choose one.") if place.kind in {"yes_no", "choice"} else _("Fill this in."))
    return ABSENT


def _number(place: Place) -> Any:
    letters = place.value.strip()
    if not NUMBER.fullmatch(letters):
        words = _("Write a whole number, such as 12.") if place.is_whole else _("Write a number, such as 12 or 0.5.")
        place.errors.append(words)
        return ABSENT
    return exact.Number(letters)


def _word(place: Place) -> Any:
    known = dict(place.choices) if place.kind == "choice" else {"true": "", "false": ""}
    if place.value not in known:
        place.errors.append(_("Choose one of these."))
        return ABSENT
    return exact.parse(place.value)


def _json(place: Place) -> Any:
    try:
        return exact.parse(place.value)
    except (ValueError, RecursionError) as error:
        problem = exact.said(error) if isinstance(error, json.JSONDecodeError) else error
        place.errors.append(_("This is not JSON: %(problem)s.") % {"problem": problem})
        return ABSENT


# ---- From JSON to fields


def filled_with(schema: schemas.Schema, text: str, *, name: str) -> dict[str, str] | None:
    """The fields filled in so that they say the same as a text; None where they cannot."""
    try:
        value = text if _is_text(schema, text) else exact.parse(text)
    except (ValueError, RecursionError):
        return None
    filled: dict[str, str] = {}
    _fill(filled, f"{name}:", value, schema=schema, root=schema)
    drawn = draw(schema, name=name, filled=filled)
    if drawn is None:
        return None
    again = written(drawn)
    if any(place.errors for place in drawn.every()):
        return None
    same = again == text if isinstance(value, str) else exact.parse(again) == value
    return filled if same else None


def _is_text(schema: schemas.Schema, text: str) -> bool:
    """Whether an output is text and no JSON: where the function returns text, or one of several texts."""
    said = schemas.resolved(schema, schema)
    return said.get("type") == "string" or text in (said.get("enum") or [])


def _fill(filled: dict[str, str], name: str, value: Any, *, schema: Any, root: schemas.Schema) -> None:
    said, takes_null = _without_null(root, schemas.resolved(root, schema))
    kind = _kind(root, said)
    if kind == "object" and isinstance(value, dict):
        for key, item in value.items():
            _fill(filled, f"{name}/{_pointed(key)}", item, schema=said["properties"].get(key, {}), root=root)
    elif kind == "list" and isinstance(value, list):
        filled[counter(name)] = str(len(value))
        for place, item in enumerate(value):
            _fill(filled, f"{name}/{place}", item, schema=said["items"], root=root)
    elif value is None and takes_null:
        return
    elif isinstance(value, str) and kind in {"text", "line", "date"}:
        filled[name] = value
    else:
        filled[name] = exact.write(value)


def without(filled: Mapping[str, str], item: str) -> dict[str, str]:
    """What was filled in, without one item of a list (by its name): those after it move up."""
    within, _slash, position = item.rpartition("/")
    if not (position.isascii() and position.isdigit()):
        return dict(filled)
    gone, kept = int(position), {}
    for name, value in filled.items():
        place, rest = _position(name, within)
        if place is None or place < gone:
            kept[name] = value
        elif place > gone:
            kept[f"{within}/{place - 1}{rest}"] = value
    count = filled.get(counter(within), "")
    return kept | {counter(within): str(max(0, int(count) - 1))} if count.isascii() and count.isdigit() else kept


def _position(name: str, within: str) -> tuple[int | None, str]:
    if not name.startswith(f"{within}/"):
        return None, ""
    position, slash, rest = name[len(within) + 1 :].partition("/")
    return (int(position), slash + rest) if position.isascii() and position.isdigit() else (None, "")


def with_one_more(filled: Mapping[str, str], item: str) -> dict[str, str]:
    """What was filled in, with one item more: `item` is the name of the next one."""
    within, _slash, position = item.rpartition("/")
    count = int(position) + 1 if position.isascii() and position.isdigit() and len(position) < 4 else 0
    return {**filled, counter(within): str(min(count, MOST_ITEMS))}
