"""/threads/{thread_id}/runs"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistants_app.api.dialects import Dialect
from assistants_app.api.objects import Glance, Run
from assistants_app.api.pages import Page, read_page
from assistants_app.api.resources.paths import fetch, included, of_thread, page_query, path
from assistants_app.api.resources.steps import Steps
from assistants_app.api.resources.streams import RunStream, open_stream
from assistants_app.api.transport import Transport


@dataclass(frozen=True, slots=True)
class Runs:
    """Each method is one operation and raises ApiError. Bodies are in the API's own shape."""

    transport: Transport
    dialect: Dialect
    steps: Steps

    def list(
        self,
        thread_id: str,
        *,
        limit: int = 100,
        order: str = "desc",
        after: str | None = None,
        before: str | None = None,
    ) -> Page[Run]:
        """listRuns. Some servers list the runs of all threads: those of others are left out."""
        query = page_query(limit, order, after, before)
        raw = self.transport.request("GET", path("threads", thread_id, "runs"), query=query)
        return read_page(raw, self.dialect.read_run, limit, belongs=of_thread(thread_id))

    def create(self, thread_id: str, body: Mapping[str, Any], *, include: Sequence[str] = ()) -> Run:
        """createRun; `include` of what its dialect knows (`Dialect.includes`)."""
        raw = fetch(self.transport, "POST", path("threads", thread_id, "runs"), body, included(include))
        return self.dialect.read_run(raw)

    def create_stream(self, thread_id: str, body: Mapping[str, Any], *, include: Sequence[str] = ()) -> RunStream:
        """createRun with `stream: true`: what happens to the run, as it happens."""
        where = path("threads", thread_id, "runs")
        return open_stream(self.transport, self.dialect, where, body, included(include))

    def get(self, thread_id: str, run_id: str) -> Run:
        """getRun"""
        return self._run("GET", path("threads", thread_id, "runs", run_id))

    def modify(self, thread_id: str, run_id: str, body: Mapping[str, Any]) -> Run:
        """modifyRun"""
        return self._run("POST", path("threads", thread_id, "runs", run_id), body)

    def cancel(self, thread_id: str, run_id: str) -> Run:
        """cancelRun: the run turns `cancelling`, and is to be watched further."""
        return self._run("POST", path("threads", thread_id, "runs", run_id, "cancel"))

    def submit_tool_outputs(self, thread_id: str, run_id: str, body: Mapping[str, Any]) -> Run:
        """submitToolOuputsToRun (so spelt)"""
        return self._run("POST", path("threads", thread_id, "runs", run_id, "submit_tool_outputs"), body)

    def submit_tool_outputs_stream(self, thread_id: str, run_id: str, body: Mapping[str, Any]) -> RunStream:
        """submitToolOuputsToRun with `stream: true`: what happens to the run from then on."""
        where = path("threads", thread_id, "runs", run_id, "submit_tool_outputs")
        return open_stream(self.transport, self.dialect, where, body)

    def glance(self, thread_id: str, run_id: str) -> Glance:
        """getRun for the poller: one try, the body unread. `Client.read_run` reads it when its digest is
        new."""
        return self.transport.glance(path("threads", thread_id, "runs", run_id))

    def _run(self, method: str, where: str, body: Mapping[str, Any] | None = None) -> Run:
        return self.dialect.read_run(fetch(self.transport, method, where, body))
