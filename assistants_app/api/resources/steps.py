"""/threads/{thread_id}/runs/{run_id}/steps"""

from collections.abc import Sequence
from dataclasses import dataclass

from assistants_app.api.dialects import Dialect
from assistants_app.api.objects import RunStep
from assistants_app.api.pages import Page, read_page
from assistants_app.api.resources.paths import fetch, included, page_query, path
from assistants_app.api.transport import Transport


@dataclass(frozen=True, slots=True)
class Steps:
    """Each method is one operation and raises ApiError. `include` of what its dialect knows
    (`Dialect.includes`): the words that file searches found are left out otherwise."""

    transport: Transport
    dialect: Dialect

    def list(
        self,
        thread_id: str,
        run_id: str,
        *,
        limit: int = 100,
        order: str = "desc",
        after: str | None = None,
        before: str | None = None,
        include: Sequence[str] = (),
    ) -> Page[RunStep]:
        """listRunSteps"""
        query = page_query(limit, order, after, before, include=include)
        raw = self.transport.request("GET", path("threads", thread_id, "runs", run_id, "steps"), query=query)
        return read_page(raw, self.dialect.read_step, limit)

    def get(self, thread_id: str, run_id: str, step_id: str, *, include: Sequence[str] = ()) -> RunStep:
        """getRunStep"""
        where = path("threads", thread_id, "runs", run_id, "steps", step_id)
        return self.dialect.read_step(fetch(self.transport, "GET", where, query=included(include)))
