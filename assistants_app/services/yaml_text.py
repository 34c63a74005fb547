"""YAML for JSON values, to the letter: what is written here is read again as the same value, and nothing that is read
is anything but JSON. No aliases (a few lines of them can stand for gigabytes), no tags of programs, no dates; `on` is a
text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import yaml
from django.utils.translation import gettext as _

from assistants_app.services import exact

TAG = "tag:yaml.org,2002:"
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
WHOLE = re.compile(r"-?(?:0|[1-9][0-9]*)")
WORDS = {"null": None, "~": None, "": None, "true": True, "false": False}
DEEPEST = 100
# What some reader of YAML takes for the end of a line, or for nothing at all.
NOT_AS_IT_IS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\xa0\u2028\u2029\ufeff\ud800-\udfff]")


class Unreadable(ValueError):
    """What keeps a text from being YAML of a JSON value, and in which line (None: not known)."""

    def __init__(self, problem: str, line: int | None = None) -> None:
        super().__init__(problem)
        self.problem, self.line = problem, line


# ---- Reading


class _Loader(yaml.SafeLoader):
    """Knows what JSON knows. In Python: the faster one refuses half of a surrogate pair, which JSON may have."""

    yaml_constructors = {}
    yaml_multi_constructors = {}
    yaml_implicit_resolvers = {}
    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()
        line = event.start_mark.line + 1 if event.start_mark else None
        if isinstance(event, yaml.AliasEvent):
            words = _("aliases (*%(name)s) are not taken: write it out")
            raise Unreadable(words % {"name": str(event.anchor)[:40]}, line)
        if self.depth >= DEEPEST:
            raise Unreadable(_("it is nested too deep: more than %(most)s levels") % {"most": DEEPEST}, line)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _word(loader: _Loader, node: yaml.ScalarNode) -> Any:
    if node.value.lower() not in WORDS:
        raise Unreadable(_("“%(word)s” is no such value") % {"word": node.value[:40]}, node.start_mark.line + 1)
    return WORDS[node.value.lower()]


def _number(loader: _Loader, node: yaml.ScalarNode) -> Any:
    try:
        return exact.plain(node.value)
    except ValueError as error:
        raise Unreadable(str(error)[:200], node.start_mark.line + 1) from error


def _text(loader: _Loader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


def _list(loader: _Loader, node: yaml.SequenceNode) -> list[Any]:
    return [loader.construct_object(each, deep=True) for each in node.value]


def _object(loader: _Loader, node: yaml.MappingNode) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = key_node.value
        if not isinstance(key_node, yaml.ScalarNode):
            raise Unreadable(_("a name must be a text"), key_node.start_mark.line + 1)
        if key in made:
            words = _("“%(name)s” is given twice in one object") % {"name": key[:80]}
            raise Unreadable(words, key_node.start_mark.line + 1)
        made[key] = loader.construct_object(value_node, deep=True)
    return made


def _other(loader: _Loader, node: yaml.Node) -> None:
    raise Unreadable(_("the tag “%(tag)s” is not taken") % {"tag": node.tag[:60]}, node.start_mark.line + 1)


_MADE: Mapping[str, Callable[[Any, Any], Any]] = {
    **dict.fromkeys(("null", "bool"), _word),
    **dict.fromkeys(("int", "float"), _number),
    "str": _text,
    "seq": _list,
    "map": _object,
}
for _name, _construct in _MADE.items():
    _Loader.add_constructor(TAG + _name, _construct)
_Loader.add_constructor(None, _other)  # all others
_Loader.add_implicit_resolver(TAG + "null", re.compile(r"(?:null|Null|NULL|~|)$"), ["n", "N", "~", ""])
_Loader.add_implicit_resolver(TAG + "bool", re.compile(r"(?:[tT]rue|TRUE|[fF]alse|FALSE)$"), list("tTfF"))
_Loader.add_implicit_resolver(TAG + "int", re.compile(f"(?:{WHOLE.pattern})$"), list("-0123456789"))
_Loader.add_implicit_resolver(TAG + "float", re.compile(f"(?:{NUMBER.pattern})$"), list("-0123456789"))


def read(text: str) -> Any:
    """The JSON value that a YAML text is of. Raises Unreadable."""
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506  a SafeLoader that knows even less
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Unreadable(error.problem or str(error), mark.line + 1 if mark else None) from error
    except yaml.reader.ReaderError as error:
        words = _("the character %(code)s cannot stand there") % {"code": f"U+{error.character:04X}"}
        raise Unreadable(words, text.count("\n", 0, error.position) + 1) from error
    except yaml.YAMLError as error:
        raise Unreadable(str(error)[:200]) from error


# ---- Writing


class _Dumper(yaml.SafeDumper):
    """Writes everything out, texts of several lines as lines."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _written(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = '"' if NOT_AS_IT_IS.search(text) else "|" if "\n" in text.strip("\n") else None
    return dumper.represent_scalar(f"{TAG}str", text, style=style)


_Dumper.add_representer(str, _written)
# YAML 1.1, which PyYAML writes for, has 1e5 for a text; later ones, and the reader above, for a number.
_Dumper.add_implicit_resolver(TAG + "float", re.compile(f"(?:{NUMBER.pattern})$"), list("-0123456789"))


def write(value: Any) -> str:
    """A JSON value as YAML. Raises RecursionError for what is too deep."""
    return str(yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120))
