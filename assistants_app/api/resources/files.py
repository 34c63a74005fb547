"""/files"""

from dataclasses import dataclass

from assistants_app.api.bodies import encode_upload
from assistants_app.api.dialects import Dialect
from assistants_app.api.dialects.files import read_file
from assistants_app.api.objects import Content, Deleted, File
from assistants_app.api.pages import Page, read_page
from assistants_app.api.resources.paths import fetch, path, remove
from assistants_app.api.transport import Transport


@dataclass(frozen=True, slots=True)
class Files:
    """Each method is one operation and raises ApiError."""

    transport: Transport
    dialect: Dialect

    def list(
        self,
        *,
        purpose: str | None = None,
        limit: int | None = None,
        order: str | None = None,
        after: str | None = None,
    ) -> Page[File]:
        """listFiles. There is no `before`; where no limit is given the server's own holds, 10,000 as a rule. Older
        servers know `purpose` only, and send all."""
        asked = {"purpose": purpose, "limit": str(limit) if limit else None, "order": order, "after": after}
        query = {name: value for name, value in asked.items() if value is not None}
        return read_page(self.transport.request("GET", path("files"), query=query), read_file, limit or 10_000)

    def create(
        self,
        *,
        filename: str,
        content: bytes,
        purpose: str = "assistants",
        media_type: str = "application/octet-stream",
    ) -> File:
        """createFile: uploads one. It is held in memory while it is sent, within the time-out for the whole call."""
        parcel = encode_upload({"purpose": purpose}, filename=filename, content=content, media_type=media_type)
        return read_file(fetch(self.transport, "POST", path("files"), parcel))

    def get(self, file_id: str) -> File:
        """retrieveFile"""
        return read_file(fetch(self.transport, "GET", path("files", file_id)))

    def delete(self, file_id: str) -> Deleted:
        """deleteFile"""
        return self.dialect.read_deleted(remove(self.transport, path("files", file_id), file_id))

    def content(self, file_id: str) -> Content:
        """downloadFile: what is in it, within the limit of an answer's size. Servers refuse to give back what was
        uploaded for assistants, and give what tools made."""
        answer = self.transport.download(path("files", file_id, "content"))
        return Content(body=answer.body, media_type=answer.headers.get("content-type") or "application/octet-stream")
