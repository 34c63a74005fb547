"""Every operation once, against the local API as a process of its own."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from assistants_app.api.client import Client, connect, every
from assistants_app.api.errors import BadRequest, NotFound, Unauthenticated
from assistants_app.api.objects import Run
from testing.local_api_process import LocalApi, start

SCRIPT = {
    "id": "operations",
    "assistant": {"name": "Tester"},
    "turns": [
        {
            "user": "Where is my order?",
            "rounds": [[{"name": "look", "arguments": '{"at":  1}'}, {"name": "look", "arguments": "not json"}]],
            "reply": "At the **door**.",
        }
    ],
}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalApi]:
    running = start(tmp_path_factory.mktemp("operations"))
    try:
        address = running.control + "/scripts"
        requests.post(address, json=[SCRIPT], headers={"Authorization": "Bearer local"}, timeout=30).raise_for_status()
        yield running
    finally:
        running.stop()


@pytest.fixture
def client(api: LocalApi) -> Iterator[Client]:
    with connect(endpoint="openai", dialect="v2", base_url=api.url, key="local") as one:
        yield one


def test_assistants(client: Client) -> None:
    tool = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
    body = {"model": "gpt-4o", "name": "Räder 🦊", "instructions": "Be brief.", "tools": [tool], "metadata": {"a": "b"}}
    made = client.assistants.create(body)
    assert (made.name, made.model, made.instructions) == (body["name"], body["model"], body["instructions"])
    assert (made.tools[0]["function"]["name"], made.metadata) == ("look", {"a": "b"})
    assert client.assistants.get(made.id) == made
    changed = client.assistants.modify(made.id, {"name": "Other"})
    assert (changed.name, changed.model) == ("Other", "gpt-4o")
    assert client.assistants.list(limit=1).data == (changed,)
    assert client.assistants.delete(made.id).deleted
    with pytest.raises(NotFound, match=made.id):
        client.assistants.get(made.id)


def test_threads(client: Client) -> None:
    body = client.dialect.thread({"a": "b"}, [client.dialect.message("user", "Hi", {"c": "d"})])
    made = client.threads.create(body)
    assert made.metadata == {"a": "b"}
    assert client.threads.get(made.id) == made
    assert client.threads.modify(made.id, {"metadata": {"a": "c"}}).metadata == {"a": "c"}
    assert made.id in [thread.id for thread in every(client.threads.list, limit=2)]
    (first,) = client.threads.messages.list(made.id).data
    assert (first.text, first.role, first.metadata) == ("Hi", "user", {"c": "d"})
    assert client.threads.delete(made.id).deleted
    with pytest.raises(NotFound):
        client.threads.get(made.id)


def test_messages(client: Client) -> None:
    messages, thread_id = client.threads.messages, client.threads.create().id
    sent = ["one", "zwei\n\n🦊 \u202e", "x" * 10_000, "three", "four"]
    made = [messages.create(thread_id, client.dialect.message("user", text)) for text in sent]
    assert [message.text for message in every(messages.list, thread_id, limit=2, order="asc")] == sent
    assert [message.text for message in every(messages.list, thread_id, limit=2)] == sent[::-1]
    assert messages.list(thread_id, limit=1, order="asc", after=made[0].id).data == (made[1],)
    assert messages.get(thread_id, made[1].id) == made[1]
    assert messages.modify(thread_id, made[1].id, {"metadata": {"a": "b"}}).metadata == {"a": "b"}
    assert messages.delete(thread_id, made[0].id).deleted
    assert [message.text for message in every(messages.list, thread_id, order="asc")] == sent[1:]


def waiting_run(client: Client) -> tuple[str, Run]:
    """A run that waits, and the id of its thread."""
    assistant = client.assistants.create({"model": "gpt-4o", "name": "Tester"})
    thread = client.dialect.thread(messages=[client.dialect.message("user", "Where is my order?")])
    made = client.threads.create_and_run({"assistant_id": assistant.id, "thread": thread})
    assert made.thread_id is not None
    return made.thread_id, client.threads.runs.get(made.thread_id, made.id)


def test_runs_and_steps(client: Client) -> None:
    runs, (thread_id, waiting) = client.threads.runs, waiting_run(client)
    run_id = waiting.id
    assert waiting.required_action is not None
    calls = waiting.required_action.calls
    assert waiting.status == "requires_action"
    assert [(call.name, call.arguments) for call in calls] == [("look", '{"at":  1}'), ("look", "not json")]
    assert client.read_run(runs.glance(thread_id, run_id).body) == waiting
    assert runs.modify(thread_id, run_id, {"metadata": {"a": "b"}}).metadata == {"a": "b"}
    runs.submit_tool_outputs(thread_id, run_id, client.dialect.tool_outputs([(call.id, "42") for call in calls]))
    done = runs.get(thread_id, run_id)
    assert (done.status, done.required_action, done.metadata) == ("completed", None, {"a": "b"})
    assert runs.list(thread_id).data == (done,)
    steps = runs.steps.list(thread_id, run_id, order="asc").data
    assert [step.type for step in steps] == ["tool_calls", "message_creation"]
    assert [(call.id, call.output) for call in steps[0].calls] == [(call.id, "42") for call in calls]
    assert runs.steps.get(thread_id, run_id, steps[1].id) == steps[1]
    (reply,) = client.threads.messages.list(thread_id, run_id=run_id).data
    assert (reply.id, reply.text) == (steps[1].message_id, "At the **door**.")
    with pytest.raises(BadRequest, match="do not accept tool outputs"):
        runs.submit_tool_outputs(thread_id, run_id, client.dialect.tool_outputs([(calls[0].id, "42")]))


def test_a_run_is_cancelled_and_another_started(client: Client) -> None:
    runs, (thread_id, waiting) = client.threads.runs, waiting_run(client)
    assert runs.cancel(thread_id, waiting.id).status == "cancelling"
    assert runs.get(thread_id, waiting.id).status == "cancelled"
    assert waiting.assistant_id is not None
    body = client.dialect.run(waiting.assistant_id, {"a": "b"}, instructions="Be kind.")
    second = runs.create(thread_id, body)
    assert (second.metadata, second.instructions) == ({"a": "b"}, "Be kind.")
    assert {run.id for run in runs.list(thread_id).data} == {waiting.id, second.id}


def test_sixteen_threads_get_their_own_answers(client: Client) -> None:
    ids = [client.threads.create({"metadata": {"number": str(number)}}).id for number in range(40)]
    thread_id, waiting = waiting_run(client)

    def check(number: int) -> tuple[str, str, str]:
        changed = client.threads.modify(ids[number % 40], {"metadata": {"number": str(number)}})
        glance = client.threads.runs.glance(thread_id, waiting.id)
        return client.threads.get(ids[-1 - number % 40]).id, changed.metadata["number"], client.read_run(glance.body).id

    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(check, range(160)))
    assert found == [(ids[-1 - number % 40], str(number), waiting.id) for number in range(160)]


def test_a_wrong_key_is_told(api: LocalApi) -> None:
    stranger = connect(endpoint="openai", dialect="v2", base_url=api.url, key="wrong-key-1234")
    with stranger as client, pytest.raises(Unauthenticated) as caught:
        client.threads.runs.glance("thread_1", "run_1")
    assert "wrong-key-1234" not in json.dumps(vars(caught.value), default=str)
