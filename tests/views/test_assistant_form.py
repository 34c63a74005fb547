"""The form of an assistant: making one and changing one, on servers of both dialects."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from assistants_app.models import Assistant, AssistantVersion, Connection, FormDraft, Listing, Operation
from assistants_app.models.people import Role
from assistants_app.services import assistants, connections, sending
from testing.api_actor import ApiActor
from testing.html_page import Page
from testing.local_api_process import LocalApi
from tests.views.conftest import page, piece

NEW = "/assistants/new/"
WEATHER = {"name": "get_weather", "description": "Now.", "parameters": {"type": "object", "properties": {}}}


@pytest.fixture
def edda(signed_in: Callable[..., Client]) -> Client:
    """The browser of an editor."""
    return signed_in("edda", Role.EDITOR)


@pytest.fixture(params=["v2", "v1"])
def either(request: pytest.FixtureRequest, db: None, local_api: LocalApi) -> Connection:
    """A connection of each dialect."""
    made = connections.set_up(name="Either", base_url=local_api.url, key="local", dialect=request.param)
    Connection.objects.update(due_at=None)
    return made


@pytest.fixture
def assistant(connection: Connection, api_actor: ApiActor) -> Assistant:
    return known(connection, api_actor)


def known(connection: Connection, api_actor: ApiActor, **fields: Any) -> Assistant:
    made = api_actor.assistant(name="Porter", instructions="Be kind.\nBe brief.", metadata={"team": "front"}, **fields)
    assistants.refresh(connection=connection)
    return Assistant.objects.select_related("connection").get(remote_id=made["id"])


def edit(assistant: Assistant) -> str:
    return f"{assistant.get_absolute_url()}edit/"


def form_of(client: Client, url: str) -> dict[str, str]:
    """What the form sends as it stands."""
    return page(client.get(url)).sends(url)


def delivered(operation: Operation) -> Operation:
    sending.deliver_due()
    operation.refresh_from_db()
    return operation


def saved(client: Client, url: str, sent: dict[str, str]) -> Operation:
    """What comes of sending the form."""
    response = client.post(url, {**sent, "act": "save"})
    assert response.status_code == 303, Page(response.content.decode()).text("assistant-form")
    return delivered(Operation.objects.latest("made_at"))


def test_a_new_one_has_all_that_was_typed(either: Connection, edda: Client, api_actor: ApiActor) -> None:
    is_second = either.dialect == "v2"
    typed = {"name": "Concierge", "model": "my-model", "description": "Helps", "instructions": "# You\nhelp.  \n"}
    typed |= {
        "temperature": "0,5",
        "top_p": "0.9",
        "code_interpreter": "on",
        "search": "on",
        "key-0": "a",
        "value-0": "b",
    }
    typed |= {"function-0": json.dumps(WEATHER), "response_format": "json_object"}
    typed |= {"max_num_results": "7", "score_threshold": "0.5"} if is_second else {}
    operation = saved(edda, NEW, {**form_of(edda, NEW), **typed})
    assert (operation.state, operation.error) == ("accepted", "")
    made = api_actor.get(f"/assistants/{operation.result_remote_id}")
    assert {name: made[name] for name in ("name", "model", "description", "instructions")} == {
        name: typed[name] for name in ("name", "model", "description", "instructions")
    }
    assert (made["temperature"], made["top_p"], made["response_format"]) == (0.5, 0.9, {"type": "json_object"})
    options = {"max_num_results": 7, "ranking_options": {"score_threshold": 0.5}}
    assert made["tools"] == [
        {"type": "code_interpreter"},
        {"type": "file_search", **({"file_search": options} if is_second else {})},
        {"type": "function", "function": WEATHER},
    ]
    assert made["metadata"] == {"a": "b", "switchboard_operation": str(operation.uuid)}
    version = AssistantVersion.objects.get(assistant=operation.assistant)
    assert (version.number, version.by.username) == (1, "edda")  # type: ignore[union-attr]
    assert "switchboard_operation" not in version.configuration
    assert not FormDraft.objects.exists()


def test_exactly_the_changed_fields_are_sent(assistant: Assistant, edda: Client, api_actor: ApiActor) -> None:
    sent = form_of(edda, edit(assistant))
    operation = saved(edda, edit(assistant), {**sent, "name": "Night porter", "note": "He works at night."})
    assert operation.payload == {"name": "Night porter"}
    assert api_actor.get(f"/assistants/{assistant.remote_id}")["name"] == "Night porter"
    newest = assistant.versions.first()
    assert newest is not None and newest.by is not None
    assert (newest.number, newest.by.username, newest.note) == (2, "edda", "He works at night.")


def test_a_form_that_nobody_touched_sends_nothing(assistant: Assistant, edda: Client) -> None:
    shown = page(edda.post(edit(assistant), {**form_of(edda, edit(assistant)), "act": "save"}), 422)
    assert "Nothing is changed yet" in shown.text("assistant-form")
    assert not Operation.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "n" * 257),
        ("description", "d" * 513),
        ("instructions", "i" * 256_001),
        ("model", ""),
        ("temperature", "2.1"),
        ("temperature", "warm"),
        ("top_p", "1.1"),
        ("max_num_results", "51"),
        ("score_threshold", "2"),
        ("vector_store_ids", "vs_1 vs_2"),
        ("interpreter_files", " ".join(f"file-{n}" for n in range(21))),
        ("function-0", '{"name": "two words"}'),
        ("function-0", '{"name": "f", "parameters": {"type": "odd"}}'),
        ("function-0", '{"name": "f",\n "name": "g"}'),
        ("other_tools", "{}"),
        ("value-0", "v" * 513),
        ("key-0", "k" * 65),
        ("key-0", ""),
    ],
)
def test_what_breaks_a_limit_is_told_beside_its_field_and_kept(
    assistant: Assistant, edda: Client, field: str, value: str
) -> None:
    more = {"search": "on"} if field in {"max_num_results", "score_threshold"} else {}
    sent = {**form_of(edda, edit(assistant)), **more, field: value, "act": "save"}
    shown = page(edda.post(edit(assistant), sent), 422)
    assert shown.has(f"id_{field}_error")
    assert shown.sends(edit(assistant))[field] == value
    assert FormDraft.objects.get().fields[field] == value
    assert not Operation.objects.exists()


def test_json_that_is_none_is_told_at_its_line_and_column(assistant: Assistant, edda: Client) -> None:
    sent = {**form_of(edda, edit(assistant)), "function-0": '{"name": "f",\n  "parameters": {,}}', "act": "save"}
    shown = page(edda.post(edit(assistant), sent), 422)
    assert "line 2, column 18" in shown.text("id_function-0_error")


@pytest.mark.parametrize(
    ("declaration", "words"),
    [
        ('{"name": "f",\n "parameters": {\n  "type": "odd"}}', "Line 3: “parameters”: This is no JSON Schema"),
        ('{"name": "f",\n "strict": true,\n "parameters": {"type": "object"}}', "Line 3: parameters: with “strict”"),
    ],
)
def test_what_a_server_would_refuse_is_told_at_its_line(
    assistant: Assistant, edda: Client, declaration: str, words: str
) -> None:
    sent = {**form_of(edda, edit(assistant)), "function-0": declaration, "act": "save"}
    shown = page(edda.post(edit(assistant), sent), 422)
    assert words in shown.text("id_function-0_error")


def test_an_editor_is_told_what_is_wrong_with_what_it_holds(assistant: Assistant, edda: Client) -> None:
    sent = {"act": "check", "kind": "function", "text": '{"name": "f",\n "strict": 1}'}
    problems = edda.post(edit(assistant), sent).json()["problems"]
    assert problems == [{"line": 2, "column": 2, "words": "“strict” must be true or false."}]
    assert edda.post(edit(assistant), {**sent, "kind": "object"}).json() == {"problems": []}
    assert not FormDraft.objects.exists()


def test_json_is_formatted_and_nothing_in_it_changes(assistant: Assistant, edda: Client) -> None:
    sent = {**form_of(edda, edit(assistant)), "function-0": '{"name":"f","x":1.00}', "act": "format function-0"}
    shown = page(edda.post(edit(assistant), sent))
    assert shown.sends(edit(assistant))["function-0"] == '{\n  "name": "f",\n  "x": 1.00\n}'
    shown = page(edda.post(edit(assistant), {**sent, "function-0": '{"name"'}))
    assert shown.sends(edit(assistant))["function-0"] == '{"name"'
    assert "Line 1: This is not JSON" in shown.text("function-row-0")


def test_a_function_is_made_strict(assistant: Assistant, edda: Client) -> None:
    sent = {**form_of(edda, edit(assistant)), "function-0": json.dumps(WEATHER), "act": "strict function-0"}
    made = json.loads(page(edda.post(edit(assistant), sent)).sends(edit(assistant))["function-0"])
    assert made == {
        **WEATHER,
        "strict": True,
        "parameters": {"type": "object", "properties": {}, "required": [], "additionalProperties": False},
    }


def test_a_function_is_written_in_fields(assistant: Assistant, edda: Client, api_actor: ApiActor) -> None:
    url = edit(assistant)
    sent = form_of(edda, url)
    for act in ("more function", "form function-0", "more-parameter function-0"):
        shown = page(edda.post(url, {**sent, "act": act}))
        sent = shown.sends(url)
    fields = {"form-name": "ring", "form-description": "Rings.", "row-0-name": "often", "row-0-kind": "integer"}
    fields |= {"row-0-required": "on"}
    sent |= {f"function-0-{name}": text for name, text in fields.items()}
    shown = page(edda.post(url, {**sent, "function-0-form-name": "two words", "act": "save"}), 422)
    assert shown.text("id_function-0_error").startswith("“name” must have")
    operation = saved(edda, url, {**sent, "once": shown.sends(url)["once"]})
    parameters = {"type": "object", "properties": {"often": {"type": "integer"}}, "required": ["often"]}
    tool = {"name": "ring", "description": "Rings.", "parameters": parameters}
    assert operation.payload == {"tools": [{"type": "function", "function": tool}]}


def test_fields_that_are_not_right_are_told_and_kept(assistant: Assistant, edda: Client) -> None:
    url = edit(assistant)
    sent = {**form_of(edda, url), "function-0": json.dumps(WEATHER)}
    sent = page(edda.post(url, {**sent, "act": "form function-0"})).sends(url)
    sent |= {"function-0-row-0-description": "Which?", "function-0-row-0-kind": "string"}
    shown = page(edda.post(url, {**sent, "act": "save"}), 422)
    assert "Parameter 1: A parameter needs a name." in shown.text("assistant-form")
    assert shown.has("id_function-0-row-0-name_error")
    shown = page(edda.post(url, {**sent, "act": "json function-0"}))
    assert shown.sends(url)["function-0-row-0-description"] == "Which?"
    again = page(edda.get(url))
    assert again.sends(url)["function-0-row-0-description"] == "Which?"


def test_the_servers_word_stands_beside_the_field_that_it_names(
    assistant: Assistant, edda: Client, api_actor: ApiActor
) -> None:
    error = {"message": "The model 'x' does not exist", "type": "invalid_request_error", "param": "model", "code": None}
    api_actor.fault("POST", f"/v1/assistants/{assistant.remote_id}", status=400, body={"error": error})
    operation = saved(edda, edit(assistant), {**form_of(edda, edit(assistant)), "model": "x", "name": "Kept"})
    assert (operation.state, operation.error_param) == ("refused", "model")
    shown = page(edda.get(edit(assistant)))
    assert "does not exist" in shown.text("id_model_error")
    assert {"name": "Kept", "model": "x"}.items() <= shown.sends(edit(assistant)).items()


def test_what_is_typed_is_a_draft_until_it_is_saved(assistant: Assistant, edda: Client) -> None:
    sent = {**form_of(edda, edit(assistant)), "instructions": "Half a thou"}
    kept = page(edda.post(edit(assistant), {**sent, "act": "draft"}, headers=htmx("form-draft")))
    again = page(edda.get(edit(assistant)))
    assert again.sends(edit(assistant))["instructions"] == "Half a thou"
    assert "not saved yet" in again.text("assistant-form")
    draft = FormDraft.objects.get()
    assert kept.one("input", name="draft").attributes["value"] == str(draft.uuid)
    saved(edda, edit(assistant), again.sends(edit(assistant)))
    assert not FormDraft.objects.exists()


def test_two_windows_do_not_write_over_each_others_drafts(assistant: Assistant, edda: Client) -> None:
    sent = {**form_of(edda, edit(assistant)), "act": "draft"}
    first = page(edda.post(edit(assistant), {**sent, "name": "One"}, headers=htmx("form-draft")))
    mark = {each: first.one("input", name=each).attributes["value"] for each in ("draft", "draft_version")}
    edda.post(edit(assistant), {**sent, **mark, "name": "Two"}, headers=htmx("form-draft"))
    edda.post(edit(assistant), {**sent, **mark, "name": "Three"}, headers=htmx("form-draft"))
    assert sorted(each.fields["name"] for each in FormDraft.objects.all()) == ["Three", "Two"]


def test_a_draft_can_be_thrown_away(assistant: Assistant, edda: Client) -> None:
    edda.post(edit(assistant), {**form_of(edda, edit(assistant)), "name": "Half", "act": "draft"})
    assert edda.post(edit(assistant), {"act": "discard"}).status_code == 303
    assert form_of(edda, edit(assistant))["name"] == "Porter"


def test_nothing_is_written_over_that_was_changed_elsewhere(
    assistant: Assistant, edda: Client, api_actor: ApiActor
) -> None:
    path = f"/assistants/{assistant.remote_id}"
    sent = form_of(edda, edit(assistant))
    api_actor.post(path, {"instructions": "Be theirs.", "description": "New"})
    operation = saved(edda, edit(assistant), {**sent, "instructions": "Be mine.", "name": "Mine"})
    assert operation.state == "refused"
    assert api_actor.get(path)["instructions"] == "Be theirs."
    shown = page(edda.get(edit(assistant)))
    assert "changed elsewhere" in shown.text("three-ways-title")
    form = shown.sends(edit(assistant))
    assert (form["instructions"], form["description"], form["name"]) == ("Be mine.", "New", "Mine")
    form.pop("take-instructions", None)
    assert "Choose for each" in page(edda.post(edit(assistant), {**form, "act": "save"}), 409).text("assistant-form")
    operation = saved(edda, edit(assistant), {**form, "take-instructions": "mine"})
    assert operation.payload == {"name": "Mine", "instructions": "Be mine."}
    now = api_actor.get(path)
    assert (now["instructions"], now["description"], now["name"]) == ("Be mine.", "New", "Mine")


def test_theirs_can_be_taken(assistant: Assistant, edda: Client, api_actor: ApiActor) -> None:
    path = f"/assistants/{assistant.remote_id}"
    sent = form_of(edda, edit(assistant))
    api_actor.post(path, {"instructions": "Be theirs."})
    assistants.refresh(connection=assistant.connection)
    shown = page(edda.post(edit(assistant), {**sent, "instructions": "Be mine.", "name": "Mine", "act": "save"}), 409)
    form = shown.sends(edit(assistant))
    operation = saved(edda, edit(assistant), {**form, "take-instructions": "theirs"})
    assert operation.payload == {"name": "Mine"}
    assert api_actor.get(path)["instructions"] == "Be theirs."


def test_the_same_form_sent_twice_is_sent_once(assistant: Assistant, edda: Client, api_actor: ApiActor) -> None:
    sent = {**form_of(edda, edit(assistant)), "name": "Once", "act": "save"}
    edda.post(edit(assistant), sent)
    edda.post(edit(assistant), sent)
    delivered(Operation.objects.get())
    assert api_actor.sent("POST", f"/v1/assistants/{assistant.remote_id}") == 1


def test_another_change_while_one_is_on_its_way_is_kept_and_told(assistant: Assistant, edda: Client) -> None:
    sent = {**form_of(edda, edit(assistant)), "act": "save"}
    edda.post(edit(assistant), {**sent, "name": "First"})
    shown = page(edda.post(edit(assistant), {**sent, "name": "Second"}), 409)
    assert "still on its way" in shown.text("assistant-form")
    assert shown.sends(edit(assistant))["name"] == "Second"
    assert shown.sends(edit(assistant))["once"] != sent["once"]


def test_a_lost_answer_is_found_by_reading(assistant: Assistant, edda: Client, api_actor: ApiActor) -> None:
    api_actor.fault("POST", f"/v1/assistants/{assistant.remote_id}$", after_effect=True, status=502)
    operation = saved(edda, edit(assistant), {**form_of(edda, edit(assistant)), "name": "Lost"})
    assert operation.state == "unknown"
    long_ago = timezone.now() - timedelta(seconds=sending.SETTLE_SECONDS)
    Operation.objects.update(sent_at=long_ago, due_at=long_ago, holder="")
    assert delivered(operation).state == "accepted"
    assert api_actor.sent("POST", f"/v1/assistants/{assistant.remote_id}") == 1
    assert [each.by and each.by.username for each in assistant.versions.all()] == ["edda", None]


def test_rows_come_and_go_without_a_script(assistant: Assistant, edda: Client) -> None:
    sent = form_of(edda, edit(assistant))
    shown = page(edda.post(edit(assistant), {**sent, "act": "more function"}))
    assert shown.has("id_function-0")
    shown = page(edda.post(edit(assistant), {**sent, "function-0": "{", "act": "less function-0"}))
    assert not shown.has("id_function-0")
    assert page(edda.post(edit(assistant), {**sent, "act": "more pair"})).has("id_key-1")


def test_instructions_are_previewed_as_messages_are_drawn(assistant: Assistant, edda: Client) -> None:
    sent = {**form_of(edda, edit(assistant)), "instructions": "**bold** <script>", "act": "preview"}
    shown = page(edda.post(edit(assistant), sent, headers=htmx("instructions-preview")))
    assert shown.one("strong").text == "bold"
    assert not shown.all("script")


def test_a_connection_is_chosen_first_where_there_are_several(
    connection: Connection, either: Connection, edda: Client
) -> None:
    links = [each.attributes["href"] for each in page(edda.get(NEW)).all("a", class_="row-link")]
    assert links == [f"{NEW}?connection={each.pk}" for each in (either, connection)]


def test_the_model_is_a_deployment_on_azure_and_its_list_comes_with_what_is_in_use(
    assistant: Assistant, edda: Client
) -> None:
    Connection.objects.update(endpoint="azure_openai")
    Listing.objects.create(connection=assistant.connection, name="listModels", content='["gpt-4o", "mine"]')
    shown = page(edda.get(edit(assistant)))
    assert shown.one("label", **{"for": "id_model"}).text == "Deployment"
    assert {"gpt-4o", "mine"} <= {each.attributes["value"] for each in shown.css("datalist option")}


def test_only_editors_may(assistant: Assistant, olga: Client) -> None:
    for url in (NEW, edit(assistant), f"{assistant.get_absolute_url()}delete/"):
        page(olga.get(url), 403)


def test_drift_is_told_on_the_open_form(assistant: Assistant, edda: Client, api_actor: ApiActor) -> None:
    base = form_of(edda, edit(assistant))["base"]
    api_actor.post(f"/assistants/{assistant.remote_id}", {"instructions": "Be theirs."})
    assistants.refresh(connection=assistant.connection)
    shown = page(piece(edda, f"{edit(assistant)}?base={base}", "assistant-drift"))
    assert "changed elsewhere since you began. Instructions." in shown.text("assistant-drift")


def htmx(target: str) -> dict[str, str]:
    return {"HX-Request": "true", "HX-Target": target}
