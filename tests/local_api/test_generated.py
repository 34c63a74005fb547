"""Requests that a machine made up after the specifications, nearly right or quite wrong: never a 500, never a hang."""

import itertools
import string
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from testing.local_api_process import LocalApi
from testing.specifications import Specification, specification
from tests.api.everything import SCRIPT
from tests.local_api.conftest import finish, upload

PATIENCE = 10  # seconds for an answer
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=5,
)
Strategy = st.SearchStrategy[Any]
Request = tuple[str, str, list[tuple[str, str]], Any]  # method, path, query and body
HOW_ODD = 25  # of a hundred bodies, parts that are something else altogether


def values(specified: Specification, schema: dict[str, Any], depth: int = 0) -> Strategy:
    """What a schema allows, and now and then what it does not."""
    if "$ref" in schema:
        return values(specified, specified.schema(schema["$ref"].rpartition("/")[2]), depth)
    return st.integers(0, 99 * (depth + 1)).flatmap(
        lambda chance: ODD if chance < HOW_ODD // (depth + 2) else allowed(specified, schema, depth)
    )


def allowed(specified: Specification, schema: dict[str, Any], depth: int) -> Strategy:
    branches = schema.get("oneOf") or schema.get("anyOf")
    if branches and not schema.get("properties"):
        return st.one_of([values(specified, each, depth) for each in branches])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kinds = schema.get("type", ())
    if isinstance(kinds, list):
        return st.one_of([allowed(specified, {**schema, "type": kind}, depth) for kind in kinds])
    return KINDS.get(kinds, anything)(specified, schema, depth)


def anything(specified: Specification, schema: dict[str, Any], depth: int) -> Strategy:
    return ODD


def objects(specified: Specification, schema: dict[str, Any], depth: int) -> Strategy:
    properties = schema.get("properties")
    if not properties or depth > 6:
        return st.dictionaries(st.text(max_size=9), st.text(max_size=20), max_size=3)
    required = set(schema.get("required", ()))
    fields = {name: values(specified, each, depth + 1) for name, each in properties.items()}
    optional = sorted(set(fields) - required)
    chosen = st.lists(st.sampled_from(optional), max_size=4, unique=True) if optional else st.just([])
    return chosen.flatmap(
        lambda names: st.fixed_dictionaries({name: fields[name] for name in fields if name in {*required, *names}})
    )


def arrays(specified: Specification, schema: dict[str, Any], depth: int) -> Strategy:
    return st.lists(values(specified, schema.get("items", {}), depth + 1), max_size=3)


def numbers(specified: Specification, schema: dict[str, Any], depth: int) -> Strategy:
    low, high = schema.get("minimum", -10), schema.get("maximum", 10_000)
    kind = st.integers if schema["type"] == "integer" else st.floats
    return kind(low, high) | st.sampled_from([low - 1, high + 1])


def texts(specified: Specification, schema: dict[str, Any], depth: int) -> Strategy:
    return st.text(max_size=20) | st.just("x" * (schema.get("maxLength", 20) + 1))


KINDS: dict[str, Callable[[Specification, dict[str, Any], int], Strategy]] = {
    "object": objects,
    "array": arrays,
    "integer": numbers,
    "number": numbers,
    "string": texts,
    "boolean": lambda specified, schema, depth: st.booleans(),
    "null": lambda specified, schema, depth: st.none(),
}


@pytest.fixture(scope="module")
def world(api: LocalApi) -> dict[str, str]:
    """Ids of things that are there, by the name of the parameter that takes them."""
    from tests.local_api.conftest import Http

    http = Http(api)
    http.post("/control/scripts", [SCRIPT])
    assistant = http.post("/assistants", {"model": "gpt-4o", "name": "Everything"})
    question = {"messages": [{"role": "user", "content": SCRIPT["turns"][0]["user"]}]}
    run = finish(http, http.post("/threads/runs", {"assistant_id": assistant["id"], "thread": question}))
    thread_id, file = run["thread_id"], upload(http)
    return {
        "assistant_id": assistant["id"],
        "thread_id": thread_id,
        "run_id": run["id"],
        "message_id": http.get(f"/threads/{thread_id}/messages")["data"][0]["id"],
        "step_id": http.get(f"/threads/{thread_id}/runs/{run['id']}/steps")["data"][0]["id"],
        "file_id": file["id"],
        "vector_store_id": http.post("/vector_stores", {"file_ids": [file["id"]]})["id"],
        "model": "gpt-4o",
    }


ODD_IDS = st.text(min_size=1, max_size=12) | st.sampled_from(["thread_x", "asst_x", "..", "file-x", "runs"])


def known_or_odd(world: dict[str, str], name: str) -> Strategy:
    """Mostly the id that is there."""
    return st.integers(0, 9).flatmap(lambda chance: ODD_IDS if chance == 0 else st.just(world.get(name, "batch_1")))


def query_values(specified: Specification, schema: dict[str, Any]) -> Strategy:
    if schema.get("type") == "array":
        return st.sampled_from(schema["items"].get("enum", ["odd"])) | st.text(max_size=9)
    return values(specified, schema).map(str) | st.sampled_from(["0", "-1", "101", "asc", "9" * 40])


@st.composite
def made_up(draw: st.DrawFn, specified: Specification, world: dict[str, str]) -> Request:
    """A request of one operation: method, path, query and body."""
    operation = draw(st.sampled_from(sorted(specified.operations.values(), key=lambda each: each.name)))
    # What everybody needs is deleted under other ids only.
    spared = operation.method == "DELETE"
    path = operation.path
    for name in [each[1] for each in string.Formatter().parse(path) if each[1]]:
        identifier = draw(ODD_IDS if spared else known_or_odd(world, name))
        path = path.replace(f"{{{name}}}", quote(identifier, safe="", errors="replace"))
    given = [(name, draw(query_values(specified, schema))) for name, schema in operation.parameters.items()]
    query = draw(st.lists(st.sampled_from(given), max_size=3)) if given else []
    body = draw(values(specified, operation.body)) if operation.body else None
    if isinstance(body, dict) and "assistant_id" in body and draw(st.booleans()):
        body = {**body, "assistant_id": world["assistant_id"]}
    return operation.method, path, query, body


def check(api: LocalApi, dialect: str, request: Request) -> None:
    method, path, query, body = request
    headers = {"Authorization": "Bearer local", "OpenAI-Beta": f"assistants={dialect}"}
    asked = [(name, value.encode("utf-8", "replace")) for name, value in query]
    answer = requests.request(method, api.url + path, params=asked, json=body, headers=headers, timeout=PATIENCE)
    assert answer.status_code < 500, (request, answer.text)
    if answer.status_code >= 400:
        assert answer.json()["error"]["message"]


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("dialect", ["v1", "v2"])
def test_a_thousand_requests_of_each_dialect_are_answered(api: LocalApi, world: dict[str, str], dialect: str) -> None:
    specified = specification(dialect)
    asked = itertools.count()

    @settings(max_examples=1_000, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(request=made_up(specified, world))
    def answered(request: Request) -> None:
        next(asked)
        check(api, dialect, request)

    answered()
    assert next(asked) >= 1_000
