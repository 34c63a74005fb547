"""Annotations of Python as JSON Schemas."""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from assistants_app.services.declarations_from.drafted import Notes

DEEPEST = 12
PLAIN: dict[str, dict[str, Any]] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "Decimal": {"type": "number"},
    "bool": {"type": "boolean"},
    "None": {"type": "null"},
    "list": {"type": "array", "items": {}},
    "tuple": {"type": "array", "items": {}},
    "set": {"type": "array", "items": {}, "uniqueItems": True},
    "dict": {"type": "object"},
    "Any": {},
    "object": {},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "time": {"type": "string", "format": "time"},
    "UUID": {"type": "string", "format": "uuid"},
    "Path": {"type": "string"},
}
# The words of docstrings and of typing for the same.
SAME = {
    **dict.fromkeys(("List", "Sequence", "Iterable", "Collection", "MutableSequence", "array"), "list"),
    **dict.fromkeys(("Set", "FrozenSet", "frozenset", "AbstractSet"), "set"),
    **dict.fromkeys(("Dict", "Mapping", "MutableMapping"), "dict"),
    "Tuple": "tuple",
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "NoneType": "None",
}
WRAPPERS = {"Required", "NotRequired", "Final", "ClassVar", "ReadOnly"}


@dataclass(frozen=True)
class Annotations:
    """Those of one argument: its name, its line, and where to say what is not known."""

    name: str
    line: int
    notes: Notes

    def of_text(self, text: str) -> dict[str, Any]:
        """The schema of a type as a docstring writes it."""
        given = re.sub(r",?\s*optional\b|,?\s*default\b.*", "", text.strip(), flags=re.DOTALL).strip()
        given = re.sub(r"\s+or\s+", " | ", given)
        if re.fullmatch(r"\{.*\}", given, re.DOTALL):
            given = f"Literal[{given[1:-1]}]"
        node = _parsed(given)
        return self.schema(node) if node is not None else self._unknown(given)

    def of_value(self, value: Any) -> dict[str, Any]:
        """The schema of the type of a default."""
        kinds = {bool: "bool", int: "int", float: "float", str: "str", list: "list", dict: "dict"}
        return dict(PLAIN[kinds[type(value)]])

    def schema(self, node: ast.expr, depth: int = 0) -> dict[str, Any]:
        """The schema of an annotation; {} with a note for what is not known."""
        if depth > DEEPEST:
            return self._unknown(_("(nested too deep)"))
        if isinstance(node, ast.Constant):
            return self._constant(node, depth)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self._either([node.left, node.right], depth)
        if isinstance(node, ast.Subscript):
            return self._of_parts(_name(node.value), _parts(node.slice), node, depth)
        name = _name(node)
        return dict(PLAIN[name]) if name in PLAIN else self._unknown(ast.unparse(node))

    def _constant(self, node: ast.Constant, depth: int) -> dict[str, Any]:
        if node.value is None:
            return {"type": "null"}
        inner = _parsed(node.value) if isinstance(node.value, str) else None
        return self.schema(inner, depth + 1) if inner is not None else self._unknown(str(node.value))

    def _of_parts(self, name: str, parts: list[ast.expr], node: ast.expr, depth: int) -> dict[str, Any]:
        if name in WRAPPERS or (name == "Optional" and len(parts) == 1):
            inner = self.schema(parts[0], depth + 1)
            return _with_null(inner) if name == "Optional" else inner
        readers: dict[str, Callable[[list[ast.expr]], dict[str, Any]]] = {
            "Literal": self._choices,
            "Union": partial(self._either, depth=depth),
            "Annotated": partial(self._annotated, depth=depth),
            "list": partial(self._list, "list", depth=depth),
            "set": partial(self._list, "set", depth=depth),
            "tuple": partial(self._tuple, depth=depth),
            "dict": partial(self._dict, depth=depth),
        }
        return readers[name](parts) if name in readers else self._unknown(ast.unparse(node))

    def _list(self, name: str, parts: list[ast.expr], depth: int) -> dict[str, Any]:
        return {**PLAIN[name], "items": self.schema(parts[0], depth + 1)}

    def _dict(self, parts: list[ast.expr], depth: int) -> dict[str, Any]:
        inner = self.schema(parts[-1], depth + 1)
        return {"type": "object", **({"additionalProperties": inner} if inner else {})}

    def _tuple(self, parts: list[ast.expr], depth: int) -> dict[str, Any]:
        if len(parts) == 2 and isinstance(parts[1], ast.Constant) and parts[1].value is ...:
            return {"type": "array", "items": self.schema(parts[0], depth + 1)}
        every = [self.schema(each, depth + 1) for each in parts]
        return {"type": "array", "prefixItems": every, "minItems": len(every), "maxItems": len(every)}

    def _choices(self, parts: list[ast.expr]) -> dict[str, Any]:
        values: list[Any] = []
        for each in parts:
            try:
                values.append(json.loads(json.dumps(ast.literal_eval(each), allow_nan=False)))
            except (ValueError, TypeError, SyntaxError, RecursionError):
                return self._unknown(f"Literal[{ast.unparse(each)}]")
        if values and all(isinstance(each, str) for each in values):
            return {"type": "string", "enum": values}
        is_whole = values and all(isinstance(each, int) and not isinstance(each, bool) for each in values)
        return {**({"type": "integer"} if is_whole else {}), "enum": values}

    def _either(self, parts: list[ast.expr], depth: int) -> dict[str, Any]:
        every = [self.schema(each, depth + 1) for each in parts]
        flat = [inner for each in every for inner in (each["anyOf"] if set(each) == {"anyOf"} else [each])]
        others = [each for each in flat if each != {"type": "null"}]
        made = {} if {} in others or not others else others[0] if len(others) == 1 else {"anyOf": others}
        return _with_null(made) if len(others) < len(flat) else made

    def _annotated(self, parts: list[ast.expr], depth: int) -> dict[str, Any]:
        """The type, with the words that Annotated[…, "…"] or Field(description="…") says of it."""
        made = self.schema(parts[0], depth + 1)
        for each in parts[1:]:
            values = [*each.args, *(more.value for more in each.keywords)] if isinstance(each, ast.Call) else [each]
            names = {more.arg: more.value for more in each.keywords} if isinstance(each, ast.Call) else {}
            said = names.get("description", values[0] if values and not names else None)
            if isinstance(said, ast.Constant) and isinstance(said.value, str):
                made = {**made, "description": said.value}
        return made

    def _unknown(self, given: str) -> dict[str, Any]:
        words = _("Line %(line)s: the type “%(type)s” of “%(name)s” is not known here, so it may be anything.")
        self.notes.add(words % {"line": self.line, "type": given[:80], "name": self.name})
        return {}


def _with_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The same, or null."""
    kind = schema.get("type")
    if isinstance(kind, str) and "enum" not in schema:
        return {**schema, "type": [kind, "null"]}
    if set(schema) == {"anyOf"}:
        return {"anyOf": [*schema["anyOf"], {"type": "null"}]}
    return {"anyOf": [schema, {"type": "null"}]} if schema else {}


def _parsed(text: str) -> ast.expr | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _name(node: ast.expr) -> str:
    """The last part of a name: typing.List is list."""
    last = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return SAME.get(last, last)


def _parts(node: ast.expr) -> list[ast.expr]:
    return list(node.elts) if isinstance(node, ast.Tuple) else [node]
