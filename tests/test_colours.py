"""The colours of code can be read: at least 4.5 to 1 on what code stands on, in light and dark (WCAG AA)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assistants_app.services import highlighting

STATIC = Path(__file__).resolve().parent.parent / "static" / "css"
TOKENS = dict(
    re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}, #[0-9a-f]{6})\)", (STATIC / "tokens.css").read_text())
)
CODE = sorted(name for name in TOKENS if name.startswith("code-"))


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", CODE)
def test_each_colour_of_code_is_read_on_its_ground(name: str) -> None:
    for colour, ground in zip(TOKENS[name].split(", "), TOKENS["sunken"].split(", "), strict=True):
        assert contrast(colour, ground) >= 4.5


def test_each_class_of_code_has_a_colour_of_the_tokens() -> None:
    named = re.findall(r"\.(hl-[\w-]+) \{\s+color: var\(--(code-[\w-]+)\);", (STATIC / "code.css").read_text())
    assert {name for name, _ in named} == highlighting.CLASSES
    assert {token for _, token in named} == set(CODE)
