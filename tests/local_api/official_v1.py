"""Every assistants and threads method of openai 1.20.0, the last release of the first dialect.

`python official_v1.py URL QUESTION`, in an environment of its own: it imports nothing of ours.
"""

import sys
from typing import Any

import openai

MODEL = "gpt-4o"


def outputs(run: Any) -> list[dict[str, str]]:
    return [{"tool_call_id": call.id, "output": "42"} for call in run.required_action.submit_tool_outputs.tool_calls]


def assistants(client: Any, file_id: str) -> str:
    beta = client.beta.assistants
    tools = [{"type": "retrieval"}, {"type": "function", "function": {"name": "look", "parameters": {}}}]
    assistant = beta.create(model=MODEL, name="Everything", tools=tools, file_ids=[file_id])
    assert assistant.file_ids == [file_id]
    assert beta.retrieve(assistant.id) == assistant
    assert beta.update(assistant.id, description="All").description == "All"
    assert assistant.id in [each.id for each in beta.list(limit=50)]
    beta.files.create(assistant.id, file_id="file-Everything")
    assert [each.id for each in beta.files.list(assistant.id, order="asc", limit=1)] == [file_id, "file-Everything"]
    assert beta.files.retrieve(file_id, assistant_id=assistant.id).assistant_id == assistant.id
    assert beta.files.delete(file_id, assistant_id=assistant.id).deleted
    return str(assistant.id)


def threads(client: Any, file_id: str) -> str:
    beta = client.beta.threads
    thread = beta.create(messages=[{"role": "user", "content": "Hi"}], metadata={"a": "b"})
    assert beta.retrieve(thread.id) == thread
    assert beta.update(thread.id, metadata={"a": "c"}).metadata == {"a": "c"}
    message = beta.messages.create(thread.id, role="user", content="See", file_ids=[file_id])
    assert beta.messages.retrieve(message.id, thread_id=thread.id) == message
    assert beta.messages.update(message.id, thread_id=thread.id, metadata={"c": "d"}).metadata == {"c": "d"}
    assert len(list(beta.messages.list(thread.id, limit=1))) == 2
    assert [each.id for each in beta.messages.files.list(message.id, thread_id=thread.id)] == [file_id]
    file = beta.messages.files.retrieve(file_id, thread_id=thread.id, message_id=message.id)
    assert file.message_id == message.id
    return str(thread.id)


def runs(client: Any, assistant_id: str, thread_id: str, question: str) -> None:
    beta = client.beta.threads
    first = {"messages": [{"role": "user", "content": question}]}
    run = beta.create_and_run(assistant_id=assistant_id, thread=first)
    waiting = beta.runs.poll(run.id, thread_id=run.thread_id)
    assert waiting.status == "requires_action"
    assert beta.runs.update(run.id, thread_id=run.thread_id, metadata={"a": "b"}).metadata == {"a": "b"}
    beta.runs.submit_tool_outputs(run.id, thread_id=run.thread_id, tool_outputs=outputs(waiting))
    assert beta.runs.retrieve(run.id, thread_id=run.thread_id).status == "completed"
    steps = list(beta.runs.steps.list(run.id, thread_id=run.thread_id, order="asc", limit=1))
    kinds = [call.type for call in steps[0].step_details.tool_calls]
    assert kinds == ["code_interpreter", "retrieval"], kinds
    assert beta.runs.steps.retrieve(steps[0].id, thread_id=run.thread_id, run_id=run.id) == steps[0]
    run = beta.create_and_run_poll(assistant_id=assistant_id, thread=first)
    sent = {"run_id": run.id, "thread_id": run.thread_id, "tool_outputs": outputs(run)}
    assert beta.runs.submit_tool_outputs_and_poll(**sent).status == "completed"
    assert [each.id for each in beta.runs.list(run.thread_id)] == [run.id]
    run = beta.create_and_run(assistant_id=assistant_id, thread=first)
    assert beta.runs.cancel(run.id, thread_id=run.thread_id).status == "cancelling"
    assert beta.runs.create(thread_id, assistant_id=assistant_id).status == "queued"
    beta.runs.list(thread_id)
    assert beta.runs.create_and_poll(thread_id=thread_id, assistant_id=assistant_id).status == "completed"


def streams(client: Any, assistant_id: str, question: str) -> None:
    beta = client.beta.threads
    first = {"messages": [{"role": "user", "content": question}]}
    with beta.create_and_run_stream(assistant_id=assistant_id, thread=first) as stream:
        stream.until_done()
        run = stream.current_run
    sent = {"run_id": run.id, "thread_id": run.thread_id, "tool_outputs": outputs(run)}
    with beta.runs.submit_tool_outputs_stream(**sent) as stream:
        assert "".join(stream.text_deltas) == "At the **door** [1]."
        assert stream.get_final_run().status == "completed"
    with beta.runs.create_and_stream(thread_id=run.thread_id, assistant_id=assistant_id) as stream:
        stream.until_done()
        assert stream.get_final_run().status == "completed"


def main(url: str, question: str) -> None:
    assert openai.__version__ == "1.20.0"
    with openai.OpenAI(base_url=url, api_key="local", max_retries=0) as client:
        file = client.files.create(file=("a.txt", b"One."), purpose="assistants")
        assistant_id = assistants(client, file.id)
        thread_id = threads(client, file.id)
        runs(client, assistant_id, thread_id, question)
        streams(client, assistant_id, question)
        assert client.beta.threads.delete(thread_id).deleted
        assert client.beta.assistants.delete(assistant_id).deleted
        assert client.files.retrieve(file.id).filename == "a.txt"
        assert file.id in [each.id for each in client.files.list(purpose="assistants")]
        assert client.files.content("file-Everything").read() == b"A door."
        assert client.files.delete(file.id).deleted
        assert MODEL in [each.id for each in client.models.list()]


main(*sys.argv[1:])
