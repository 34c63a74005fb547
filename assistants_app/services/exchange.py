"""Assistants as files: written to be kept or to be taken elsewhere, and read again. In them is what an assistant is set
to and where it was, and nothing of how its server is reached."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from assistants_app.api.dialects.tolerance import clean
from assistants_app.models import AssistantVersion
from assistants_app.services import configurations, exact, yaml_text
from assistants_app.services.configurations import Configuration

MARK, FORMAT, KIND = "switchboard", 1, "assistant"
MOST_ENTRIES = 200
# YAML takes time to read: what is only made to take it must come to an end.
LONGEST_JSON, LONGEST_YAML = 2_000_000, 500_000
DEEPEST = 100
# What a server says of an assistant beside what it is set to.
TOLD = {"id", "object", "created_at"}


class Unreadable(ValueError):
    """What keeps a text from being assistants, in words for people."""


@dataclass(frozen=True)
class Entry:
    """An assistant in a file: what it is set to, everything else that stood there, and where it was as far as told."""

    configuration: Configuration
    others: dict[str, Any] = field(default_factory=dict)
    connection: str = ""
    assistant: str = ""

    @property
    def title(self) -> str:
        """Its name, or its id where it has none."""
        return clean(str(self.configuration.get("name") or self.assistant))


# ---- Writing


def document(version: AssistantVersion, *, at: datetime) -> dict[str, Any]:
    """A version of an assistant as a file says it."""
    assistant = version.assistant
    connection = assistant.connection
    return {
        MARK: FORMAT,
        "kind": KIND,
        "dialect": connection.dialect,
        "exported_at": at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "from": {"connection": connection.name, "assistant": assistant.remote_id, "version": version.number},
        "configuration": version.settings,
    }


def as_json(value: Any) -> str:
    """A JSON value on lines."""
    text = json.dumps(value)
    try:
        return exact.tidy(text) + "\n"
    except (ValueError, RecursionError):
        return text + "\n"


def as_yaml(value: Any) -> str:
    """The same as YAML; what is too deep for it stays JSON, which is YAML too."""
    try:
        return yaml_text.write(value)
    except RecursionError:
        return as_json(value)


# ---- Reading


def read(text: str) -> list[Entry]:
    """The assistants that a JSON or YAML text is of: as written here, as a server gives them, one or several. Raises
    Unreadable."""
    value = _parsed(text)
    listed = value.get("data") if isinstance(value, dict) and value.get("object") == "list" else value
    if not isinstance(listed, list):
        return [_entry(listed)]
    if not listed:
        raise Unreadable(_("There is no assistant in it."))
    if len(listed) > MOST_ENTRIES:
        words = _("There are %(given)s in it; at most %(most)s are read at once.")
        raise Unreadable(words % {"given": len(listed), "most": MOST_ENTRIES})
    return [_entry(each, number) for number, each in enumerate(listed, 1)]


def _parsed(text: str) -> Any:
    text = text.removeprefix("\ufeff")
    is_json = text.lstrip()[:1] in {"{", "["}
    most = LONGEST_JSON if is_json else LONGEST_YAML
    if len(text) > most:
        words = _("It has %(given)s characters; at most %(most)s are read.")
        raise Unreadable(words % {"given": len(text), "most": most})
    try:
        value = _json(text) if is_json else _yaml(text)
    except RecursionError as error:
        raise Unreadable(_("This is nested too deep.")) from error
    if not is_shallow(value):
        raise Unreadable(_("This is nested too deep."))
    return value


def is_shallow(value: Any, most: int = DEEPEST) -> bool:
    """Whether a JSON value is nested no deeper than what every program goes on with."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return most > 0 and all(is_shallow(each, most - 1) for each in inner)


def _json(text: str) -> Any:
    try:
        return exact.plain(text)
    except json.JSONDecodeError as error:
        place = {"problem": exact.said(error), "line": error.lineno, "column": error.colno}
        words = _("This is not JSON: %(problem)s (line %(line)s, column %(column)s).")
        raise Unreadable(words % place) from error
    except ValueError as error:
        words = _("This is not JSON that every program reads alike: %(problem)s.")
        raise Unreadable(words % {"problem": error}) from error


def _yaml(text: str) -> Any:
    try:
        return yaml_text.read(text)
    except yaml_text.Unreadable as error:
        if error.line is None:
            raise Unreadable(_("This is not YAML: %(problem)s.") % {"problem": error.problem}) from error
        place = {"problem": error.problem, "line": error.line}
        raise Unreadable(_("This is not YAML: %(problem)s (line %(line)s).") % place) from error


def _entry(given: Any, number: int | None = None) -> Entry:
    try:
        return _ours(given) if isinstance(given, dict) and MARK in given else _bare(given)
    except Unreadable as error:
        if number is None:
            raise
        raise Unreadable(_("Number %(number)s: %(problem)s") % {"number": number, "problem": error}) from error


def _ours(given: Mapping[str, Any]) -> Entry:
    if given[MARK] != FORMAT:
        words = _("It says that it is of format %(given)s; this Switchboard reads %(known)s.")
        raise Unreadable(words % {"given": json.dumps(given[MARK])[:40], "known": FORMAT})
    if given.get("kind") != KIND:
        words = _("It says that it is of the kind %(given)s, not “assistant”.")
        raise Unreadable(words % {"given": json.dumps(given.get("kind"))[:40]})
    configuration = given.get("configuration")
    if not isinstance(configuration, dict):
        raise Unreadable(_("“configuration” must be an object."))
    origin = given.get("from")
    told = origin if isinstance(origin, dict) else {}
    return _made(configuration, connection=_word(told.get("connection")), assistant=_word(told.get("assistant")))


def _bare(given: Any) -> Entry:
    if not isinstance(given, dict) or not any(name in given for name in ("model", "instructions", "tools", "name")):
        raise Unreadable(
            _("This is no assistant: it is no object with a “model”, “instructions”, “tools” or a “name”.")
        )
    if given.get("object", "assistant") != "assistant":
        words = _("It says that it is a %(given)s, not an assistant.")
        raise Unreadable(words % {"given": json.dumps(given["object"])[:40]})
    settings = {name: value for name, value in given.items() if name not in TOLD}
    return _made(settings, assistant=_word(given.get("id")))


def _made(given: Mapping[str, Any], **told: str) -> Entry:
    others = {name: value for name, value in given.items() if name not in configurations.FIELDS}
    known = {name: given[name] for name in configurations.FIELDS if name in given}
    return Entry(configurations.tidy(known), others, **told)


def _word(value: Any) -> str:
    return clean(value[:200]) if isinstance(value, str) else ""


# ---- Kept until they are made


def kept(entries: list[Entry]) -> str:
    """Entries as text."""
    return json.dumps([asdict(each) for each in entries])


def again(text: str) -> list[Entry]:
    """Entries out of that text."""
    return [Entry(**each) for each in json.loads(text)]
