"""What an assistant is set to: the fields that people may write, in one form for all servers, so that two can be told
apart, compared part by part, and brought together."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

from assistants_app.models.operations import OPERATION_KEY

Configuration = dict[str, Any]
# Where something stands in a configuration: a field, or a field and what tells its entry from the others.
Path = tuple[str, ...]

# In the order in which people read them. What a server says beside these is not for writing.
FIELDS = (
    *("name", "description", "model", "instructions", "tools", "tool_resources", "file_ids"),
    *("response_format", "reasoning_effort", "temperature", "top_p", "metadata"),
)
# What a run says of itself of those.
PRODUCING = ("model", "instructions", "tools")
# What means “nothing” where a field is emptied; anything else is emptied by null.
EMPTY: Mapping[str, Any] = {
    "tools": [],
    "tool_resources": {},
    "file_ids": [],
    "metadata": {},
    "response_format": "auto",
    "name": "",
    "description": "",
    "instructions": "",
}
# Fields whose entries are compared one by one.
OF_ENTRIES = {"tools", "tool_resources", "metadata"}


def of(given: Mapping[str, Any], *, before: Configuration | None = None) -> Configuration:
    """The configuration in an object of a server. What the server does not tell at all (some never repeat
    `reasoning_effort`) is taken for unchanged from the one `before`."""
    told = {name: given[name] for name in FIELDS if name in given}
    kept = {name: value for name, value in (before or {}).items() if name not in told}
    return tidy({**kept, **told})


def tidy(configuration: Mapping[str, Any]) -> Configuration:
    """The same in one form: fields in their order, without what is empty, and without the mark by which we find again
    what we made."""
    metadata = configuration.get("metadata")
    if isinstance(metadata, Mapping):
        left = {name: value for name, value in metadata.items() if name != OPERATION_KEY}
        configuration = {**configuration, "metadata": left}
    return {name: configuration[name] for name in FIELDS if configuration.get(name) not in (None, "", [], {})}


def digest(configuration: Mapping[str, Any], names: Collection[str] = FIELDS) -> str:
    """The same for equal configurations (of these fields), however a server orders or writes them."""
    wanted = tidy({name: value for name, value in configuration.items() if name in names})
    return sha256(written(wanted).encode("ascii")).hexdigest()


def written(value: Any) -> str:
    """A JSON value as text that is the same for equal values: 1 and 1.0 are."""
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal."""
    return written(one) == written(other)


def holds(seen: Any, sent: Any) -> bool:
    """Whether what a server shows has all that was sent; it may have filled in more."""
    if isinstance(sent, Mapping):
        shown = seen if isinstance(seen, Mapping) else {}
        return all(holds(shown.get(name), value) for name, value in sent.items())
    if isinstance(sent, list):
        listed = seen if isinstance(seen, list) else []
        return len(listed) == len(sent) and all(map(holds, listed, sent))
    return same(seen or None, sent or None)


# ---- Part by part


def parts(configuration: Mapping[str, Any]) -> dict[Path, Any]:
    """What a configuration is made of, each under its path: fields, and of some the single entries."""
    found: dict[Path, Any] = {}
    for name in FIELDS:
        if name not in configuration:
            continue
        value = configuration[name]
        if name in OF_ENTRIES and isinstance(value, Mapping):
            found |= {(name, str(key)): item for key, item in value.items()}
        elif name in OF_ENTRIES and isinstance(value, list):
            found |= {(name, key): tool for key, tool in _named(value)}
        else:
            found[(name,)] = value
    return found


def _named(tools: Iterable[Any]) -> Iterable[tuple[str, Any]]:
    """Tools by what they are: their type, a function by its name too; a second one of the same kind by its number."""
    counts: dict[str, int] = {}
    for tool in tools:
        name = tool_name(tool)
        counts[name] = counts.get(name, 0) + 1
        yield (name if counts[name] == 1 else f"{name} ({counts[name]})"), tool


def tool_name(tool: Any) -> str:
    """What tells a tool from others of an assistant."""
    given = tool if isinstance(tool, Mapping) else {}
    function = given.get("function")
    name = function.get("name") if isinstance(function, Mapping) else None
    return f"{name}()" if given.get("type") == "function" and name else str(given.get("type") or "?")


def assembled(found: Mapping[Path, Any]) -> Configuration:
    """The configuration of these parts."""
    made: Configuration = {}
    for path, value in found.items():
        if len(path) == 1:
            made[path[0]] = value
        elif path[0] == "tools":
            made.setdefault("tools", []).append(value)
        else:
            made.setdefault(path[0], {})[path[1]] = value
    return tidy(made)


@dataclass(frozen=True)
class Change:
    """A part that differs between two configurations; None on the side that lacks it."""

    path: Path
    old: Any
    new: Any


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """The parts that differ, in the order of the fields."""
    before, after = parts(old), parts(new)
    ordered = [*after, *(path for path in before if path not in after)]
    differing = [path for path in ordered if not same(before.get(path), after.get(path))]
    found = [Change(path, before.get(path), after.get(path)) for path in differing]
    found.sort(key=lambda change: FIELDS.index(change.path[0]))
    if not found and not same(old.get("tools"), new.get("tools")):
        found = [Change(("tools",), old.get("tools"), new.get("tools"))]  # only their order
    return found


def fields_changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The fields that differ, in their order."""
    return [name for name in FIELDS if not same(old.get(name), new.get(name))]


def to_send(old: Mapping[str, Any], new: Mapping[str, Any]) -> Configuration:
    """Exactly the changed fields, as modifyAssistant takes them; one that is to be empty as what means that."""
    return {name: new.get(name, EMPTY.get(name)) for name in fields_changed(old, new)}


# ---- Three ways


@dataclass(frozen=True)
class Difference:
    """A part that somebody changed since `base`: the others, I, or both of us."""

    path: Path
    base: Any
    theirs: Any
    mine: Any

    @property
    def by(self) -> Literal["theirs", "mine", "same", "both"]:
        """Who changed it; `same` where both did, and to the same; `both` where somebody has to choose."""
        if same(self.theirs, self.mine):
            return "same"
        if same(self.base, self.mine):
            return "theirs"
        return "mine" if same(self.base, self.theirs) else "both"

    @property
    def key(self) -> str:
        """The path as one text."""
        return "/".join(self.path)


def three_ways(base: Mapping[str, Any], theirs: Mapping[str, Any], mine: Mapping[str, Any]) -> list[Difference]:
    """Every part that is not as it was in `base`, in the order of the fields."""
    one, two, three = parts(base), parts(theirs), parts(mine)
    every = dict.fromkeys([*three, *two, *one])
    found = [Difference(path, one.get(path), two.get(path), three.get(path)) for path in every]
    changed = [each for each in found if not (same(each.base, each.theirs) and same(each.base, each.mine))]
    return sorted(changed, key=lambda each: FIELDS.index(each.path[0]))


def merged(base: Mapping[str, Any], theirs: Mapping[str, Any], mine: Mapping[str, Any]) -> Configuration:
    """Mine, with all that only they changed."""
    return taking(mine, (each for each in three_ways(base, theirs, mine) if each.by == "theirs"))


def taking(mine: Mapping[str, Any], theirs: Iterable[Difference]) -> Configuration:
    """Mine, with these parts as they have them."""
    made = parts(mine)
    for each in theirs:
        if each.theirs is None:
            made.pop(each.path, None)
        else:
            made[each.path] = each.theirs
    return assembled(made)
