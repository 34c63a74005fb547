"""docs/operations.md against the code and the specifications: what it names is there, and nothing is missing."""

import importlib
import inspect
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import get_resolver

from assistants_app.api.client import connect
from assistants_app.api.operations import ASSISTANTS_API, BESIDE
from testing.specifications import Specification, samples, specification

DOCUMENT = Path(__file__).resolve().parents[1] / "docs/operations.md"
DIALECTS = ("v1", "v2")
NONE = "\u2013"


def tables() -> list[list[list[str]]]:
    """The rows of each table, as lists of cells."""
    found = []
    for block in re.findall(r"(?:^\|.*\n)+", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE):
        lines = [[cell.strip() for cell in line.strip("|\n").split(" | ")] for line in block.splitlines()]
        found.append([[cell.strip(" |") for cell in line] for line in lines[2:]])
    return found


def named(cell: str) -> list[str]:
    return re.findall("`([^`]+)`", cell)


OPERATIONS, HELPERS, DEVIATIONS = tables()


def test_it_has_the_29_operations_and_what_they_refer_to() -> None:
    assert [row[0] for row in OPERATIONS] == [each.name for each in ASSISTANTS_API]
    assert [row[0] for row in HELPERS] == [each.name for each in BESIDE]
    assert len(OPERATIONS) == 29


@pytest.mark.parametrize("dialect", DIALECTS)
def test_it_says_which_dialect_has_which(dialect: str) -> None:
    specified = specification(dialect).operations
    for row in OPERATIONS + HELPERS:
        assert row[4 + DIALECTS.index(dialect)] == ("yes" if row[0] in specified else NONE), row[0]


def test_the_methods_of_the_client_are_there() -> None:
    with connect(endpoint="openai", dialect="v2", base_url="http://127.0.0.1:1", key="k") as client:
        for row, operation in zip(OPERATIONS + HELPERS, (*ASSISTANTS_API, *BESIDE), strict=True):
            assert named(row[1]) == [operation.call]
            found = client
            for step in operation.call.split("."):
                found = getattr(found, step)
            assert (inspect.getdoc(found) or "").startswith(row[0])


def test_the_services_and_pages_are_there() -> None:
    pages = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    for row in OPERATIONS + HELPERS:
        for service in named(row[2]):
            module, _, function = service.partition(".")
            assert callable(getattr(importlib.import_module(f"assistants_app.services.{module}"), function)), service
        assert set(named(row[3])) <= pages, row[0]
        assert row[2] and row[3]


def deviations() -> dict[tuple[str, str], set[str]]:
    """Where a specification's samples are not as it specifies, as (dialect, words) with the places."""
    found = defaultdict(set)
    for dialect in DIALECTS:
        specified, shown = specification(dialect), samples(dialect)
        for name, each in [(name, one) for name, shown_here in shown["operations"].items() for one in shown_here]:
            for words in sample_faults(specified, specified.operations[name].answer, each.get("response")):
                found[dialect, words].add(name)
        for name, sample in shown["schemas"].items():
            if name in specified.document["components"]["schemas"]:
                for words in sample_faults(specified, specified.schema(name), sample):
                    found[dialect, words].add(name)
    return found


def sample_faults(specified: Specification, schema: dict[str, Any], sample: Any) -> Iterator[str]:
    if isinstance(sample, str) and sample.startswith("event:"):
        lines = [line[5:] for line in sample.splitlines() if line.startswith("data:") and "[DONE]" not in line]
        broken = [line for line in lines if not is_json(line)]
        yield from ["some `data:` lines are not JSON"] if broken else []
    elif isinstance(sample, str):
        yield "the sample is not JSON"
    elif sample is not None:
        for fault in specified.errors(schema, sample, traps={}):
            where, _, what = re.sub(r"\$\.?(data\[\d+\])?\.?", "", fault).partition(": ")
            yield f"{where} {what}".replace("'", "`").strip()


def is_json(line: str) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def test_it_lists_where_samples_deviate_from_their_specification() -> None:
    listed = {(row[0], row[1]): set(row[2].split(", ")) for row in DEVIATIONS}
    assert listed == deviations()
