"""The second dialect, `OpenAI-Beta: assistants=v2`: the shapes of its objects, read and written."""

from collections.abc import Mapping, Sequence
from typing import Any

from assistants_app.api.dialects.dialect import Dialect, Raw
from assistants_app.api.dialects.tolerance import mapping, moment, objects, shown, storable, strings, text
from assistants_app.api.objects import (
    Annotation,
    Assistant,
    Attachment,
    Deleted,
    Message,
    MessageDelta,
    Part,
    RequiredAction,
    Run,
    RunError,
    RunStep,
    StepDelta,
    Thread,
    ToolCall,
    Words,
)
from assistants_app.api.operations import of_dialect

_ENDS = ("completed_at", "failed_at", "cancelled_at", "expired_at")


def read_assistant(raw: Raw) -> Assistant:
    return Assistant(
        id=shown(raw.get("id")),
        raw=raw,
        name=text(raw.get("name")),
        description=text(raw.get("description")),
        model=text(raw.get("model")),
        instructions=text(raw.get("instructions")),
        tools=[storable(tool) for tool in objects(raw.get("tools"))],
        file_ids=_file_ids(raw),
        vector_store_ids=_vector_store_ids(raw),
        created_at=moment(raw.get("created_at")),
        metadata=strings(raw.get("metadata")),
    )


def _file_ids(raw: Raw) -> tuple[str, ...]:
    """Those for code; the first dialect names all files of an assistant without saying what for."""
    interpreter = mapping(mapping(raw.get("tool_resources")).get("code_interpreter"))
    return tuple(dict.fromkeys((*_ids(raw.get("file_ids")), *_ids(interpreter.get("file_ids")))))


def _vector_store_ids(raw: Raw) -> tuple[str, ...]:
    search = mapping(mapping(raw.get("tool_resources")).get("file_search"))
    return _ids(search.get("vector_store_ids"))


def _ids(value: object) -> tuple[str, ...]:
    found = value if isinstance(value, list | tuple) else ()
    return tuple(shown(each) for each in found if isinstance(each, str) and each)


def read_thread(raw: Raw) -> Thread:
    return Thread(
        id=shown(raw.get("id")),
        raw=raw,
        file_ids=_file_ids(raw),
        vector_store_ids=_vector_store_ids(raw),
        created_at=moment(raw.get("created_at")),
        metadata=strings(raw.get("metadata")),
    )


def read_message(raw: Raw) -> Message:
    return Message(
        id=shown(raw.get("id")),
        raw=raw,
        thread_id=text(raw.get("thread_id")),
        run_id=text(raw.get("run_id")),
        assistant_id=text(raw.get("assistant_id")),
        role=shown(raw.get("role")),
        status=text(raw.get("status")),
        created_at=moment(raw.get("created_at")),
        parts=_parts(raw.get("content")),
        attachments=_attachments(raw),
        incomplete_reason=text(mapping(raw.get("incomplete_details")).get("reason")),
        metadata=strings(raw.get("metadata")),
    )


def _parts(content: object) -> tuple[Part, ...]:
    if content is None:
        return ()
    return tuple(_part(item) for item in (content if isinstance(content, list | tuple) else [content]))


def _part(item: Any) -> Part:
    if not isinstance(item, Mapping):
        return Part(kind="text", text=shown(item), raw=item)
    kind = shown(item.get("type")) or "unknown"
    carried = item.get(kind)
    if kind in ("text", "refusal"):
        words = carried.get("value") if isinstance(carried, Mapping) else carried
        annotations = tuple(_annotation(each) for each in objects(mapping(carried).get("annotations")))
        return Part(kind=kind, text=shown(words), raw=item, annotations=annotations)
    carried = mapping(carried)
    refers_to = text(carried.get("file_id")) or text(carried.get("url"))
    return Part(kind=kind, text=None, raw=item, refers_to=refers_to)


def _annotation(raw: Raw) -> Annotation:
    kind = shown(raw.get("type"))
    carried = mapping(raw.get(kind))
    return Annotation(
        kind=kind,
        text=shown(raw.get("text")),
        start=_index(raw.get("start_index")),
        end=_index(raw.get("end_index")),
        file_id=text(carried.get("file_id")),
        quote=text(carried.get("quote")),
    )


def _index(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _attachments(raw: Raw) -> tuple[Attachment, ...]:
    """With their tools, or in the first dialect as ids only; a server that sends both means the same files."""
    attached = tuple(_attachment(each) for each in objects(raw.get("attachments")))
    known = {each.file_id for each in attached}
    return (*attached, *(Attachment(file_id=each, tools=()) for each in _ids(raw.get("file_ids")) if each not in known))


def _attachment(raw: Raw) -> Attachment:
    return Attachment(
        file_id=shown(raw.get("file_id")),
        tools=tuple(shown(tool.get("type")) for tool in objects(raw.get("tools"))),
    )


def read_run(raw: Raw) -> Run:
    return Run(
        id=shown(raw.get("id")),
        raw=raw,
        thread_id=text(raw.get("thread_id")),
        assistant_id=text(raw.get("assistant_id")),
        status=shown(raw.get("status")),
        created_at=moment(raw.get("created_at")),
        expires_at=moment(raw.get("expires_at")),
        started_at=moment(raw.get("started_at")),
        completed_at=moment(raw.get("completed_at")),
        failed_at=moment(raw.get("failed_at")),
        cancelled_at=moment(raw.get("cancelled_at")),
        model=text(raw.get("model")),
        instructions=text(raw.get("instructions")),
        last_error=_error(raw.get("last_error")),
        incomplete_reason=text(mapping(raw.get("incomplete_details")).get("reason")),
        required_action=_required_action(raw.get("required_action")),
        usage=_usage(raw.get("usage")),
        metadata=strings(raw.get("metadata")),
    )


def _usage(value: object) -> dict[str, Any] | None:
    return storable(value) if isinstance(value, Mapping) else None


def _error(value: object) -> RunError | None:
    if isinstance(value, Mapping):
        return RunError(code=text(value.get("code")), message=text(value.get("message")))
    return RunError(code=None, message=shown(value)) if value else None


def _required_action(value: object) -> RequiredAction | None:
    """Servers add types of their own (`submit_tool_approvals`, ...): the calls are looked for in whatever
    it carries. One without a type has the name of what it carries for one."""
    if not isinstance(value, Mapping):
        return None
    carried = [mapping(item).get("tool_calls") for item in value.values()]
    named = next((shown(name) for name, item in value.items() if mapping(item).get("tool_calls")), "")
    return RequiredAction(type=shown(value.get("type")) or named, calls=tuple(_calls(carried)))


def _calls(lists: Sequence[object]) -> list[ToolCall]:
    return [_call(call) for found in lists for call in objects(found)]


def _call(raw: Raw) -> ToolCall:
    kind = shown(raw.get("type")) or ("function" if "function" in raw else "unknown")
    if kind != "function":
        return _other_call(raw, kind)
    function = mapping(raw.get("function"))
    output = function.get("output")
    return ToolCall(
        id=shown(raw.get("id")),
        raw=raw,
        type=kind,
        name=shown(function.get("name")),
        arguments=shown(function.get("arguments")),
        output=None if output is None else shown(output),
    )


def _other_call(raw: Raw, kind: str) -> ToolCall:
    """A call of what is no function: name and arguments stand beside its type (mcp), or it carries something under the
    name of its type."""
    output = raw.get("output")
    return ToolCall(
        id=shown(raw.get("id")),
        raw=raw,
        type=kind,
        name=shown(raw.get("name")) or kind,
        arguments=shown(raw.get("arguments") if raw.get("arguments") is not None else raw.get(kind)),
        output=None if output is None else shown(output),
        server=shown(raw.get("server_label")),
    )


def read_step(raw: Raw) -> RunStep:
    details = mapping(raw.get("step_details"))
    return RunStep(
        id=shown(raw.get("id")),
        raw=raw,
        run_id=text(raw.get("run_id")),
        thread_id=text(raw.get("thread_id")),
        assistant_id=text(raw.get("assistant_id")),
        type=shown(raw.get("type")) or shown(details.get("type")),
        status=shown(raw.get("status")),
        created_at=moment(raw.get("created_at")),
        ended_at=next(filter(None, (moment(raw.get(name)) for name in _ENDS)), None),
        calls=tuple(_calls([details.get("tool_calls")])),
        message_id=text(mapping(details.get("message_creation")).get("message_id")),
        last_error=_error(raw.get("last_error")),
        usage=_usage(raw.get("usage")),
    )


def read_message_delta(raw: Raw) -> MessageDelta:
    content = objects(mapping(raw.get("delta")).get("content"))
    words = (_words(each, place) for place, each in enumerate(content))
    return MessageDelta(id=shown(raw.get("id")), raw=raw, words=tuple(each for each in words if each is not None))


def _words(raw: Raw, place: int) -> Words | None:
    kind = shown(raw.get("type"))
    carried = raw.get(kind)
    added = text(carried.get("value") if isinstance(carried, Mapping) else carried)
    if kind not in ("text", "refusal") or not added:
        return None
    index = _index(raw.get("index"))
    return Words(place=place if index is None else index, text=added)


def read_step_delta(raw: Raw) -> StepDelta:
    return StepDelta(id=shown(raw.get("id")), raw=raw)


def read_deleted(raw: Raw) -> Deleted:
    return Deleted(id=shown(raw.get("id")), raw=raw, deleted=raw.get("deleted") is True)


def message(
    role: str,
    text: str,
    metadata: Mapping[str, str] | None = None,
    *,
    files: Sequence[tuple[str, Sequence[str]]] = (),
    images: Sequence[str] = (),
) -> dict[str, Any]:
    """The body of createMessage, and of each message that createThread takes along.

    `files` are pairs of a file id and the types of the tools that may read it, `images` ids of image files.
    """
    shown_images = [{"type": "image_file", "image_file": {"file_id": each}} for each in images]
    content: Any = [{"type": "text", "text": text}, *shown_images] if images else text
    attached = [{"file_id": file_id, "tools": [{"type": tool} for tool in tools]} for file_id, tools in files]
    return {"role": role, "content": content, **({"attachments": attached} if attached else {}), **_with(metadata)}


def run(assistant_id: str, metadata: Mapping[str, str] | None = None, **overrides: Any) -> dict[str, Any]:
    """The body of createRun; `overrides` are any other fields of the operation, as the API names them."""
    return {"assistant_id": assistant_id, **_with(metadata), **overrides}


def thread(metadata: Mapping[str, str] | None = None, messages: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """The body of createThread; `messages` are bodies made by `message`."""
    first = {"messages": [dict(item) for item in messages]} if messages else {}
    return {**first, **_with(metadata)}


def resources(file_ids: Sequence[str] = (), vector_store_ids: Sequence[str] = ()) -> dict[str, Any]:
    """Files for code and vector stores for searching, of an assistant, a thread or a run, as part of its body."""
    interpreter = {"file_ids": list(file_ids)}
    search = {"vector_store_ids": list(vector_store_ids)}
    return {"tool_resources": {"code_interpreter": interpreter, "file_search": search}}


def tool_outputs(outputs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The body of submitToolOuputsToRun (so spelt): pairs of call id and output, all calls of the run at
    once."""
    return {"tool_outputs": [{"tool_call_id": call_id, "output": output} for call_id, output in outputs]}


def tool_approvals(decisions: Sequence[tuple[str, bool]]) -> dict[str, Any]:
    """The body of submitToolOuputsToRun for calls that ask for consent (Azure AI Foundry's own, submit_tool_approval):
    pairs of call id and whether it may be made, all calls of the run at once."""
    return {"tool_approvals": [{"tool_call_id": call_id, "approve": approve} for call_id, approve in decisions]}


def _with(metadata: Mapping[str, str] | None) -> dict[str, Any]:
    return {"metadata": dict(metadata)} if metadata else {}


_RUN_EVENTS = (
    *("created", "queued", "in_progress", "requires_action", "completed", "incomplete"),
    *("failed", "cancelling", "cancelled", "expired"),
)
_STEP_EVENTS = ("created", "in_progress", "completed", "failed", "cancelled", "expired")
_MESSAGE_EVENTS = ("created", "in_progress", "completed", "incomplete")

_CONVERSED = ("model", "instructions", "tools", "metadata", "temperature", "top_p", "response_format")
_LIMITS = ("stream", "max_prompt_tokens", "max_completion_tokens", "truncation_strategy", "tool_choice")
_ASSISTANT = frozenset(("name", "description", "reasoning_effort", "tool_resources", *_CONVERSED))
_RUN = ("assistant_id", "parallel_tool_calls", *_CONVERSED, *_LIMITS)
_METADATA = frozenset({"metadata"})

DIALECT = Dialect(
    name="v2",
    headers={"OpenAI-Beta": "assistants=v2"},
    operations=of_dialect("v2"),
    fields={
        "createAssistant": _ASSISTANT,
        "modifyAssistant": _ASSISTANT,
        "createThread": frozenset({"messages", "tool_resources", "metadata"}),
        "modifyThread": frozenset({"tool_resources", "metadata"}),
        "createMessage": frozenset({"role", "content", "attachments", "metadata"}),
        "modifyMessage": _METADATA,
        "createRun": frozenset(("reasoning_effort", "additional_instructions", "additional_messages", *_RUN)),
        "createThreadAndRun": frozenset(("thread", "tool_resources", *_RUN)),
        "modifyRun": _METADATA,
        "submitToolOuputsToRun": frozenset({"tool_outputs", "stream"}),
        "createFile": frozenset({"file", "purpose", "expires_after"}),
        "createVectorStore": frozenset(
            {"name", "description", "file_ids", "expires_after", "chunking_strategy", "metadata"}
        ),
        "createVectorStoreFile": frozenset({"file_id", "chunking_strategy", "attributes"}),
    },
    tools=("code_interpreter", "file_search", "function"),
    tool_choices=("none", "auto", "required"),
    response_formats=("auto", "text", "json_object", "json_schema"),
    format_words=("auto",),
    reasoning_efforts=("none", "minimal", "low", "medium", "high", "xhigh", "max"),
    search="file_search",
    search_options=True,
    strict_functions=True,
    includes=("step_details.tool_calls[*].file_search.results[*].content",),
    events={
        "thread.created": read_thread,
        **{f"thread.run.{each}": read_run for each in _RUN_EVENTS},
        **{f"thread.run.step.{each}": read_step for each in _STEP_EVENTS},
        "thread.run.step.delta": read_step_delta,
        **{f"thread.message.{each}": read_message for each in _MESSAGE_EVENTS},
        "thread.message.delta": read_message_delta,
    },
    read_assistant=read_assistant,
    read_thread=read_thread,
    read_message=read_message,
    read_run=read_run,
    read_step=read_step,
    read_deleted=read_deleted,
    message=message,
    run=run,
    thread=thread,
    resources=resources,
    tool_outputs=tool_outputs,
    tool_approvals=tool_approvals,
)
