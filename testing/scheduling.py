"""How pytest-xdist spreads the tests: file by file, so that the tests of a file share what they start."""

from __future__ import annotations

from typing import Any

from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

BROWSER = "tests/browser/"
# Workers that begin with the browser tests. Each of them has a browser and a dashboard of its own.
BROWSER_WORKERS = {"gw0", "gw1"}


class FileScheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Browser tests go to a few workers; the others take them when nothing else is left."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.partition("::")[0]

    def _assign_work_unit(self, node: WorkerController) -> None:
        """Assign the first file of the kind that this worker begins with, or the first of any."""
        wants_browser = node.gateway.id in BROWSER_WORKERS
        suitable = (scope for scope in self.workqueue if scope.startswith(BROWSER) == wants_browser)
        if scope := next(suitable, None):
            self.workqueue.move_to_end(scope, last=False)
        super()._assign_work_unit(node)


def pytest_xdist_make_scheduler(config: Any, log: Any) -> FileScheduling:
    """The hook of pytest-xdist."""
    return FileScheduling(config, log)
