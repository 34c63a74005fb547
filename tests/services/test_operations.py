"""Sending: stored first, exactly once, and where no answer came settled by reading."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.utils import timezone

from assistants_app.models import Assistant, Connection, File, Operation, Run, Upload, VectorStore
from assistants_app.services import assistants, files, messages, runs, sending, threads, tool_calls, vector_stores
from testing.api_actor import ApiActor
from testing.local_api_process import LocalApi
from tests.conftest import known_run, known_thread, polled

pytestmark = pytest.mark.database

# Threads of the work have connections of their own, so what a test writes must be committed.
SEVERAL_CONNECTIONS = pytest.mark.django_db(transaction=True)

WEATHER = [("get_weather", {"city": "Oslo"})]


@pytest.fixture
def waiting(connection: Connection, api_actor: ApiActor) -> Run:
    """A run that waits for one call."""
    return polled(known_run(connection, api_actor.run(WEATHER, reply="Rain.")))


@pytest.fixture
def olga(person: Callable[..., User]) -> User:
    return person("olga")


def submit(run: Run, by: User, output: str = "4 degrees") -> Operation:
    outputs = {call.pk: output for call in tool_calls.waiting_calls(run)}
    return tool_calls.submit(run=run, outputs=outputs, by=by).operation


def settled(operation: Operation) -> Operation:
    """The operation after workers took it up until there was nothing left to do."""
    for _ in range(12):
        Operation.objects.filter(pk=operation.pk).exclude(due_at=None).update(due_at=timezone.now(), holder="")
        # What was lost is looked for only after the server had time to take it in.
        Operation.objects.filter(pk=operation.pk).exclude(sent_at=None).update(
            sent_at=timezone.now() - timedelta(seconds=sending.SETTLE_SECONDS)
        )
        sending.deliver_due()
        operation.refresh_from_db()
        if not operation.is_open:
            break
    return operation


def deliveries(api_actor: ApiActor, run: Run) -> int:
    return api_actor.sent("POST", f"/v1/threads/{run.thread.remote_id}/runs/{run.remote_id}/submit_tool_outputs")


def test_answers_reach_the_server_to_the_letter(waiting: Run, olga: User, api_actor: ApiActor) -> None:
    text = 'He said "4°"\n\ttwice \U0001f327 \\ end '
    operation = settled(submit(waiting, olga, text))
    assert operation.state == "accepted"
    (step,) = [
        step
        for step in api_actor.get(f"/threads/{waiting.thread.remote_id}/runs/{waiting.remote_id}/steps")["data"]
        if step["type"] == "tool_calls"
    ]
    assert step["step_details"]["tool_calls"][0]["function"]["output"] == text
    (call,) = waiting.calls.all()
    assert (call.output, call.operation, call.waiting) == (text, operation, False)


def test_the_same_calls_are_answered_once_however_often_sent(waiting: Run, olga: User, api_actor: ApiActor) -> None:
    first, second = submit(waiting, olga), submit(waiting, olga, "another")
    assert first == second
    settled(first)
    assert deliveries(api_actor, waiting) == 1


@SEVERAL_CONNECTIONS
def test_of_two_people_the_first_wins(waiting: Run, person: Callable[..., User], api_actor: ApiActor) -> None:
    people = [person("olga"), person("pete")]
    calls = [call.pk for call in tool_calls.waiting_calls(waiting)]
    found: list[tool_calls.Submission] = []
    together = threading.Barrier(2)

    def send(by: User) -> None:
        together.wait()
        try:
            found.append(tool_calls.submit(run=waiting, outputs={calls[0]: by.username}, by=by))
        finally:
            database.close()

    senders = [threading.Thread(target=send, args=(by,)) for by in people]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert sorted(each.is_new for each in found) == [False, True]
    assert found[0].operation == found[1].operation
    settled(found[0].operation)
    assert deliveries(api_actor, waiting) == 1


def test_answers_for_other_calls_are_not_taken(waiting: Run, olga: User) -> None:
    with pytest.raises(tool_calls.CallsChanged):
        tool_calls.submit(run=waiting, outputs={0: "x"}, by=olga)
    assert not Operation.objects.exists()


@pytest.mark.parametrize("lost", [{"cut": "before"}, {"status": 500}, {"cut": "body"}, {"cut": "headers"}])
def test_a_lost_answer_of_accepted_outputs_is_found_out_by_reading(
    waiting: Run, olga: User, api_actor: ApiActor, lost: dict[str, Any]
) -> None:
    api_actor.fault("POST", ".*/submit_tool_outputs$", after_effect=True, **lost)
    operation = settled(submit(waiting, olga))
    assert operation.state == "accepted"
    assert deliveries(api_actor, waiting) == 1


@pytest.mark.parametrize("lost", [{"cut": "before"}, {"status": 500}])
def test_outputs_that_never_arrived_are_sent_again(
    waiting: Run, olga: User, api_actor: ApiActor, lost: dict[str, Any]
) -> None:
    api_actor.fault("POST", ".*/submit_tool_outputs$", **lost)
    operation = settled(submit(waiting, olga))
    assert operation.state == "accepted"
    assert operation.sent_times == 2
    assert polled(waiting).status == "completed"


def test_a_worker_that_died_before_the_post_loses_nothing(waiting: Run, olga: User, api_actor: ApiActor) -> None:
    operation = submit(waiting, olga)
    Operation.objects.update(holder="dead", sent_at=timezone.now(), sent_times=1)
    assert settled(operation).state == "accepted"
    assert deliveries(api_actor, waiting) == 1


def test_a_worker_that_died_after_the_post_doubles_nothing(waiting: Run, olga: User, api_actor: ApiActor) -> None:
    operation = submit(waiting, olga)
    Operation.objects.update(holder="dead", sent_at=timezone.now(), sent_times=1)
    api_actor.outputs(waiting.thread.remote_id, waiting.remote_id, "4 degrees")
    assert settled(operation).state == "accepted"
    assert deliveries(api_actor, waiting) == 1


def test_a_worker_that_died_before_sending_delays_it_by_seconds(waiting: Run, olga: User) -> None:
    operation = submit(waiting, olga)
    Operation.objects.all().claim(limit=1, holder="dead", seconds=sending.TAKEN_SECONDS)
    sending.deliver_due()
    operation.refresh_from_db()
    assert operation.due_at is not None
    assert operation.sent_times == 0
    assert operation.due_at - timezone.now() < timedelta(seconds=sending.TAKEN_SECONDS)


@pytest.mark.parametrize("sent_before", [True, False])
def test_answers_that_arrived_late_or_twice_are_accepted_although_the_server_refuses_them(
    waiting: Run, olga: User, api_actor: ApiActor, sent_before: bool
) -> None:
    operation = submit(waiting, olga)
    Operation.objects.update(sent_times=int(sent_before))
    api_actor.outputs(waiting.thread.remote_id, waiting.remote_id, "4 degrees")
    operation = settled(operation)
    assert (operation.state, operation.error) == ("accepted", "")


@pytest.mark.parametrize("sent", [{}, {"sent_at": timezone.now(), "sent_times": 1}])
def test_answers_that_somebody_else_gave_are_not_taken_for_ours(
    waiting: Run, olga: User, api_actor: ApiActor, sent: dict[str, Any]
) -> None:
    operation = submit(waiting, olga)
    Operation.objects.update(**sent)
    api_actor.outputs(waiting.thread.remote_id, waiting.remote_id, "theirs")
    assert settled(operation).state == "refused"
    assert not waiting.calls.exclude(operation=None).exists()


def test_answers_lost_before_a_cancel_did_not_arrive(waiting: Run, olga: User, api_actor: ApiActor) -> None:
    operation = submit(waiting, olga)
    Operation.objects.update(sent_at=timezone.now(), sent_times=1)
    api_actor.control("/settings", {"pace": "cancelling=60"})
    try:
        api_actor.post(f"/threads/{waiting.thread.remote_id}/runs/{waiting.remote_id}/cancel")
        assert settled(operation).state == "refused"
    finally:
        api_actor.control("/settings", {"pace": "immediate"})
    assert "ended before these answers arrived" in operation.error


def test_a_server_without_steps_is_believed_when_the_run_goes_on(waiting: Run, olga: User, api_actor: ApiActor) -> None:
    api_actor.fault("POST", ".*/submit_tool_outputs$", after_effect=True, cut="before")
    api_actor.fault("GET", ".*/steps$", status=404, times=9)
    assert settled(submit(waiting, olga)).state == "accepted"


def test_a_refusal_is_kept_in_the_servers_words(waiting: Run, olga: User, api_actor: ApiActor) -> None:
    api_actor.post(f"/threads/{waiting.thread.remote_id}/runs/{waiting.remote_id}/cancel")
    api_actor.get(f"/threads/{waiting.thread.remote_id}/runs/{waiting.remote_id}")
    operation = settled(submit(waiting, olga))
    assert operation.state == "refused"
    assert operation.error_status == 400
    assert "do not accept tool outputs" in operation.error
    assert operation.request_id


def test_what_was_refused_may_be_sent_anew(waiting: Run, olga: User, api_actor: ApiActor) -> None:
    api_actor.fault("POST", ".*/submit_tool_outputs$", status=400)
    assert settled(submit(waiting, olga)).state == "refused"
    assert settled(submit(waiting, olga)).state == "accepted"


def test_a_full_server_gets_the_answers_later(waiting: Run, olga: User, api_actor: ApiActor) -> None:
    api_actor.fault("POST", ".*/submit_tool_outputs$", status=429, headers={"Retry-After": "1"})
    operation = submit(waiting, olga)
    sending.deliver_due()
    operation.refresh_from_db()
    assert (operation.state, operation.sent_at) == ("sending", None)
    Connection.objects.update(paused_until=None)
    assert settled(operation).state == "accepted"


def test_a_server_that_is_full_for_longer_than_runs_live_is_told_in_time(
    waiting: Run, olga: User, api_actor: ApiActor
) -> None:
    api_actor.fault("POST", ".*/submit_tool_outputs$", status=429, headers={"Retry-After": "3600"})
    operation = submit(waiting, olga)
    sending.deliver_due()
    operation.refresh_from_db()
    latest = timedelta(seconds=sending.LONGEST_SECONDS)
    assert operation.due_at is not None
    assert operation.due_at <= operation.made_at + latest
    Operation.objects.update(made_at=timezone.now() - latest)
    assert settled(operation).state == "refused"
    assert "took nothing for 10 minutes" in operation.error
    assert "asked for on the control path" in operation.error


def test_what_may_have_arrived_is_not_looked_for_while_the_server_wants_silence(
    waiting: Run, olga: User, api_actor: ApiActor, connection: Connection
) -> None:
    operation = submit(waiting, olga)
    Operation.objects.update(sent_at=timezone.now() - timedelta(seconds=60), sent_times=1)
    silent = timezone.now() + timedelta(seconds=30)
    Connection.objects.update(paused_until=silent)
    path = f"/v1/threads/{waiting.thread.remote_id}/runs/{waiting.remote_id}"
    before = api_actor.sent("GET", path)
    sending.deliver_due()
    operation.refresh_from_db()
    assert (operation.state, operation.due_at) == ("unknown", silent)
    assert api_actor.sent("GET", path) == before


def test_answers_of_a_run_that_ended_are_not_sent(waiting: Run, olga: User, api_actor: ApiActor) -> None:
    operation = submit(waiting, olga)
    Run.objects.update(status="expired")
    assert settled(operation).state == "refused"
    assert "expired" in operation.error
    assert deliveries(api_actor, waiting) == 0


@pytest.fixture
def assistant(connection: Connection, api_actor: ApiActor) -> Assistant:
    made = api_actor.assistant()
    assistants.refresh(connection=connection)
    return Assistant.objects.get(remote_id=made["id"])


@pytest.mark.parametrize("lost", [{"cut": "before"}, {"status": 502}, {"cut": "body"}])
@pytest.mark.parametrize("after_effect", [True, False])
def test_a_message_arrives_once_whatever_is_lost(
    connection: Connection, api_actor: ApiActor, olga: User, lost: dict[str, Any], after_effect: bool
) -> None:
    thread = known_thread(connection, api_actor.post("/threads")["id"])
    api_actor.fault("POST", ".*/messages$", after_effect=after_effect, **lost)
    operation = settled(messages.post(thread=thread, text="Hello?", by=olga, once=uuid4()))
    assert operation.state == "accepted"
    listed = api_actor.get(f"/threads/{thread.remote_id}/messages")["data"]
    assert [each["content"][0]["text"]["value"] for each in listed] == ["Hello?"]


@pytest.mark.parametrize("after_effect", [True, False])
def test_a_run_starts_once_whatever_is_lost(
    connection: Connection, api_actor: ApiActor, assistant: Assistant, olga: User, after_effect: bool
) -> None:
    thread = known_thread(connection, api_actor.post("/threads")["id"])
    api_actor.fault("POST", ".*/runs$", after_effect=after_effect, cut="before")
    operation = settled(runs.start(thread=thread, assistant=assistant, by=olga, once=uuid4()))
    assert operation.state == "accepted"
    assert len(api_actor.get(f"/threads/{thread.remote_id}/runs")["data"]) == 1


def test_a_run_waits_for_its_message(
    connection: Connection, api_actor: ApiActor, assistant: Assistant, olga: User
) -> None:
    thread = known_thread(connection, api_actor.post("/threads")["id"])
    once = uuid4()
    message = messages.post(thread=thread, text="Hello?", by=olga, once=once, answered_by=assistant)
    run = message.followers.get()
    sending.deliver(key=run.pk)
    assert api_actor.get(f"/threads/{thread.remote_id}/runs")["data"] == []
    settled(message)
    assert settled(run).state == "accepted"
    assert run.run is not None


def test_a_run_is_not_started_after_a_refused_message(
    connection: Connection, api_actor: ApiActor, assistant: Assistant, olga: User
) -> None:
    thread = known_thread(connection, api_actor.post("/threads")["id"])
    api_actor.fault("POST", ".*/messages$", status=400)
    message = messages.post(thread=thread, text="Hello?", by=olga, once=uuid4(), answered_by=assistant)
    settled(message)
    assert settled(message.followers.get()).state == "refused"
    assert api_actor.get(f"/threads/{thread.remote_id}/runs")["data"] == []


def test_a_form_sent_twice_posts_one_message(connection: Connection, api_actor: ApiActor, olga: User) -> None:
    thread = known_thread(connection, api_actor.post("/threads")["id"])
    once = uuid4()
    posted = [messages.post(thread=thread, text="Hello?", by=olga, once=once) for _ in range(3)]
    settled(posted[0])
    assert len(api_actor.get(f"/threads/{thread.remote_id}/messages")["data"]) == 1


@pytest.mark.parametrize("after_effect", [True, False])
def test_a_thread_is_made_once_whatever_is_lost(
    connection: Connection, api_actor: ApiActor, olga: User, after_effect: bool
) -> None:
    api_actor.fault("POST", ".*/threads$", after_effect=after_effect, cut="before")
    operation = settled(threads.create(connection=connection, by=olga, once=uuid4()))
    assert operation.thread is not None
    listed = api_actor.get("/threads", limit=100)["data"]
    assert [each["metadata"].get("switchboard_operation") for each in listed].count(str(operation.uuid)) == 1


def test_what_was_refused_can_be_sent_again_from_the_same_form(
    connection: Connection, api_actor: ApiActor, olga: User
) -> None:
    thread, once = known_thread(connection, api_actor.post("/threads")["id"]), uuid4()
    api_actor.fault("POST", ".*/messages$", status=400)
    assert settled(messages.post(thread=thread, text="Hello?", by=olga, once=once)).state == "refused"
    assert settled(messages.post(thread=thread, text="Hello?", by=olga, once=once)).state == "accepted"


def test_one_form_may_post_a_message_and_then_start_a_run(
    connection: Connection, api_actor: ApiActor, assistant: Assistant, olga: User
) -> None:
    thread, once = known_thread(connection, api_actor.post("/threads")["id"]), uuid4()
    assert settled(messages.post(thread=thread, text="Hello?", by=olga, once=once)).state == "accepted"
    assert settled(runs.start(thread=thread, assistant=assistant, by=olga, once=once)).state == "accepted"


def test_a_cancelled_run_ends(waiting: Run, olga: User) -> None:
    assert settled(runs.cancel(run=waiting, by=olga)).state == "accepted"
    assert polled(waiting).status == "cancelled"


def test_a_cancel_that_was_lost_before_the_run_ended_by_itself_is_not_called_accepted(
    waiting: Run, olga: User, api_actor: ApiActor
) -> None:
    operation = runs.cancel(run=waiting, by=olga)
    Operation.objects.update(sent_at=timezone.now(), sent_times=1)
    api_actor.outputs(waiting.thread.remote_id, waiting.remote_id)
    api_actor.get(f"/threads/{waiting.thread.remote_id}/runs/{waiting.remote_id}")
    assert settled(operation).state == "refused"
    assert "ended by itself" in operation.error


def test_an_error_of_ours_after_sending_does_not_count_as_absence(
    connection: Connection, api_actor: ApiActor, olga: User
) -> None:
    thread = known_thread(connection, api_actor.post("/threads")["id"])
    operation = messages.post(thread=thread, text="Hello?", by=olga, once=uuid4())
    # A kind that nobody knows how to look for makes every attempt fail in our own code.
    Operation.objects.update(sent_at=timezone.now() - timedelta(seconds=60), sent_times=1, kind="unheard_of")
    for _ in range(2):
        Operation.objects.update(due_at=timezone.now(), holder="")
        sending.deliver_due()
    operation.refresh_from_db()
    assert (operation.failures, operation.sent_times) == (0, 1)


def test_a_key_that_is_refused_keeps_what_was_sent(waiting: Run, olga: User, connection: Connection) -> None:
    connection.key = "wrong"
    connection.save()
    operation = settled(submit(waiting, olga, "precious"))
    assert operation.state == "refused"
    assert "Incorrect API key" in operation.error
    assert "precious" in operation.body


# ---- What is made beside messages and runs


LOST = pytest.mark.parametrize("lost", [{"cut": "before"}, {"status": 500}, {"cut": "body"}])


@LOST
def test_a_lost_answer_of_a_thread_made_with_its_run_is_found_out_by_reading(
    connection: Connection, olga: User, api_actor: ApiActor, lost: dict[str, Any]
) -> None:
    api_actor.assistant()
    assistants.refresh(connection=connection)
    assistant = Assistant.objects.all()[0]
    before = api_actor.sent("POST", "/v1/threads/runs")
    api_actor.fault("POST", "/threads/runs$", after_effect=True, **lost)
    asked: Any = {"connection": connection, "assistant": assistant, "by": olga, "once": uuid4()}
    operation = settled(threads.create_and_run(**asked))
    assert (operation.state, operation.error) == ("accepted", "")
    assert operation.run is not None
    assert operation.run.remote_id == operation.result_remote_id
    assert api_actor.sent("POST", "/v1/threads/runs") == before + 1


def test_a_thread_with_its_run_that_never_arrived_goes_out_again(
    connection: Connection, olga: User, api_actor: ApiActor
) -> None:
    api_actor.assistant()
    assistants.refresh(connection=connection)
    api_actor.fault("POST", "/threads/runs$", cut="before")
    operation = settled(
        threads.create_and_run(connection=connection, assistant=Assistant.objects.all()[0], by=olga, once=uuid4())
    )
    assert (operation.state, operation.sent_times, operation.run is not None) == ("accepted", 2, True)


def upload(connection: Connection, by: User, content: bytes = b"Notes") -> Operation:
    given = {"filename": f"{uuid4().hex}.txt", "media_type": "text/plain", "purpose": "assistants"}
    return files.upload(connection=connection, content=content, by=by, once=uuid4(), **given)


@LOST
def test_a_lost_answer_of_an_upload_is_found_out_by_reading(
    connection: Connection, olga: User, api_actor: ApiActor, lost: dict[str, Any]
) -> None:
    before = api_actor.sent("POST", "/v1/files")
    api_actor.fault("POST", "/files$", after_effect=True, **lost)
    operation = settled(upload(connection, olga))
    assert (operation.state, operation.error) == ("accepted", "")
    assert api_actor.get(f"/files/{operation.result_remote_id}")["filename"] == operation.payload["filename"]
    assert api_actor.sent("POST", "/v1/files") == before + 1
    assert not Upload.objects.exists()


def test_an_upload_that_never_arrived_goes_out_again_to_the_letter(
    connection: Connection, olga: User, api_actor: ApiActor, local_api: LocalApi
) -> None:
    api_actor.fault("POST", "/files$", cut="before")
    operation = settled(upload(connection, olga, bytes(range(256)) * 999))
    assert (operation.state, operation.sent_times) == ("accepted", 2)
    assert File.objects.get().size == 256 * 999


def test_of_two_alike_uploads_each_is_found_for_itself(connection: Connection, olga: User, api_actor: ApiActor) -> None:
    given: Any = {"filename": "same.txt", "media_type": "", "purpose": "assistants", "content": b"Same"}
    api_actor.fault("POST", "/files$", after_effect=True, cut="before", times=2)
    made = [settled(files.upload(connection=connection, by=olga, once=uuid4(), **given)) for _ in range(2)]
    assert [each.state for each in made] == ["accepted", "accepted"]
    assert len({each.result_remote_id for each in made}) == 2


def test_an_upload_to_a_server_that_lists_no_files_is_not_sent_blindly(
    connection: Connection, olga: User, api_actor: ApiActor
) -> None:
    before = api_actor.sent("POST", "/v1/files")
    api_actor.fault("POST", "/files$", after_effect=True, cut="before")
    api_actor.fault("GET", "/files$", status=404, times=9)
    operation = settled(upload(connection, olga))
    assert (operation.state, "may have been made" in operation.error) == ("refused", True)
    assert api_actor.sent("POST", "/v1/files") == before + 1


@LOST
def test_a_lost_answer_of_a_vector_store_is_found_out_by_reading(
    connection: Connection, olga: User, api_actor: ApiActor, lost: dict[str, Any]
) -> None:
    before = api_actor.sent("POST", "/v1/vector_stores")
    api_actor.fault("POST", "/vector_stores$", after_effect=True, **lost)
    made = vector_stores.create(connection=connection, name="Manuals", file_ids=[], metadata={}, by=olga, once=uuid4())
    operation = settled(made)
    assert (operation.state, operation.error) == ("accepted", "")
    assert VectorStore.objects.get().remote_id == operation.result_remote_id
    assert api_actor.sent("POST", "/v1/vector_stores") == before + 1
