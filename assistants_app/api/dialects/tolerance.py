"""Readings that cannot fail, whatever a server put in a field."""

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")
MILLISECONDS_FROM = 1e11  # as seconds this would be the year 5138, as milliseconds it is 1973
MICROSECONDS_FROM = 1e14
NO_TIME_FROM = 1e17
YEARS = range(1970, 5139)


def clean(text: str) -> str:
    """`text` with NUL and lone surrogates replaced by U+FFFD: PostgreSQL refuses the first, UTF-8 the
    second."""
    return NOT_STORABLE.sub("\ufffd", text)


def text(value: object) -> str | None:
    """A string, cleaned; None for anything else."""
    return clean(value) if isinstance(value, str) else None


def shown(value: object) -> str:
    """A string, cleaned; "" for null; JSON text for anything else."""
    if value is None:
        return ""
    return clean(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def mapping(value: object) -> Mapping[str, Any]:
    """An object, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def objects(value: object) -> list[Mapping[str, Any]]:
    """The objects in a list; what else it holds is left out, and so is what is no list."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list | tuple) else []


def strings(value: object) -> dict[str, str]:
    """An object of strings such as metadata; values of other types as JSON text."""
    return {clean(str(key)): shown(item) for key, item in mapping(value).items()}


def storable(value: Any) -> Any:
    """The same JSON value, cleaned throughout; NaN and infinities become null."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {clean(str(key)): storable(item) for key, item in value.items()}
    return [storable(item) for item in value] if isinstance(value, list | tuple) else value


def moment(value: object) -> datetime | None:
    """A point in time, aware, in UTC: from seconds, milliseconds or microseconds, whole or not, or ISO
    8601, also as strings. None for zero, the negative and the absurd."""
    number = _number(value)
    if number is None:
        return _iso(value) if isinstance(value, str) else None
    if not 0 < number < NO_TIME_FROM:  # refuses NaN as well
        return None
    if number >= MILLISECONDS_FROM:
        number /= 1e6 if number >= MICROSECONDS_FROM else 1e3
    return datetime.fromtimestamp(number, UTC)


def whole(value: object) -> int | None:
    """A count or a size: a whole number from zero to what a database can store; None for anything else."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63 else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def _iso(value: str) -> datetime | None:
    try:
        read = datetime.fromisoformat(value.strip())
        read = read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return read if read.year in YEARS else None
