"""Every operation of a dialect once, by our client: for those who look at what goes over the wire."""

from typing import Any

from assistants_app.api.client import Client

QUESTION = "Where is every order?"
SCRIPT: dict[str, Any] = {
    "id": "everything",
    "assistant": {"name": "Everything"},
    "turns": [
        {
            "user": QUESTION,
            "rounds": [
                [
                    {"type": "code_interpreter", "input": "1+1", "outputs": [{"type": "logs", "logs": "2"}]},
                    {
                        "type": "file_search",
                        "results": [
                            {
                                "file_id": "file-Everything",
                                "file_name": "orders.txt",
                                "score": 0.5,
                                "content": [{"type": "text", "text": "At the door."}],
                            }
                        ],
                    },
                ],
                [{"name": "look", "arguments": '{"at": 1}', "output": "42"}],
            ],
            "reply": "At the **door** [1].",
            "annotations": [
                {
                    "type": "file_citation",
                    "text": "[1]",
                    "start_index": 16,
                    "end_index": 19,
                    "file_citation": {"file_id": "file-Everything"},
                }
            ],
        }
    ],
    "files": [{"id": "file-Everything", "filename": "orders.txt", "purpose": "assistants_output", "text": "A door."}],
}
LOOK: Any = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
PAGE: dict[str, Any] = {"limit": 2, "order": "asc"}


def do_everything(client: Client) -> None:
    """Each operation that the dialect has, with each parameter of its lists."""
    file_id = client.files.create(filename="Räder.txt", content=b"\r\n--\x00", purpose="assistants").id
    assistant_id = _assistants(client, file_id)
    thread_id, message_id = _messages(client, file_id)
    _runs(client, assistant_id)
    if client.dialect.name == "v1":
        _older(client, assistant_id, thread_id, message_id, file_id)
    else:
        client.threads.messages.delete(thread_id, message_id)
        _vector_stores(client, file_id)
    client.threads.delete(thread_id)
    client.assistants.delete(assistant_id)
    client.files.list(purpose="assistants")
    client.files.get(file_id)
    assert client.files.content("file-Everything").body == b"A door."
    client.files.delete(file_id)
    client.models.list()


def walk(list_method: Any, *ids: str, cursor: str) -> None:
    list_method(*ids, **PAGE)
    list_method(*ids, **PAGE, after=cursor)
    list_method(*ids, **PAGE, before=cursor)


def _assistants(client: Client, file_id: str) -> str:
    search = client.dialect.tools[1]
    body = {
        "model": "gpt-4o",
        "name": "Everything",
        "description": "Does all.",
        "instructions": "Be brief.",
        "tools": [LOOK, {"type": "code_interpreter"}, {"type": search}],
        "metadata": {"a": "b"},
        "temperature": 0.5,
        "top_p": 1,
        "response_format": "auto",
        **client.dialect.resources([file_id]),
    }
    made = client.assistants.create(body)
    assert made.file_ids == (file_id,)
    assert [tool["type"] for tool in made.tools] == ["function", "code_interpreter", search]
    assert client.assistants.get(made.id) == made
    client.assistants.modify(made.id, {"description": None, "metadata": {}, "tools": [LOOK]})
    walk(client.assistants.list, cursor=made.id)
    return made.id


def _messages(client: Client, file_id: str) -> tuple[str, str]:
    threads, dialect = client.threads, client.dialect
    threads.create()
    thread = threads.create(dialect.thread({"a": "b"}, [dialect.message("user", "Hi", {"c": "d"})]))
    threads.modify(thread.id, {"metadata": {"a": "c"}})
    assert threads.get(thread.id).metadata == {"a": "c"}
    made = threads.messages.create(
        thread.id, dialect.message("user", "See", {"e": "f"}, files=[(file_id, ["code_interpreter"])])
    )
    assert [each.file_id for each in made.attachments] == [file_id]
    threads.messages.create(thread.id, dialect.message("assistant", "A picture", images=["file-Everything"]))
    assert threads.messages.get(thread.id, made.id) == made
    threads.messages.modify(thread.id, made.id, {"metadata": {"e": "g"}})
    walk(threads.messages.list, thread.id, cursor=made.id)
    threads.messages.list(thread.id, run_id="run_none")
    return thread.id, made.id


def _runs(client: Client, assistant_id: str) -> None:
    runs, dialect = client.threads.runs, client.dialect
    thread = dialect.thread(messages=[dialect.message("user", QUESTION)])
    options = {"max_prompt_tokens": 4096, "truncation_strategy": {"type": "last_messages", "last_messages": 9}}
    made = client.threads.create_and_run(dialect.run(assistant_id, {"a": "b"}, thread=thread, **options))
    thread_id = made.thread_id or ""
    waiting = runs.get(thread_id, made.id)
    assert waiting.required_action
    outputs = [(call.id, "42") for call in waiting.required_action.calls]
    runs.modify(thread_id, made.id, {"metadata": {"a": "c"}})
    runs.submit_tool_outputs(thread_id, made.id, dialect.tool_outputs(outputs))
    assert runs.get(thread_id, made.id).status == "completed"
    walk(runs.list, thread_id, cursor=made.id)
    steps = runs.steps.list(thread_id, made.id, include=dialect.includes).data
    walk(runs.steps.list, thread_id, made.id, cursor=steps[0].id)
    runs.steps.get(thread_id, made.id, steps[-1].id, include=dialect.includes)
    more = [dialect.message("user", QUESTION)]
    overrides: dict[str, Any] = {
        "additional_messages": more,
        "additional_instructions": "Be kind.",
        "tool_choice": {"type": "function", "function": {"name": "look"}},
    }
    runs.create(thread_id, dialect.run(assistant_id, **overrides), include=dialect.includes)
    second = runs.list(thread_id, limit=1).data[0]
    if second.status not in ("completed", "incomplete"):
        runs.cancel(thread_id, second.id)
        return
    third = client.threads.create_and_run(dialect.run(assistant_id, thread=thread))
    runs.cancel(third.thread_id or "", third.id)


def _older(client: Client, assistant_id: str, thread_id: str, message_id: str, file_id: str) -> None:
    files = client.assistants.files
    files.create(assistant_id, "file-Everything")
    walk(files.list, assistant_id, cursor=file_id)
    assert files.get(assistant_id, file_id).attached_to == assistant_id
    assert files.delete(assistant_id, file_id).deleted
    assert [each.id for each in files.list(assistant_id).data] == ["file-Everything"]
    attached = client.threads.messages.files
    walk(attached.list, thread_id, message_id, cursor=file_id)
    assert attached.get(thread_id, message_id, file_id).attached_to == message_id


def _vector_stores(client: Client, file_id: str) -> None:
    stores = client.vector_stores
    made = stores.create({"name": "Orders", "file_ids": [file_id], "metadata": {"a": "b"}})
    assert made.file_counts["completed"] == 1
    walk(stores.list, cursor=made.id)
    stores.files.create(made.id, {"file_id": "file-Everything"})
    walk(stores.files.list, made.id, cursor=file_id)
    stores.files.list(made.id, filter="completed")
    assert stores.files.get(made.id, file_id).vector_store_id == made.id
    assert stores.files.delete(made.id, file_id).deleted
    assert stores.get(made.id).file_counts["total"] == 1
    assert stores.delete(made.id).deleted
