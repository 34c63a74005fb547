"""Assistants as a machine makes them up after the specifications: the form gives back what it was given."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from assistants_app.api.dialects import DIALECTS
from assistants_app.forms import assistant_texts
from assistants_app.models import Assistant, Connection, FormDraft, Operation
from assistants_app.models.people import Role
from assistants_app.services import assistants, configurations, connections, sending
from testing.api_actor import ApiActor
from testing.generation import EXAMPLES
from testing.local_api_process import LocalApi
from testing.specifications import FOLDER, Specification, specification
from tests.views.conftest import page

RECORD = Path(FOLDER).parent / "data/airline/conversations.jsonl"
NEW = "/assistants/new/"
# What differs between two forms that say the same.
OF_THE_DRAFT = {"csrfmiddlewaretoken", "draft", "draft_version"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
# What a form can be told over a browser.
TYPED = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=40)
ON_ONE_LINE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)
NAMES = st.from_regex(r"[a-zA-Z0-9_-]{1,64}", fullmatch=True)
SCHEMAS = st.fixed_dictionaries(
    {"type": st.just("object")},
    optional={
        "properties": st.dictionaries(st.text(max_size=9), st.fixed_dictionaries({"enum": st.lists(JSON, max_size=3)})),
        "description": TYPED,
        "default": JSON,
        "additionalProperties": st.booleans(),
    },
)


def allowed(  # noqa: PLR0911
    specified: Specification, schema: Any, name: str = "", depth: int = 0
) -> st.SearchStrategy[Any]:
    """What a schema of the specification allows."""
    if "$ref" in schema:
        return allowed(specified, specified.schema(schema["$ref"].rpartition("/")[2]), name, depth)
    branches = schema.get("oneOf") or schema.get("anyOf")
    if branches:
        return st.one_of([allowed(specified, each, name, depth) for each in branches])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kind = schema.get("type")
    if kind == "object":
        return objects(specified, schema, name, depth)
    if kind == "array":
        most = min(schema.get("maxItems", 3), 3)
        return st.lists(allowed(specified, schema["items"], name, depth + 1), max_size=most)
    if kind in {"integer", "number"}:
        make = st.integers if kind == "integer" else st.floats
        return make(schema.get("minimum", -5), schema.get("maximum", 5))
    if kind == "string":
        return NAMES if name == "name" and depth > 1 else st.text(max_size=min(schema.get("maxLength", 40), 40))
    return st.booleans() if kind == "boolean" else st.none()


def objects(specified: Specification, schema: Any, name: str, depth: int) -> st.SearchStrategy[Any]:
    properties = schema.get("properties")
    if not properties:
        values = st.text(max_size=40) if name == "metadata" else JSON
        return st.dictionaries(st.text(max_size=12), values, max_size=3)
    needed = set(schema.get("required", ()))
    # That one makes something new on the server.
    wanted = {
        key: allowed(specified, each, key, depth + 1) for key, each in properties.items() if key != "vector_stores"
    }
    return st.fixed_dictionaries(
        {key: each for key, each in wanted.items() if key in needed},
        optional={key: each for key, each in wanted.items() if key not in needed},
    )


def assistants_of(dialect: str) -> st.SearchStrategy[Any]:
    """Bodies that the specification's createAssistant takes; ids of files are of files that are there."""
    specified = specification(dialect)
    made = allowed(specified, specified.schema("CreateAssistantRequest"))
    return made.map(lambda body: without_ids(body, dialect))


def without_ids(body: dict[str, Any], dialect: str) -> dict[str, Any]:
    body = {name: value for name, value in body.items() if name not in {"tool_resources", "file_ids"}}
    # The specification allows an object without a type; no server does.
    if isinstance(body.get("response_format"), dict) and "type" not in body["response_format"]:
        del body["response_format"]
    return {**body, "model": body.get("model") or "m", "name": (body.get("name") or "")[:256]}


def typed_assistants(dialect: str) -> st.SearchStrategy[Any]:
    """Configurations that somebody can type."""
    search = DIALECTS[dialect].search
    function = st.fixed_dictionaries({"name": NAMES}, optional={"description": TYPED, "parameters": SCHEMAS})
    functions = st.lists(function, max_size=3, unique_by=lambda each: str(each["name"]))
    ranking = st.fixed_dictionaries({"score_threshold": st.floats(0, 1)}, optional={"ranker": st.just("auto")})
    options = st.fixed_dictionaries({"max_num_results": st.integers(1, 50)}, optional={"ranking_options": ranking})
    searching = st.fixed_dictionaries(
        {"type": st.just(search)}, optional={"file_search": options} if dialect == "v2" else {}
    )
    tools = st.tuples(
        st.lists(st.just({"type": "code_interpreter"}), max_size=1), st.lists(searching, max_size=1), functions
    )
    formats = [st.just("auto"), st.just({"type": "json_object"})]
    if dialect == "v2":
        # Of a strict one more is demanded than these schemas say.
        named = st.fixed_dictionaries({"name": NAMES}, optional={"schema": SCHEMAS, "strict": st.just(False)})
        formats.append(st.fixed_dictionaries({"type": st.just("json_schema"), "json_schema": named}))
    return st.fixed_dictionaries(
        {
            "model": ON_ONE_LINE.filter(lambda text: text.strip() == text and text),
            "tools": tools.map(
                lambda each: [*each[0], *each[1], *({"type": "function", "function": one} for one in each[2])]
            ),
        },
        optional={
            "name": ON_ONE_LINE,
            "description": TYPED,
            "instructions": TYPED,
            "temperature": st.floats(0, 2),
            "top_p": st.floats(0, 1),
            "response_format": st.one_of(formats),
            "metadata": st.dictionaries(ON_ONE_LINE.filter(str.strip), TYPED, max_size=15),
        },
    )


@pytest.fixture
def edda(signed_in: Callable[..., Client]) -> Client:
    return signed_in("edda", Role.EDITOR)


@pytest.fixture(params=["v2", "v1"])
def either(request: pytest.FixtureRequest, db: None, local_api: LocalApi) -> Connection:
    made = connections.set_up(name="Either", base_url=local_api.url, key="local", dialect=request.param)
    Connection.objects.update(due_at=None)
    return made


def without_draft(sent: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in sent.items() if name not in OF_THE_DRAFT}


def as_a_browser(client: Client, url: str) -> dict[str, str]:
    """What the form sends that nobody touched."""
    return sends(client.get(url), url)


def sends(response: Any, url: str) -> dict[str, str]:
    """What a form that came sends as it stands."""
    shown = page(response)
    lines = {each.attributes["name"] for each in shown.all("textarea")}
    sent = shown.sends(url)
    return {name: re.sub(r"\r\n|\r|\n", "\r\n" if name in lines else "", text) for name, text in sent.items()}


def latest() -> Operation:
    sending.deliver_due()
    return Operation.objects.latest("made_at")


def untouched(dialect: str, connection: Connection, edda: Client, api_actor: ApiActor, body: dict[str, Any]) -> None:
    """Nobody touched it: nothing changed. Somebody changed its name: that is sent and nothing else."""
    Operation.objects.all().delete()
    FormDraft.objects.all().delete()
    api_actor.session.headers["OpenAI-Beta"] = f"assistants={dialect}"
    made = api_actor.post("/assistants", body)
    assistants.refresh(connection=connection)
    url = f"{Assistant.objects.get(remote_id=made['id']).get_absolute_url()}edit/"
    sent = as_a_browser(edda, url)
    assert edda.post(url, {**sent, "act": "save"}).status_code == 422
    assert not Operation.objects.exists()
    assert edda.post(url, {**sent, "name": "Renamed", "act": "save"}).status_code == 303
    operation = latest()
    assert (operation.state, operation.payload) == ("accepted", {"name": "Renamed"}), operation.error
    now = api_actor.get(f"/assistants/{made['id']}")
    api_actor.delete(f"/assistants/{made['id']}")
    Assistant.objects.all().delete()
    assert now == {**made, "name": "Renamed"}


def typed(dialect: str, edda: Client, api_actor: ApiActor, configuration: dict[str, Any]) -> None:
    """What was typed is what is made."""
    texts = assistant_texts.texts(configuration, DIALECTS[dialect])
    sent = {name: text.replace("\n", "\r\n") for name, text in texts.items()}
    begun = page(edda.get(NEW)).sends(NEW)
    answer = edda.post(NEW, {"once": begun["once"], **sent, "act": "save"})
    assert answer.status_code == 303, answer.content.decode()
    operation = latest()
    assert operation.state == "accepted", operation.error
    api_actor.session.headers["OpenAI-Beta"] = "assistants=v2"
    made = api_actor.get(f"/assistants/{operation.result_remote_id}")
    found = {name: made[name] for name in configuration} | {"metadata": made["metadata"]}
    kept = {
        **configuration,
        "tools": [
            {**tool, "type": tool["type"].replace("retrieval", "file_search")} for tool in configuration["tools"]
        ],
    }
    assert configurations.digest(found) == configurations.digest(kept)
    api_actor.delete(f"/assistants/{operation.result_remote_id}")
    Operation.objects.all().delete()
    Assistant.objects.all().delete()


def often(count: int, strategy: st.SearchStrategy[Any], check: Callable[[Any], None]) -> None:
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(value=strategy)
    def every(value: Any) -> None:
        check(value)

    every()


@pytest.mark.slow  # the strategies of whole specifications take seconds to build
@pytest.mark.timeout(1200)
def test_what_nobody_touched_stays_as_it_is(either: Connection, edda: Client, api_actor: ApiActor) -> None:
    check = lambda body: untouched(either.dialect, either, edda, api_actor, body)  # noqa: E731
    often(EXAMPLES // 3, assistants_of(either.dialect), check)


@pytest.mark.timeout(1200)
def test_what_is_typed_is_what_is_made(either: Connection, edda: Client, api_actor: ApiActor) -> None:
    often(EXAMPLES // 4, typed_assistants(either.dialect), lambda each: typed(either.dialect, edda, api_actor, each))


def recorded_tools() -> list[dict[str, Any]]:
    """The 14 functions of the recorded conversations."""
    if not RECORD.exists():
        pytest.skip(f"no recorded conversations in {RECORD.parent}")
    with RECORD.open() as lines:
        tools: list[dict[str, Any]] = json.loads(next(lines))["assistant"]["tools"]
    assert len(tools) == 14
    return tools


def test_real_declarations_survive_form_save_and_reading(
    connection: Connection, edda: Client, api_actor: ApiActor
) -> None:
    given_tools = recorded_tools()
    begun = page(edda.get(NEW)).sends(NEW)
    functions = {f"function-{n}": json.dumps(tool["function"], indent=3) for n, tool in enumerate(given_tools)}
    edda.post(NEW, {"once": begun["once"], "model": "m", **functions, "act": "save"})
    made = latest()
    assert made.state == "accepted", made.error
    assert api_actor.get(f"/assistants/{made.result_remote_id}")["tools"] == given_tools
    url = f"{Assistant.objects.get().get_absolute_url()}edit/"
    sent = as_a_browser(edda, url)
    assert (
        edda.post(url, {**sent, "function-3": sent["function-3"] + " ", "name": "Agent", "act": "save"}).status_code
        == 303
    )
    assert latest().payload["name"] == "Agent"
    assert api_actor.get(f"/assistants/{made.result_remote_id}")["tools"] == given_tools


@pytest.mark.slow
def test_real_declarations_survive_the_fields_and_the_json_of_each(
    connection: Connection, edda: Client, api_actor: ApiActor
) -> None:
    given_tools = recorded_tools()
    made = api_actor.assistant(name="Agent", tools=given_tools)
    assistants.refresh(connection=connection)
    url = Assistant.objects.get(remote_id=made["id"]).get_absolute_url() + "edit/"
    first = as_a_browser(edda, url)
    sent = first
    for view in ("form", "json", "form"):
        for place in range(14):
            sent = sends(edda.post(url, {**sent, "act": f"{view} function-{place}"}), url)
            assert (f"view-{place}" in sent) == (view == "form")
        if view == "json":
            assert without_draft(sent) == without_draft(first)
    # All of them as fields: nothing is changed by that, and something else is.
    assert edda.post(url, {**sent, "act": "save"}).status_code == 422
    assert edda.post(url, {**sent, "name": "Renamed", "act": "save"}).status_code == 303
    assert latest().payload == {"name": "Renamed"}
    sent = {**sent, "once": str(uuid4()), "base": as_a_browser(edda, url)["base"], "name": "Renamed"}
    changed = {**sent, "function-1-form-description": "Calculate it.", "act": "save"}
    assert edda.post(url, changed).status_code == 303
    assert latest().state == "accepted"
    given_tools[1]["function"]["description"] = "Calculate it."
    assert api_actor.get(f"/assistants/{made['id']}")["tools"] == given_tools
