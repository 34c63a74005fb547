"""An assistant as Python for the OpenAI Agents SDK, after the package openai-agents 0.24 (November 2026).

All that an assistant says comes into the code as literals, written by repr: whatever is in a name or a text, it stays
a text. Functions are there with their schemas as they were declared, each with a body that is still to be written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pprint import pformat
from typing import Any

from django.utils.translation import gettext as _

from assistants_app.services import comparisons, configurations, exchange
from assistants_app.services.configurations import Configuration
from assistants_app.services.successors.mapped import Mapper, always
from assistants_app.services.successors.written import Written

WIDTH = 96
# Python reads no more than 200 brackets within each other.
DEEPEST = 40
STEP = "    "

OUTPUT = """

class Output(AgentOutputSchemaBase):
    def is_plain_text(self) -> bool:
        return False

    def name(self) -> str:
        return {name}

    def json_schema(self) -> dict[str, Any]:
        return {schema}

    def is_strict_json_schema(self) -> bool:
        return {strict}

    def validate_json(self, json_str: str) -> Any:
        return json.loads(json_str)
"""
FUNCTION = """

async def {function}(context: ToolContext[Any], arguments: str) -> str:
    given = json.loads(arguments)
    raise NotImplementedError({name})
"""


def literal(value: Any, indent: str = "") -> str:
    """A JSON value as Python, for a place indented so."""
    if not exchange.is_shallow(value, DEEPEST):
        return f"json.loads({json.dumps(value)!r})"
    text = pformat(value, width=WIDTH - len(indent), sort_dicts=False)
    if isinstance(value, str) and "\n" in text and not text.startswith("("):
        text = f"({text})"
    return text.replace("\n", f"\n{indent}")


def identifier(name: str, taken: set[str]) -> str:
    """A name for the function that a tool calls, like no other."""
    plain = "call_" + re.sub(r"[^A-Za-z0-9_]", "_", name)[:64]
    number = next(number for number in range(1, len(taken) + 2) if _numbered(plain, number) not in taken)
    taken.add(_numbered(plain, number))
    return _numbered(plain, number)


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}_{number}"


class _Code:
    """The lines of one agent."""

    def __init__(self, configuration: Configuration, name: str, found: Mapper) -> None:
        self.configuration, self.name, self.found = configuration, name, found
        self.imports = {"Agent"}
        self.above: list[str] = []
        self._taken: set[str] = set()

    def text(self) -> str:
        agent = self._call("Agent", self._arguments(), "")
        body = "".join(self.above) + f"\n\nagent = {agent}\n"
        return self._head(body) + body

    def _head(self, body: str) -> str:
        lines = ["import json"] if "json." in body else []
        lines += ["from typing import Any"] if self.above else []
        lines += [""] if lines else []
        lines.append(f"from agents import {', '.join(sorted(self.imports))}")
        if "FunctionTool" in self.imports:
            lines.append("from agents.tool_context import ToolContext")
        if "reasoning" in self.found.fields:
            lines.append("from openai.types.shared import Reasoning")
        return "\n".join(lines) + "\n"

    def _arguments(self) -> Iterable[tuple[str, str]]:
        fields = self.found.fields
        yield "name", literal(self.name, STEP)
        if isinstance(self.configuration.get("description"), str):
            yield "handoff_description", literal(self.configuration["description"], STEP)
        for name in ("instructions", "model"):
            if name in fields:
                yield name, literal(fields[name], STEP)
        if settings := list(self._settings(fields)):
            self.imports.add("ModelSettings")
            yield "model_settings", self._call("ModelSettings", settings, STEP)
        if tools := [self._tool(tool) for tool in fields.get("tools", [])]:
            inner = "".join(f"{STEP * 2}{tool},\n" for tool in tools)
            yield "tools", f"[\n{inner}{STEP}]"
        if self._has_output(fields.get("text", {}).get("format", {})):
            yield "output_type", "Output()"

    @staticmethod
    def _settings(fields: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
        for name in ("temperature", "top_p", "metadata"):
            if name in fields:
                yield name, literal(fields[name], STEP * 2)
        if "reasoning" in fields:
            yield "reasoning", f"Reasoning(effort={literal(fields['reasoning']['effort'])})"

    @staticmethod
    def _call(name: str, arguments: Iterable[tuple[str, str]], indent: str) -> str:
        inner = "".join(f"{indent}{STEP}{each}={value},\n" for each, value in arguments)
        return f"{name}(\n{inner}{indent})"

    def _tool(self, tool: Mapping[str, Any]) -> str:
        inner = STEP * 3
        if tool["type"] == "function":
            self.imports.add("FunctionTool")
            return self._call("FunctionTool", self._function(tool, inner), STEP * 2)
        if tool["type"] == "code_interpreter":
            self.imports.add("CodeInterpreterTool")
            return self._call("CodeInterpreterTool", [("tool_config", literal(dict(tool), inner))], STEP * 2)
        self.imports.add("FileSearchTool")
        given = [(name, literal(value, inner)) for name, value in tool.items() if name != "type"]
        return self._call("FileSearchTool", given, STEP * 2)

    def _function(self, tool: Mapping[str, Any], indent: str) -> Iterable[tuple[str, str]]:
        function = identifier(tool["name"], self._taken)
        self.above.append(FUNCTION.format(function=function, name=repr(tool["name"])))
        yield "name", literal(tool["name"], indent)
        yield "description", literal(tool.get("description", ""), indent)
        yield "params_json_schema", literal(tool["parameters"], indent)
        yield "on_invoke_tool", function
        yield "strict_json_schema", literal(tool["strict"])

    def _has_output(self, given: Mapping[str, Any]) -> bool:
        if given.get("type") != "json_schema":
            return False
        self.imports.add("AgentOutputSchemaBase")
        values = {name: literal(given[name], STEP * 2) for name in ("name", "schema")}
        self.above.append(OUTPUT.format(**values, strict=given.get("strict") is True))
        return True


def write(configuration: Configuration, name: str) -> Written:
    """The code as text."""
    found = Mapper(configuration)
    code = _Code(configuration, name, found).text()
    format = str(comparisons.FIELDS["response_format"])
    given = found.fields.get("text", {}).get("format", {})
    if given.get("type") == "json_object":
        found.say("left", format, _("The SDK has schemas only: say which one, as output_type."), given)
    if "description" in given:
        found.say("left", format, _("The SDK has no place for the description of a schema."), given["description"])
    for tool in found.fields.get("tools", []):
        if tool.get("strict"):
            words = _("The SDK makes its schema strict, and refuses one that cannot be.")
            found.say("check", comparisons.title(("tools", configurations.tool_name(_old(tool)))), words)
    if "metadata" in found.fields:
        found.say("check", str(comparisons.FIELDS["metadata"]), _("It is kept with each response, not once for all."))
    return Written(code, (*found.remarks, *always(_("a session of the SDK"))))


def _old(tool: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "function", "function": {"name": tool["name"]}}
