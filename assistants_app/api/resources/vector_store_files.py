"""/vector_stores/{vector_store_id}/files, in the second dialect only"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assistants_app.api.dialects import Dialect
from assistants_app.api.dialects.files import read_vector_store_file
from assistants_app.api.objects import Deleted, VectorStoreFile
from assistants_app.api.pages import Page, read_page
from assistants_app.api.resources.paths import fetch, page_query, path, remove
from assistants_app.api.transport import Transport


@dataclass(frozen=True, slots=True)
class VectorStoreFiles:
    """Each method is one operation and raises ApiError. Bodies are in the API's own shape."""

    transport: Transport
    dialect: Dialect

    def list(
        self,
        vector_store_id: str,
        *,
        limit: int = 100,
        order: str = "desc",
        after: str | None = None,
        before: str | None = None,
        filter: str | None = None,
    ) -> Page[VectorStoreFile]:
        """listVectorStoreFiles; `filter` is a status: in_progress, completed, failed or cancelled."""
        query = page_query(limit, order, after, before, filter=filter)
        raw = self.transport.request("GET", path("vector_stores", vector_store_id, "files"), query=query)
        return read_page(raw, read_vector_store_file, limit)

    def create(self, vector_store_id: str, body: Mapping[str, Any]) -> VectorStoreFile:
        """createVectorStoreFile: puts in a file that was uploaded before."""
        where = path("vector_stores", vector_store_id, "files")
        return read_vector_store_file(fetch(self.transport, "POST", where, body))

    def get(self, vector_store_id: str, file_id: str) -> VectorStoreFile:
        """getVectorStoreFile"""
        where = path("vector_stores", vector_store_id, "files", file_id)
        return read_vector_store_file(fetch(self.transport, "GET", where))

    def delete(self, vector_store_id: str, file_id: str) -> Deleted:
        """deleteVectorStoreFile: takes the file out, which stays."""
        raw = remove(self.transport, path("vector_stores", vector_store_id, "files", file_id), file_id)
        return self.dialect.read_deleted(raw)
