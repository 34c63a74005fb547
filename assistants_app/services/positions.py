"""Where in a JSON text its values stand: what is wrong with one can be told at its line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

Path = tuple[str | int, ...]

# A bracket, comma or colon; a string; a number or a word.
TOKEN = re.compile(r'([{}\[\],:])|("(?:[^"\\]|\\.)*")|([^\s{}\[\],:"]+)', re.DOTALL)
STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
BRACKET = re.compile(r"[{}\[\]]")
LEVELS = {"{": 1, "[": 1, "}": -1, "]": -1}
# Where a text is longer, or deeper, nothing is looked for: a page must not wait for it.
LONGEST = 400_000
DEEPEST = 60


@dataclass(frozen=True)
class Position:
    """A place in a text, as people count: from one."""

    line: int
    column: int


def depth(text: str) -> int:
    """How many objects and lists of a JSON text stand in one another."""
    brackets = BRACKET.findall(STRING.sub("", text))
    return max(accumulate(LEVELS[each] for each in brackets), default=0)


class Positions:
    """The places of the values of a JSON text by their paths: of what has a name, where the name stands. The text must
    be JSON; of one that says a name twice in an object, `twice` is where the second one stands."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.twice: Position | None = None
        self._offsets: dict[Path, int] = {}
        for path, offset in _places(text) if len(text) <= LONGEST else ():
            if path in self._offsets and self.twice is None:
                self.twice = self._position(offset)
            self._offsets.setdefault(path, offset)

    def of(self, path: Path) -> Position:
        """Where a value stands, or else the nearest that holds it."""
        while path and path not in self._offsets:
            path = path[:-1]
        return self._position(self._offsets.get(path, 0))

    def _position(self, offset: int) -> Position:
        line = self.text.count("\n", 0, offset) + 1
        return Position(line, offset - self.text.rfind("\n", 0, offset))


@dataclass
class _Open:
    """An object or a list that is not closed yet: where in it the reader is."""

    path: Path
    is_list: bool
    place: str | int | None


def _places(text: str) -> Iterator[tuple[Path, int]]:
    around: list[_Open] = []
    for token in TOKEN.finditer(text):
        mark, string, _word = token.groups()
        top = around[-1] if around else None
        if mark in {":", ",", "}", "]"}:
            _go_on(around, mark)
            continue
        if top and not top.is_list and top.place is None:
            top.place = _name(string or "")
            if len(around) <= DEEPEST:
                yield (*top.path, top.place), token.start()
            continue
        path: Path = ()
        if top and len(around) <= DEEPEST:
            path = (*top.path, top.place if top.place is not None else 0)
        if (top is None or top.is_list) and len(around) <= DEEPEST:
            yield path, token.start()
        if mark:
            around.append(_Open(path, mark == "[", 0 if mark == "[" else None))


def _go_on(around: list[_Open], mark: str) -> None:
    """To the next item or name after a comma, out of what is closed by a bracket."""
    if not around or mark == ":":
        return
    top = around[-1]
    if mark == ",":
        top.place = top.place + 1 if top.is_list and isinstance(top.place, int) else None
    else:
        around.pop()


def _name(string: str) -> str:
    try:
        return str(json.loads(string, strict=False))
    except ValueError:
        return string
