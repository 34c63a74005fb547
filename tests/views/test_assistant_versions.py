"""The versions of an assistant, and which runs they produced."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from assistants_app.models import Assistant, Connection, Run
from assistants_app.models.people import Role
from assistants_app.services import assistants, sending, versions
from testing.api_actor import ApiActor
from tests.conftest import known_run
from tests.views.conftest import page

TOOL = {"type": "function", "function": {"name": "ring", "parameters": {"type": "object", "properties": {}}}}
LOUD = {"type": "function", "function": {"name": "ring", "parameters": {"type": "object", "maxProperties": 1}}}


@pytest.fixture
def assistant(connection: Connection, api_actor: ApiActor) -> Assistant:
    made = api_actor.assistant(name="Porter", instructions="Be kind and brief.", tools=[TOOL])
    assistants.refresh(connection=connection)
    return Assistant.objects.select_related("connection").get(remote_id=made["id"])


@pytest.fixture
def edda(signed_in: Callable[..., Client]) -> Client:
    """The browser of an editor."""
    return signed_in("edda", Role.EDITOR)


def changed(assistant: Assistant, api_actor: ApiActor, **fields: Any) -> None:
    """Somebody else changes it, and we read it."""
    api_actor.post(f"/assistants/{assistant.remote_id}", fields)
    assistants.read(key=assistant.pk)


def run_of(assistant: Assistant, api_actor: ApiActor, **own: Any) -> Run:
    thread = api_actor.post("/threads", {"messages": [{"role": "user", "content": "Ring."}]})
    run = api_actor.post(f"/threads/{thread['id']}/runs", {"assistant_id": assistant.remote_id, **own})
    return known_run(assistant.connection, (thread["id"], run["id"]))


def test_each_change_elsewhere_is_a_version_and_drift_on_the_page(
    assistant: Assistant, olga: Client, api_actor: ApiActor
) -> None:
    changed(assistant, api_actor, instructions="Be kind and long.", temperature=0.5)
    changed(assistant, api_actor, temperature=0.5)
    assert [each.number for each in assistant.versions.all()] == [2, 1]
    shown = page(olga.get(assistant.get_absolute_url())).text("assistant-head")
    assert "Changed elsewhere" in shown
    assert "Instructions, Temperature" in shown


def test_two_versions_are_compared_word_by_word_and_place_by_place(
    assistant: Assistant, olga: Client, api_actor: ApiActor
) -> None:
    changed(assistant, api_actor, instructions="Be kind and long.", tools=[LOUD])
    changed(assistant, api_actor, name="Night porter")
    shown = page(olga.get(f"{assistant.get_absolute_url()}versions/?old=1&new=2"))
    assert ("brief", "long") in [
        (before.text, after.text) for before, after in zip(shown.all("del"), shown.all("ins"), strict=False)
    ]
    words = shown.text("main")
    assert "Tool ring()" in words
    assert "function / parameters / maxProperties" in words
    assert "Night porter" not in words.partition("From version 1 to 2")[2]


def test_going_back_makes_a_new_version_equal_to_the_old_one(
    assistant: Assistant, edda: Client, api_actor: ApiActor
) -> None:
    changed(assistant, api_actor, instructions="Be cruel.", tools=[LOUD])
    links = page(edda.get(f"{assistant.get_absolute_url()}versions/?new=1")).all("a")
    (url,) = {each.attributes["href"] for each in links if "/edit/?version=" in each.attributes.get("href", "")}
    sent = page(edda.get(url)).sends(url)
    sent = {name: value for name, value in sent.items() if name not in {"code_interpreter", "search"}}
    edda.post(url, {**sent, "act": "save"})
    sending.deliver_due()
    newest, _middle, first = assistant.versions.all()
    assert (newest.digest, newest.note) == (first.digest, "As in version 1.")
    assert api_actor.get(f"/assistants/{assistant.remote_id}")["tools"] == [TOOL]


def test_a_run_shows_its_version_and_what_changed_since_the_run_before(
    assistant: Assistant, olga: Client, api_actor: ApiActor
) -> None:
    thread = api_actor.post("/threads", {"messages": [{"role": "user", "content": "Ring."}]})
    path = f"/threads/{thread['id']}/runs"
    first = api_actor.post(path, {"assistant_id": assistant.remote_id})
    changed(assistant, api_actor, instructions="Be cruel.")
    second = api_actor.post(path, {"assistant_id": assistant.remote_id})
    run = known_run(assistant.connection, (thread["id"], second["id"]))
    before = Run.objects.get(remote_id=first["id"])
    # Both may have been made in the same second.
    Run.objects.filter(pk=before.pk).update(created_at=timezone.now() - timedelta(minutes=1))
    assert before.version is not None and run.version is not None
    assert (before.version.number, run.version.number) == (1, 2)
    head = page(olga.get(run.get_absolute_url())).text("run-head")
    assert "Version 2" in head
    assert "Changed since the run before" in head


def test_a_run_that_is_seen_before_its_version_is_given_it_later(assistant: Assistant, api_actor: ApiActor) -> None:
    api_actor.post(f"/assistants/{assistant.remote_id}", {"instructions": "Be cruel."})
    run = run_of(assistant, api_actor)
    assert run.version is not None and run.version.number == 1
    assistants.read(key=assistant.pk)
    run.refresh_from_db()
    assert run.version is not None and run.version.number == 2


def test_a_run_with_settings_of_its_own_says_so(assistant: Assistant, olga: Client, api_actor: ApiActor) -> None:
    run = run_of(assistant, api_actor, instructions="Only this once.")
    head = page(olga.get(run.get_absolute_url())).text("run-head")
    assert "Started with settings of its own" in head
    assert "Version 1" in head


def test_versions_say_how_their_runs_did(assistant: Assistant, olga: Client, api_actor: ApiActor) -> None:
    runs = [run_of(assistant, api_actor) for _ in range(4)]
    Run.objects.filter(pk=runs[0].pk).update(status="failed")
    Run.objects.filter(pk__in=[each.pk for each in runs[1:3]]).update(status="expired")
    runs[3].calls.create(remote_id="call_1", name="ring", type="function", arguments="{}", position=0)
    runs[3].calls.create(remote_id="call_2", name="ring", type="function", arguments="{}", position=1)
    row = page(olga.get(f"{assistant.get_absolute_url()}versions/")).text("version-1")
    assert " 4 1 (25 %) 2 (50 %) 1 (25 %) " in f" {row} "


def test_an_old_answer_changes_nothing_back(
    assistant: Assistant, person: Callable[..., User], api_actor: ApiActor
) -> None:
    from assistants_app.services import connections, mirror

    asked_at = assistant.asked_at
    assert asked_at is not None
    old = connections.for_background(assistant.connection).assistants.get(assistant.remote_id)
    changed(assistant, api_actor, name="Newer")
    mirror.assistants(assistant.connection, [old], asked_at=asked_at)
    assert versions.latest(assistant).number == 2
    assert Assistant.objects.get(pk=assistant.pk).name == "Newer"
