"""JSON Schemas of what functions return: whether one can be used, and whether an answer is what it says.

A schema may come from a server: it is read without fetching anything, and its patterns cannot keep us busy."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, localcontext
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from jsonschema import Draft202012Validator, FormatChecker, SchemaError, ValidationError, validators
from referencing import Registry
from referencing.exceptions import Unresolvable

from assistants_app.services import exact

LONGEST_SCHEMA = 100_000  # characters
MOST_PROBLEMS = 20
# Digits of the arithmetic behind multipleOf.
PRECISION = 400
# A pattern beyond these could take longer than a page may: it is not looked at.
LONGEST_PATTERN = 300
LONGEST_MATCHED = 300
MOST_REPEATS = 3
NESTED_REPEAT = re.compile(r"\)\s*[*+{]")
REPEAT = re.compile(r"[*+{]")

Schema = Mapping[str, Any]


class Unusable(Exception):
    """A schema that is none, or that cannot be worked with; `path` is where in it that is, as far as it is known."""

    def __init__(self, words: str, path: tuple[str | int, ...] = ()) -> None:
        super().__init__(words)
        self.path = path


@dataclass(frozen=True)
class Problem:
    """What keeps a value from being what a schema says, and where in it that is: keys and positions."""

    path: tuple[str | int, ...]
    words: str


def read(text: str) -> dict[str, Any]:
    """The schema in a text. Raises Unusable, with what is wrong with it."""
    if len(text) > LONGEST_SCHEMA:
        raise Unusable(_("This is longer than %(most)s characters.") % {"most": f"{LONGEST_SCHEMA:,}"})
    try:
        value = json.loads(text, parse_float=Decimal)
    except json.JSONDecodeError as error:
        place = {"problem": exact.said(error), "line": error.lineno, "column": error.colno}
        raise Unusable(_("This is not JSON: %(problem)s (line %(line)s, column %(column)s).") % place) from error
    except (ValueError, RecursionError) as error:
        raise Unusable(_("This is not JSON that every program can read.")) from error
    return usable(value)


def usable(value: Any) -> dict[str, Any]:
    """The same value, if it is a schema that can be worked with. Raises Unusable."""
    if not isinstance(value, dict):
        raise Unusable(_("A schema is a JSON object, such as {“type”: “number”}."))
    # Where it says it comes from would only lead elsewhere.
    schema = {key: item for key, item in value.items() if key not in {"$schema", "$id"}}
    try:
        Draft202012Validator.check_schema(schema)
        list(islice(_validator(schema).iter_errors(None), 1))
    except SchemaError as error:
        where = "/".join(str(part) for part in error.absolute_path)
        words = {"where": where or _("the schema"), "what": error.message[:200]}
        raise Unusable(_("This is no JSON Schema: %(where)s: %(what)s") % words, tuple(error.absolute_path)) from error
    except Unresolvable as error:
        raise Unusable(_("It refers to “%(what)s”, which is not in it.") % {"what": str(error.ref)[:100]}) from error
    except (RecursionError, ArithmeticError, TypeError, ValueError, re.error) as error:
        raise Unusable(_("It cannot be worked with.")) from error
    return schema


def problems(schema: Schema, value: Any) -> list[Problem]:
    """What keeps a value (of `exact.parse`) from being what a schema says; the first MOST_PROBLEMS."""
    try:
        with localcontext() as context:
            context.prec = PRECISION
            return [Problem(tuple(each.absolute_path), _words(each)) for each in islice(_found(schema, value), 20)]
    except (Unresolvable, RecursionError, ArithmeticError, TypeError, ValueError, re.error):
        return [Problem((), _("It cannot be compared with what the function returns."))]


def _found(schema: Schema, value: Any) -> Iterator[ValidationError]:
    yield from sorted(
        islice(_validator(schema).iter_errors(value), MOST_PROBLEMS), key=lambda each: list(map(str, each.path))
    )


def resolved(root: Schema, schema: Any) -> Schema:
    """A schema with its own references followed; an empty one where they lead nowhere."""
    for _step in range(20):
        if not isinstance(schema, Mapping):
            return {}
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return schema
        rest = {key: item for key, item in schema.items() if key != "$ref"}
        found = _at(root, reference)
        schema = {**found, **rest} if isinstance(found, Mapping) else {}
    return {}


def _at(root: Schema, reference: str) -> Any:
    if not reference.startswith("#"):
        return None
    found: Any = root
    for part in reference[1:].split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


# ---- How it is checked


def _is_integer(checker: Any, value: Any) -> bool:
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        return isinstance(exponent, int) and (exponent >= 0 or value == value.to_integral_value())
    return isinstance(value, int) and not isinstance(value, bool)


def _pattern(validator: Any, pattern: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(value, str) and is_quick(pattern) and len(value) <= LONGEST_MATCHED and not re.search(pattern, value):
        yield ValidationError("pattern")


def is_quick(pattern: Any) -> bool:
    """Whether a pattern is looked at: it repeats little, and nothing that repeats itself."""
    return (
        isinstance(pattern, str)
        and len(pattern) <= LONGEST_PATTERN
        and not NESTED_REPEAT.search(pattern)
        and len(REPEAT.findall(pattern)) <= MOST_REPEATS
    )


def _not_looked_at(validator: Any, said: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    return iter(())


_FORMATS = FormatChecker(formats=["date", "time", "email", "ipv4", "ipv6", "uuid"])


@_FORMATS.checks("date-time", raises=ValueError)
def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


_Validator = validators.extend(
    Draft202012Validator,
    {"pattern": _pattern, "patternProperties": _not_looked_at, "$dynamicRef": _not_looked_at},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer),
)


def _validator(schema: Schema) -> Any:
    # Nothing is fetched: the registry holds nothing and knows no way to get more.
    return _Validator(schema, registry=Registry(), format_checker=_FORMATS)


# ---- What it says


def _words(error: ValidationError) -> str:
    said: Any = error.validator_value
    words = _WORDS.get(str(error.validator))
    return words(said, error.instance) if words else error.message[:300]


def _kinds(said: Any, value: Any) -> str:
    names = {
        "string": _("text"),
        "number": _("a number"),
        "integer": _("a whole number"),
        "boolean": _("true or false"),
        "array": _("a list"),
        "object": _("an object"),
        "null": _("null"),
    }
    kinds = said if isinstance(said, Sequence) and not isinstance(said, str) else [said]
    return _("Must be %(kinds)s.") % {"kinds": _(" or ").join(str(names.get(kind, kind)) for kind in kinds)}


def _choices(said: Any, value: Any) -> str:
    shown = ", ".join(exact.write(each) for each in said[:12])
    return _("Must be one of %(choices)s.") % {"choices": shown[:300]}


def _lacking(said: Any, value: Any) -> str:
    lacking = [str(each) for each in said if isinstance(value, Mapping) and each not in value]
    return _("Lacks %(names)s.") % {"names": ", ".join(lacking)[:300]}


_WORDS = {
    "type": _kinds,
    "enum": _choices,
    "const": lambda said, value: _("Must be %(value)s.") % {"value": exact.write(said)[:300]},
    "required": _lacking,
    "minimum": lambda said, value: _("Must be at least %(least)s.") % {"least": said},
    "maximum": lambda said, value: _("Must be at most %(most)s.") % {"most": said},
    "exclusiveMinimum": lambda said, value: _("Must be more than %(least)s.") % {"least": said},
    "exclusiveMaximum": lambda said, value: _("Must be less than %(most)s.") % {"most": said},
    "multipleOf": lambda said, value: _("Must be a multiple of %(step)s.") % {"step": said},
    "minLength": lambda said, value: (
        ngettext("Must have at least %(count)s character.", "Must have at least %(count)s characters.", int(said))
        % {"count": said}
    ),
    "maxLength": lambda said, value: (
        ngettext("Must have at most %(count)s character.", "Must have at most %(count)s characters.", int(said))
        % {"count": said}
    ),
    "minItems": lambda said, value: (
        ngettext("Must have at least %(count)s item.", "Must have at least %(count)s items.", int(said))
        % {"count": said}
    ),
    "maxItems": lambda said, value: (
        ngettext("Must have at most %(count)s item.", "Must have at most %(count)s items.", int(said)) % {"count": said}
    ),
    "uniqueItems": lambda said, value: _("Must not have the same item twice."),
    "pattern": lambda said, value: _("Must fit the pattern %(pattern)s") % {"pattern": str(said)[:300]},
    "format": lambda said, value: _("Must be written as %(format)s.") % {"format": str(said)[:100]},
    "additionalProperties": lambda said, value: _("Has something that is not in the schema."),
}
