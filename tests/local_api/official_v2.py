"""Every assistants and threads method of the official package, newest release: what it sends and how it gets on."""

from typing import Any

import openai

from tests.api.everything import LOOK, QUESTION

MODEL = "gpt-4o"


def do_everything(client: openai.OpenAI) -> None:
    beta = client.beta
    file = client.files.create(file=("a.txt", b"One."), purpose="assistants")
    assistant = beta.assistants.create(model=MODEL, name="Everything", tools=[LOOK, {"type": "file_search"}])
    assert beta.assistants.retrieve(assistant.id) == assistant
    assert beta.assistants.update(assistant.id, name="Everything", description="All").description == "All"
    assert assistant.id in [each.id for each in beta.assistants.list(limit=50)]
    thread_id = _threads(client, file.id)
    _runs(client, assistant.id, thread_id)
    _streams(client, assistant.id)
    _stores(client, file.id)
    assert beta.threads.delete(thread_id).deleted
    assert beta.assistants.delete(assistant.id).deleted
    assert client.files.retrieve(file.id).filename == "a.txt"
    assert file.id in [each.id for each in client.files.list(purpose="assistants")]
    assert client.files.content("file-Everything").read() == b"A door."
    assert client.files.delete(file.id).deleted
    assert MODEL in [each.id for each in client.models.list()]
    assert client.models.retrieve(MODEL).id == MODEL


def _threads(client: openai.OpenAI, file_id: str) -> str:
    threads = client.beta.threads
    thread = threads.create(messages=[{"role": "user", "content": "Hi"}], metadata={"a": "b"})
    assert threads.retrieve(thread.id) == thread
    assert threads.update(thread.id, metadata={"a": "c"}).metadata == {"a": "c"}
    attached: Any = [{"file_id": file_id, "tools": [{"type": "code_interpreter"}]}]
    message = threads.messages.create(thread.id, role="user", content="See", attachments=attached)
    assert threads.messages.retrieve(message.id, thread_id=thread.id) == message
    assert threads.messages.update(message.id, thread_id=thread.id, metadata={"c": "d"}).metadata == {"c": "d"}
    assert len(list(threads.messages.list(thread.id, limit=1))) == 2
    assert threads.messages.delete(message.id, thread_id=thread.id).deleted
    return thread.id


def outputs(run: Any) -> Any:
    calls = run.required_action.submit_tool_outputs.tool_calls
    return [{"tool_call_id": call.id, "output": "42"} for call in calls]


def _runs(client: openai.OpenAI, assistant_id: str, thread_id: str) -> None:
    threads, runs = client.beta.threads, client.beta.threads.runs
    question: Any = {"messages": [{"role": "user", "content": QUESTION}]}
    run = threads.create_and_run(assistant_id=assistant_id, thread=question)
    waiting = runs.poll(run.id, thread_id=run.thread_id)
    assert waiting.status == "requires_action"
    assert runs.update(run.id, thread_id=run.thread_id, metadata={"a": "b"}).metadata == {"a": "b"}
    runs.submit_tool_outputs(run.id, thread_id=run.thread_id, tool_outputs=outputs(waiting))
    assert runs.retrieve(run.id, thread_id=run.thread_id).status == "completed"
    everything: Any = ["step_details.tool_calls[*].file_search.results[*].content"]
    steps: list[Any] = list(runs.steps.list(run.id, thread_id=run.thread_id, include=everything, order="asc"))
    found = steps[0].step_details.tool_calls[1].file_search.results[0]
    assert found.content[0].text == "At the door."
    brief: Any = runs.steps.retrieve(steps[0].id, thread_id=run.thread_id, run_id=run.id)
    assert brief.step_details.tool_calls[1].file_search.results[0].content is None
    run = threads.create_and_run_poll(assistant_id=assistant_id, thread=question)
    done = runs.submit_tool_outputs_and_poll(run_id=run.id, thread_id=run.thread_id, tool_outputs=outputs(run))
    assert done.status == "completed"
    assert [each.id for each in runs.list(run.thread_id)] == [run.id]
    run = threads.create_and_run(assistant_id=assistant_id, thread=question)
    assert runs.cancel(run.id, thread_id=run.thread_id).status == "cancelling"
    runs.create(thread_id, assistant_id=assistant_id, additional_messages=[{"role": "user", "content": "And now?"}])
    runs.list(thread_id)
    assert runs.create_and_poll(thread_id=thread_id, assistant_id=assistant_id).status == "completed"


def _streams(client: openai.OpenAI, assistant_id: str) -> None:
    runs = client.beta.threads.runs
    question: Any = {"messages": [{"role": "user", "content": QUESTION}]}
    with client.beta.threads.create_and_run_stream(assistant_id=assistant_id, thread=question) as stream:
        stream.until_done()
        run = stream.current_run
    assert run is not None
    with runs.submit_tool_outputs_stream(run_id=run.id, thread_id=run.thread_id, tool_outputs=outputs(run)) as stream:
        text = "".join(stream.text_deltas)
        assert text == "At the **door** [1]."
        messages: list[Any] = stream.get_final_messages()
        assert messages[0].content[0].text.annotations[0].file_citation.file_id == "file-Everything"
        assert stream.get_final_run().status == "completed"
    with runs.stream(thread_id=run.thread_id, assistant_id=assistant_id) as stream:
        stream.until_done()
        assert stream.get_final_run().status == "completed"
    raw = runs.create(run.thread_id, assistant_id=assistant_id, stream=True)
    assert [each.event for each in raw][-1] == "thread.run.completed"


def _stores(client: openai.OpenAI, file_id: str) -> None:
    stores = client.vector_stores
    store = stores.create(name="Orders", file_ids=[file_id])
    assert stores.retrieve(store.id).file_counts.total == 1
    assert store.id in [each.id for each in stores.list()]
    stores.files.create(store.id, file_id="file-Everything")
    assert len(list(stores.files.list(store.id))) == 2
    assert stores.files.retrieve(file_id, vector_store_id=store.id).status == "completed"
    assert stores.files.delete(file_id, vector_store_id=store.id).deleted
    assert stores.delete(store.id).deleted
