"""/assistants/{assistant_id}/files, in the first dialect only"""

from dataclasses import dataclass

from assistants_app.api.dialects import Dialect
from assistants_app.api.dialects.files import read_attached_file
from assistants_app.api.objects import AttachedFile, Deleted
from assistants_app.api.pages import Page, read_page
from assistants_app.api.resources.paths import fetch, page_query, path, remove
from assistants_app.api.transport import Transport


@dataclass(frozen=True, slots=True)
class AssistantFiles:
    """Each method is one operation and raises ApiError."""

    transport: Transport
    dialect: Dialect

    def list(
        self,
        assistant_id: str,
        *,
        limit: int = 100,
        order: str = "desc",
        after: str | None = None,
        before: str | None = None,
    ) -> Page[AttachedFile]:
        """listAssistantFiles"""
        query = page_query(limit, order, after, before)
        raw = self.transport.request("GET", path("assistants", assistant_id, "files"), query=query)
        return read_page(raw, read_attached_file, limit)

    def create(self, assistant_id: str, file_id: str) -> AttachedFile:
        """createAssistantFile: attaches a file that was uploaded before."""
        where = path("assistants", assistant_id, "files")
        return read_attached_file(fetch(self.transport, "POST", where, {"file_id": file_id}))

    def get(self, assistant_id: str, file_id: str) -> AttachedFile:
        """getAssistantFile"""
        return read_attached_file(fetch(self.transport, "GET", path("assistants", assistant_id, "files", file_id)))

    def delete(self, assistant_id: str, file_id: str) -> Deleted:
        """deleteAssistantFile: detaches the file, which stays."""
        raw = remove(self.transport, path("assistants", assistant_id, "files", file_id), file_id)
        return self.dialect.read_deleted(raw)
