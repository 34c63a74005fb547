"""What our client sends, and what the local API answers, as the specifications have it."""

import inspect
from collections.abc import Iterator

import pytest
import requests

from assistants_app.api.client import connect
from assistants_app.api.dialects import DIALECTS
from assistants_app.api.operations import ASSISTANTS_API, OPERATIONS
from testing.local_api_process import LocalApi, start
from testing.recording_proxy import Exchange, record_requests
from testing.specifications import specification

from .everything import SCRIPT, do_everything


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalApi]:
    running = start(tmp_path_factory.mktemp("specification"))
    address = running.control + "/scripts"
    requests.post(address, json=[SCRIPT], headers={"Authorization": "Bearer local"}, timeout=30).raise_for_status()
    yield running
    running.stop()


@pytest.fixture(scope="module", params=DIALECTS)
def exchanges(api: LocalApi, request: pytest.FixtureRequest) -> Iterator[list[Exchange]]:
    """What went over the wire while every operation was done, in one dialect."""
    with record_requests(api.origin) as recorder:
        with connect(endpoint="openai", dialect=request.param, base_url=recorder.url, key="local") as client:
            do_everything(client)
        yield recorder.exchanges


def test_every_request_and_every_answer_is_as_specified(exchanges: list[Exchange]) -> None:
    specified = specification(exchanges[0].dialect)
    faults = {f"{each.method} {each.path}: {fault}" for each in exchanges for fault in specified.faults(each)}
    assert not faults
    assert {each.status for each in exchanges} == {200}


def test_every_operation_of_the_dialect_was_asked_for(exchanges: list[Exchange]) -> None:
    dialect = exchanges[0].dialect
    specified = specification(dialect)
    made = {specified.name_of(each) for each in exchanges}
    assert made == DIALECTS[dialect].operations


def test_every_parameter_of_every_list_was_asked_with(exchanges: list[Exchange]) -> None:
    specified = specification(exchanges[0].dialect)
    asked: dict[str, set[str]] = {}
    for each in exchanges:
        asked.setdefault(specified.name_of(each), set()).update(parameter for parameter, _ in each.query)
    for operation in ASSISTANTS_API:
        if operation.name in asked:
            assert asked[operation.name] == set(specified.operations[operation.name].parameters), operation.name


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_table_of_operations_is_that_of_the_specification(dialect: str) -> None:
    specified = specification(dialect).operations
    ours = {each.name: (each.method, each.path) for each in OPERATIONS.values() if dialect in each.dialects}
    assert ours == {name: (specified[name].method, specified[name].path) for name in ours}
    theirs = {name for name, each in specified.items() if each.path.startswith(("/assistants", "/threads"))}
    assert theirs == {each.name for each in ASSISTANTS_API if dialect in each.dialects}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_fields_of_bodies_are_those_of_the_specification(dialect: str) -> None:
    specified = specification(dialect)
    bodies = {}
    for name in DIALECTS[dialect].operations:
        content = specified.operations[name].document.get("requestBody", {}).get("content", {})
        for found in content.values():
            schema = specified.schema(found["schema"]["$ref"].rpartition("/")[2])
            bodies[name] = frozenset(schema["properties"])
    assert dict(DIALECTS[dialect].fields) == bodies


def test_every_operation_has_a_method_that_names_it() -> None:
    with connect(endpoint="openai", dialect="v2", base_url="http://127.0.0.1:1", key="k") as client:
        for name, operation in OPERATIONS.items():
            found = client
            for step in operation.call.split("."):
                found = getattr(found, step)
            assert (inspect.getdoc(found) or "").startswith(name), operation.call
