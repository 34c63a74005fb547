"""/threads/{thread_id}/messages/{message_id}/files, in the first dialect only"""

from dataclasses import dataclass

from assistants_app.api.dialects.files import read_attached_file
from assistants_app.api.objects import AttachedFile
from assistants_app.api.pages import Page, read_page
from assistants_app.api.resources.paths import fetch, page_query, path
from assistants_app.api.transport import Transport


@dataclass(frozen=True, slots=True)
class MessageFiles:
    """Each method is one operation and raises ApiError."""

    transport: Transport

    def list(
        self,
        thread_id: str,
        message_id: str,
        *,
        limit: int = 100,
        order: str = "desc",
        after: str | None = None,
        before: str | None = None,
    ) -> Page[AttachedFile]:
        """listMessageFiles"""
        query = page_query(limit, order, after, before)
        raw = self.transport.request("GET", path("threads", thread_id, "messages", message_id, "files"), query=query)
        return read_page(raw, read_attached_file, limit)

    def get(self, thread_id: str, message_id: str, file_id: str) -> AttachedFile:
        """getMessageFile"""
        where = path("threads", thread_id, "messages", message_id, "files", file_id)
        return read_attached_file(fetch(self.transport, "GET", where))
