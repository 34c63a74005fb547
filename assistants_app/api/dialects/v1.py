"""The first dialect, `OpenAI-Beta: assistants=v1`: only what differs from the second.

Its answers need no readers of their own: those of the second take `file_ids`, `retrieval` and quotes as well,
since some servers send the shapes of both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from assistants_app.api.dialects import v2
from assistants_app.api.operations import of_dialect


def message(
    role: str,
    text: str,
    metadata: Mapping[str, str] | None = None,
    *,
    files: Sequence[tuple[str, Sequence[str]]] = (),
    images: Sequence[str] = (),
) -> dict[str, Any]:
    """The body of createMessage. The content is text only: images go along as files, and which tools may read a
    file cannot be said."""
    file_ids = list(dict.fromkeys([*(file_id for file_id, _ in files), *images]))
    return {**v2.message(role, text, metadata), **({"file_ids": file_ids} if file_ids else {})}


def resources(file_ids: Sequence[str] = (), vector_store_ids: Sequence[str] = ()) -> dict[str, Any]:
    """Files of an assistant. There are no vector stores: they are left out."""
    return {"file_ids": list(file_ids)}


_CONVERSED = ("model", "instructions", "tools", "metadata", "temperature", "top_p", "response_format")
_LIMITS = ("stream", "max_prompt_tokens", "max_completion_tokens", "truncation_strategy", "tool_choice")
_ASSISTANT = frozenset(("name", "description", "file_ids", *_CONVERSED))

DIALECT = replace(
    v2.DIALECT,
    name="v1",
    headers={"OpenAI-Beta": "assistants=v1"},
    operations=of_dialect("v1"),
    fields={
        **{name: fields for name, fields in v2.DIALECT.fields.items() if name in of_dialect("v1")},
        "createAssistant": _ASSISTANT,
        "modifyAssistant": _ASSISTANT,
        "createThread": frozenset({"messages", "metadata"}),
        "modifyThread": frozenset({"metadata"}),
        "createMessage": frozenset({"role", "content", "file_ids", "metadata"}),
        "createRun": frozenset(
            ("assistant_id", "additional_instructions", "additional_messages", *_CONVERSED, *_LIMITS)
        ),
        "createThreadAndRun": frozenset(("assistant_id", "thread", *_CONVERSED, *_LIMITS)),
        "createAssistantFile": frozenset({"file_id"}),
        "createFile": frozenset({"file", "purpose"}),
    },
    tools=("code_interpreter", "retrieval", "function"),
    tool_choices=("none", "auto"),
    response_formats=("none", "auto", "text", "json_object"),
    format_words=("none", "auto"),
    reasoning_efforts=(),
    search="retrieval",
    search_options=False,
    strict_functions=False,
    includes=(),
    events={name: read for name, read in v2.DIALECT.events.items() if name != "thread.run.incomplete"},
    message=message,
    resources=resources,
)
