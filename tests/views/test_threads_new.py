"""A new thread with what it begins with, alone or with a run in the same act."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from assistants_app.models import Assistant, Connection, Operation, Run, Thread
from assistants_app.services import assistants, connections
from testing.api_actor import ApiActor
from testing.local_api_process import LocalApi
from tests.views.conftest import delivered, page
from tests.views.test_thread_message_details import upload


@pytest.fixture
def known(connection: Connection, api_actor: ApiActor) -> Connection:
    """The connection, with an assistant."""
    api_actor.assistant()
    assistants.refresh(connection=connection)
    return connection


def here(connection: Connection) -> str:
    return f"/threads/new/?connection={connection.pk}"


def begun(connection: Connection, olga: Client, act: str, **typed: str) -> dict[str, str]:
    """What the form sends with the first message and an assistant."""
    chosen = Assistant.objects.filter(connection=connection).values_list("pk", flat=True)[0]
    form = page(olga.get(here(connection))).sends(here(connection))
    return {**form, "act": act, "assistant": str(chosen), "messages-0-text": "Hello <b>", **typed}


def test_create_and_run_makes_both_in_one_act(known: Connection, olga: Client, api_actor: ApiActor) -> None:
    sent = begun(known, olga, "create_and_run", **{"options-temperature": "0.5", "metadata-0-key": "a"})
    before = api_actor.sent("POST", "/v1/threads/runs")
    assert "Send the form again to look" in page(olga.post(here(known), sent), 202).text("on-its-way")
    assert [(each.kind, each.state, each.error) for each in delivered()] == [("create_thread_and_run", "accepted", "")]
    run = Run.objects.get()
    assert olga.post(here(known), sent)["Location"] == run.get_absolute_url()
    assert Operation.objects.count() == 1
    assert api_actor.sent("POST", "/v1/threads/runs") == before + 1
    made = api_actor.get(f"/threads/{run.thread.remote_id}/runs/{run.remote_id}")
    assert made["temperature"] == 0.5
    assert api_actor.get(f"/threads/{run.thread.remote_id}")["metadata"]["a"] == ""


def test_a_thread_alone_begins_with_messages_files_and_metadata(
    known: Connection, olga: Client, api_actor: ApiActor, local_api: LocalApi
) -> None:
    file_id = upload(local_api, api_actor, "a.csv", b"A")
    store = api_actor.post("/vector_stores", {"name": "Manuals"})["id"]
    more = {
        "files-0-file": file_id,
        "files-0-use": "file_search",
        "file_ids": f"{file_id}\r\n",
        "vector_store_id": store,
    }
    more |= {"messages-TOTAL_FORMS": "2", "messages-1-text": "And this", "messages-1-role": "assistant"}
    olga.post(here(known), begun(known, olga, "create", **more))
    assert [(each.kind, each.error) for each in delivered()] == [("create_thread", "")]
    thread = api_actor.get(f"/threads/{Thread.objects.get().remote_id}")
    assert thread["tool_resources"]["code_interpreter"] == {"file_ids": [file_id]}
    assert thread["tool_resources"]["file_search"]["vector_store_ids"] == [store]
    last, first = api_actor.get(f"/threads/{thread['id']}/messages")["data"]
    assert [(each["role"], len(each["attachments"])) for each in (first, last)] == [("user", 0), ("assistant", 1)]


def test_v1_has_no_files_of_threads_and_makes_both_too(known: Connection, olga: Client, api_actor: ApiActor) -> None:
    connections.save(known, dialect="v1")
    shown = page(olga.get(here(known)))
    assert not shown.has("resources")
    olga.post(here(known), begun(known, olga, "create_and_run"))
    assert [(each.kind, each.error) for each in delivered()] == [("create_thread_and_run", "")]


def test_looking_what_became_of_it_tells_a_refusal_and_sends_nothing(
    known: Connection, olga: Client, api_actor: ApiActor
) -> None:
    api_actor.fault("POST", "/threads/runs$", status=400, body={"error": {"message": "No <such> model"}})
    first = page(olga.post(here(known), begun(known, olga, "create_and_run", **{"options-model": "gpt-none"})), 202)
    delivered()
    again = {**first.sends(here(known)), "act": "create_and_run"}
    shown = page(olga.post(here(known), again), 502)
    assert "No <such> model" in shown.text("refused")
    assert Operation.objects.count() == 1
    kept = shown.sends(here(known))
    assert (kept["options-model"], kept["messages-0-text"]) == ("gpt-none", "Hello <b>")
    # Whoever was told and sends it all the same wants it anew.
    page(olga.post(here(known), {**kept, "act": "create_and_run"}), 202)
    assert Operation.objects.count() == 2


@pytest.mark.parametrize(
    ("act", "changed", "told"),
    [
        ("create_and_run", {"assistant": ""}, "Choose an assistant."),
        (
            "create",
            {"files-0-file": "f", "messages-0-text": "", "files-0-use": "image"},
            "Files go along with a",
        ),
        ("create", {"file_ids": " ".join(["f"] * 21)}, "At most 20 files."),
        ("create", {"metadata-0-value": "v"}, "Row 1 has a value and no key."),
        ("create", {"messages-0-role": "system"}, "not one of the available choices"),
        ("create", {"options-temperature": "9"}, "less than or equal to 2"),
    ],
)
def test_what_is_wrong_is_told_and_makes_nothing(
    known: Connection, olga: Client, act: str, changed: dict[str, str], told: str
) -> None:
    assert told in page(olga.post(here(known), begun(known, olga, act, **changed)), 422).text("new-thread")
    assert not Operation.objects.exists()


def test_an_empty_thread_is_a_thread(known: Connection, olga: Client) -> None:
    olga.post(here(known), begun(known, olga, "create", **{"messages-0-text": "", "assistant": ""}))
    assert [(each.kind, each.error) for each in delivered()] == [("create_thread", "")]


def test_of_several_connections_one_is_chosen_first(known: Connection, olga: Client) -> None:
    assert page(olga.get("/threads/new/")).has("new-thread")
    other = connections.set_up(name="Second", base_url="http://127.0.0.1:9/v1", key="other")
    links = {each.attributes["href"] for each in page(olga.get("/threads/new/")).all("a", class_="row-link")}
    assert links == {here(known), here(other)}
    Connection.objects.update(gone_at=known.key_expires_at or "2026-01-01T00:00Z")
    assert "No server is connected" in page(olga.get(here(known))).text("main")


def test_what_a_server_lacks_is_turned_off_with_the_reason(
    known: Connection, olga: Client, api_actor: ApiActor
) -> None:
    api_actor.fault("POST", "/threads/runs$", status=501, body={"message": "Not here"})
    olga.post(here(known), begun(known, olga, "create_and_run"))
    delivered()
    shown = page(olga.get(here(known)))
    assert "501, “Not here”" in shown.text("main")
    off: Any = [each for each in shown.all("button") if each.attributes.get("value") == "create_and_run"]
    assert "disabled" in off[0].attributes
