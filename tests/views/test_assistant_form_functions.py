"""Functions in the form of an assistant: pasted, previewed as whoever answers sees them, and missed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from assistants_app.models import Assistant, Connection, FormDraft, ToolCall
from assistants_app.models.people import Role
from assistants_app.services import assistants, connections, output_schemas
from testing.api_actor import ApiActor
from testing.local_api_process import LocalApi
from tests.conftest import known_run, polled
from tests.views.conftest import page, piece
from tests.views.test_assistant_form import NEW, edit, form_of, htmx, known, saved

PYTHON = 'def ring(times: int, loud: bool = False):\n    """Ring.\n\n    Args:\n        times: How often.\n    """'
RING = {
    "name": "ring",
    "description": "Ring.",
    "parameters": {
        "type": "object",
        "properties": {
            "times": {"type": "integer", "description": "How often."},
            "loud": {"type": "boolean", "default": False},
        },
        "required": ["times"],
    },
}
PATHS = "paths:\n  /a:\n    get: {operationId: readA}\n  /b:\n    post: {operationId: makeB}\n"


@pytest.fixture
def edda(signed_in: Callable[..., Client]) -> Client:
    """The browser of an editor."""
    return signed_in("edda", Role.EDITOR)


@pytest.fixture
def assistant(connection: Connection, api_actor: ApiActor) -> Assistant:
    return known(connection, api_actor)


def pasting(client: Client, url: str, text: str, **more: str) -> Any:
    sent = {**form_of(client, url), "pasted": text, "pasted_kind": "", **more, "act": "paste"}
    return page(client.post(url, sent))


@pytest.mark.parametrize("dialect", ["v2", "v1"])
def test_what_is_pasted_becomes_a_row_and_is_saved(
    db: None, local_api: LocalApi, edda: Client, api_actor: ApiActor, dialect: str
) -> None:
    connections.set_up(name="Either", base_url=local_api.url, key="local", dialect=dialect, streaming=False)
    shown = pasting(edda, NEW, PYTHON, name="Bell", model="m")
    sent = shown.sends(NEW)
    assert json.loads(sent["function-0"]) == RING
    assert sent["pasted"] == ""
    assert "Added, not saved yet: ring." in shown.text("pasted-added")
    assert FormDraft.objects.get().fields["function-0"] == sent["function-0"]
    operation = saved(edda, NEW, sent)
    made = api_actor.get(f"/assistants/{operation.result_remote_id}")
    assert made["tools"] == [{"type": "function", "function": RING}]


def test_of_several_functions_some_are_chosen(assistant: Assistant, edda: Client) -> None:
    url = edit(assistant)
    shown = pasting(edda, url, PATHS)
    offered = [each.attributes.get("value") for each in shown.all("input", name="picked-1")]
    assert offered == ["post /b"]
    assert not shown.has("id_function-0")
    shown = pasting(edda, url, PATHS, **{"picked-0": "get /a", "picked-1": "post /b"})
    sent = shown.sends(url)
    assert [json.loads(sent[f"function-{place}"])["name"] for place in (0, 1)] == ["readA", "makeB"]
    assert not [name for name in sent if name.startswith("picked")]


def test_what_cannot_be_read_stays_and_says_why(assistant: Assistant, edda: Client) -> None:
    shown = pasting(edda, edit(assistant), "def ring(:\n  pass")
    assert "Line 1: This is not Python" in shown.text("id_pasted_error")
    assert shown.sends(edit(assistant))["pasted"] == "def ring(:\n  pass"


def test_pasted_text_is_kept_as_a_draft_and_never_sent(assistant: Assistant, edda: Client, api_actor: ApiActor) -> None:
    url = edit(assistant)
    edda.post(url, {**form_of(edda, url), "pasted": "half of it", "act": "draft"})
    sent = page(edda.get(url)).sends(url)
    assert sent["pasted"] == "half of it"
    operation = saved(edda, url, {**sent, "name": "Other"})
    assert operation.payload == {"name": "Other"}


def test_what_is_pasted_outlives_a_change_from_elsewhere(
    assistant: Assistant, edda: Client, api_actor: ApiActor
) -> None:
    url = edit(assistant)
    sent = form_of(edda, url)
    api_actor.post(f"/assistants/{assistant.remote_id}", {"instructions": "Be theirs."})
    assistants.refresh(connection=assistant.connection)
    shown = page(edda.post(url, {**sent, "instructions": "Be mine.", "pasted": "half", "act": "save"}), 409)
    assert shown.sends(url)["pasted"] == "half"


def test_the_preview_is_the_form_of_a_run_and_sends_nothing(assistant: Assistant, edda: Client) -> None:
    url = edit(assistant)
    returns = '{"type": "object", "required": ["rang"], "properties": {"rang": {"type": "boolean"}}}'
    output_schemas.save(connection=assistant.connection, name="ring", text=returns, by=User.objects.get())
    sent = {**form_of(edda, url), "function-0": json.dumps(RING), "act": "example 0"}
    shown = page(edda.post(url, sent, headers=htmx("function-preview-0")))
    assert json.loads(shown.one("code", id="arguments-example-0").text) == {"times": 1, "loud": False}
    assert shown.has("id_example-0--0")
    within = shown.one("fieldset", class_="example")
    assert "disabled" in within.attributes
    assert shown.one("select", id="id_example-0--0").inside(within)
    assert not FormDraft.objects.exists()
    whole = page(edda.post(url, sent))
    assert not [name for name in whole.sends(url) if name.startswith("example")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Nothing is declared yet."),
        ('{"name": "f" 1}', "line 1, column 14"),
        ("[]", "a JSON object with a “name”"),
        ("{}", "It has no name yet."),
        ('{"name": "f"}', "It has no parameters"),
        ('{"name": 3, "parameters": {"type": "odd"}}', "“parameters”: This is no JSON Schema"),
        ('{"name": "f", "parameters": {"type": "array"}}', "Arguments are an object"),
        ("[" * 10_000 + "]" * 10_000, "nested too deep"),
        ('{"name": "\\ud800\\u0000", "description": {"a": 1}, "parameters": {}}', "Arguments are an object"),
    ],
)
def test_the_preview_says_what_is_missing(assistant: Assistant, edda: Client, text: str, words: str) -> None:
    sent = {**form_of(edda, edit(assistant)), "function-0": text, "act": "example 0"}
    shown = page(edda.post(edit(assistant), sent, headers=htmx("function-preview-0")))
    assert words in shown.text("function-preview-0")


def test_without_a_script_a_button_shows_the_preview(assistant: Assistant, edda: Client) -> None:
    sent = {**form_of(edda, edit(assistant)), "function-0": json.dumps(RING), "act": "example 0"}
    shown = page(edda.post(edit(assistant), sent))
    preview = shown.one("div", id="function-preview-0")
    (folded,) = (each for each in shown.all("details") if each.within == preview)
    assert "open" in folded.attributes
    assert shown.has("arguments-example-0")


def test_of_many_functions_the_first_are_drawn_and_any_other_when_asked(assistant: Assistant, edda: Client) -> None:
    url = edit(assistant)
    many = {f"function-{n}": json.dumps({"name": f"f{n}", "parameters": {}}) for n in range(30)}
    shown = page(edda.post(url, {**form_of(edda, url), **many, "act": "example 25"}))
    drawn = [n for n in range(30) if shown.all("fieldset", class_="example") and shown.has(f"id_example-{n}")]
    assert drawn == [*range(20), 25]


# ---- Functions that runs called


@pytest.fixture
def rang(assistant: Assistant, api_actor: ApiActor) -> Assistant:
    """The assistant, of whose runs two called a function that it does not declare."""
    for times in (1, 2):
        text = api_actor.script([("ring", {"times": times, **({"loud": True} if times == 1 else {})})])
        thread = api_actor.post("/threads", {"messages": [{"role": "user", "content": text}]})
        run = api_actor.post(f"/threads/{thread['id']}/runs", {"assistant_id": assistant.remote_id})
        polled(known_run(assistant.connection, (thread["id"], run["id"])))
    return assistant


def test_functions_that_runs_called_and_that_are_not_declared_are_told(rang: Assistant, edda: Client) -> None:
    run = ToolCall.objects.filter(name="ring").latest("pk").run
    for url in (edit(rang), rang.get_absolute_url()):
        shown = page(edda.get(url))
        assert "ring: 2 calls" in shown.text("undeclared")
        assert run.get_absolute_url() in [each.attributes.get("href") for each in shown.all("a")]
    typed = {**form_of(edda, edit(rang)), "function-0": '{"name": "ring", half', "act": "draft"}
    assert not page(edda.post(edit(rang), typed)).has("undeclared")


def test_a_declaration_is_drafted_from_the_calls(rang: Assistant, edda: Client) -> None:
    url = edit(rang)
    button = next(each for each in page(edda.get(url)).all("button") if each.text == "Draft a declaration")
    shown = page(edda.post(url, {**form_of(edda, url), "act": button.attributes["value"]}))
    assert json.loads(shown.sends(url)["function-0"]) == {
        "name": "ring",
        "parameters": {
            "type": "object",
            "properties": {"times": {"type": "integer"}, "loud": {"type": "boolean"}},
            "required": ["times"],
        },
    }
    assert not shown.has("undeclared")
    assert "guessed from 2 calls" in shown.text("pasted-added")


def test_calls_of_other_assistants_are_no_samples(rang: Assistant, edda: Client, api_actor: ApiActor) -> None:
    other = api_actor.assistant(name="Other")
    assistants.refresh(connection=rang.connection)
    url = edit(Assistant.objects.get(remote_id=other["id"]))
    key = ToolCall.objects.latest("pk").pk
    shown = page(edda.post(url, {**form_of(edda, url), "act": f"declare {key}"}))
    assert not shown.has("id_function-0")
    assert "No run of this assistant" in shown.text("id_pasted_error")


def test_who_may_not_edit_is_not_led_to_the_form(rang: Assistant, olga: Client) -> None:
    assert not page(olga.get(rang.get_absolute_url())).has("undeclared")


def test_the_head_of_the_page_tells_it_too(rang: Assistant, edda: Client) -> None:
    assert "ring" in page(piece(edda, rang.get_absolute_url(), "assistant-head")).text("undeclared")
