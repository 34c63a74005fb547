"""What a dialect is: a value that holds the functions reading and writing its shapes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from assistants_app.api.objects import Assistant, Deleted, Message, Run, RunStep, Thread, Told

Raw = Mapping[str, Any]


class WritesMessage(Protocol):
    def __call__(
        self,
        role: str,
        text: str,
        metadata: Mapping[str, str] | None = None,
        *,
        files: Sequence[tuple[str, Sequence[str]]] = (),
        images: Sequence[str] = (),
    ) -> dict[str, Any]: ...


class WritesResources(Protocol):
    def __call__(self, file_ids: Sequence[str] = (), vector_store_ids: Sequence[str] = ()) -> dict[str, Any]: ...


class WritesRun(Protocol):
    def __call__(
        self, assistant_id: str, metadata: Mapping[str, str] | None = None, **overrides: Any
    ) -> dict[str, Any]: ...


class WritesThread(Protocol):
    def __call__(
        self, metadata: Mapping[str, str] | None = None, messages: Sequence[Mapping[str, Any]] = ()
    ) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """Functions named `read_*` take a raw object and never raise; the others write the body of a request.

    `operations` and `fields` (of each operation's request body) are those of the specification; `tools`,
    `tool_choices`, `response_formats` and `reasoning_efforts` are the kinds that it knows. Of the formats,
    `format_words` are sent as a word, the others as an object with a type. `search` is the tool that searches
    files, `search_options` whether it takes any, `strict_functions` whether functions can be strict. `includes`
    are the values of `include[]`, none where there is no such parameter. `events` are those of a stream that
    tell of an object, by their names. Another dialect is `dataclasses.replace(v2.DIALECT, ...)` with only what
    differs.
    """

    name: str
    headers: Mapping[str, str]  # sent with every request
    operations: frozenset[str]
    fields: Mapping[str, frozenset[str]]
    tools: tuple[str, ...]
    tool_choices: tuple[str, ...]
    response_formats: tuple[str, ...]
    format_words: tuple[str, ...]
    reasoning_efforts: tuple[str, ...]
    search: str
    search_options: bool
    strict_functions: bool
    includes: tuple[str, ...]
    events: Mapping[str, Callable[[Raw], Told]]
    read_assistant: Callable[[Raw], Assistant]
    read_thread: Callable[[Raw], Thread]
    read_message: Callable[[Raw], Message]
    read_run: Callable[[Raw], Run]
    read_step: Callable[[Raw], RunStep]
    read_deleted: Callable[[Raw], Deleted]
    message: WritesMessage
    run: WritesRun
    thread: WritesThread
    resources: WritesResources
    tool_outputs: Callable[[Sequence[tuple[str, str]]], dict[str, Any]]
    tool_approvals: Callable[[Sequence[tuple[str, bool]]], dict[str, Any]]
