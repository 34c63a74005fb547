"""A configuration as the texts of a form, and the tools of one out of what was typed: what nobody touched stays as it
is, to the letter, also what no field here could write."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from assistants_app.api.dialects import Dialect
from assistants_app.api.dialects.tolerance import clean
from assistants_app.services import configurations, exact

Texts = dict[str, str]

FUNCTION = re.compile(r"function-([0-9]{1,3})")
PAIR = re.compile(r"(?:key|value)-([0-9]{1,3})")
MOST_ROWS = 200
INTERPRETER = "code_interpreter"
SEARCH_FIELDS = ("max_num_results", "ranker", "score_threshold")
ON_ONE_LINE = {"name", "model", "temperature", "top_p", *SEARCH_FIELDS}
# The fields of the form that make each field of a configuration.
MADE_OF = {
    **{name: (name,) for name in ("name", "description", "model", "instructions")},
    **{name: (name,) for name in ("temperature", "top_p", "reasoning_effort", "file_ids")},
    "tools": (INTERPRETER, "search", *SEARCH_FIELDS, "other_tools"),
    "tool_resources": ("interpreter_files", "vector_store_ids"),
    "response_format": ("response_format", "response_schema"),
    "metadata": (),
}


def texts(configuration: Mapping[str, Any], dialect: Dialect) -> Texts:
    """What the fields of the form show of a configuration, by their names."""
    shown = {name: _text(configuration.get(name)) for name in ("name", "description", "model", "instructions")}
    shown |= {name: _text(configuration.get(name)) for name in ("temperature", "top_p", "reasoning_effort")}
    shown |= (
        _tool_texts(configuration, dialect) | _resource_texts(configuration) | _format_texts(configuration, dialect)
    )
    for place, (key, value) in enumerate(_pairs(configuration.get("metadata"))):
        shown |= {f"key-{place}": key, f"value-{place}": value}
    return {name: _as_typed(name, text) for name, text in shown.items() if text}


def as_typed(given: Mapping[str, str]) -> Texts:
    """What was typed, with line breaks of one kind: to be held against `texts`."""
    return {name: _as_typed(name, str(text)) for name, text in given.items()}


def _as_typed(name: str, text: str) -> str:
    """As it comes back from a browser that nobody typed in."""
    text = re.sub(r"\r\n?", "\n", text)
    return text.replace("\n", "") if name in ON_ONE_LINE else text


def of_group(name: str, given: Mapping[str, str]) -> Any:
    """The texts that make a field of a configuration, so that two are equal where nothing in them differs."""
    alone = [given.get(each, "").strip() if each == "model" else given.get(each, "") for each in MADE_OF[name]]
    if name == "tools":
        return [*alone, functions(given)]
    if name == "metadata":
        return sorted(pairs(given))
    return alone


def functions(given: Mapping[str, str]) -> list[str]:
    """The declarations in their order, blank ones left out."""
    return [text for _, text in rows(given, FUNCTION, "function-{}") if text.strip()]


def pairs(given: Mapping[str, str]) -> list[tuple[str, str]]:
    """The pairs of metadata in their order, blank ones left out."""
    places = sorted({int(found[1]) for name in given if (found := PAIR.fullmatch(name))})
    found_pairs = [(given.get(f"key-{place}", ""), given.get(f"value-{place}", "")) for place in places]
    return [(key, value) for key, value in found_pairs if key.strip() or value]


def rows(given: Mapping[str, str], pattern: re.Pattern[str], name: str) -> list[tuple[int, str]]:
    """Numbered fields with their numbers, in order."""
    places = sorted({int(found[1]) for each in given if (found := pattern.fullmatch(each))})[:MOST_ROWS]
    return [(place, given.get(name.format(place), "")) for place in places]


def written(value: Any) -> str:
    """A JSON value to be read and edited."""
    text = json.dumps(value)
    try:
        return exact.tidy(text)
    except (ValueError, RecursionError):
        return text


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return clean(value) if isinstance(value, str) else json.dumps(value)


def _pairs(metadata: Any) -> Iterable[tuple[str, str]]:
    given = metadata if isinstance(metadata, Mapping) else {}
    return [(clean(str(key)), _text(value)) for key, value in given.items()]


# ---- Tools


def _is_function(tool: Any) -> bool:
    return (
        isinstance(tool, Mapping)
        and set(tool) == {"type", "function"}
        and tool["type"] == "function"
        and isinstance(tool["function"], Mapping)
    )


def _options(tool: Mapping[str, Any], dialect: Dialect) -> Mapping[str, Any] | None:
    """The options of a tool that searches files; None for what is no such tool, or has options without a field here."""
    if tool.get("type") != dialect.search or not set(tool) <= {"type", "file_search"}:
        return None
    options = tool.get("file_search", {})
    if not isinstance(options, Mapping) or not set(options) <= {"max_num_results", "ranking_options"}:
        return None
    ranking = options.get("ranking_options", {})
    if not isinstance(ranking, Mapping) or not set(ranking) <= {"ranker", "score_threshold"}:
        return None
    return {**{name: value for name, value in options.items() if name != "ranking_options"}, **ranking}


def sorted_out(configuration: Mapping[str, Any], dialect: Dialect) -> dict[str, list[Any]]:
    """The tools by the part of the form that shows them; of what can be there once the first."""
    tools = configuration.get("tools")
    found: dict[str, list[Any]] = {INTERPRETER: [], "search": [], "functions": [], "others": []}
    for tool in tools if isinstance(tools, list) else []:
        if tool == {"type": INTERPRETER} and not found[INTERPRETER]:
            found[INTERPRETER].append(tool)
        elif isinstance(tool, Mapping) and not found["search"] and _options(tool, dialect) is not None:
            found["search"].append(tool)
        else:
            found["functions" if _is_function(tool) else "others"].append(tool)
    return found


def _tool_texts(configuration: Mapping[str, Any], dialect: Dialect) -> Texts:
    found = sorted_out(configuration, dialect)
    shown = {INTERPRETER: "on" if found[INTERPRETER] else "", "search": "on" if found["search"] else ""}
    for tool in found["search"]:
        shown |= {name: _text(value) for name, value in (_options(tool, dialect) or {}).items()}
    for place, tool in enumerate(found["functions"]):
        shown[f"function-{place}"] = written(tool["function"])
    return {**shown, "other_tools": written(found["others"]) if found["others"] else ""}


def in_order(tools: Sequence[tuple[str, Any]], before: Any) -> list[tuple[str, Any]]:
    """Tools, each with the field that it came from, in the order in which they stood before; new ones last."""
    left = dict(enumerate(before if isinstance(before, list) else []))
    last, places = len(left), dict[int, int]()
    for mark in (configurations.written, configurations.tool_name):
        marks = {place: mark(tool) for place, tool in left.items()}
        for number, (_field, tool) in enumerate(tools):
            place = next((each for each in left if marks[each] == mark(tool)), None) if number not in places else None
            if place is not None:
                places[number] = place
                del left[place]
    return [tools[number] for number in sorted(range(len(tools)), key=lambda each: (places.get(each, last), each))]


# ---- Resources and formats


def _resource_texts(configuration: Mapping[str, Any]) -> Texts:
    given = configuration.get("tool_resources")
    resources = given if isinstance(given, Mapping) else {}
    return {
        "interpreter_files": _lines(resources.get("code_interpreter"), "file_ids"),
        "vector_store_ids": _lines(resources.get("file_search"), "vector_store_ids"),
        "file_ids": _lines(configuration, "file_ids"),
    }


def _lines(given: Any, name: str) -> str:
    ids = given.get(name) if isinstance(given, Mapping) else None
    return "\n".join(clean(str(each)) for each in ids) if isinstance(ids, list) else ""


def _format_texts(configuration: Mapping[str, Any], dialect: Dialect) -> Texts:
    given = configuration.get("response_format")
    if given is None or given in dialect.format_words:
        return {"response_format": given or ""}
    kind = given.get("type") if isinstance(given, Mapping) else None
    if kind == "json_schema" and set(given) == {"type", "json_schema"} and kind in dialect.response_formats:
        return {"response_format": kind, "response_schema": written(given["json_schema"])}
    if given == {"type": kind} and kind in dialect.response_formats:
        return {"response_format": str(kind)}
    return {"response_format": "other", "response_schema": written(given)}
