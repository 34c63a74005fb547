"""Reading the fields of a request body, with the API's own words for what is wrong."""

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from local_api import errors


def parse(body: bytes) -> Any:
    """The JSON value in a body, `{}` for an empty one. Raises the API's 400 for anything else."""
    if not body.strip():
        return {}
    try:
        return json.loads(body, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError) as problem:
        raise errors.not_json() from problem


def dump(value: Any) -> str:
    """JSON as the API writes it. Lone surrogates, which UTF-8 cannot carry, leave as escapes."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"))
    return text


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise ValueError("a number beyond any float")
    return number


class Fields:
    """One JSON object of a request. Every reader takes null as absent, as the API does."""

    def __init__(self, value: Any, path: str = "") -> None:
        if not isinstance(value, dict):
            raise errors.wrong_type(path or "body", "an object", value)
        self.value: dict[str, Any] = value
        self.path = path

    def __contains__(self, name: str) -> bool:
        return name in self.value

    def name_of(self, name: str) -> str:
        """The full name of a field, as errors give it: `thread.messages[0].role`."""
        return f"{self.path}.{name}" if self.path else name

    def only(self, *names: str) -> "Fields":
        """Refuse fields that the operation does not have."""
        for name in self.value:
            if name not in names:
                raise errors.unknown(self.name_of(name))
        return self

    def get(self, name: str, *, required: bool = False) -> Any:
        value = self.value.get(name)
        if value is None and required:
            raise errors.missing(self.name_of(name))
        return value

    def text(
        self,
        name: str,
        *,
        required: bool = False,
        maximum: int | None = None,
        pattern: str | None = None,
    ) -> str | None:
        value = self.get(name, required=required)
        if value is None:
            return None
        if not isinstance(value, str):
            raise errors.wrong_type(self.name_of(name), "a string", value)
        if maximum is not None and len(value) > maximum:
            raise errors.too_long(self.name_of(name), "string", len(value), maximum)
        if pattern is not None and not re.fullmatch(pattern, value):
            raise errors.refused(
                f"Invalid '{self.name_of(name)}': string does not match pattern. "
                f"Expected a string that matches the pattern '^{pattern}$'.",
                param=self.name_of(name),
                code="invalid_value",
            )
        return value

    def needed_text(self, name: str, *, maximum: int | None = None, pattern: str | None = None) -> str:
        value = self.text(name, required=True, maximum=maximum, pattern=pattern)
        assert value is not None
        return value

    def choice(self, name: str, supported: tuple[str, ...], *, required: bool = False) -> str | None:
        value = self.text(name, required=required)
        if value is not None and value not in supported:
            raise errors.wrong_choice(self.name_of(name), value, supported)
        return value

    def flag(self, name: str) -> bool | None:
        value = self.get(name)
        if value is not None and not isinstance(value, bool):
            raise errors.wrong_type(self.name_of(name), "a boolean", value)
        return value

    def needed_flag(self, name: str) -> bool:
        self.get(name, required=True)
        return bool(self.flag(name))

    def integer(self, name: str, *, low: int, high: int = 2**53, required: bool = False) -> int | None:
        value = self.get(name, required=required)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            raise errors.wrong_type(self.name_of(name), "an integer", value)
        return int(self._within(name, "integer", value, low, high))

    def decimal(self, name: str, *, low: float, high: float, required: bool = False) -> float | None:
        value = self.get(name, required=required)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise errors.wrong_type(self.name_of(name), "a decimal", value)
        return self._within(name, "decimal", value, low, high)

    def _within(self, name: str, kind: str, value: float, low: float, high: float) -> float:
        if not low <= value <= high:
            shown = value if abs(value) < 1e300 else float("inf")
            raise errors.out_of_range(self.name_of(name), kind, shown, low=low, high=high)
        return value

    def items(self, name: str, *, maximum: int | None = None, required: bool = False) -> list[Any] | None:
        value = self.get(name, required=required)
        if value is None:
            return None
        if not isinstance(value, list):
            raise errors.wrong_type(self.name_of(name), "an array", value)
        if maximum is not None and len(value) > maximum:
            raise errors.too_long(self.name_of(name), "array", len(value), maximum)
        return value

    def each(self, name: str, *, maximum: int | None = None, required: bool = False) -> Iterator["Fields"]:
        """The objects of an array field, one after the other."""
        for position, value in enumerate(self.items(name, maximum=maximum, required=required) or []):
            yield Fields(value, f"{self.name_of(name)}[{position}]")

    def inner(self, name: str, *, required: bool = False) -> "Fields | None":
        value = self.get(name, required=required)
        return None if value is None else Fields(value, self.name_of(name))
