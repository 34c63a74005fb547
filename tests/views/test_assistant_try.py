"""Trying an assistant: with a version, with what stands in its form, and two of them side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from assistants_app.models import Assistant, Connection, Operation, Run, Thread
from assistants_app.models.people import Role
from assistants_app.services import archive, assistants, connections, refreshing, sending
from testing.api_actor import ApiActor
from testing.html_page import Page
from testing.local_api_process import LocalApi
from tests.conftest import polled
from tests.views.conftest import page, piece, typed

TOOL = {"type": "function", "function": {"name": "ring", "parameters": {"type": "object", "properties": {}}}}


@pytest.fixture
def edda(signed_in: Callable[..., Client]) -> Client:
    """The browser of an editor."""
    return signed_in("edda", Role.EDITOR)


@pytest.fixture(params=["v2", "v1"])
def either(request: pytest.FixtureRequest, db: None, local_api: LocalApi) -> Connection:
    """A connection of each dialect."""
    given: dict[str, Any] = {"base_url": local_api.url, "key": "local", "dialect": request.param, "streaming": False}
    made = connections.set_up(name="Either", **given)
    Connection.objects.update(due_at=None)
    return made


@pytest.fixture
def assistant(connection: Connection, api_actor: ApiActor) -> Assistant:
    return known(connection, api_actor)


def known(connection: Connection, api_actor: ApiActor, **fields: Any) -> Assistant:
    made = api_actor.assistant(name="Porter", instructions="Be kind.", tools=[TOOL], temperature=0.5, **fields)
    assistants.refresh(connection=connection)
    return Assistant.objects.select_related("connection").get(remote_id=made["id"])


def changed(assistant: Assistant, api_actor: ApiActor, **fields: Any) -> None:
    """Somebody else changes it, and we read it."""
    api_actor.post(f"/assistants/{assistant.remote_id}", fields)
    assistants.read(key=assistant.pk)


def here(assistant: Assistant) -> str:
    return f"{assistant.get_absolute_url()}try/"


def form_of(shown: Page) -> tuple[str, dict[str, str]]:
    """Where the field for a message leads, and what it sends as it stands."""
    # The form of the assistant may have the same address.
    form = shown.read(shown.one("form", id="trial-form"))
    return form.action, form.fields


def say(client: Client, url: str, text: str, **more: str) -> Any:
    """Writes a message on the page of that address and sends it."""
    action, sent = form_of(page(client.get(url)))
    return client.post(action, {**sent, "trial-text": text, "act": "send", **more})


def delivered() -> list[Operation]:
    """All operations in their order, after a worker took up those that are due, and what they made was read."""
    while sending.deliver_due():
        pass
    for key in Thread.objects.exclude(operations=None).values_list("pk", flat=True).distinct():
        refreshing.refresh_thread(key=key)
    return list(Operation.objects.order_by("pk"))


def own(operation: Operation) -> dict[str, Any]:
    """What a run was given in place of its assistant's."""
    return {
        name: value
        for name, value in operation.payload.items()
        if name not in {"assistant_id", "metadata", "thread", "messages"}
    }


def test_a_message_is_sent_its_call_answered_and_the_reply_read(
    either: Connection, olga: Client, api_actor: ApiActor
) -> None:
    assistant = known(either, api_actor)
    text = api_actor.script([("ring", {"times": 2})], reply="It rang.")
    response = say(olga, f"{assistant.get_absolute_url()}?panel=try", text)
    assert response.status_code == 303
    assert response["Location"].startswith(f"{assistant.get_absolute_url()}?panel=try&trial=")
    assert "has not answered yet" in page(olga.get(response["Location"])).text("trial-thread")
    (operation,) = delivered()
    assert (operation.kind, operation.state, own(operation)) == ("create_thread_and_run", "accepted", {})
    thread, run = Thread.objects.get(), polled(Run.objects.get())
    assert thread.object["metadata"]["switchboard_scratch"] == assistant.remote_id
    shown = page(olga.get(response["Location"]))
    assert "Made with version 1, as saved" in shown.text("trial-thread")
    assert shown.one("form", id="answers").attributes["action"] == f"{run.get_absolute_url()}answers/"
    assert not [each for each in shown.all("a") if each.text.strip().startswith("Answer")]
    assert "disabled" in next(each for each in shown.all("button", name="act") if each.text == "Send").attributes
    assert olga.post(f"{run.get_absolute_url()}answers/", typed(run, "ok")).status_code == 303
    delivered()
    polled(run)
    delivered()
    shown = page(olga.get(response["Location"]))
    assert "It rang." in shown.text("trial-thread")
    assert not shown.text("trial-answers")
    say(olga, response["Location"], "And then?")
    operations = delivered()[-2:]
    assert [(each.kind, each.thread, each.error) for each in operations] == [
        ("create_message", thread, ""),
        ("create_run", thread, ""),
    ]
    for list_ in ("/threads/", assistant.get_absolute_url()):
        assert "Scratch" in olga.get(list_).content.decode()
    assert "Scratch" in page(olga.get(thread.get_absolute_url())).text("thread-head")


def test_what_is_not_saved_is_given_to_the_run(either: Connection, edda: Client, api_actor: ApiActor) -> None:
    assistant = known(either, api_actor)
    url = f"{assistant.get_absolute_url()}edit/"
    shown = page(edda.get(f"{url}?panel=try"))
    left_out = "Name, Description, Files, Metadata" if either.dialect == "v1" else "Name, Description, Files and vector"
    assert f"Not applied: {left_out}" in shown.text("trial-acts")
    action, sent = form_of(shown)
    typed_in = shown.sends(f"{url}?panel=try")
    typed_in |= {"instructions": "Be brief.", "temperature": "0.9", "name": "Other", "response_format": "json_object"}
    headers = {"HX-Request": "true", "HX-Target": "trial"}
    response = edda.post(action, {**sent, **typed_in, "trial-text": "Hello", "act": "send"}, headers=headers)
    assert response.status_code == 200
    assert response["HX-Replace-Url"].startswith(f"{url}?panel=try&trial=")
    (operation,) = delivered()
    expected = {"instructions": "Be brief.", "temperature": 0.9, "response_format": {"type": "json_object"}}
    assert (operation.error, own(operation)) == ("", expected)
    run = api_actor.get(f"/threads/{Thread.objects.get().remote_id}/runs")["data"][0]
    assert (run["instructions"], run["temperature"]) == ("Be brief.", 0.9)
    assert api_actor.get(f"/assistants/{assistant.remote_id}")["instructions"] == "Be kind."
    told = page(edda.get(response["HX-Replace-Url"])).text("trial-thread")
    assert "Made with version 1, unsaved: Instructions, Response format, Temperature" in told


def test_what_only_a_run_alone_takes_is_given_to_one_that_follows_its_thread(
    assistant: Assistant, edda: Client, api_actor: ApiActor
) -> None:
    url = f"{assistant.get_absolute_url()}edit/"
    shown = page(edda.get(f"{url}?panel=try"))
    action, sent = form_of(shown)
    typed_in = shown.sends(f"{url}?panel=try") | {"reasoning_effort": "low", "tools": ""}
    edda.post(action, {**sent, **typed_in, "trial-text": "Hello", "act": "send"})
    made, run = delivered()
    assert (made.kind, made.error, run.kind, run.error) == ("create_thread", "", "create_run", "")
    assert (run.thread, own(run)) == (made.thread, {"reasoning_effort": "low"})
    assert Thread.objects.get().object["metadata"]["switchboard_scratch"] == assistant.remote_id
    told = page(edda.get(f"{url}?panel=try&trial={made.key.removeprefix('thread:')}")).text("trial-thread")
    assert "unsaved: Reasoning effort" in told


def test_what_is_wrong_with_the_form_is_told_there_and_nothing_is_sent(assistant: Assistant, edda: Client) -> None:
    url = f"{assistant.get_absolute_url()}edit/"
    shown = page(edda.get(f"{url}?panel=try"))
    action, sent = form_of(shown)
    wrong = shown.sends(f"{url}?panel=try") | {"temperature": "hot", "instructions": "Kept"}
    asked = {**sent, **wrong, "trial-text": "Written <b>", "act": "send"}
    headers = {"HX-Request": "true", "HX-Target": "trial"}
    response = edda.post(action, asked, headers=headers)
    assert (response.status_code, response["HX-Retarget"]) == (422, "#assistant-form")
    again = page(edda.post(action, asked), 422)
    assert again.has("id_temperature_error")
    assert again.sends(f"{url}?panel=try")["instructions"] == "Kept"
    assert form_of(again)[1]["trial-text"] == "Written <b>"
    assert not Operation.objects.exists()


def test_without_scripts_the_panel_goes_by_what_the_form_was_left_with(assistant: Assistant, edda: Client) -> None:
    url = f"{assistant.get_absolute_url()}edit/"
    sent = page(edda.get(url)).sends(url) | {"instructions": "Left so."}
    assert edda.post(url, {**sent, "temperature": "hot", "act": "try"}).status_code == 422
    response = edda.post(url, {**sent, "act": "try"})
    assert (response.status_code, response["Location"]) == (303, f"{url}?panel=try")
    assert page(edda.get(response["Location"])).one("textarea", name="instructions").text.strip() == "Left so."
    assert say(edda, response["Location"], "Hello").status_code == 303
    (operation,) = delivered()
    assert own(operation) == {"instructions": "Left so."}


@pytest.mark.slow
def test_two_versions_run_side_by_side(either: Connection, olga: Client, api_actor: ApiActor) -> None:
    assistant = known(either, api_actor)
    changed(assistant, api_actor, instructions="Be long.", model="gpt-4o-mini", name="Other")
    text = api_actor.script([("ring", {"times": 2})], reply="It rang.")
    response = say(olga, f"{here(assistant)}?left=1&right=2", text)
    assert response.status_code == 303
    assert response["Location"].startswith(f"{here(assistant)}?left=1&right=2&both=")
    left, right = delivered()
    assert (left.error, right.error) == ("", "")
    assert (own(left), own(right)) == ({"instructions": "Be kind.", "model": "gpt-4o"}, {})
    assert left.run and right.run
    runs = [polled(each) for each in (left.run, right.run)]
    shown = page(olga.get(response["Location"]))
    assert "Made with version 1, as saved" in shown.text("trial-left")
    assert "Made with version 2, as saved" in shown.text("trial-right")
    answered = []
    for _ in runs:
        shown = page(olga.get(response["Location"]))
        action = shown.one("form", id="answers").attributes["action"]
        (run,) = [each for each in runs if action.startswith(each.get_absolute_url())]
        answered.append(run)
        olga.post(action, typed(run, "ok"))
        delivered()
        polled(run)
        delivered()
    assert {each.pk for each in answered} == {each.pk for each in runs}
    shown = page(olga.get(response["Location"]))
    for name in ("trial-left", "trial-right"):
        assert "It rang." in shown.text(name)
        assert "took" in shown.text(name)
        assert "total" in shown.text(name)
    assert "No difference" in shown.text("trial-difference")
    for target in ("trial-left", "trial-right", "trial-answers", "trial-difference", "trial-acts"):
        assert f'id="{target}"' in piece(olga, response["Location"], target).content.decode()


def test_a_version_is_tried_against_what_is_not_saved(assistant: Assistant, edda: Client) -> None:
    url = f"{assistant.get_absolute_url()}edit/"
    assert "nothing unsaved" in page(edda.get(f"{here(assistant)}?left=1&right=form")).text("trial-right").lower()
    sent = page(edda.get(url)).sends(url)
    edda.post(url, {**sent, "instructions": "Half a thought", "act": "draft"})
    say(edda, f"{here(assistant)}?left=1&right=form", "Hello")
    left, right = delivered()
    assert (own(left), own(right)) == ({}, {"instructions": "Half a thought"})


def test_a_form_sent_twice_is_done_once(assistant: Assistant, olga: Client) -> None:
    for url in (f"{assistant.get_absolute_url()}?panel=try", f"{here(assistant)}?left=1&right=1"):
        Operation.objects.all().delete()
        action, sent = form_of(page(olga.get(url)))
        sent |= {"trial-text": "Hello", "act": "send"}
        first, second = olga.post(action, sent), olga.post(action, sent)
        assert first["Location"] == second["Location"]
        assert {each.kind for each in delivered()} == {"create_thread_and_run"}
        assert Operation.objects.count() == (2 if "left" in url else 1)


def test_what_the_server_refuses_is_told_and_the_message_stays(
    assistant: Assistant, olga: Client, api_actor: ApiActor
) -> None:
    api_actor.fault("POST", "/v1/threads/runs$", status=400, body={"error": {"message": "Not <b>today</b>."}})
    response = say(olga, here(assistant), "Will it?")
    delivered()
    shown = page(olga.get(response["Location"]))
    assert "The server refused (400). Not <b>today</b>." in shown.text("trial-thread")
    action, sent = form_of(shown)
    assert sent["trial-text"] == "Will it?"
    olga.post(action, {**sent, "act": "send"})
    assert [each.state for each in delivered()] == ["refused", "accepted"]


def test_an_empty_message_is_not_sent(assistant: Assistant, olga: Client) -> None:
    for url in (here(assistant), f"{here(assistant)}?left=1&right=1"):
        assert "Write a message first." in page(say(olga, url, " \n"), 422).text("trial-acts")
    assert not Operation.objects.exists()


@pytest.mark.parametrize("query", ["?left=9&right=1", "?left=1", "?left=x&right=form", "?right=%00"])
def test_a_side_that_is_not_there_cannot_be_tried(assistant: Assistant, olga: Client, query: str) -> None:
    shown = page(olga.get(here(assistant) + query))
    (button,) = [each for each in shown.all("button") if each.text.strip() == "Run against both"]
    assert "disabled" in button.attributes
    assert page(say(olga, here(assistant) + query, "Hello"), 422).has("trials")
    assert not Operation.objects.exists()


@pytest.mark.parametrize("trial", ["x", "00000000-0000-0000-0000-000000000000", "%00"])
def test_a_trial_that_is_not_known_begins_anew(assistant: Assistant, olga: Client, trial: str) -> None:
    shown = page(olga.get(f"{here(assistant)}?trial={trial}"))
    assert "A message begins a scratch thread" in shown.text("trial-thread")
    assert olga.post(f"{here(assistant)}?trial={trial}", {"act": "delete"}).status_code == 404


def test_one_that_is_gone_or_of_an_archive_is_not_tried(
    assistant: Assistant, olga: Client, api_actor: ApiActor
) -> None:
    url = f"{assistant.get_absolute_url()}?panel=try"
    action, sent = form_of(page(olga.get(url)))
    api_actor.delete(f"/assistants/{assistant.remote_id}")
    assistants.read(key=assistant.pk)
    assert "no longer has this assistant" in page(olga.get(url)).text("trial-acts")
    archive.close(assistant.connection, "gone")
    assert "archive" in page(olga.get(url)).text("trial-acts")
    assert "archive" in page(olga.get(f"{here(assistant)}?left=1&right=1")).text("trial-acts")
    assert olga.post(action, {**sent, "trial-text": "Hello", "act": "send"}).status_code == 422
    assert not Operation.objects.exists()


def test_a_scratch_thread_is_deleted_from_the_panel(assistant: Assistant, olga: Client, api_actor: ApiActor) -> None:
    response = say(olga, f"{assistant.get_absolute_url()}?panel=try", "Hello")
    delivered()
    own_page = page(olga.get(response["Location"])).one(id="trial-thread").attributes["hx-get"]
    api_actor.fault("DELETE", "/v1/threads/", status=500, body={"error": {"message": "Not now."}})
    assert "Not now." in page(olga.post(own_page, {"act": "delete"}), 502).text("trial-thread")
    answer = olga.post(own_page, {"act": "delete"})
    assert (answer.status_code, answer["Location"]) == (303, f"{assistant.get_absolute_url()}?panel=try")
    assert Thread.objects.get().gone_at is not None
    shown = page(olga.get(response["Location"]))
    assert "no longer has this thread" in shown.text("trial-thread")
    assert "Start again" in shown.text("trial-acts")


def test_who_may_only_look_is_offered_nothing_to_try(assistant: Assistant, signed_in: Callable[..., Client]) -> None:
    client = signed_in("vera", Role.VIEWER)
    shown = page(client.get(f"{assistant.get_absolute_url()}?panel=try"))
    assert not shown.has("trial")
    assert "Try it" not in shown.text("assistant-head")
    assert client.get(here(assistant)).status_code == 403
    assert client.post(here(assistant)).status_code == 403
