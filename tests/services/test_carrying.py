"""What of a configuration another connection can take: nothing stays behind without a word."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistants_app.models import Connection
from assistants_app.services import carrying, comparisons, configurations
from testing.generation import EXAMPLES
from tests.views.test_assistant_round_trips import JSON


@pytest.fixture
def target(db: None) -> Connection:
    return Connection.objects.create(name="Target", base_url="http://127.0.0.1:9/v1")


def taken(
    configuration: dict[str, Any], target: Connection, dialect: str, *, is_home: bool = False
) -> carrying.Carried:
    target.dialect = dialect
    return carrying.carried(configuration, connection=target, is_home=is_home)


def said(found: carrying.Carried) -> list[tuple[str, str, str]]:
    return [(each.kind, each.title, each.text) for each in found.remarks]


FILES = {"code_interpreter": {"file_ids": ["file-1"]}}


def test_files_and_stores_stay_with_their_server(target: Connection) -> None:
    given_fields = {"model": "m", "tool_resources": FILES}
    assert taken(given_fields, target, "v2", is_home=True).configuration == given_fields
    found = taken(given_fields, target, "v2")
    assert found.configuration == {"model": "m"}
    ((kind, title, text),) = said(found)
    assert (kind, title, json.loads(text)) == ("left", "Files and vector stores", FILES)


def test_what_the_dialect_lacks_stays_even_at_home(target: Connection) -> None:
    fields = {"model": "m", "tool_resources": FILES, "reasoning_effort": "low", "file_ids": ["file-2"]}
    older, newer = taken(fields, target, "v1", is_home=True), taken(fields, target, "v2", is_home=True)
    assert [each[1] for each in said(older)] == ["Files and vector stores", "Reasoning effort"]
    assert [each[1] for each in said(newer)] == ["Files"]
    assert older.configuration == {"model": "m", "file_ids": ["file-2"]}


def test_what_searches_files_is_what_it_is_called_there(target: Connection) -> None:
    found = taken({"tools": [{"type": "retrieval"}]}, target, "v2")
    assert found.configuration == {"tools": [{"type": "file_search"}]}
    assert [each.kind for each in found.remarks] == ["changed"]
    found = taken({"tools": [{"type": "file_search", "file_search": {"max_num_results": 3}}]}, target, "v1")
    assert found.configuration == {"tools": [{"type": "retrieval"}]}
    assert [each.kind for each in found.remarks] == ["changed", "left"]
    assert '"max_num_results": 3' in found.remarks[1].text


def test_strict_functions_are_of_the_second_dialect(target: Connection) -> None:
    tools = [{"type": "function", "function": {"name": "f", "strict": False}}]
    assert taken({"tools": tools}, target, "v2").configuration == {"tools": tools}
    found = taken({"tools": tools}, target, "v1")
    assert found.configuration == {"tools": [{"type": "function", "function": {"name": "f"}}]}
    assert [(kind, title) for kind, title, _text in said(found)] == [("left", "Tool f()")]


@pytest.mark.parametrize(
    ("format", "stays_at"),
    [
        ({"type": "json_schema", "json_schema": {"name": "a"}}, "v1"),
        ("none", "v2"),
    ],
)
def test_formats_of_the_other_dialect_stay(target: Connection, format: Any, stays_at: str) -> None:
    for dialect in ("v1", "v2"):
        found = taken({"response_format": format}, target, dialect)
        assert bool(found.remarks) is (dialect == stays_at)
        assert ("response_format" in found.configuration) is (dialect != stays_at)


def test_what_is_of_neither_dialect_goes_along_for_the_server_to_judge(target: Connection) -> None:
    fields = {"response_format": {"type": "xml"}, "tools": [{"type": "mcp", "server_label": "crm"}]}
    for dialect in ("v1", "v2"):
        found = taken(fields, target, dialect)
        assert found.configuration == configurations.tidy(fields)
        assert not found.remarks


def test_a_copy_has_a_name_that_fits() -> None:
    assert carrying.copy_name("Porter") == "Porter (copy)"
    assert len(carrying.copy_name("n" * 300)) == 256


@pytest.mark.parametrize("dialect", ["v1", "v2"])
def test_whatever_it_is_it_goes_along_or_is_told_of(target: Connection, dialect: str) -> None:
    names = st.sampled_from([*configurations.FIELDS, "voice"])

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.dictionaries(names, JSON | st.lists(st.dictionaries(st.sampled_from(["type", "function"]), JSON))))
    def every(fields: dict[str, Any]) -> None:
        found = taken(fields, target, dialect)
        titles = " ".join(each.title for each in found.remarks)
        for name, value in fields.items():
            is_told = ("Tool" if name == "tools" else str(comparisons.FIELDS.get(name, name))) in titles
            assert is_told or value in (None, "", [], {}) or configurations.same(found.configuration.get(name), value)

    every()
