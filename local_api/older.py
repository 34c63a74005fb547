"""What we keep, in the shapes of the first dialect; and what that sends, in those we keep."""

from collections.abc import Callable
from typing import Any

from local_api.objects import Document, attachment

_TOOLS = {"file_search": "retrieval"}
_KEPT_TOOLS = {old: new for new, old in _TOOLS.items()}


def kept_type(kind: str) -> str:
    """The type of a tool as we keep it."""
    return _KEPT_TOOLS.get(kind, kind)


def kept_resources(file_ids: list[str]) -> Document:
    """The files of an assistant."""
    return {"code_interpreter": {"file_ids": file_ids}}


def kept_attachments(file_ids: list[str]) -> list[Document]:
    """The files of a message: any tool may read them."""
    return [attachment(each, "code_interpreter", "file_search") for each in file_ids]


def shown(document: Document) -> Document:
    """An object, or a list of them, as the first dialect has it."""
    if document.get("object") == "list":
        return {**document, "data": [shown(each) for each in document["data"]]}
    show = _SHOWN.get(document.get("object", ""))
    return document if show is None else show(document)


def _assistant(assistant: Document) -> Document:
    left = _without(assistant, "tool_resources", "temperature", "top_p", "response_format")
    return {**left, "tools": _tools(assistant["tools"]), "file_ids": file_ids(assistant)}


def file_ids(assistant: Document) -> list[str]:
    """Ids of an assistant's files, in the order in which they were attached."""
    interpreter = (assistant.get("tool_resources") or {}).get("code_interpreter") or {}
    return list(interpreter.get("file_ids") or [])


def _thread(thread: Document) -> Document:
    return _without(thread, "tool_resources")


def _message(message: Document) -> Document:
    content = [_part(part) for part in message["content"]]
    ids = [each["file_id"] for each in message["attachments"] if each.get("file_id")]
    return {**_without(message, "attachments"), "content": content, "file_ids": ids}


def _part(part: Document) -> Document:
    if part["type"] == "image_url":  # not known then: the address stays readable
        return {"type": "text", "text": {"value": part["image_url"]["url"], "annotations": []}}
    if part["type"] == "image_file":
        return {"type": "image_file", "image_file": {"file_id": part["image_file"]["file_id"]}}
    annotations = [_annotation(each) for each in part["text"]["annotations"]]
    return {**part, "text": {**part["text"], "annotations": annotations}}


def _annotation(annotation: Document) -> Document:
    if annotation["type"] != "file_citation":
        return annotation
    return {**annotation, "file_citation": {"quote": "", **annotation["file_citation"]}}


def _run(run: Document) -> Document:
    status = "completed" if run["status"] == "incomplete" else run["status"]
    choice = run["tool_choice"]
    return {
        **_without(run, "parallel_tool_calls"),
        "status": status,
        "tools": _tools(run["tools"]),
        "tool_choice": _tool(choice) if isinstance(choice, dict) else choice,
        "file_ids": [],
    }


def _step(step: Document) -> Document:
    details = step["step_details"]
    return {**step, "step_details": _details(details)}


def _details(details: Document) -> Document:
    if details["type"] != "tool_calls":
        return details
    return {**details, "tool_calls": [_call(call) for call in details["tool_calls"]]}


def _call(call: Document) -> Document:
    if call["type"] != "file_search":
        return call
    return {**_without(call, "file_search"), "type": "retrieval", "retrieval": {}}


def _step_delta(delta: Document) -> Document:
    return {**delta, "delta": {"step_details": _details(delta["delta"]["step_details"])}}


def _message_delta(delta: Document) -> Document:
    parts = [{**_part(part), "index": part["index"]} for part in delta["delta"]["content"]]
    return {**delta, "delta": {**delta["delta"], "content": parts}}


def _tools(tools: list[Document]) -> list[Document]:
    return [_tool(tool) for tool in tools]


def _tool(tool: Document) -> Document:
    return {"type": _TOOLS[tool["type"]]} if tool["type"] in _TOOLS else tool


def _without(document: Document, *names: str) -> Document:
    return {name: value for name, value in document.items() if name not in names}


_SHOWN: dict[Any, Callable[[Document], Document]] = {
    "assistant": _assistant,
    "thread": _thread,
    "thread.message": _message,
    "thread.message.delta": _message_delta,
    "thread.run": _run,
    "thread.run.step": _step,
    "thread.run.step.delta": _step_delta,
}
