"""The OpenAPI files of both dialects, as judges of requests and answers.

They lie beside the checkout (or in SHARED_DIR); tests that need them are skipped where they do not.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from testing.recording_proxy import Exchange

FOLDER = Path(os.environ.get("SHARED_DIR", Path(__file__).resolve().parents[1].parent / "shared")) / "api"
METHODS = ("get", "post", "delete")

# Where answers are right and the specification is not: its own samples have these too. By the end of the path of the
# field, and the values that are taken there all the same.
Traps = Mapping[str, tuple[Any, ...]]
TRAPS: Traps = {
    "instructions": (None,),  # of a run whose assistant has none
    "first_id": (None,),  # of an empty page
    "last_id": (None,),
}


@dataclass(frozen=True)
class Specified:
    """One operation of a specification."""

    name: str
    method: str
    path: str
    document: dict[str, Any]

    @property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(self.path)))

    @property
    def parameters(self) -> dict[str, Any]:
        """The schemas of its query, by name."""
        given = self.document.get("parameters", [])
        return {each["name"]: each["schema"] for each in given if each["in"] == "query"}

    @property
    def body(self) -> Any:
        """The schema of its JSON body, None where it has none."""
        content = self.document.get("requestBody", {}).get("content", {})
        return content.get("application/json", {}).get("schema")

    @property
    def answer(self) -> Any:
        return self.document["responses"]["200"]["content"]["application/json"]["schema"]


class Specification:
    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.operations = {
            found["operationId"]: Specified(found["operationId"], method.upper(), path, found)
            for path, methods in document["paths"].items()
            for method, found in methods.items()
            if method in METHODS
        }

    def operation(self, method: str, path: str) -> Specified | None:
        fitting = [each for each in self.operations.values() if each.method == method and each.pattern.fullmatch(path)]
        # /threads/runs is no thread of that id.
        return min(fitting, key=lambda each: each.path.count("{"), default=None)

    def name_of(self, exchange: Exchange) -> str:
        """The operation that a request asked for."""
        found = self.operation(exchange.method, exchange.path)
        assert found is not None, f"{exchange.method} {exchange.path} is in no specification"
        return found.name

    def schema(self, name: str) -> Any:
        return self.document["components"]["schemas"][name]

    def errors(self, schema: Any, value: Any, traps: Traps | None = None) -> Iterator[str]:
        """What is wrong with a value, as `path: words`, but for the traps."""
        whole = {**schema, "components": self.document["components"]}
        for error in Draft202012Validator(whole).iter_errors(value):
            yield from _told(error, TRAPS if traps is None else traps)

    def faults(self, exchange: Exchange) -> Iterator[str]:
        """What is wrong with a request and its answer, traps left out."""
        found = self.operation(exchange.method, exchange.path)
        if found is None:
            yield f"{exchange.method} {exchange.path} is in no specification"
            return
        for name, value in exchange.query:
            yield from self._query_faults(found, name, value)
        if found.body is not None and exchange.asked is not None:
            yield from (f"asked {each}" for each in self.errors(found.body, exchange.asked))
        if exchange.asked is None and found.document.get("requestBody", {}).get("required"):
            yield "asked without a body"
        if exchange.status == 200 and exchange.kind.startswith("application/json"):
            yield from (f"answered {each}" for each in self.errors(found.answer, exchange.answered))

        if exchange.kind.startswith("text/event-stream"):
            for event in told_events(exchange.answered):
                schema = self.schema("AssistantStreamEvent")
                yield from (f"told {event['event']} {each}" for each in self.errors(schema, event))

    def _query_faults(self, found: Specified, name: str, value: str) -> Iterator[str]:
        schema = found.parameters.get(name)
        if schema is None:
            yield f"asked ?{name}, which is no parameter of {found.name}"
            return
        kind = schema.get("type")
        read = [value] if kind == "array" else int(value) if kind == "integer" and value.isdecimal() else value
        yield from (f"asked ?{name}: {each}" for each in self.errors(schema, read))


def told_events(stream: bytes) -> Iterator[dict[str, Any]]:
    """The events of a stream, as the specification describes them."""
    for block in filter(None, stream.decode().split("\n\n")):
        name, data = (line.partition(": ")[2] for line in block.split("\n"))
        yield {"event": name, "data": data if data == "[DONE]" else json.loads(data)}


def _told(error: ValidationError, traps: Traps) -> Iterator[str]:
    """The words of an error; of several branches none of which fits, those of the one that fits best."""
    if error.context:
        branches: dict[Any, list[str]] = {}
        for each in error.context:
            branches.setdefault(each.schema_path[0], []).extend(_told(each, traps))
        if all(branches.values()):
            yield from min(branches.values(), key=len)
        return
    last = str(error.absolute_path[-1]) if error.absolute_path else ""
    if last in traps and error.instance in traps[last]:
        return
    yield f"{error.json_path}: {error.message[:200]}"


@cache
def specification(dialect: str) -> Specification:
    """Skips the test where the file is not at hand."""
    path = FOLDER / f"assistants-{dialect}.openapi.yaml"
    if not path.exists():
        pytest.skip(f"no specifications in {path.parent}")
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return Specification(_with_nulls(document) if document["openapi"].startswith("3.0") else document)


def _with_nulls(node: Any) -> Any:
    """`nullable: true` of OpenAPI 3.0 as the JSON Schema that it means."""
    if isinstance(node, list):
        return [_with_nulls(each) for each in node]
    if not isinstance(node, dict):
        return node
    read = {name: _with_nulls(each) for name, each in node.items()}
    if read.get("nullable") is True:
        del read["nullable"]
        return {"anyOf": [read, {"type": "null"}]}
    return read


def samples(dialect: str) -> dict[str, Any]:
    """The specification's own examples. Skips the test where they are not at hand."""
    path = FOLDER / f"spec-examples-{dialect}.json"
    if not path.exists():
        pytest.skip(f"no examples of the specification in {path.parent}")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
