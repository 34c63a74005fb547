"""The tokens of static/css/tokens.css, read from there, and the contrast of the pairs of colours that pages use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders

TEXT, MARK = 4.5, 3.0  # the least contrast (WCAG 2.2 AA) of text, and of what only has to be seen

_DECLARATION = re.compile(r"--([\w-]+):\s*([^;]+);")
_THEMED = re.compile(r"light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)")
_GROUNDS = ("canvas", "card", "subtle", "popover", "chrome", "sunken", "hover")
_TEXTS = ("text", "body", "muted", "faint", "link", "danger")
_STATUSES = {
    "amber-soft": "amber",
    "slate-soft": "slate",
    "blue-soft": "blue",
    "green-soft": "green",
    "red-soft": "red",
    "purple-soft": "purple",
    "orange-soft": "orange",
    "accent-soft": "accent-strong",
}
_MARKS = ("ring", "control-border", "amber-mark", "blue-mark", "green-mark", "red-mark")


@dataclass(frozen=True, slots=True)
class Pair:
    """A colour on a ground: its contrast in light and in dark, and the least that its use needs."""

    front: str
    ground: str
    light: float
    dark: float
    least: float

    @property
    def is_enough(self) -> bool:
        return min(self.light, self.dark) >= self.least


@cache
def declared() -> dict[str, str]:
    """All tokens by name, as they are written."""
    found = finders.find("css/tokens.css")
    return dict(_DECLARATION.findall(Path(found).read_text())) if isinstance(found, str) else {}


def named(*beginnings: str) -> dict[str, str]:
    """The tokens whose names begin like this."""
    return {name: value for name, value in declared().items() if name.startswith(beginnings)}


@cache
def pairs() -> list[Pair]:
    """Every text on every ground, the words of badges, and the marks beside them."""
    return [
        *(_pair(text, ground, TEXT) for ground in _GROUNDS for text in _TEXTS),
        *(_pair(text, ground, TEXT) for ground, text in _STATUSES.items()),
        _pair("grey", "slate-soft", TEXT),
        _pair("on-accent", "accent", TEXT),
        _pair("on-accent", "accent-strong", TEXT),
        *(_pair(mark, ground, MARK) for ground in ("canvas", "card", "field") for mark in _MARKS),
    ]


def colours() -> dict[str, tuple[str, str]]:
    """The colours by name: light and dark."""
    found = {name: _THEMED.fullmatch(value) for name, value in declared().items()}
    return {name: (match[1], match[2]) for name, match in found.items() if match}


def _pair(front: str, ground: str, least: float) -> Pair:
    known = colours()
    light, dark = (round(contrast(known[front][theme], known[ground][theme]), 1) for theme in (0, 1))
    return Pair(front, ground, light, dark, least)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours (#rrggbb) as WCAG counts it: 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
