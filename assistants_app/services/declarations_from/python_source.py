"""Declarations from Python: a signature with annotations and a docstring. The source is parsed and never executed."""

from __future__ import annotations

import ast
import json
import textwrap
import warnings
from collections.abc import Iterator
from functools import partial
from typing import Any

import docstring_parser
from django.utils.translation import gettext as _

from assistants_app.services.declarations_from.annotations import Annotations
from assistants_app.services.declarations_from.drafted import Drafted, Found, Notes, Unusable, finished, fit_name

Function = ast.FunctionDef | ast.AsyncFunctionDef
MOST_FUNCTIONS = 100
LONGEST_DOCSTRING = 50_000
# What may be lacking after a signature that somebody copied alone.
ENDINGS = ("", "\n    ...", ": ...", "\n        ...")


def find(text: str) -> list[Found]:
    """The functions and methods that a text defines. Raises Unusable."""
    functions = list(_functions(_tree(text)))
    if not functions:
        raise Unusable(_("There is no “def” here that could be a function of an assistant."))
    if len(functions) > MOST_FUNCTIONS:
        raise Unusable(_("There are more than %(most)s functions here: paste fewer.") % {"most": MOST_FUNCTIONS})
    return [Found(f"{name} {node.lineno}", name, partial(_drafted, node, method)) for name, node, method in functions]


def _tree(text: str) -> ast.Module:
    written = textwrap.dedent(text.expandtabs(8) if "\t" in text else text)
    first: Unusable | None = None
    for ending in ENDINGS:
        try:
            # What Python warns of in the source of others is not ours to say.
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.parse(written.rstrip() + ending if ending else written)
        except SyntaxError as error:
            first = first or Unusable(_("This is not Python: %(problem)s.") % {"problem": error.msg}, error.lineno)
        except (RecursionError, MemoryError) as error:
            raise Unusable(_("This is nested too deep.")) from error
        except ValueError as error:
            raise Unusable(_("This is not Python: %(problem)s.") % {"problem": error}) from error
    assert first is not None
    raise first


def _functions(tree: ast.Module) -> Iterator[tuple[str, Function, bool]]:
    """Each with its name, and whether it is a method."""
    for node in tree.body:
        if isinstance(node, Function):
            yield node.name, node, False
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, Function) and not inner.name.startswith("__"):
                    yield f"{node.name}.{inner.name}", inner, True


def _drafted(node: Function, is_method: bool) -> Drafted:
    notes = Notes()
    said = _said(node, notes)
    described = {each.arg_name.lstrip("*").split(" ")[0]: each for each in said.params if each.arg_name}
    properties: dict[str, Any] = {}
    required: list[str] = []
    for argument, default in _arguments(node, is_method, notes):
        name = argument.arg
        meta = described.pop(name, None)
        schema = _schema(argument, default, meta.type_name if meta else None, notes)
        if meta and meta.description and "description" not in schema:
            schema["description"] = " ".join(meta.description.split())
        properties[name] = schema
        if default is None and not (meta and meta.is_optional and argument.annotation is None):
            required.append(name)
    for name in described:
        notes.add(_("The docstring describes “%(name)s”, which is no argument.") % {"name": name[:80]})
    parameters: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        parameters["required"] = required
    description = "\n\n".join(filter(None, (said.short_description, said.long_description)))
    return finished(fit_name(node.name, notes), description, parameters, notes)


def _said(node: Function, notes: Notes) -> docstring_parser.Docstring:
    """The docstring, taken apart: Google's, NumPy's or reST's way of writing one."""
    text = (ast.get_docstring(node) or "")[:LONGEST_DOCSTRING]
    if not text:
        notes.add(_("It has no docstring: say what it does."))
    try:
        return docstring_parser.parse(text)
    except (docstring_parser.ParseError, ValueError, IndexError, RecursionError):
        notes.add(_("The docstring could not be taken apart: its text is the description."))
        made = docstring_parser.Docstring()
        made.short_description = text
        return made


def _arguments(node: Function, is_method: bool, notes: Notes) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    """The arguments that a call names, with their defaults."""
    given = node.args
    plain = [*given.posonlyargs, *given.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(given.defaults))
    pairs = list(zip(plain, [*defaults, *given.defaults], strict=True))
    is_static = any(isinstance(each, ast.Name) and each.id == "staticmethod" for each in node.decorator_list)
    if pairs and (pairs[0][0].arg in {"self", "cls"} or (is_method and not is_static)):
        pairs = pairs[1:]
    for each in filter(None, (given.vararg, given.kwarg)):
        star = "*" if each is given.vararg else "**"
        notes.add(_("%(name)s cannot be declared: name the arguments.") % {"name": f"{star}{each.arg}"})
    yield from pairs
    yield from zip(given.kwonlyargs, given.kw_defaults, strict=True)


def _schema(argument: ast.arg, default: ast.expr | None, told: str | None, notes: Notes) -> dict[str, Any]:
    types = Annotations(argument.arg, argument.lineno, notes)
    is_known, value = _literal(default)
    if argument.annotation is not None:
        made = types.schema(argument.annotation)
    elif told:
        made = types.of_text(told)
    elif is_known and value is not None:
        made = types.of_value(value)
    else:
        words = _("Line %(line)s: “%(name)s” has no annotation, so it may be anything.")
        notes.add(words % {"line": argument.lineno, "name": argument.arg})
        made = {}
    if is_known and value is not None:
        made = {**made, "default": value}
    elif default is not None and not is_known:
        words = _("Line %(line)s: the default of “%(name)s” is no plain value and was left out.")
        notes.add(words % {"line": argument.lineno, "name": argument.arg})
    return made


def _literal(node: ast.expr | None) -> tuple[bool, Any]:
    """Whether a default is a plain JSON value, and that value."""
    if node is None:
        return False, None
    try:
        value = ast.literal_eval(node)
        value = list(value) if isinstance(value, tuple) else value
        return True, json.loads(json.dumps(value, allow_nan=False))
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return False, None
