"""Taking a configuration to a connection: what its server can have goes along, and nothing stays behind without a
word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from assistants_app.api.dialects import DIALECTS
from assistants_app.models import Connection
from assistants_app.models.operations import MOST_PAIRS
from assistants_app.services import comparisons, configurations, connections, models
from assistants_app.services.configurations import Configuration
from assistants_app.services.remarks import Kind, Remark, remark

# Those that name what only one server has.
OF_A_SERVER = ("tool_resources", "file_ids")
SEARCHES = {dialect.search for dialect in DIALECTS.values()}
FORMATS = {name for dialect in DIALECTS.values() for name in dialect.response_formats}
LONGEST_NAME = 256


@dataclass(frozen=True)
class Carried:
    """What a connection can take of a configuration, and what is to be said of the rest."""

    configuration: Configuration
    remarks: tuple[Remark, ...]


def carried(configuration: Mapping[str, Any], *, connection: Connection, is_home: bool) -> Carried:
    """A configuration as an assistant of this connection can have it; `is_home` where the ids in it are its server's
    own. Raises BadSettings for a connection of a dialect that is not known."""
    return _Carrying(configuration, connection, is_home).done()


def copy_name(title: str) -> str:
    """What a copy is called."""
    suffix = " " + _("(copy)")
    return title[: LONGEST_NAME - len(suffix)] + suffix


def is_shaped(name: str, value: Any) -> bool:
    """Whether a field holds what such a field holds: a file or a server may say anything."""
    if name == "tools":
        return isinstance(value, list) and all(isinstance(tool, dict) for tool in value)
    if name == "file_ids":
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    if name == "metadata":
        return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())
    if name in {"temperature", "top_p"}:
        return isinstance(value, int | float) and not isinstance(value, bool)
    kinds: dict[str, Any] = {"tool_resources": dict, "response_format": str | dict}
    return isinstance(value, kinds.get(name, str))


class _Carrying:
    """One configuration on its way: what is `made`, and the remarks so far."""

    def __init__(self, configuration: Mapping[str, Any], connection: Connection, is_home: bool) -> None:
        others = {name: value for name, value in configuration.items() if name not in configurations.FIELDS}
        self.made = configurations.tidy(configuration) | others
        self.connection, self.is_home = connection, is_home
        self.dialect = connections.dialect(connection)
        self.remarks: list[Remark] = []

    def done(self) -> Carried:
        self._fields()
        if "tools" in self.made:
            self.made["tools"] = [self._tool(tool) for tool in self.made["tools"]]
        self._response_format()
        self._metadata()
        self._model()
        return Carried(configurations.tidy(self.made), tuple(self.remarks))

    def _say(self, kind: Kind, title: str, reason: str, value: Any = None) -> None:
        self.remarks.append(remark(kind, title, reason, value))

    def _leave(self, name: str, reason: str) -> None:
        self._say("left", str(comparisons.FIELDS.get(name, name)), reason, self.made.pop(name))

    def _fields(self) -> None:
        wanted, named = self.dialect.fields["createAssistant"], {"dialect": self.dialect.name}
        for name in [*self.made]:
            if name not in configurations.FIELDS:
                self._leave(name, _("An assistant has no such field."))
            elif not is_shaped(name, self.made[name]):
                self._leave(name, _("It does not hold what such a field holds."))
            elif name in OF_A_SERVER and not self.is_home:
                self._leave(
                    name, _("Files and vector stores are the server's own: have them there, and name them anew.")
                )
            elif name not in wanted:
                self._leave(name, _("The dialect %(dialect)s has no such field.") % named)

    def _tool(self, tool: dict[str, Any]) -> dict[str, Any]:
        kind = tool.get("type")
        if isinstance(kind, str) and kind in SEARCHES - {self.dialect.search}:
            names = {"old": kind, "new": self.dialect.search, "dialect": self.dialect.name}
            title = comparisons.title(("tools", kind))
            self._say("changed", title, _("The dialect %(dialect)s has %(new)s instead of %(old)s.") % names)
            tool = {**tool, "type": self.dialect.search}
        if tool.get("type") == self.dialect.search and not self.dialect.search_options:
            return self._without(tool, [name for name in tool if name != "type"])
        function = tool.get("function")
        if isinstance(function, dict) and "strict" in function and not self.dialect.strict_functions:
            return {**tool, "function": self._without(function, ["strict"], tool)}
        return tool

    def _without(self, given: dict[str, Any], names: list[str], tool: Any = None) -> dict[str, Any]:
        """An object without what this dialect does not have in it."""
        title = comparisons.title(("tools", configurations.tool_name(tool or given)))
        for name in names:
            words = _("The dialect %(dialect)s has no “%(name)s” there.") % {"dialect": self.dialect.name, "name": name}
            self._say("left", title, words, {name: given[name]})
        return {name: value for name, value in given.items() if name not in names}

    def _response_format(self) -> None:
        given = self.made.get("response_format")
        kind = given.get("type") if isinstance(given, dict) else given
        if isinstance(kind, str) and kind in FORMATS and kind not in self.dialect.response_formats:
            named = {"dialect": self.dialect.name, "name": kind}
            self._leave("response_format", _("The dialect %(dialect)s has no format “%(name)s”.") % named)

    def _metadata(self) -> None:
        """Switchboard marks what it makes with a pair of its own: there must be room for it."""
        pairs, most = list(self.made.get("metadata", {}).items()), MOST_PAIRS - 1
        if pairs[most:]:
            self.made["metadata"] = dict(pairs[:most])
            words = _("At most %(most)s pairs: one more is Switchboard's own.") % {"most": most}
            self._say("left", str(comparisons.FIELDS["metadata"]), words, dict(pairs[most:]))

    def _model(self) -> None:
        known, model = models.names(self.connection), self.made.get("model")
        if model and known and model not in known:
            words = _("It is not among the models that are known of this connection.")
            self._say("check", str(comparisons.FIELDS["model"]), words, model)
