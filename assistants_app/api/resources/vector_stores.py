"""/vector_stores, in the second dialect only"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assistants_app.api.dialects import Dialect
from assistants_app.api.dialects.files import read_vector_store
from assistants_app.api.objects import Deleted, VectorStore
from assistants_app.api.pages import Page, read_page
from assistants_app.api.resources.paths import fetch, page_query, path, remove
from assistants_app.api.resources.vector_store_files import VectorStoreFiles
from assistants_app.api.transport import Transport


@dataclass(frozen=True, slots=True)
class VectorStores:
    """Each method is one operation and raises ApiError. Bodies are in the API's own shape."""

    transport: Transport
    dialect: Dialect
    files: VectorStoreFiles

    def list(
        self, *, limit: int = 100, order: str = "desc", after: str | None = None, before: str | None = None
    ) -> Page[VectorStore]:
        """listVectorStores"""
        query = page_query(limit, order, after, before)
        return read_page(self.transport.request("GET", path("vector_stores"), query=query), read_vector_store, limit)

    def create(self, body: Mapping[str, Any]) -> VectorStore:
        """createVectorStore"""
        return read_vector_store(fetch(self.transport, "POST", path("vector_stores"), body))

    def get(self, vector_store_id: str) -> VectorStore:
        """getVectorStore"""
        return read_vector_store(fetch(self.transport, "GET", path("vector_stores", vector_store_id)))

    def delete(self, vector_store_id: str) -> Deleted:
        """deleteVectorStore: the files in it stay."""
        raw = remove(self.transport, path("vector_stores", vector_store_id), vector_store_id)
        return self.dialect.read_deleted(raw)
