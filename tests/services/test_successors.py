"""Assistants as what comes after the Assistants API: it is what the official packages take."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from assistants_app.services.successors import SUCCESSORS, agents_sdk, foundry, responses
from testing.generation import EXAMPLES
from testing.specifications import specification
from tests.views.test_assistant_round_trips import JSON, allowed

WEATHER = {"name": "get_weather", "description": "Now.", "parameters": {"type": "object", "properties": {}}}
FULL: dict[str, Any] = {
    "name": "Porter",
    "description": "Helps",
    "model": "gpt-4o",
    "instructions": "Be kind.\nBe brief.",
    "tools": [
        {"type": "code_interpreter"},
        {
            "type": "file_search",
            "file_search": {
                "max_num_results": 5,
                "ranking_options": {"ranker": "default_2024_08_21", "score_threshold": 0.5},
            },
        },
        {"type": "function", "function": {**WEATHER, "strict": True}},
        {"type": "function", "function": {"name": "ring"}},
        {"type": "mcp", "server_label": "crm"},
    ],
    "tool_resources": {
        "code_interpreter": {"file_ids": ["file-1"]},
        "file_search": {"vector_store_ids": ["vs_1"]},
        "other": {"a": ["b"]},
    },
    "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object"}}},
    "reasoning_effort": "low",
    "temperature": 0.5,
    "top_p": 0.9,
    "metadata": {"team": "front"},
}
OLD: dict[str, Any] = {
    "model": "gpt-4",
    "tools": [{"type": "retrieval"}],
    "file_ids": ["file-7"],
    "response_format": "none",
}
ODD_TOOLS = st.fixed_dictionaries({"type": st.sampled_from(["function", "file_search"]) | JSON, "function": JSON})
HOSTILE = [
    '"""',
    "'''\nimport os\nos.system('x')",
    "\\",
    "{x}",
    "a\x00\ud800\u2028\u202e",
    "class",
    "9 lives",
    "%s %(x)s",
    "Über ❤",
    "",
]


def said(written: Any) -> str:
    return "\n".join(f"{each.kind} {each.title}: {each.text}" for each in written.remarks)


def named_in(written: Any, *words: str) -> None:
    missing = [each for each in words if each not in said(written)]
    assert not missing, said(written)


# The official packages take seconds to import, so the tests that ask them do that.
def check_body(body: dict[str, Any]) -> None:
    from openai.types.responses import response_create_params as params

    TypeAdapter(params.ResponseCreateParamsNonStreaming).validate_python(body)
    assert set(body) <= set(params.ResponseCreateParamsBase.__annotations__)


def check_tools(tools: list[dict[str, Any]]) -> None:
    from openai.types.responses.file_search_tool_param import FileSearchToolParam
    from openai.types.responses.function_tool_param import FunctionToolParam
    from openai.types.responses.tool_param import CodeInterpreter

    types: dict[str, Any] = {
        "function": FunctionToolParam,
        "file_search": FileSearchToolParam,
        "code_interpreter": CodeInterpreter,
    }
    for tool in tools:
        known = types[tool["type"]]
        TypeAdapter(known).validate_python(tool, strict=True)
        assert set(tool) <= set(known.__annotations__)


def test_a_request_is_what_the_official_package_takes() -> None:
    written = SUCCESSORS["responses"].write(FULL, "Porter")
    body = json.loads(written.text)
    check_body(body)
    check_tools(body["tools"])
    assert body["input"] == responses.INPUT
    assert body["tools"] == [
        {"type": "code_interpreter", "container": {"type": "auto", "file_ids": ["file-1"]}},
        {
            "type": "file_search",
            "vector_store_ids": ["vs_1"],
            "max_num_results": 5,
            "ranking_options": {"score_threshold": 0.5},
        },
        {"type": "function", **WEATHER, "strict": True},
        {"type": "function", "name": "ring", "parameters": {"type": "object", "properties": {}}, "strict": False},
    ]
    assert body["text"] == {"format": {"type": "json_schema", "name": "answer", "schema": {"type": "object"}}}
    assert (body["reasoning"], body["temperature"], body["top_p"]) == ({"effort": "low"}, 0.5, 0.9)
    assert (body["model"], body["instructions"]) == (FULL["model"], FULL["instructions"])
    named_in(written, "left Name: Porter", "left Description: Helps", "default_2024_08_21")
    named_in(written, '"crm"', '"other"', "Threads")


def test_a_prompt_agent_has_the_same_tools_and_its_name_in_the_address() -> None:
    written = SUCCESSORS["foundry"].write(FULL, "The night porter!")
    body = json.loads(written.text)
    assert set(body) == {"definition", "description", "metadata"}
    definition = body["definition"]
    assert definition.pop("kind") == "prompt"
    assert definition["tools"] == responses.body(FULL)[0]["tools"]
    assert set(definition) == {"model", "instructions", "tools", "text", "reasoning", "temperature", "top_p"}
    named_in(written, "changed Name")
    assert foundry.agent_name("The night porter!") == "The-night-porter"
    assert foundry.agent_name("…") == "agent"


@pytest.mark.parametrize("name", SUCCESSORS)
def test_what_the_first_dialect_has_and_nothing_else_is_told_of(name: str) -> None:
    written = SUCCESSORS[name].write(OLD, "Old")
    named_in(written, "left Tool retrieval", "file-7", "left Response format: none")
    assert "retrieval" not in written.text


@pytest.mark.parametrize("name", SUCCESSORS)
def test_a_search_without_a_store_is_left_out_with_a_word(name: str) -> None:
    written = SUCCESSORS[name].write({"model": "m", "tools": [{"type": "file_search"}]}, "Searcher")
    assert "file_search" not in written.text
    named_in(written, "left Tool file_search")


def ran(code: str, *asked: str) -> Any:
    """What these expressions are after the code ran in a Python of its own."""
    text = f"{code}\n\nimport json\nprint(json.dumps([{', '.join(asked)}]))\n"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
def test_the_code_for_the_sdk_makes_the_agent() -> None:
    written = SUCCESSORS["agents-sdk"].write(FULL, "Porter")
    tools = "[[t.name, t.strict_json_schema] for t in agent.tools if hasattr(t, 'strict_json_schema')]"
    name, instructions, model, temperature, effort, metadata, kinds, functions, schema, note = ran(
        written.text,
        *("agent.name", "agent.instructions", "agent.model", "agent.model_settings.temperature"),
        *("agent.model_settings.reasoning.effort", "agent.model_settings.metadata"),
        *("[type(t).__name__ for t in agent.tools]", tools, "agent.output_type.json_schema()"),
        "agent.handoff_description",
    )
    assert (name, instructions, model, note) == ("Porter", FULL["instructions"], "gpt-4o", "Helps")
    assert (temperature, effort, metadata) == (0.5, "low", {"team": "front"})
    assert kinds == ["CodeInterpreterTool", "FileSearchTool", "FunctionTool", "FunctionTool"]
    assert functions == [["get_weather", True], ["ring", False]]
    assert schema == {"type": "object"}
    from agents.tool import FunctionTool

    assert FunctionTool.__dataclass_fields__.keys() >= {"name", "params_json_schema", "on_invoke_tool"}


@pytest.mark.slow
def test_hostile_names_and_texts_stay_texts() -> None:
    tools = [{"type": "function", "function": {"name": name, "description": name}} for name in HOSTILE]
    deep: Any = "x"
    for _ in range(90):
        deep = {"not": deep}
    tools.append({"type": "function", "function": {"name": "deep", "parameters": deep}})
    given = {"model": "m", "instructions": "\n".join(HOSTILE), "tools": tools, "metadata": dict.fromkeys(HOSTILE, "x")}
    written = SUCCESSORS["agents-sdk"].write(given, HOSTILE[1])
    assert imports_of(written.text) <= {"agents", "agents.tool_context", "json", "typing", "openai.types.shared"}
    written.text.encode()
    names, instructions, last = ran(
        written.text, "[t.name for t in agent.tools]", "agent.instructions", "agent.tools[-1].params_json_schema"
    )
    assert names == [*HOSTILE, "deep"]
    assert instructions == "\n".join(HOSTILE)
    assert last == deep


def imports_of(code: str) -> set[str]:
    """What the code imports; and it calls nothing but what makes an agent."""
    found = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom):
            found.add(str(node.module))
        elif isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.Call):
            assert ast.unparse(node.func) in CALLED, ast.unparse(node)
    return found


CALLED = {
    *("Agent", "ModelSettings", "Reasoning", "FunctionTool", "FileSearchTool", "CodeInterpreterTool"),
    *("Output", "NotImplementedError", "json.loads"),
}


@pytest.mark.parametrize("dialect", ["v2", "v1"])
def test_whatever_an_assistant_is_set_to_can_be_written(dialect: str) -> None:
    specified = specification(dialect)
    bodies = allowed(specified, specified.schema("CreateAssistantRequest"))

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(bodies)
    def every(body: dict[str, Any]) -> None:
        made = json.loads(SUCCESSORS["responses"].write(body, "n").text)
        check_tools(made.get("tools", []))
        assert json.loads(SUCCESSORS["foundry"].write(body, "n").text)["definition"]["kind"] == "prompt"
        ast.parse(SUCCESSORS["agents-sdk"].write(body, "n").text)

    every()


@settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.dictionaries(st.sampled_from(sorted(FULL)), JSON | st.lists(ODD_TOOLS, max_size=3)))
def test_whatever_a_server_says_can_be_written(body: dict[str, Any]) -> None:
    for each in SUCCESSORS.values():
        each.write(body, "n").text.encode()
    ast.parse(agents_sdk.write(body, "n").text)
