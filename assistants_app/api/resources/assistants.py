"""/assistants"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assistants_app.api.dialects import Dialect
from assistants_app.api.objects import Assistant, Deleted
from assistants_app.api.pages import Page, read_page
from assistants_app.api.resources.assistant_files import AssistantFiles
from assistants_app.api.resources.paths import fetch, page_query, path, remove
from assistants_app.api.transport import Transport


@dataclass(frozen=True, slots=True)
class Assistants:
    """Each method is one operation and raises ApiError. Bodies are in the API's own shape."""

    transport: Transport
    dialect: Dialect
    files: AssistantFiles

    def list(
        self, *, limit: int = 100, order: str = "desc", after: str | None = None, before: str | None = None
    ) -> Page[Assistant]:
        """listAssistants"""
        query = page_query(limit, order, after, before)
        raw = self.transport.request("GET", path("assistants"), query=query)
        return read_page(raw, self.dialect.read_assistant, limit)

    def get(self, assistant_id: str) -> Assistant:
        """getAssistant"""
        return self.dialect.read_assistant(fetch(self.transport, "GET", path("assistants", assistant_id)))

    def create(self, body: Mapping[str, Any]) -> Assistant:
        """createAssistant"""
        return self.dialect.read_assistant(fetch(self.transport, "POST", path("assistants"), body))

    def modify(self, assistant_id: str, body: Mapping[str, Any]) -> Assistant:
        """modifyAssistant"""
        where = path("assistants", assistant_id)
        return self.dialect.read_assistant(fetch(self.transport, "POST", where, body))

    def delete(self, assistant_id: str) -> Deleted:
        """deleteAssistant"""
        raw = remove(self.transport, path("assistants", assistant_id), assistant_id)
        return self.dialect.read_deleted(raw)
