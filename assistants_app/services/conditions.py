"""What must hold for the arguments of a call before a rule acts on it: checked as JSON Schema, each on what a path
finds in the arguments. What cannot be told does not hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assistants_app.services import exact, placeholders, schemas
from assistants_app.services.placeholders import Unusable

IS, IS_NOT, ONE_OF, LEAST, MOST = "is", "is_not", "one_of", "least", "most"
MATCHES, PRESENT, ABSENT = "matches", "present", "absent"
WAYS: dict[str, str | Promise] = {
    IS: gettext_lazy("is"),
    IS_NOT: gettext_lazy("is there and is not"),
    ONE_OF: gettext_lazy("is one of (a line each)"),
    LEAST: gettext_lazy("is at least"),
    MOST: gettext_lazy("is at most"),
    MATCHES: gettext_lazy("fits the pattern, as a whole"),
    PRESENT: gettext_lazy("is there"),
    ABSENT: gettext_lazy("is not there"),
}
WITHOUT_VALUE = {PRESENT, ABSENT}


@dataclass(frozen=True)
class Condition:
    """A path into the arguments, a way to compare, and with what."""

    argument: str
    way: str
    value: str = ""

    def __str__(self) -> str:
        words = str(WAYS.get(self.way, self.way)).partition(" (")[0]
        return f"{self.argument} {words} {', '.join(self.value.splitlines())}".strip()

    @property
    def stored(self) -> dict[str, str]:
        """As a rule keeps it."""
        return asdict(self)


def read(stored: Iterable[Mapping[str, str]]) -> list[Condition]:
    """The conditions that a rule keeps."""
    return [Condition(**each) for each in stored]


def check(condition: Condition) -> None:
    """Raises Unusable, with what is wrong with it."""
    placeholders.compiled(condition.argument)
    if condition.way not in WITHOUT_VALUE and not condition.value.strip():
        raise Unusable(_("Say with what it is compared."))
    schema = schema_of(condition)
    if condition.way == MATCHES and not schemas.is_quick(schema["pattern"]):
        raise Unusable(_("This pattern could take too long: it repeats too much, or something that repeats itself."))
    try:
        schemas.usable(schema)
    except schemas.Unusable as error:
        raise Unusable(_("This is no pattern.") if condition.way == MATCHES else str(error)) from error


def schema_of(condition: Condition) -> dict[str, Any]:
    """What a value must be so that the condition holds. Raises Unusable for a number that is none."""
    return _SCHEMAS[condition.way](condition.value)


def hold(conditions: Iterable[Condition], arguments: Any) -> bool:
    """Whether all of them hold."""
    return all(_holds(each, arguments) for each in conditions)


def _holds(condition: Condition, arguments: Any) -> bool:
    value = placeholders.value_of(condition.argument, arguments)
    if value is None or condition.way == ABSENT:
        return value is None and condition.way == ABSENT
    return not schemas.problems(schema_of(condition), value)


def _either(text: str) -> list[Any]:
    """What somebody who writes 5 may mean: the number or the text."""
    try:
        value = exact.parse(text)
    except (ValueError, RecursionError):
        return [text]
    return [text, value]


def _number(text: str) -> Any:
    try:
        value = exact.parse(text.strip())
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, exact.Number):
        raise Unusable(_("This is no number."))
    return value


def _one_of(text: str) -> dict[str, Any]:
    return {"enum": [each for line in text.splitlines() if line.strip() for each in _either(line.strip())]}


_SCHEMAS: dict[str, Callable[[str], dict[str, Any]]] = {
    IS: lambda text: {"enum": _either(text.strip())},
    IS_NOT: lambda text: {"not": {"enum": _either(text.strip())}},
    ONE_OF: _one_of,
    LEAST: lambda text: {"type": "number", "minimum": _number(text)},
    MOST: lambda text: {"type": "number", "maximum": _number(text)},
    # Of a longer text the pattern would not be looked at.
    MATCHES: lambda text: {
        "type": "string",
        "pattern": rf"^(?:{text.strip()})\Z",
        "maxLength": schemas.LONGEST_MATCHED,
    },
    PRESENT: lambda text: {},
    ABSENT: lambda text: {},
}
