"""What a server told us, as values.

A dialect reads them tolerantly from the raw object: every field is optional, unknown values are kept as sent.
Strings, and the dicts of strings beside them, are free of NUL and lone surrogates, so that any database
takes them; `raw` keeps what was sent.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

OVER = frozenset({"completed", "incomplete", "failed", "cancelled", "expired", "requires_action"})
LONGEST_MARK = 120  # characters of an address shown in place of a part that is not text


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Anything a server told us: its id and the parsed object it came from."""

    id: str
    raw: Mapping[str, Any]

    @property
    def raw_text(self) -> str:
        """The raw object as JSON in pure ASCII, which every database stores. NaN and Infinity stay as
        Python writes them."""
        return json.dumps(self.raw, ensure_ascii=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assistant(Seen):
    name: str | None
    description: str | None
    model: str | None
    instructions: str | None
    tools: list[dict[str, Any]]
    file_ids: tuple[str, ...]
    vector_store_ids: tuple[str, ...]
    created_at: datetime | None
    metadata: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread(Seen):
    file_ids: tuple[str, ...]
    vector_store_ids: tuple[str, ...]
    created_at: datetime | None
    metadata: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """Words of a text that stand for a file: a citation of one, or the path of one that was made."""

    kind: str
    text: str
    start: int | None
    end: int | None
    file_id: str | None
    quote: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file given along with a message, and the types of the tools that may read it."""

    file_id: str
    tools: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a message. `text` is None for what is not text: an image, or a kind we do not know."""

    kind: str
    text: str | None
    raw: Any
    refers_to: str | None = None  # a file id or an address
    annotations: tuple[Annotation, ...] = ()

    @property
    def shown(self) -> str:
        """Its text, or a short marked line such as `[image_file file-abc]`."""
        if self.text is not None:
            return self.text
        return f"[{' '.join(filter(None, (self.kind, self.refers_to)))[:LONGEST_MARK]}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Seen):
    thread_id: str | None
    run_id: str | None
    assistant_id: str | None
    role: str
    status: str | None
    created_at: datetime | None
    parts: tuple[Part, ...]
    attachments: tuple[Attachment, ...]
    incomplete_reason: str | None
    metadata: dict[str, str]

    @property
    def text(self) -> str:
        """All parts, joined by blank lines."""
        return "\n\n".join(part.shown for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall(Seen):
    """A call of a tool. What is neither a function nor named (as type mcp is) has its type for a name and what it
    carries, as JSON, for arguments."""

    type: str
    name: str
    arguments: str  # as sent: meant to be JSON, and not always is
    output: str | None
    server: str = ""  # the label of the server that the tool is at, if it has one of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredAction:
    type: str
    calls: tuple[ToolCall, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunError:
    code: str | None
    message: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(Seen):
    thread_id: str | None
    assistant_id: str | None
    status: str
    created_at: datetime | None
    expires_at: datetime | None
    started_at: datetime | None
    completed_at: datetime | None
    failed_at: datetime | None
    cancelled_at: datetime | None
    model: str | None
    instructions: str | None
    last_error: RunError | None
    incomplete_reason: str | None
    required_action: RequiredAction | None
    usage: dict[str, Any] | None
    metadata: dict[str, str]

    @property
    def is_over(self) -> bool:
        """It has ended, or waits for somebody: by itself nothing more happens, and streams end."""
        return self.status in OVER


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStep(Seen):
    run_id: str | None
    thread_id: str | None
    assistant_id: str | None
    type: str
    status: str
    created_at: datetime | None
    ended_at: datetime | None  # when it was completed, failed, was cancelled or expired
    calls: tuple[ToolCall, ...]
    message_id: str | None
    last_error: RunError | None
    usage: dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A piece of a text that a message is being written with; `place` is that of its part, from 0."""

    place: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDelta(Seen):
    """What was added to a message, whose id this is. Parts that are no text are left to the whole message."""

    words: tuple[Words, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDelta(Seen):
    """What was added to a run step, whose id this is."""


Told = Thread | Run | RunStep | StepDelta | Message | MessageDelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What a stream tells, under the name that the server gave it."""

    name: str
    told: Told


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedFile(Seen):
    """A file as part of an assistant or a message, in the first dialect: its id, and the id of what it belongs to."""

    attached_to: str | None
    created_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class File(Seen):
    filename: str | None
    purpose: str | None
    size: int | None  # bytes
    status: str | None
    created_at: datetime | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What is in a file, whole; the media type as the server says it."""

    body: bytes
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Model(Seen):
    owned_by: str | None
    created_at: datetime | None
    shutdown_at: datetime | None  # when it will no longer answer


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorStore(Seen):
    name: str | None
    status: str
    size: int | None  # bytes
    file_counts: dict[str, int]  # by status, and `total`
    created_at: datetime | None
    last_active_at: datetime | None
    expires_at: datetime | None
    metadata: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorStoreFile(Seen):
    """A file in a vector store, under the file's id."""

    vector_store_id: str | None
    status: str
    size: int | None  # bytes
    last_error: RunError | None
    created_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted(Seen):
    deleted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """A run as bytes, for the poller: unchanged digest, nothing to read. Times in seconds from now."""

    status: int  # HTTP, 200 to 299
    body: bytes
    digest: str  # 16 hex digits of the body
    poll_after: float | None
    retry_after: float | None
    request_id: str | None
