"""Reading threads: what is mirrored, in which order, and what is found again."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections as connections_of_this_thread
from django.utils import timezone

from assistants_app.models import Connection, Message, Run, Thread
from assistants_app.services import events, refreshing, threads, timeline
from testing.api_actor import ApiActor
from testing.http_desk import until
from tests.conftest import known_run, known_thread

pytestmark = pytest.mark.database

# Threads of the work have connections of their own, so what a test writes must be committed.
SEVERAL_CONNECTIONS = pytest.mark.django_db(transaction=True)

WEATHER = [("get_weather", {"city": "Oslo"})]
TIDE = [("get_tide", {"port": "Bergen"})]


def with_assistant(key: int) -> Thread | None:
    """The thread once its assistant is known; refreshes what is due for a moment."""
    refreshing.refresh_due(seconds=0.2)
    return Thread.objects.filter(pk=key).exclude(assistant=None).first()


def test_a_thread_is_read_with_messages_runs_steps_and_calls(connection: Connection, api_actor: ApiActor) -> None:
    ids = api_actor.run(WEATHER, TIDE, reply="Rain, **high** water.")
    for _ in range(2):
        api_actor.outputs(*ids, output="fine")
    run = known_run(connection, ids)
    assert (run.status, run.is_active) == ("completed", False)
    assert [(call.name, call.output) for call in run.calls.all()] == [("get_weather", "fine"), ("get_tide", "fine")]
    assert [step.type for step in run.steps.order_by("pk")] == ["tool_calls", "tool_calls", "message_creation"]
    reply = run.thread.messages.get(role="assistant")
    assert "<strong>high</strong>" in reply.html
    assert run.thread.status == "completed"


def test_the_timeline_has_everything_in_order(connection: Connection, api_actor: ApiActor) -> None:
    ids = api_actor.run(WEATHER, reply="Rain.")
    api_actor.outputs(*ids)
    text = api_actor.script(TIDE, reply="High.")
    api_actor.post(f"/threads/{ids[0]}/messages", {"role": "user", "content": text})
    thread = known_thread(connection, ids[0])
    entries = timeline.of(thread).entries
    assert [(each.kind, each.message.role if each.message else "") for each in entries] == [
        ("message", "user"),
        ("run", ""),
        ("message", "user"),
    ]
    assert [each.role for each in entries[1].replies] == ["assistant"]


@SEVERAL_CONNECTIONS
def test_an_assistant_that_becomes_known_later_is_linked(connection: Connection, api_actor: ApiActor) -> None:
    Connection.objects.update(assistants_at=timezone.now())
    run = known_run(connection, api_actor.run(WEATHER))
    assert run.assistant is None
    Connection.objects.hasten()
    thread = until(lambda: with_assistant(run.thread_id), what="the assistant of the thread")
    run.refresh_from_db()
    assert thread.assistant == run.assistant
    assert run.assistant is not None
    assert run.assistant.remote_id == run.assistant_remote_id


@SEVERAL_CONNECTIONS
def test_a_run_seen_to_have_ended_never_lacks_its_reply(connection: Connection, api_actor: ApiActor) -> None:
    ids = api_actor.run(WEATHER, reply="Rain.")
    known_run(connection, ids)
    listed = f"/v1/threads/{ids[0]}/runs"
    before = api_actor.sent("GET", listed)
    api_actor.fault("GET", f"{listed}$", delay=1)
    with ThreadPoolExecutor(1) as beside:
        reading = beside.submit(known_run, connection, ids)
        while api_actor.sent("GET", listed) == before:
            assert not reading.done()
        api_actor.outputs(*ids)
        run = reading.result()
        beside.submit(connections_of_this_thread.close_all).result()
    assert run.status == "completed"
    assert run.thread.messages.filter(role="assistant", text="Rain.").exists()


def test_a_second_reading_asks_only_for_what_is_new(connection: Connection, api_actor: ApiActor) -> None:
    thread = known_thread(connection, api_actor.post("/threads")["id"])
    for number in range(3):
        api_actor.post(f"/threads/{thread.remote_id}/messages", {"role": "user", "content": f"No. {number}"})
        threads.hasten(thread)
        refreshing.refresh_thread(key=thread.pk)
    assert [each.text for each in thread.messages.order_by("pk")] == ["No. 0", "No. 1", "No. 2"]


@pytest.mark.django_db(transaction=True)
def test_pages_are_told_that_an_empty_thread_was_read(
    connection: Connection, api_actor: ApiActor, told: list[Any]
) -> None:
    thread_id = api_actor.post("/threads")["id"]
    Connection.objects.update(due_at=timezone.now())
    refreshing.refresh_due(seconds=0.01)  # it comes with the list of threads, so the reading finds nothing new
    thread = known_thread(connection, thread_id)
    topic = events.thread_topic(thread.pk)
    until(lambda: any(topic in each for each in told) or None, what="the topic of the thread")


@pytest.mark.django_db(transaction=True)
def test_pages_are_told_that_a_thread_is_not_read_any_more(
    connection: Connection, api_actor: ApiActor, told: list[Any]
) -> None:
    thread_id = api_actor.post("/threads")["id"]
    (thread,) = threads.add(connection=connection, ids=thread_id)
    api_actor.fault("GET", f"/threads/{thread_id}/messages", status=200, body="[]", times=100)
    for _ in range(refreshing.FAILURES_UNTIL_PARKED):
        Thread.objects.update(due_at=timezone.now())
        refreshing.refresh_thread(key=thread.pk)
    topic = events.thread_topic(thread.pk)
    until(lambda: any(topic in each for each in told) or None, what="the topic of the thread")


def test_a_deleted_message_does_not_stop_the_reading(connection: Connection, api_actor: ApiActor) -> None:
    body = {"messages": [{"role": "user", "content": "one"}, {"role": "user", "content": "two"}]}
    thread = known_thread(connection, api_actor.post("/threads", body)["id"])
    last = thread.messages.order_by("-pk")[0]
    api_actor.delete(f"/threads/{thread.remote_id}/messages/{last.remote_id}")
    api_actor.post(f"/threads/{thread.remote_id}/messages", {"role": "user", "content": "three"})
    threads.hasten(thread)
    refreshing.refresh_thread(key=thread.pk)
    assert [each.text for each in thread.messages.filter(gone_at=None).order_by("pk")] == ["one", "three"]
    assert Message.objects.get(pk=last.pk).gone_at is not None


def test_a_deleted_thread_gets_a_tombstone_and_keeps_its_messages(connection: Connection, api_actor: ApiActor) -> None:
    body = {"messages": [{"role": "user", "content": "keep me"}]}
    thread = known_thread(connection, api_actor.post("/threads", body)["id"])
    api_actor.delete(f"/threads/{thread.remote_id}")
    threads.hasten(thread)
    refreshing.refresh_thread(key=thread.pk)
    thread.refresh_from_db()
    assert thread.gone_at is not None
    assert thread.messages.get().text == "keep me"


@SEVERAL_CONNECTIONS
def test_threads_of_the_server_become_known_by_themselves(connection: Connection, api_actor: ApiActor) -> None:
    made = api_actor.post("/threads")["id"]
    Connection.objects.update(due_at=timezone.now())
    refreshing.refresh_due(seconds=0.05)
    connection.refresh_from_db()
    assert connection.lists_threads is True
    assert Thread.objects.filter(remote_id=made).exists()


@SEVERAL_CONNECTIONS
def test_a_server_without_a_list_of_threads_is_not_asked_again(connection: Connection, api_actor: ApiActor) -> None:
    api_actor.fault("GET", ".*/threads$", status=405, times=9)
    Connection.objects.update(due_at=timezone.now())
    refreshing.refresh_due(seconds=0.05)
    connection.refresh_from_db()
    assert connection.lists_threads is False
    assert connection.last_error == ""


def test_words_are_found_in_messages(connection: Connection, api_actor: ApiActor) -> None:
    body = {"messages": [{"role": "user", "content": "The Marmalade is late"}]}
    thread = known_thread(connection, api_actor.post("/threads", body)["id"])
    assert [each.pk for each in threads.page(words="late marmalade").rows] == [thread.pk]
    assert threads.page(words="marmalade early").rows == []


@pytest.mark.parametrize("words", ['"', "a OR", "NEAR(", "-", "*", "'; --", "\x00", "🌧"])
def test_any_words_can_be_searched_for(connection: Connection, words: str) -> None:
    assert threads.page(words=words).rows == []


def test_pages_of_threads_go_through_all_of_them_in_both_directions(connection: Connection) -> None:
    now = timezone.now().replace(microsecond=0)
    # Some share their second, as the API's times do.
    Thread.objects.bulk_create(
        Thread(connection=connection, remote_id=f"thread_{n}", active_at=now - timedelta(seconds=n // 3))
        for n in range(120)
    )
    first = threads.page()
    second = threads.page(after=first.older)
    third = threads.page(after=second.older)
    listed = [each.pk for page in (first, second, third) for each in page.rows]
    assert len(listed) == len(set(listed)) == 120
    assert third.older == ""
    assert [each.pk for each in threads.page(before=third.newer).rows] == [each.pk for each in second.rows]


@pytest.mark.parametrize("cursor", ["x", "~", "2026~1", "~99999999999999999999", "2026-01-01T00:00:00~1", "\x00~1"])
def test_a_broken_cursor_shows_the_first_page(connection: Connection, cursor: str) -> None:
    Thread.objects.create(connection=connection, remote_id="thread_1", active_at=timezone.now())
    assert len(threads.page(after=cursor).rows) == 1


def test_pasted_ids_are_each_taken_once(connection: Connection, api_actor: ApiActor) -> None:
    made = [api_actor.post("/threads")["id"] for _ in range(2)]
    found = threads.add(connection=connection, ids=f" {made[0]},\n{made[1]} {made[0]} ")
    assert sorted(each.remote_id for each in found) == sorted(made)


def test_a_run_of_another_thread_in_the_list_is_left_out(connection: Connection, api_actor: ApiActor) -> None:
    stranger, mine = api_actor.run(WEATHER), api_actor.post("/threads")["id"]
    listed = {"object": "list", "data": [api_actor.get(f"/threads/{stranger[0]}/runs/{stranger[1]}")]}
    api_actor.fault("GET", f".*/{mine}/runs$", status=200, body=json.dumps(listed))
    known_thread(connection, mine)
    assert not Run.objects.filter(remote_id=stranger[1]).exists()
