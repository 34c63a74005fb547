"""/threads"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assistants_app.api.dialects import Dialect
from assistants_app.api.objects import Deleted, Run, Thread
from assistants_app.api.pages import Page, read_page
from assistants_app.api.resources.messages import Messages
from assistants_app.api.resources.paths import fetch, page_query, path, remove
from assistants_app.api.resources.runs import Runs
from assistants_app.api.resources.streams import RunStream, open_stream
from assistants_app.api.transport import Transport


@dataclass(frozen=True, slots=True)
class Threads:
    """Each method is one operation and raises ApiError. Bodies are in the API's own shape."""

    transport: Transport
    dialect: Dialect
    messages: Messages
    runs: Runs

    def list(
        self, *, limit: int = 100, order: str = "desc", after: str | None = None, before: str | None = None
    ) -> Page[Thread]:
        """GET /threads: in no specification, and offered by some servers. Others raise NotFound or
        NotOffered."""
        query = page_query(limit, order, after, before)
        raw = self.transport.request("GET", path("threads"), query=query)
        return read_page(raw, self.dialect.read_thread, limit)

    def create(self, body: Mapping[str, Any] | None = None) -> Thread:
        """createThread"""
        return self.dialect.read_thread(fetch(self.transport, "POST", path("threads"), body or {}))

    def get(self, thread_id: str) -> Thread:
        """getThread"""
        return self.dialect.read_thread(fetch(self.transport, "GET", path("threads", thread_id)))

    def modify(self, thread_id: str, body: Mapping[str, Any]) -> Thread:
        """modifyThread"""
        return self.dialect.read_thread(fetch(self.transport, "POST", path("threads", thread_id), body))

    def delete(self, thread_id: str) -> Deleted:
        """deleteThread"""
        return self.dialect.read_deleted(remove(self.transport, path("threads", thread_id), thread_id))

    def create_and_run(self, body: Mapping[str, Any]) -> Run:
        """createThreadAndRun"""
        return self.dialect.read_run(fetch(self.transport, "POST", path("threads", "runs"), body))

    def create_and_run_stream(self, body: Mapping[str, Any]) -> RunStream:
        """createThreadAndRun with `stream: true`: what happens to the run, as it happens."""
        return open_stream(self.transport, self.dialect, path("threads", "runs"), body)
