"""One request as the operations see it."""

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from starlette.datastructures import QueryParams

from local_api import errors
from local_api.dialects import Dialect
from local_api.engine import Library
from local_api.fields import Fields, parse
from local_api.hearing import Hearing
from local_api.objects import Document
from local_api.settings import Settings
from local_api.store import Store

NOUNS = {"step": "run step", "vector_store": "vector store"}


@dataclass
class Desk:
    """What all operations work with: the store, the settings, the scripts, who listens, and what outputs came."""

    store: Store
    settings: Settings
    library: Library
    deliveries: list[Document] = field(default_factory=list)
    hearing: Hearing = field(default_factory=Hearing)


@dataclass
class Call:
    """A request that has passed the door: its ids, query and body, its dialect, and the time it came (unix
    seconds)."""

    desk: Desk
    path: dict[str, str]
    query: QueryParams
    spoken: Dialect
    raw: bytes
    content_type: str
    now: float = field(default_factory=time.time)

    @property
    def store(self) -> Store:
        return self.desk.store

    @cached_property
    def body(self) -> Fields:
        """The body as an object. Raises `ApiError` (400) if it is something else."""
        return Fields(parse(self.raw))

    def includes(self) -> bool:
        """Whether what is left out otherwise was asked for. Raises `ApiError` (400) for anything not known."""
        asked = self.query.getlist("include[]") + self.query.getlist("include")
        for value in asked:
            if value not in self.spoken.includes:
                raise errors.wrong_choice("include", value, self.spoken.includes or ("",))
        return bool(asked)

    def file(self) -> Document:
        """The file in the path. Raises `ApiError` (404) if there is none."""
        body = self.store.body("file", self.path["file_id"])
        if body is None:
            raise errors.no_such_file(self.path["file_id"])
        file: Document = json.loads(body)
        return file

    def check_files(self, ids: Iterable[str]) -> None:
        """Raises `ApiError` (404) for an id of no file."""
        for each in ids:
            self.found("file", each)

    def check_resources(self, resources: Document | None) -> None:
        """Raises `ApiError` (404) for a file or a vector store that is not there."""
        carried = resources or {}
        self.check_files((carried.get("code_interpreter") or {}).get("file_ids") or [])
        for each in (carried.get("file_search") or {}).get("vector_store_ids") or []:
            self.found("vector_store", each)

    def check_message(self, asked: Document) -> None:
        """Raises `ApiError` (404) for a file of a new message that is not there."""
        self.check_files(each["file_id"] for each in asked["attachments"])
        self.check_files(each["image_file"]["file_id"] for each in asked["content"] if each["type"] == "image_file")

    def assistant(self) -> str:
        return self.found("assistant", self.path["assistant_id"])

    def thread_id(self) -> str:
        """The id of the thread in the path. Raises `ApiError` (404) if there is none."""
        thread_id = self.path["thread_id"]
        if not self.store.exists("thread", thread_id):
            raise errors.not_found("thread", thread_id)
        return thread_id

    def within_thread(self, kind: str) -> str:
        """The JSON text of the message or run in the path. Raises `ApiError` (404)."""
        identifier = self.path[f"{kind}_id"]
        body = self.store.body(kind, identifier, parent=self.path["thread_id"])
        if body is None:
            self.thread_id()
            raise errors.not_found(kind, identifier)
        return body

    def found(self, kind: str, identifier: str, *, parent: str = "") -> str:
        """The JSON text of an object. Raises `ApiError` (404) if there is none."""
        body = self.store.body(kind, identifier, parent=parent)
        if body is None:
            raise errors.not_found(NOUNS.get(kind, kind), identifier)
        return body

    def changed(self, body: str, changes: Document) -> Document:
        """Write changes into an object and give it back."""
        document: Document = {**json.loads(body), **changes}
        self.store.replace(document)
        return document
