"""Writing to a thread with files, metadata and all options of a run."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from assistants_app.models import Assistant, Connection, File, Listing, Operation, Thread
from assistants_app.services import assistants, connections, refreshing
from assistants_app.views import compose
from testing.api_actor import ApiActor
from testing.html_page import Page
from testing.local_api_process import LocalApi
from tests.conftest import known_thread
from tests.views.conftest import delivered, page
from tests.views.test_thread_message_details import upload


@pytest.fixture(autouse=True)
def worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a worker that is not there."""
    monkeypatch.setattr(compose, "LONGEST_UPLOAD", 0.0)


@pytest.fixture
def thread(connection: Connection, api_actor: ApiActor) -> Thread:
    """An empty thread of the server."""
    api_actor.assistant()
    assistants.refresh(connection=connection)
    return known_thread(connection, api_actor.post("/threads")["id"])


def here(thread: Thread) -> str:
    return f"{thread.get_absolute_url()}compose/"


def begun(thread: Thread, olga: Client) -> dict[str, str]:
    """What the form sends as it stands, with an assistant chosen."""
    chosen = Assistant.objects.filter(connection=thread.connection).values_list("pk", flat=True)[0]
    return {**page(olga.get(here(thread))).sends(here(thread)), "assistant": str(chosen), "act": "run"}


def sent_body(kind: str) -> dict[str, Any]:
    return Operation.objects.get(kind=kind).payload


OPTIONS = {
    "options-model": "gpt-4o-mini",
    "options-reasoning_effort": "low",
    "options-instructions": "Be brief.\r\n",
    "options-additional_instructions": "And kind.",
    "options-temperature": "0.5",
    "options-top_p": "0.25",
    "options-max_prompt_tokens": "300",
    "options-max_completion_tokens": "400",
    "options-truncation_strategy": "last_messages",
    "options-last_messages": "3",
    "options-tools": '[{"type": "function", "function": {"name": "look"}}]',
    "options-tool_choice": "function",
    "options-tool_function": "look",
    "options-parallel_tool_calls": "false",
    "options-response_format": "json_schema",
    "options-json_schema": '{"name": "answer", "schema": {"type": "object"}}',
    "messages-0-text": "One more thing",
    "messages-0-role": "assistant",
}


def test_all_options_of_a_run_reach_the_server(thread: Thread, olga: Client, api_actor: ApiActor) -> None:
    response = olga.post(here(thread), {**begun(thread, olga), **OPTIONS})
    assert (response.status_code, response["Location"]) == (303, thread.get_absolute_url())
    assert [(each.kind, each.state, each.error) for each in delivered()] == [("create_run", "accepted", "")]
    body = sent_body("create_run")
    assert {name: value for name, value in body.items() if name not in {"assistant_id", "metadata"}} == {
        "model": "gpt-4o-mini",
        "reasoning_effort": "low",
        "instructions": "Be brief.\n",
        "additional_instructions": "And kind.",
        "temperature": 0.5,
        "top_p": 0.25,
        "max_prompt_tokens": 300,
        "max_completion_tokens": 400,
        "truncation_strategy": {"type": "last_messages", "last_messages": 3},
        "tools": [{"type": "function", "function": {"name": "look"}}],
        "tool_choice": {"type": "function", "function": {"name": "look"}},
        "parallel_tool_calls": False,
        "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object"}}},
        "additional_messages": [{"role": "assistant", "content": "One more thing"}],
    }
    (run,) = api_actor.get(f"/threads/{thread.remote_id}/runs")["data"]
    assert (run["model"], run["temperature"], run["max_prompt_tokens"]) == ("gpt-4o-mini", 0.5, 300)


def test_nothing_chosen_sends_nothing_of_it(thread: Thread, olga: Client) -> None:
    olga.post(here(thread), begun(thread, olga))
    assert set(sent_body("create_run")) == {"assistant_id", "metadata"}


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("temperature", "2.1", "less than or equal to 2"),
        ("temperature", "nan", "Enter a number"),
        ("top_p", "-1", "greater than or equal to 0"),
        ("max_prompt_tokens", "255", "greater than or equal to 256"),
        ("tools", "{", "not JSON: Expecting property name enclosed in double quotes (line 1, column 2)"),
        ("tools", "[" * 100_000, "nested too deep"),
        ("tools", '{"type": "x"}', "list of objects"),
        ("tools", "[NaN]", "not JSON that every program reads alike"),
        ("tools", json.dumps([{"type": "x"}] * 21), "At most 20 tools"),
        ("truncation_strategy", "last_messages", "Say how many."),
        ("last_messages", "3", "counts only with"),
        ("tool_choice", "function", "Name the function."),
        ("tool_function", "a b", "Letters, digits"),
        ("response_format", "json_schema", "Write the schema down."),
        ("json_schema", "[]", "counts only with"),
        ("reasoning_effort", "endless", "not one of the available choices"),
        ("model", "x" * 257, "at most 256 characters"),
    ],
)
def test_a_wrong_option_is_told_beside_it_and_all_stays_typed(
    thread: Thread, olga: Client, field: str, value: str, told: str
) -> None:
    sent = {**begun(thread, olga), "options-additional_instructions": "kept <b>", f"options-{field}": value}
    sent |= {"options-tool_choice": "function"} if field == "tool_function" else {}
    shown = page(olga.post(here(thread), sent), 422)
    wrong = [each for each in shown.all("div") if each.attributes.get("id", "").startswith("id_options-")]
    assert told in " ".join(each.text for each in wrong)
    again = shown.sends(here(thread))
    assert again["options-additional_instructions"] == "kept <b>"
    assert "open" in shown.one(id="run-options").attributes
    if field not in {"reasoning_effort"}:
        assert again[f"options-{field}"] == value
    assert not Operation.objects.exists()


def test_v1_has_only_the_fields_that_it_knows(thread: Thread, olga: Client) -> None:
    connections.save(thread.connection, dialect="v1")
    shown = page(olga.get(here(thread)))
    assert "Not here: reasoning_effort, parallel_tool_calls, json_schema" in shown.text("run-options")
    names = {each.attributes.get("name") for each in shown.elements}
    assert not names & {"options-reasoning_effort", "options-parallel_tool_calls", "options-json_schema"}
    chosen = begun(thread, olga)
    olga.post(here(thread), {**chosen, "options-response_format": "json_object", "options-tool_choice": "retrieval"})
    assert [each.error for each in delivered()] == [""]
    body = sent_body("create_run")
    assert (body["response_format"], body["tool_choice"]) == ({"type": "json_object"}, {"type": "retrieval"})


@pytest.mark.parametrize("dialect", ["v2", "v1"])
def test_files_go_along_with_a_message(
    thread: Thread, olga: Client, api_actor: ApiActor, local_api: LocalApi, dialect: str
) -> None:
    connections.save(thread.connection, dialect=dialect)
    file_id = upload(local_api, api_actor, "a.txt", b"A")
    sent = {**begun(thread, olga), "act": "send", "text": "Read this", "files-0-file": f" {file_id} "}
    sent |= {"files-0-use": "both" if dialect == "v2" else "", "metadata-0-key": "a", "metadata-0-value": "b"}
    assert olga.post(here(thread), sent).status_code == 303
    assert [(each.kind, each.error) for each in delivered()] == [("create_message", "")]
    (message,) = api_actor.get(f"/threads/{thread.remote_id}/messages")["data"]
    tools = [{"type": "code_interpreter"}, {"type": "file_search"}]
    assert message["attachments"] == [{"file_id": file_id, "tools": tools}]
    assert message["metadata"]["a"] == "b"


def test_an_image_is_a_part_of_its_message(
    thread: Thread, olga: Client, api_actor: ApiActor, local_api: LocalApi
) -> None:
    file_id = upload(local_api, api_actor, "a.png", b"A", "vision")
    sent = {
        **begun(thread, olga),
        "act": "send_and_run",
        "text": "Look",
        "files-0-file": file_id,
        "files-0-use": "image",
    }
    olga.post(here(thread), {**sent, "options-temperature": "0.1"})
    assert [(each.kind, each.error) for each in delivered()] == [("create_message", ""), ("create_run", "")]
    assert [each["type"] for each in sent_body("create_message")["content"]] == ["text", "image_file"]
    assert sent_body("create_run")["temperature"] == 0.1


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"act": "send", "text": " "}, "Write a message first."),
        ({"act": "send_and_run", "text": "Hello", "assistant": ""}, "Choose an assistant."),
        ({"act": "run", "text": "Hello"}, "A run alone sends no message"),
        ({"act": "run", "files-0-file": "file-1", "files-0-use": "image"}, "Files go along with a message"),
        ({"act": "run", "messages-0-text": " \n"}, "Message 1 is blank."),
        ({"act": "send", "text": "Hello", "files-0-file": "f", "files-0-use": "cooking"}, "not one of the available"),
        ({"act": "send", "text": "Hello", "once": "x"}, "not whole"),
        ({"act": "send", "text": "Hello", "metadata-0-value": "v"}, "Row 1 has a value and no key."),
    ],
)
def test_what_does_not_go_together_is_told_and_sends_nothing(
    thread: Thread, olga: Client, changed: dict[str, str], told: str
) -> None:
    shown = page(olga.post(here(thread), {**begun(thread, olga), **changed}), 422)
    assert told in shown.text("compose-all")
    assert shown.sends(here(thread))["text"] == changed.get("text", "")
    assert not Operation.objects.exists()


def test_what_was_typed_on_the_threads_page_comes_along(thread: Thread, olga: Client) -> None:
    shown = page(olga.get(thread.get_absolute_url()))
    (button,) = [each for each in shown.all("button") if each.attributes.get("formaction") == here(thread)]
    sent = {**shown.sends(f"{thread.get_absolute_url()}messages/"), "text": "Half <a> thought"}
    assert button
    assert page(olga.post(here(thread), sent)).sends(here(thread))["text"] == "Half <a> thought"
    assert not Operation.objects.exists()


@pytest.mark.parametrize("act", ["more attachments", "more messages", "more metadata", "keep", "more nonsense"])
def test_another_row_keeps_all_that_was_typed(thread: Thread, olga: Client, act: str) -> None:
    typed = {"text": "Kept", "options-temperature": "wrong", "files-0-file": "f", "files-0-use": "image", "act": act}
    typed |= {"messages-0-text": "more", "messages-0-role": "assistant", "metadata-0-key": "k" * 99}
    shown = page(olga.post(here(thread), {**begun(thread, olga), **typed}))
    again = shown.sends(here(thread))
    assert {name: again[name] for name in typed if name != "act"} == {k: v for k, v in typed.items() if k != "act"}
    assert not errors_of(shown)
    assert not Operation.objects.exists()


def errors_of(shown: Page) -> list[str]:
    form = shown.one(id="compose-all")
    return [each.text for each in shown.all("p", class_="error") if each.inside(form)]


def test_a_file_is_uploaded_from_the_form_and_stands_in_it(thread: Thread, olga: Client, api_actor: ApiActor) -> None:
    sent = {**begun(thread, olga), "act": "upload", "text": "Kept", "upload-purpose": "vision"}

    def press() -> Page:
        return page(olga.post(here(thread), {**sent, "upload-file": SimpleUploadedFile("a.png", b"AB", "image/png")}))

    assert "on its way" in press().text("problems")
    assert [each.state for each in delivered()] == ["accepted"]
    shown = press()
    again, file = shown.sends(here(thread)), File.objects.get()
    assert (again["files-0-file"], again["files-0-use"], again["text"]) == (file.remote_id, "image", "Kept")
    assert api_actor.get(f"/files/{file.remote_id}")["bytes"] == 2


def test_a_file_that_is_chosen_and_not_uploaded_is_not_left_behind(thread: Thread, olga: Client) -> None:
    sent = {**begun(thread, olga), "act": "send", "text": "Hello", "upload-file": SimpleUploadedFile("a.png", b"AB")}
    assert "not uploaded yet" in page(olga.post(here(thread), sent), 422).text("compose-all")
    assert not Operation.objects.exists()


@pytest.mark.parametrize("content", [None, b""])
def test_no_file_is_told(thread: Thread, olga: Client, content: bytes | None) -> None:
    sent = {**begun(thread, olga), "act": "upload", "text": "Kept"}
    file = {"upload-file": SimpleUploadedFile("a.png", content)} if content is not None else {}
    shown = page(olga.post(here(thread), {**sent, **file}))
    assert len(errors_of(shown)) == 1
    assert shown.sends(here(thread))["text"] == "Kept"


def test_a_double_click_sends_once(thread: Thread, olga: Client) -> None:
    sent = {**begun(thread, olga), "act": "send_and_run", "text": "Hello", "once": str(uuid4())}
    assert {olga.post(here(thread), sent).status_code for _ in range(2)} == {303}
    assert Operation.objects.count() == 2


def test_models_and_files_of_the_server_are_offered(
    thread: Thread, olga: Client, api_actor: ApiActor, local_api: LocalApi
) -> None:
    file_id = upload(local_api, api_actor, "a.txt", b"A")
    page(olga.get(here(thread)))
    for listing in Listing.objects.all():
        refreshing.read_listing(key=listing.pk)
    offered = {each.attributes.get("value") for each in page(olga.get(here(thread))).all("option")}
    assert {"gpt-4o", file_id} <= offered
