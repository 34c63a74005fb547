"""Runs followed by what their server tells: nothing polled while it does, nothing lost where it does not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from assistants_app.models import Assistant, Connection, Operation, Run, Thread
from assistants_app.services import assistants, capabilities, messages, polling, runs, threads
from testing.api_actor import ApiActor
from testing.http_desk import until
from tests.conftest import known_run, known_thread, polled
from tests.services.test_operations import WEATHER, settled, submit

# Who listens does so in threads with connections of their own, so what a test writes must be committed.
pytestmark = pytest.mark.django_db(transaction=True)
CREATE = "/runs$"
SUBMIT = "/submit_tool_outputs$"


@pytest.fixture(autouse=True)
def streaming(connection: Connection, api_actor: ApiActor) -> Iterator[None]:
    """The connection streams, and every thread that listens ends with its test."""
    Connection.objects.update(streaming=True)
    connection.refresh_from_db()
    yield
    api_actor.control("/settings", {"pace": "immediate"})
    until(lambda: None if listening() else True, what="the end of all streams")


def listening() -> list[str]:
    return [each.name for each in threading.enumerate() if each.name.startswith("stream of run")]


@pytest.fixture
def olga(person: Callable[..., User]) -> User:
    return person("olga")


@pytest.fixture
def assistant(connection: Connection, api_actor: ApiActor) -> Assistant:
    made = api_actor.assistant()
    assistants.refresh(connection=connection)
    return Assistant.objects.get(remote_id=made["id"])


@pytest.fixture
def start(connection: Connection, assistant: Assistant, api_actor: ApiActor, olga: User) -> Callable[..., Operation]:
    """Starts a run of a script, and sends it."""

    def do(*rounds: Any, **script: Any) -> Operation:
        text = api_actor.script(*rounds, **script)
        thread = known_thread(connection, api_actor.post("/threads")["id"])
        settled(messages.post(thread=thread, text=text, by=olga, once=uuid4()))
        return settled(runs.start(thread=thread, assistant=assistant, by=olga, once=uuid4()))

    return do


def ended(operation: Operation, status: str = "completed") -> Run:
    """The run of an operation once the row says so, and nobody listens any more."""
    assert operation.run is not None
    key = operation.run.pk
    until(lambda: Run.objects.filter(pk=key, status=status).first(), what=status)
    until(lambda: None if listening() else True, what="the end of the stream")
    return Run.objects.select_related("thread", "connection").get(pk=key)


def gets(api_actor: ApiActor, run: Run) -> int:
    return api_actor.sent("GET", f"/v1/threads/{run.thread.remote_id}/runs/{run.remote_id}")


def test_a_run_is_followed_to_its_end_without_a_poll(start: Callable[..., Operation], api_actor: ApiActor) -> None:
    api_actor.control("/settings", {"pace": "queued=0.1,in_progress=0.1,piece=0.02"})
    operation = start(reply="one two three four five")
    polling.poll_due(seconds=0.5)
    run = ended(operation)
    assert (operation.state, gets(api_actor, run), run.streamed_until) == ("accepted", 0, None)
    assert Connection.objects.get().stream_breaks == 0


def test_a_run_that_comes_to_wait_shows_its_calls_at_once(start: Callable[..., Operation], api_actor: ApiActor) -> None:
    run = ended(start(WEATHER, reply="Rain."), "requires_action")
    assert [call.name for call in run.calls.filter(waiting=True)] == ["get_weather"]
    assert gets(api_actor, run) == 0
    assert run.due_at is not None
    assert run.due_at > timezone.now() + timedelta(seconds=settings.WAITING_POLL_SECONDS / 2)


def test_answers_are_followed_too(connection: Connection, api_actor: ApiActor, olga: User) -> None:
    waiting = polled(known_run(connection, api_actor.run(WEATHER, reply="Rain.")))
    before = gets(api_actor, waiting)
    operation = settled(submit(waiting, olga))
    run = ended(operation)
    assert (operation.state, gets(api_actor, run)) == ("accepted", before)
    assert run.calls.get().output == "4 degrees"


def test_a_thread_and_its_run_are_made_in_one_act(
    connection: Connection, assistant: Assistant, api_actor: ApiActor, olga: User
) -> None:
    operation = settled(created(connection, assistant, olga, api_actor.script(reply="Done.")))
    run = ended(operation)
    assert operation.thread == run.thread
    assert api_actor.get(f"/threads/{run.thread.remote_id}")["metadata"] == {
        "switchboard_operation": f"{operation.uuid}"
    }


def created(connection: Connection, assistant: Assistant, by: User, text: str) -> Operation:
    said = [{"role": "user", "content": text}]
    return threads.create_and_run(connection=connection, assistant=assistant, by=by, once=uuid4(), messages=said)


@pytest.mark.parametrize("is_streamed", [True, False])
@pytest.mark.parametrize("after_effect", [True, False])
def test_a_thread_and_its_run_are_made_once_whatever_is_lost(
    assistant: Assistant, api_actor: ApiActor, olga: User, is_streamed: bool, after_effect: bool
) -> None:
    Connection.objects.update(streaming=is_streamed)
    api_actor.fault("POST", "/threads/runs$", after_effect=after_effect, cut="before")
    operation = settled(created(Connection.objects.get(), assistant, olga, "Hello?"))
    assert operation.state == "accepted"
    assert operation.run is not None
    listed = api_actor.get("/threads", limit=100)["data"]
    marked = [each for each in listed if each["metadata"].get("switchboard_operation") == str(operation.uuid)]
    assert len(marked) == 1
    assert len(api_actor.get(f"/threads/{marked[0]['id']}/runs")["data"]) == 1


def test_a_thread_whose_run_did_not_come_is_not_made_again(
    connection: Connection, assistant: Assistant, api_actor: ApiActor, olga: User
) -> None:
    operation = created(connection, assistant, olga, "Hello?")
    Operation.objects.update(sent_at=timezone.now(), sent_times=1)
    made = api_actor.post("/threads", operation.payload["thread"])
    operation = settled(operation)
    assert (operation.state, operation.sent_times) == ("refused", 1)
    assert "no run in it" in operation.error
    assert operation.thread is not None
    assert operation.thread.remote_id == made["id"]


@pytest.mark.parametrize(
    "fault",
    [
        {"cut": "body"},
        {"body": "event: thread.run.completed\ndata: {not json\n\n"},
        {"body": 'event: error\ndata: {"error": {"message": "Overloaded"}}\n\n'},
        {"body": "event: done\ndata: [DONE]\n\n"},
    ],
    ids=["cut", "broken line", "error", "done too early"],
)
def test_a_stream_that_breaks_off_is_taken_over_by_polling(
    start: Callable[..., Operation], api_actor: ApiActor, fault: dict[str, Any]
) -> None:
    api_actor.control("/settings", {"pace": "queued=0.1,in_progress=0.1,piece=0.02"})
    api_actor.fault("POST", CREATE, events=3, **fault)
    operation = start(reply="one two three four five")
    until(lambda: None if listening() else True, what="the end of the stream")
    assert operation.run is not None
    run = Run.objects.get(pk=operation.run.pk)
    # A broken line may be the only thing amiss: then all else was told.
    assert run.status == "completed" or (run.due_at is not None and run.due_at <= timezone.now())
    until(lambda: polled(run).status == "completed" or None, what="completed")
    assert Connection.objects.get().stream_breaks == 1
    assert Thread.objects.get(pk=run.thread_id).due_at is not None


def test_a_stream_that_tells_nothing_is_looked_for(start: Callable[..., Operation], api_actor: ApiActor) -> None:
    api_actor.fault("POST", CREATE, events=0, cut="body")
    operation = start(reply="Done.")
    assert operation.state == "accepted"
    assert api_actor.sent("POST", f"/v1/threads/{operation.thread.remote_id}/runs") == 1  # type: ignore[union-attr]


def test_after_three_in_a_row_that_break_off_the_server_is_asked_for_none(
    start: Callable[..., Operation], api_actor: ApiActor
) -> None:
    api_actor.fault("POST", CREATE, events=1, cut="body", times=3)
    for _ in range(3):
        start(reply="Done.")
        until(lambda: None if listening() else True, what="the end of the stream")
    connection = Connection.objects.get()
    assert "3 in a row broke off" in capabilities.lack(connection, capabilities.STREAM)
    assert start(reply="Done.").state == "accepted"
    assert not listening()
    capabilities.allow(connection, capabilities.STREAM)
    assert capabilities.lack(Connection.objects.get(), capabilities.STREAM) == ""


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 400, "body": {"error": {"message": "Unknown parameter: 'stream'.", "param": "stream"}}},
        {"status": 422, "body": {"detail": [{"loc": ["body", "stream"], "msg": "extra fields not permitted"}]}},
        {"status": 501, "body": "streaming is not implemented"},
    ],
)
def test_a_server_that_wants_no_streams_gets_the_same_without(
    start: Callable[..., Operation], api_actor: ApiActor, fault: dict[str, Any]
) -> None:
    api_actor.fault("POST", CREATE, **fault)
    operation = start(reply="Done.")
    assert (operation.state, operation.sent_times) == ("accepted", 2)
    assert capabilities.lack(Connection.objects.get(), capabilities.STREAM)
    assert capabilities.lack(Connection.objects.get(), "createRun") == ""


def test_it_can_be_switched_off(start: Callable[..., Operation]) -> None:
    Connection.objects.update(streaming=False)
    assert start(reply="Done.").state == "accepted"
    assert not listening()


@pytest.mark.slow
def test_a_run_seen_farther_by_a_poll_does_not_go_back(start: Callable[..., Operation], api_actor: ApiActor) -> None:
    api_actor.fault("POST", CREATE, events=2, delay=6, body=": nothing\n\n")
    operation = start(WEATHER, reply="Rain.")
    run = operation.run
    assert run is not None
    until(lambda: polled(run).status == "requires_action" or None, what="a poll")
    seen = {run.status}
    while listening():
        seen.add(Run.objects.get(pk=run.pk).status)
        time.sleep(0.02)
    assert seen == {"requires_action"}
    assert Connection.objects.get().stream_breaks == 1


def test_what_is_written_goes_to_open_pages_some_times_a_second(
    start: Callable[..., Operation], api_actor: ApiActor, told: list[Any]
) -> None:
    api_actor.control("/settings", {"pace": "piece=0.01"})
    run = ended(start(reply=" ".join(f"**word{number}** <script>" for number in range(100))))
    until(lambda: any(isinstance(each, dict) and "word99" in each["html"] for each in told) or None, what="the end")
    # Streams of other tests may still end.
    written = [each for each in told if isinstance(each, dict) and each["topic"] == f"thread-{run.thread_id}"]
    assert {each["run"] for each in written} == {run.pk}
    assert 3 < len(written) < 100
    assert "<strong>word0</strong> &lt;script&gt;" in written[-1]["html"]
    assert sorted(written, key=lambda each: len(each["html"])) == written
