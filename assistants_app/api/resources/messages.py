"""/threads/{thread_id}/messages"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assistants_app.api.dialects import Dialect
from assistants_app.api.objects import Deleted, Message
from assistants_app.api.pages import Page, read_page
from assistants_app.api.resources.message_files import MessageFiles
from assistants_app.api.resources.paths import fetch, of_thread, page_query, path, remove
from assistants_app.api.transport import Transport


@dataclass(frozen=True, slots=True)
class Messages:
    """Each method is one operation and raises ApiError. Bodies are in the API's own shape."""

    transport: Transport
    dialect: Dialect
    files: MessageFiles

    def list(
        self,
        thread_id: str,
        *,
        limit: int = 100,
        order: str = "desc",
        after: str | None = None,
        before: str | None = None,
        run_id: str | None = None,
    ) -> Page[Message]:
        """listMessages; with `run_id` only those that the run made."""
        query = page_query(limit, order, after, before, run_id=run_id)
        raw = self.transport.request("GET", path("threads", thread_id, "messages"), query=query)
        return read_page(raw, self.dialect.read_message, limit, belongs=of_thread(thread_id))

    def create(self, thread_id: str, body: Mapping[str, Any]) -> Message:
        """createMessage"""
        where = path("threads", thread_id, "messages")
        return self.dialect.read_message(fetch(self.transport, "POST", where, body))

    def get(self, thread_id: str, message_id: str) -> Message:
        """getMessage"""
        where = path("threads", thread_id, "messages", message_id)
        return self.dialect.read_message(fetch(self.transport, "GET", where))

    def modify(self, thread_id: str, message_id: str, body: Mapping[str, Any]) -> Message:
        """modifyMessage"""
        where = path("threads", thread_id, "messages", message_id)
        return self.dialect.read_message(fetch(self.transport, "POST", where, body))

    def delete(self, thread_id: str, message_id: str) -> Deleted:
        """deleteMessage"""
        where = path("threads", thread_id, "messages", message_id)
        return self.dialect.read_deleted(remove(self.transport, where, message_id))
