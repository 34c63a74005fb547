"""What is said of a part of an assistant that does not go along to where it is taken, or not as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from assistants_app.api.dialects.tolerance import clean
from assistants_app.services import comparisons

Kind = Literal["left", "changed", "check"]


@dataclass(frozen=True)
class Remark:
    """One part: it is `left` behind, goes along `changed`, or somebody should `check` it; with what it was, as text."""

    kind: Kind
    title: str
    reason: str
    text: str = ""


def remark(kind: Kind, title: Any, reason: Any, value: Any = None) -> Remark:
    """The same of any JSON value."""
    return Remark(kind, clean(str(title)), clean(str(reason)), clean(comparisons.text(value)))
