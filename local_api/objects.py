"""Making the API's objects, each with all the fields of the specification. Times are unix seconds."""

import secrets
import string
from typing import Any

Document = dict[str, Any]
_LETTERS = string.ascii_letters + string.digits


def fresh_id(prefix: str) -> str:
    """An id as the API makes them: the prefix and 24 letters or digits."""
    return prefix + "_" + "".join(secrets.choice(_LETTERS) for _ in range(24))


def assistant(asked: Document, *, now: float) -> Document:
    return {
        "id": fresh_id("asst"),
        "object": "assistant",
        "created_at": int(now),
        "name": None,
        "description": None,
        "model": None,
        "instructions": None,
        "tools": [],
        "top_p": 1.0,
        "temperature": 1.0,
        "tool_resources": {},
        "metadata": {},
        "response_format": "auto",
        **asked,
    }


def thread(asked: Document, *, now: float) -> Document:
    return {
        "id": fresh_id("thread"),
        "object": "thread",
        "created_at": int(now),
        "metadata": asked["metadata"],
        "tool_resources": asked["tool_resources"],
    }


def message(asked: Document, *, thread_id: str, now: float) -> Document:
    """A message that a client adds."""
    return {
        "id": fresh_id("msg"),
        "object": "thread.message",
        "created_at": int(now),
        "thread_id": thread_id,
        "status": "completed",
        "incomplete_details": None,
        "completed_at": int(now),
        "incomplete_at": None,
        "role": asked["role"],
        "content": asked["content"],
        "assistant_id": None,
        "run_id": None,
        "attachments": asked["attachments"],
        "metadata": asked["metadata"],
    }


def reply(run: Document, *, now: float) -> Document:
    """The message with which a run answers, before anything is said in it."""
    asked = {"role": "assistant", "content": [], "attachments": [], "metadata": {}}
    made = message(asked, thread_id=run["thread_id"], now=now)
    made.update(assistant_id=run["assistant_id"], run_id=run["id"], status="in_progress", completed_at=None)
    return made


def text_part(value: str, annotations: list[Document]) -> Document:
    return {"type": "text", "text": {"value": value, "annotations": annotations}}


def run(asked: Document, *, thread_id: str, assistant: Document, now: float, expires_after: float) -> Document:
    """A queued run: what was asked, and the assistant's own settings where nothing was."""
    taken = ("model", "instructions", "tools", "temperature", "top_p", "response_format")
    settings = {name: assistant[name] if asked[name] is None else asked[name] for name in taken}
    return {
        "id": fresh_id("run"),
        "object": "thread.run",
        "created_at": int(now),
        "assistant_id": assistant["id"],
        "thread_id": thread_id,
        "status": "queued",
        "started_at": None,
        "expires_at": int(now + expires_after),
        "cancelled_at": None,
        "failed_at": None,
        "completed_at": None,
        "required_action": None,
        "last_error": None,
        "incomplete_details": None,
        "usage": None,
        **asked,
        **settings,
    }


def call(name: str, arguments: str) -> Document:
    """A function call as a run's `required_action` lists it."""
    return {
        "id": fresh_id("call"),
        "type": "function",
        "function": {"name": name, "arguments": arguments},
    }


def built_in_call(played: Document) -> Document:
    """A call of a tool that the server runs itself, as its run step shows it."""
    kind = played["type"]
    if kind == "code_interpreter":
        carried = {"input": played.get("input") or "", "outputs": played.get("outputs") or []}
    else:
        ranking = {"ranker": "default_2024_08_21", "score_threshold": 0.0}
        carried = {"ranking_options": ranking, "results": played.get("results") or []}
    return {"id": fresh_id("call"), "type": kind, kind: carried}


def foreign_call(name: str, arguments: str, server_label: str) -> Document:
    """A call of a tool at another server (MCP), as Azure AI Foundry asks for consent to it."""
    return {"id": fresh_id("call"), "type": "mcp", "server_label": server_label, "name": name, "arguments": arguments}


def required_action(calls: list[Document]) -> Document:
    kind = "submit_tool_approval" if calls[0]["type"] == "mcp" else "submit_tool_outputs"
    return {"type": kind, kind: {"tool_calls": calls}}


def step(run: Document, details: Document, *, now: float) -> Document:
    """A run step in progress. `details` are its step_details."""
    return {
        "id": fresh_id("step"),
        "object": "thread.run.step",
        "created_at": int(now),
        "run_id": run["id"],
        "assistant_id": run["assistant_id"],
        "thread_id": run["thread_id"],
        "type": details["type"],
        "status": "in_progress",
        "cancelled_at": None,
        "completed_at": None,
        "expired_at": None,
        "failed_at": None,
        "last_error": None,
        "metadata": {},
        "step_details": details,
        "usage": None,
    }


def calls_step(run: Document, calls: list[Document], *, now: float) -> Document:
    """The step of one round of calls; outputs are null until submitted, but of tools that the server runs itself."""
    listed = [
        {**each, "function": {**each["function"], "output": None}}
        if each["type"] == "function"
        else {**each, "output": None}
        if each["type"] == "mcp"
        else each
        for each in calls
    ]
    return step(run, {"type": "tool_calls", "tool_calls": listed}, now=now)


def calls_delta(step: Document) -> Document:
    """What a stream tells of the calls of a step, once they are known."""
    listed = [_call_delta(place, each) for place, each in enumerate(step["step_details"]["tool_calls"])]
    details = {"type": "tool_calls", "tool_calls": listed}
    return {"id": step["id"], "object": "thread.run.step.delta", "delta": {"step_details": details}}


def _call_delta(place: int, call: Document) -> Document:
    kind = call["type"]
    if kind == "mcp":
        return {"index": place, **call}
    carried = {} if kind == "file_search" else dict(call[kind])
    if "outputs" in carried:
        carried["outputs"] = [{"index": number, **each} for number, each in enumerate(carried["outputs"])]
    return {"index": place, **call, kind: carried}


def message_step(run: Document, message_id: str, *, now: float) -> Document:
    """The step of the reply."""
    return step(run, {"type": "message_creation", "message_creation": {"message_id": message_id}}, now=now)


def usage(prompt: int, completion: int) -> Document:
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }


def text_of(message: Document) -> str:
    """The text parts of a message, one below the other."""
    parts = [part["text"]["value"] for part in message["content"] if part["type"] == "text"]
    return "\n".join(parts)


def attachment(file_id: str, *tools: str) -> Document:
    """A file given along with a message, and the tools that may read it."""
    return {"file_id": file_id, "tools": [{"type": tool} for tool in tools]}


def file(filename: str, purpose: str, size: int, *, now: float, identifier: str | None = None) -> Document:
    """An uploaded file; `size` in bytes."""
    return {
        "id": identifier or fresh_id("file").replace("_", "-", 1),
        "object": "file",
        "bytes": size,
        "created_at": int(now),
        "filename": filename,
        "purpose": purpose,
        "status": "processed",
    }


def attached(kind: str, file_id: str, *, holder: str, now: float) -> Document:
    """A file as part of an `assistant` or a `message` of that id, as the first dialect lists it."""
    return {"id": file_id, "object": _ATTACHED[kind], "created_at": int(now), f"{kind}_id": holder}


_ATTACHED = {"assistant": "assistant.file", "message": "thread.message.file"}


def model(name: str) -> Document:
    return {"id": name, "object": "model", "created": 1715367049, "owned_by": "system"}


def vector_store(asked: Document, *, now: float) -> Document:
    """An empty vector store."""
    kept = {"expires_after": asked["expires_after"]} if asked.get("expires_after") else {}
    return {
        "id": fresh_id("vs"),
        "object": "vector_store",
        "created_at": int(now),
        "name": asked.get("name") or "",
        "usage_bytes": 0,
        "file_counts": dict.fromkeys(("in_progress", "completed", "failed", "cancelled", "total"), 0),
        "status": "completed",
        **kept,
        "expires_at": int(now) + kept["expires_after"]["days"] * 86_400 if kept else None,
        "last_active_at": int(now),
        "metadata": asked.get("metadata") or {},
    }


def vector_store_file(file: Document, asked: Document, *, store_id: str, now: float) -> Document:
    """A file in a vector store, at once ready: nothing is cut up here."""
    static = {"max_chunk_size_tokens": 800, "chunk_overlap_tokens": 400}
    return {
        "id": file["id"],
        "object": "vector_store.file",
        "usage_bytes": file["bytes"],
        "created_at": int(now),
        "vector_store_id": store_id,
        "status": "completed",
        "last_error": None,
        "chunking_strategy": asked.get("chunking_strategy") or {"type": "static", "static": static},
        "attributes": asked.get("attributes") or {},
    }


def deleted(kind: str, identifier: str) -> Document:
    return {"id": identifier, "object": kind + ".deleted", "deleted": True}
