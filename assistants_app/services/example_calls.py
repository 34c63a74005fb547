"""An example of a call, made from what a function declares: the same at each look, so that whoever changes the
declaration sees what that changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from assistants_app.services import exact, schemas

MOST_VALUES = 400
MOST_ITEMS = 5
DEEPEST = 8
LONGEST = 2_000
FORMATS = {
    "date": "2026-01-31",
    "time": "09:30:00Z",
    "date-time": "2026-01-31T09:30:00Z",
    "duration": "PT1H30M",
    "email": "anna@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/",
    "uri-reference": "/example",
    "uuid": "123e4567-e89b-12d3-a456-426614174000",
    "byte": "ZXhhbXBsZQ==",
}
# Tried where a pattern is wanted: no library that writes texts to a pattern writes the same one twice.
TRIED = ("A", "AB", "ABC", "ABC-123", "AB123", "abc", "abc-123", "a1", "1", "12", "123", "1234", "12345", "123456")
# What keeps a text or a number from being just any.
LIMITS = {"format", "pattern", "minLength", "maxLength", "multipleOf"}
LIMITS |= {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
KINDS = {"object", "array", "string", "number", "integer", "boolean", "null"}


@dataclass(frozen=True)
class Example:
    """Arguments as a model would write them, and what in them is not as their schema wants it."""

    arguments: str
    misfits: list[str]


def call(parameters: schemas.Schema) -> Example:
    """An example of a call's arguments; the schema is one that can be used (`schemas.usable`)."""
    value = _Making(parameters).value(parameters, "", 0)
    written = exact.write(value)
    found = schemas.problems(parameters, exact.parse(written)) if parameters else []
    misfits = [f"{'/'.join(map(str, each.path))}: {each.words}" if each.path else each.words for each in found]
    if not isinstance(value, dict):
        misfits.insert(0, _("Arguments are an object: “type” is to be “object”."))
    return Example(written, misfits)


class _Making:
    def __init__(self, root: schemas.Schema) -> None:
        self.root = root
        self.count = 0

    def value(self, given: Any, name: str, depth: int) -> Any:
        """An example of what a schema says; `name` is what it is called."""
        self.count += 1
        schema = _merged(self.root, schemas.resolved(self.root, given))
        said = next(_said(schema), None)
        if said is not None:
            return said[0]
        for word in ("anyOf", "oneOf"):
            choices = [each for each in schema.get(word) or [] if each != {"type": "null"}]
            if choices and depth <= DEEPEST:
                rest = {key: item for key, item in schema.items() if key != word}
                return self.value({**schemas.resolved(self.root, choices[0]), **rest}, name, depth + 1)
        kind = _kind(schema)
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            return self._array(schema, name, depth)
        return self._leaf(kind, schema, name)

    def _leaf(self, kind: str, schema: schemas.Schema, name: str) -> Any:
        if kind == "boolean":
            return True
        if kind == "null":
            return None
        if not LIMITS & schema.keys():
            return name.replace("_", " ")[:60] or "text" if kind == "string" else 1
        tried = _numbers(schema, kind) if kind in {"number", "integer"} else _texts(schema, name)
        first = None
        for each in tried:
            first = each if first is None else first
            if not schemas.problems(schema, exact.parse(exact.write(each))):
                return each
        return first

    def _object(self, schema: schemas.Schema, depth: int) -> dict[str, Any]:
        properties = schema.get("properties")
        given = properties if isinstance(properties, Mapping) else {}
        required = schema.get("required") or []
        is_full = depth > DEEPEST or self.count > MOST_VALUES
        wanted = {name: each for name, each in given.items() if name in required} if is_full else given
        made: dict[str, Any] = {}
        for name, each in wanted.items():
            if depth > 2 * DEEPEST or self.count > 2 * MOST_VALUES:
                break
            made[name] = self.value(each, name, depth + 1)
        more = schema.get("additionalProperties")
        if not given and isinstance(more, Mapping) and not is_full:
            made["name"] = self.value(more, "", depth + 1)
        return made

    def _array(self, schema: schemas.Schema, name: str, depth: int) -> list[Any]:
        least = schema.get("minItems")
        most = schema.get("maxItems")
        count = max(1, least if isinstance(least, int) else 1)
        count = min(count, most if isinstance(most, int) else count, MOST_ITEMS)
        first = schema.get("prefixItems")
        listed = first if isinstance(first, list) else []
        if depth > DEEPEST or self.count > MOST_VALUES:
            return []
        rest = schema.get("items", {}) if len(listed) < count or not listed else {}
        every = [*listed, *[rest] * max(0, count - len(listed))][: max(count, len(listed))]
        return [self.value(each, name, depth + 1) for each in every[: MOST_ITEMS * 4]]


def _said(schema: schemas.Schema) -> Iterator[tuple[Any]]:
    """What the schema itself gives as an example, best first."""
    if "const" in schema:
        yield (schema["const"],)
    for word in ("examples", "enum"):
        listed = schema.get(word)
        if word == "enum" and "default" in schema:
            yield (schema["default"],)
        if isinstance(listed, list) and listed:
            yield (listed[0],)
    for word in ("example", "default"):
        if word in schema:
            yield (schema[word],)


def _merged(root: schemas.Schema, schema: schemas.Schema) -> schemas.Schema:
    """A schema with what `allOf` adds to it."""
    every = schema.get("allOf")
    if not isinstance(every, list):
        return schema
    made: dict[str, Any] = {}
    for each in [*(schemas.resolved(root, each) for each in every[:50]), schema]:
        properties = {**(made.get("properties") or {}), **(each.get("properties") or {})}
        required = [*(made.get("required") or []), *(each.get("required") or [])]
        made |= {key: item for key, item in each.items() if key != "allOf"}
        made |= {"properties": properties} if properties else {}
        made |= {"required": required} if required else {}
    return made


def _kind(schema: schemas.Schema) -> str:
    given = schema.get("type")
    kinds = given if isinstance(given, list) else [given]
    known = [each for each in kinds if each in KINDS]
    found = next((each for each in known if each != "null"), next(iter(known), ""))
    if found:
        return str(found)
    if "properties" in schema or "additionalProperties" in schema:
        return "object"
    if "items" in schema or "prefixItems" in schema:
        return "array"
    return "number" if "minimum" in schema or "maximum" in schema else "string"


def _numbers(schema: schemas.Schema, kind: str) -> Iterator[Any]:
    """Numbers to try, the likeliest first."""
    step = _number(schema, "multipleOf")
    low, high = _number(schema, "minimum", "exclusiveMinimum"), _number(schema, "maximum", "exclusiveMaximum")
    apart = step or Decimal(1)
    tried = [Decimal(1), Decimal(0), low, low and low + apart, high, high and high - apart, step]
    if low is not None and high is not None:
        tried.append((low + high) / 2)
    if low is not None and step:
        tried += [(low // step) * step, (low // step + 1) * step]
    for each in tried:
        if each is not None and (kind == "number" or each == each.to_integral_value()):
            yield int(each) if each == each.to_integral_value() else float(each)


def _number(schema: schemas.Schema, *names: str) -> Decimal | None:
    for name in names:
        given = schema.get(name)
        if isinstance(given, int | float | Decimal) and not isinstance(given, bool):
            number = Decimal(str(given))
            return number if number == 0 or Decimal("1e-15") < abs(number) < Decimal("1e15") else None
    return None


def _texts(schema: schemas.Schema, name: str) -> Iterator[str]:
    """Texts to try, the likeliest first."""
    likely = FORMATS.get(str(schema.get("format"))) or name.replace("_", " ")[:60] or "text"
    yield likely
    least, most = schema.get("minLength"), schema.get("maxLength")
    if isinstance(least, int) and len(likely) < least <= LONGEST:
        yield (likely + " ") * (least // (len(likely) + 1)) + (likely + " ")[: least % (len(likely) + 1)]
        yield "x" * least
    if isinstance(most, int) and 0 <= most < len(likely):
        yield likely[:most]
    if "pattern" in schema:
        yield from TRIED
