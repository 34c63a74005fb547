"""The part that all successors share: they speak the tools and formats of the Responses API.

After the types of the package openai (types/responses), version 3.52, November 2026: a tool of a function has its name
beside its type and says of itself whether it is strict (left out, the Responses API takes it for strict, where the
Assistants API does not); a search names its stores, code its container, each in the tool itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from assistants_app.services import comparisons, configurations
from assistants_app.services.carrying import is_shaped
from assistants_app.services.configurations import Configuration
from assistants_app.services.remarks import Kind, Remark, remark

RANKERS = {"auto", "default-2024-11-15"}
NOTHING = {"type": "object", "properties": {}}
AS_IT_IS = ("model", "instructions", "temperature", "top_p", "metadata")
OF_FUNCTIONS: Mapping[str, Any] = {"description": str | None, "parameters": dict | None, "strict": bool | None}
OF_SCHEMAS = {"name", "description", "schema", "strict"}


def ids(given: Any, *path: str) -> list[str]:
    """The ids in a list at the end of a path; none where there is no such list."""
    for name in path:
        given = given.get(name) if isinstance(given, Mapping) else None
    return [each for each in given if isinstance(each, str)] if isinstance(given, list) else []


class Mapper:
    """What of a configuration the Responses API has a place for: `fields`, and remarks on the rest."""

    def __init__(self, configuration: Configuration) -> None:
        self.given = configuration
        self.fields: dict[str, Any] = {}
        self.remarks: list[Remark] = []
        self._used: set[str] = set()
        self._plain()
        self._tools()
        self._resources()
        self._format()
        if "reasoning_effort" in configuration:
            self.fields["reasoning"] = {"effort": configuration["reasoning_effort"]}

    def say(self, kind: Kind, title: str, reason: str, value: Any = None) -> None:
        """One more remark."""
        self.remarks.append(remark(kind, title, reason, value))

    def _say_of(self, kind: Kind, name: str, reason: str, value: Any = None) -> None:
        self.say(kind, str(comparisons.FIELDS[name]), reason, value)

    def _plain(self) -> None:
        for name in AS_IT_IS:
            if name in self.given and is_shaped(name, self.given[name]):
                self.fields[name] = self.given[name]
            elif name in self.given:
                self._say_of("left", name, _("It does not hold what such a field holds."), self.given[name])
        if "model" in self.fields:
            self._say_of(
                "check",
                "model",
                _("The model, or the deployment of that name, must be there too."),
                self.fields["model"],
            )

    # ---- Tools

    def _tools(self) -> None:
        tools = self.given.get("tools")
        every = tools if isinstance(tools, list) else []
        made = [made for tool in every if (made := self._tool(tool if isinstance(tool, dict) else {"type": tool}))]
        if made:
            self.fields["tools"] = made

    def _tool(self, tool: dict[str, Any]) -> dict[str, Any] | None:
        title = comparisons.title(("tools", configurations.tool_name(tool)))
        kind = tool.get("type")
        if kind == "function":
            return self._function(title, tool)
        if kind == "code_interpreter":
            self._rest(title, tool, {"type"})
            return self._code()
        if kind == "file_search":
            return self._search(title, tool)
        if kind == "retrieval":
            words = _("There is no retrieval: put its files into a vector store, and search that with file_search.")
            self.say("left", title, words, tool)
        else:
            self.say("left", title, _("Whether there is such a tool has to be looked up."), tool)
        return None

    def _rest(self, title: str, given: Mapping[str, Any], known: set[str]) -> None:
        rest = {name: value for name, value in given.items() if name not in known}
        if rest:
            self.say("left", title, _("There is no place for this."), rest)

    def _function(self, title: str, tool: dict[str, Any]) -> dict[str, Any] | None:
        function = tool.get("function")
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            self.say("left", title, _("It declares no function with a name."), tool)
            return None
        self._rest(title, tool, {"type", "function"})
        fits = {name: function[name] for name, kind in OF_FUNCTIONS.items() if isinstance(function.get(name, 0), kind)}
        self._rest(title, function, {"name", *fits})
        described = {"description": fits["description"]} if fits.get("description") else {}
        parameters = fits.get("parameters") or dict(NOTHING)
        return {
            "type": "function",
            "name": function["name"],
            **described,
            "parameters": parameters,
            "strict": bool(fits.get("strict")),
        }

    def _code(self) -> dict[str, Any]:
        files = ids(self.given, "tool_resources", "code_interpreter", "file_ids") or ids(self.given, "file_ids")
        container: dict[str, Any] = {"type": "auto", **({"file_ids": files} if files else {})}
        self._used.add("code_interpreter")
        if files:
            words = _("They go into the container of the code; they must be files of the same project there.")
            self._say_of("check", "file_ids", words, files)
        return {"type": "code_interpreter", "container": container}

    def _search(self, title: str, tool: dict[str, Any]) -> dict[str, Any] | None:
        stores = ids(self.given, "tool_resources", "file_search", "vector_store_ids")
        if not stores:
            words = _(
                "A search must name its vector stores, and this assistant has none: those of a thread do not go along."
            )
            self.say("left", title, words, tool)
            return None
        self._used.add("file_search")
        self._rest(title, tool, {"type", "file_search"})
        self.say("check", title, _("Its vector stores must be there, with the same ids."), stores)
        return {
            "type": "file_search",
            "vector_store_ids": stores,
            **self._search_options(title, tool.get("file_search")),
        }

    def _search_options(self, title: str, options: Any) -> dict[str, Any]:
        options = options if isinstance(options, dict) else {}
        made: dict[str, Any] = {}
        if isinstance(options.get("max_num_results"), int):
            made["max_num_results"] = options["max_num_results"]
        self._rest(title, options, {"max_num_results", "ranking_options"} if made else {"ranking_options"})
        given = options.get("ranking_options")
        ranking = given if isinstance(given, dict) else {}
        kept = {name: value for name, value in ranking.items() if self._is_ranking(name, value)}
        self._rest(title, ranking, set(kept))
        return {**made, **({"ranking_options": kept} if kept else {})}

    @staticmethod
    def _is_ranking(name: str, value: Any) -> bool:
        if name == "ranker":
            return isinstance(value, str) and value in RANKERS
        return name == "score_threshold" and isinstance(value, int | float) and not isinstance(value, bool)

    def _resources(self) -> None:
        """Files and stores that no tool took."""
        given = self.given.get("tool_resources")
        taken = {"code_interpreter": "file_ids", "file_search": "vector_store_ids"}
        for name, value in (given if isinstance(given, dict) else {}).items():
            whole = value if isinstance(value, dict) else {"": value}
            rest = {each: item for each, item in whole.items() if not (name in self._used and each == taken.get(name))}
            if any(item not in (None, [], {}) for item in rest.values()):
                self._say_of("left", "tool_resources", _("No tool there takes this."), {name: value})
        if self.given.get("file_ids") and "code_interpreter" not in self._used:
            self._say_of("left", "file_ids", _("No tool there takes this."), self.given["file_ids"])
        if given is not None and not isinstance(given, dict):
            self._say_of("left", "tool_resources", _("It does not hold what such a field holds."), given)

    # ---- The format

    def _format(self) -> None:
        given = self.given.get("response_format")
        kind = given.get("type") if isinstance(given, dict) else given
        if given is None or given == "auto":
            return
        if kind in ("text", "json_object"):
            self.fields["text"] = {"format": {"type": kind}}
            return
        schema = given.get("json_schema") if isinstance(given, dict) and kind == "json_schema" else None
        if not (
            isinstance(schema, dict) and isinstance(schema.get("name"), str) and isinstance(schema.get("schema"), dict)
        ):
            self._say_of(
                "left", "response_format", _("There is no such format, or it lacks its name or schema."), given
            )
            return
        self._rest(str(comparisons.FIELDS["response_format"]), schema, OF_SCHEMAS)
        kept = {
            name: schema[name] for name in ("name", "description", "schema", "strict") if schema.get(name) is not None
        }
        self.fields["text"] = {"format": {"type": "json_schema", **kept}}


def always(of: str) -> list[Remark]:
    """What no assistant takes along."""
    words = [
        (_("Threads"), _("What was said stays in the threads: %(of)s keeps conversations of its own.") % {"of": of}),
        (
            _("Runs"),
            _("There are none: a call of a function comes in the answer, its output goes with the next request."),
        ),
    ]
    return [remark("left", title, reason) for title, reason in words]
