"""Editing the metadata of threads, messages and runs as rows of keys and values."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from assistants_app.models import Connection, Message, Run, Thread
from assistants_app.models.operations import OPERATION_KEY
from testing.api_actor import ApiActor
from testing.html_page import normalize_text
from tests.conftest import known_thread
from tests.views.conftest import page

ROWS = "metadata-TOTAL_FORMS"


@pytest.fixture
def thread(connection: Connection, api_actor: ApiActor) -> Thread:
    """A thread of the server with a pair of metadata."""
    return known_thread(connection, api_actor.post("/threads", {"metadata": {"topic": "old"}})["id"])


def address(thread: Thread) -> str:
    return f"{thread.get_absolute_url()}metadata/"


def pairs(*given: tuple[str, str]) -> dict[str, str]:
    """What the form sends with these rows."""
    sent = {ROWS: str(len(given)), "metadata-INITIAL_FORMS": "0"}
    for number, (key, value) in enumerate(given):
        sent |= {f"metadata-{number}-key": key, f"metadata-{number}-value": value}
    return sent


def test_the_form_changes_adds_and_takes_away_pairs(thread: Thread, olga: Client, api_actor: ApiActor) -> None:
    sent = page(olga.get(address(thread))).sends(address(thread))
    assert (sent["metadata-0-key"], sent["metadata-0-value"]) == ("topic", "old")
    changed = sent | {
        "metadata-0-key": "",
        "metadata-0-value": "",
        "metadata-1-key": " a<b ",
        "metadata-1-value": "é\u202e",
    }
    response = olga.post(address(thread), changed)
    assert (response.status_code, response["Location"]) == (303, thread.get_absolute_url())
    assert api_actor.get(f"/threads/{thread.remote_id}")["metadata"] == {" a<b ": "é\u202e"}
    thread.refresh_from_db()
    assert thread.object["metadata"] == {" a<b ": "é\u202e"}
    assert "The metadata is saved." in page(olga.get(thread.get_absolute_url())).text("problems")


def test_messages_and_runs_have_the_same_form(waiting: Run, olga: Client, api_actor: ApiActor) -> None:
    message = Message.objects.filter(thread=waiting.thread)[0]
    of_message = f"{waiting.thread.get_absolute_url()}messages/{message.pk}/metadata/"
    of_run = f"{waiting.get_absolute_url()}metadata/"
    for where in (of_message, of_run):
        assert olga.post(where, pairs(("mood", "fine"))).status_code == 303
    there = f"/threads/{waiting.thread.remote_id}"
    assert api_actor.get(f"{there}/messages/{message.remote_id}")["metadata"] == {"mood": "fine"}
    assert api_actor.get(f"{there}/runs/{waiting.remote_id}")["metadata"] == {"mood": "fine"}
    waiting.refresh_from_db()
    assert waiting.object["metadata"] == {"mood": "fine"}
    assert "mood" in page(olga.get(of_message.replace("metadata", "details"))).text("main")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([("a", "b"), ("k" * 65, "v")], "Row 2: the key has 65 characters"),
        ([("a", "b"), ("k", "v" * 513)], "Row 2: the value has 513 characters"),
        ([("a", "b"), ("", "v")], "Row 2 has a value and no key."),
        ([("a", "b"), ("c", "d"), ("a", "e")], "Row 3 has the same key as row 1."),
        ([(f"k{n}", "v") for n in range(18)], "at most 16 of these: clear 2"),
        ([(OPERATION_KEY, "mine")], "Row 1: this key is Switchboard's own."),
        ([("a", "b\x00c")], "Null characters"),
    ],
    ids=["long key", "long value", "no key", "twice", "too many", "ours", "NUL"],
)
def test_what_is_wrong_names_its_row_and_nothing_typed_is_lost(
    thread: Thread, olga: Client, api_actor: ApiActor, given: list[tuple[str, str]], told: str
) -> None:
    shown = page(olga.post(address(thread), pairs(*given)), 422)
    assert told in shown.text("metadata")
    sent = shown.sends(address(thread))
    kept = [(key, normalize_text(value)) for key, value in given]
    assert [(sent[f"metadata-{n}-key"], sent[f"metadata-{n}-value"]) for n in range(len(given))] == kept
    assert api_actor.get(f"/threads/{thread.remote_id}")["metadata"] == {"topic": "old"}


def test_the_longest_and_the_most_are_taken(thread: Thread, olga: Client, api_actor: ApiActor) -> None:
    most = {f"{n:02d}{'k' * 62}": "v" * 512 for n in range(16)}
    assert olga.post(address(thread), pairs(*most.items())).status_code == 303
    assert api_actor.get(f"/threads/{thread.remote_id}")["metadata"] == most


def test_another_row_keeps_what_was_typed_and_saves_nothing(thread: Thread, olga: Client, api_actor: ApiActor) -> None:
    shown = page(olga.post(address(thread), {**pairs(("", "no key yet")), "act": "more"}))
    sent = shown.sends(address(thread))
    assert (sent["metadata-0-value"], sent["metadata-1-key"], sent[ROWS]) == ("no key yet", "", "2")
    assert not [each for each in shown.all("p", class_="error") if each.inside(shown.one(id="metadata"))]
    assert api_actor.get(f"/threads/{thread.remote_id}")["metadata"] == {"topic": "old"}


def test_what_the_server_refuses_is_told_in_its_words_and_stays_typed(
    thread: Thread, olga: Client, api_actor: ApiActor
) -> None:
    api_actor.fault("POST", "/threads/[^/]+$", status=400, body='{"error": {"message": "No <b>way</b>"}}')
    shown = page(olga.post(address(thread), pairs(("a", "b"))), 502)
    assert "No <b>way</b>" in shown.text("act-error")
    assert shown.sends(address(thread))["metadata-0-value"] == "b"


def test_the_mark_by_which_switchboard_finds_its_own_stays(
    connection: Connection, olga: Client, api_actor: ApiActor
) -> None:
    made = api_actor.post("/threads", {"metadata": {OPERATION_KEY: "1", "a": "b"}})
    thread = known_thread(connection, made["id"])
    shown = page(olga.get(address(thread)))
    assert OPERATION_KEY not in shown.sends(address(thread)).values()
    assert "stays as it is" in shown.text("metadata")
    olga.post(address(thread), pairs(("c", "d")))
    assert api_actor.get(f"/threads/{made['id']}")["metadata"] == {OPERATION_KEY: "1", "c": "d"}


@pytest.mark.parametrize("found", [None, [], "text", {"a": None, "b": 5, "c": {"d": 1}, "x" * 900: "y" * 9000}])
def test_whatever_a_server_has_for_metadata_can_be_edited(thread: Thread, olga: Client, found: object) -> None:
    Thread.objects.filter(pk=thread.pk).update(raw=json.dumps({"id": thread.remote_id, "metadata": found}))
    sent = page(olga.get(address(thread))).sends(address(thread))
    assert int(sent[ROWS]) == (len(found) if isinstance(found, dict) else 0) + 2


@pytest.mark.parametrize("sent", [{}, {ROWS: "x"}, {ROWS: "9" * 30, "metadata-INITIAL_FORMS": "0"}])
def test_a_form_that_is_not_whole_changes_nothing(
    thread: Thread, olga: Client, api_actor: ApiActor, sent: dict[str, str]
) -> None:
    assert olga.post(address(thread), sent).status_code == 422
    assert api_actor.get(f"/threads/{thread.remote_id}")["metadata"] == {"topic": "old"}


def test_a_server_that_lacks_it_has_it_turned_off_with_the_reason(
    thread: Thread, olga: Client, api_actor: ApiActor
) -> None:
    api_actor.fault("POST", "/threads/[^/]+$", status=501, body={"message": "Not here"})
    olga.post(address(thread), pairs(("a", "b")))
    head = page(olga.get(thread.get_absolute_url()))
    (off,) = [each for each in head.all("button") if each.text == "Metadata"]
    assert "disabled" in off.attributes
    assert "501, “Not here”" in off.attributes["title"]
    assert "501, “Not here”" in page(olga.get(address(thread))).text("main")
    before = api_actor.sent("POST", f"/v1/threads/{thread.remote_id}")
    page(olga.post(address(thread), pairs(("a", "b"))), 502)
    assert api_actor.sent("POST", f"/v1/threads/{thread.remote_id}") == before
