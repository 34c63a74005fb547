"""What differs between configurations, for people: whole texts, and of structures where in them something changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from deepdiff import DeepDiff
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assistants_app.services import configurations, exact
from assistants_app.services.configurations import Change, Difference, Path

FIELDS = {
    "name": gettext_lazy("Name"),
    "description": gettext_lazy("Description"),
    "model": gettext_lazy("Model"),
    "instructions": gettext_lazy("Instructions"),
    "tools": gettext_lazy("Tools"),
    "tool_resources": gettext_lazy("Files and vector stores"),
    "file_ids": gettext_lazy("Files"),
    "response_format": gettext_lazy("Response format"),
    "reasoning_effort": gettext_lazy("Reasoning effort"),
    "temperature": gettext_lazy("Temperature"),
    "top_p": gettext_lazy("Top p"),
    "metadata": gettext_lazy("Metadata"),
}
MOST_STEPS = 40
# Beyond this a structure is only compared as text: what is in it would take too long to hold against each other.
LONGEST_STRUCTURE = 200_000


@dataclass(frozen=True)
class Step:
    """One place in a structure where something came, went, or is other than it was."""

    where: str
    old: str
    new: str


@dataclass(frozen=True)
class Compared:
    """A part that differs, with both sides as texts; `steps` where it is a structure on both."""

    title: str
    old: str
    new: str
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class ThreeWays:
    """A part that somebody changed since one began, in three texts: `by` whom, and whose is `taken` where both did."""

    key: str
    title: str
    base: str
    theirs: str
    mine: str
    by: str
    taken: str


def title(path: Path) -> str:
    """A part by its name."""
    field = str(FIELDS.get(path[0], path[0]))
    if len(path) == 1:
        return field
    if path[0] == "tools":
        return _("Tool %(name)s") % {"name": path[1]}
    return _("%(field)s: %(name)s") % {"field": field, "name": path[1]}


def between(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Compared]:
    """Every part in which two configurations differ."""
    return [_compared(change) for change in configurations.changes(old, new)]


def _compared(change: Change) -> Compared:
    old, new = text(change.old), text(change.new)
    return Compared(title(change.path), old, new, _steps(change.old, change.new, len(old) + len(new)))


def three_ways(each: Difference, taken: str = "") -> ThreeWays:
    """The same for people to read."""
    return ThreeWays(each.key, title(each.path), text(each.base), text(each.theirs), text(each.mine), each.by, taken)


def text(value: Any) -> str:
    """A value as people read it: a text as it is, anything else as JSON on lines, names in order."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    written = json.dumps(value, sort_keys=True)
    try:
        return exact.tidy(written)
    except (ValueError, RecursionError):
        return written


def _steps(old: Any, new: Any, length: int) -> tuple[Step, ...]:
    are_structures = isinstance(old, dict | list) and isinstance(new, dict | list)
    if not are_structures or length > LONGEST_STRUCTURE:
        return ()
    found = DeepDiff(old, new, view="tree", ignore_numeric_type_changes=True)
    every = (level for kind in found.values() for level in kind)
    steps = [_step(level) for level in islice(every, MOST_STEPS)]
    return tuple(sorted(steps, key=lambda step: step.where))


def _step(level: Any) -> Step:
    where = " / ".join(str(part) for part in level.path(output_format="list")) or _("all of it")
    return Step(where, _side(level.t1), _side(level.t2))


def _side(value: Any) -> str:
    # What is not there at all is an object of deepdiff's own.
    return "" if type(value).__name__ == "NotPresent" else text(value)[:300]
