"""The two dialects: what a body may hold, what is refused, and how what we keep is shown.

Objects are kept in the shapes of the second. The first is read into them and shown from them, so that both see
the same assistants and threads.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from local_api import older
from local_api.objects import Document

_CONVERSED = ("model", "instructions", "tools", "metadata", "temperature", "top_p", "response_format")
_LIMITS = ("stream", "max_prompt_tokens", "max_completion_tokens", "truncation_strategy", "tool_choice")
_OWN_INPUT = ("additional_instructions", "additional_messages")


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """`show` turns a kept object into the one that is sent, `canonical` a sent tool type into the kept one;
    None where they are the same."""

    name: str
    assistant_fields: tuple[str, ...]
    message_fields: tuple[str, ...]
    thread_fields: tuple[str, ...]
    run_fields: tuple[str, ...]
    thread_and_run_fields: tuple[str, ...]
    tools: tuple[str, ...]
    tool_choices: tuple[str, ...]
    format_words: tuple[str, ...]
    format_types: tuple[str, ...]
    includes: tuple[str, ...]
    parts: bool  # whether content may be an array of parts
    show: Callable[[Document], Document] | None


_RUN = ("assistant_id", *_CONVERSED, *_LIMITS)

V2 = Dialect(
    name="v2",
    assistant_fields=(*_CONVERSED, "name", "description", "reasoning_effort", "tool_resources"),
    message_fields=("role", "content", "attachments", "metadata"),
    thread_fields=("messages", "tool_resources", "metadata"),
    run_fields=(*_RUN, "parallel_tool_calls", "reasoning_effort", *_OWN_INPUT),
    thread_and_run_fields=(*_RUN, "parallel_tool_calls", "thread", "tool_resources"),
    tools=("code_interpreter", "file_search", "function"),
    tool_choices=("none", "auto", "required"),
    format_words=("auto",),
    format_types=("text", "json_object", "json_schema"),
    includes=("step_details.tool_calls[*].file_search.results[*].content",),
    parts=True,
    show=None,
)
V1 = replace(
    V2,
    name="v1",
    assistant_fields=(*_CONVERSED, "name", "description", "file_ids"),
    message_fields=("role", "content", "file_ids", "metadata"),
    thread_fields=("messages", "metadata"),
    run_fields=(*_RUN, *_OWN_INPUT),
    thread_and_run_fields=(*_RUN, "thread"),
    tools=("code_interpreter", "retrieval", "function"),
    tool_choices=("none", "auto"),
    format_words=("none", "auto"),
    format_types=("text", "json_object"),
    includes=(),
    parts=False,
    show=older.shown,
)
DIALECTS = {dialect.name: dialect for dialect in (V2, V1)}
