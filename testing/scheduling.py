"""How pytest-xdist spreads the tests: file by file, so that the tests of a file share what they start."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

from testing import variables

BROWSER = "tests/browser/"
# Tests that start processes of their own.
PROCESSES = Path(__file__).parent.parent / "tests"
# Workers that begin with the browser tests. Each of them has a browser and a dashboard of its own; without the slow
# tests, a second one would cost more than it brings.
BROWSER_WORKERS = {"gw0", "gw1"} if variables.runs_slow_tests() else {"gw0"}


class FileScheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Browser tests go to a few workers; the others take them when nothing else is left."""

    def _split_scope(self, nodeid: str) -> str:
        """The file; browser tests of the first dialect are together, because they share a dashboard of their own."""
        path = nodeid.partition("::")[0]
        return f"{BROWSER}v1" if path.startswith(BROWSER) and "[v1" in nodeid else path

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


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that may take longest begin first, so that no worker is left with one of them while the others are done."""
    sizes: defaultdict[Path, tuple[float, bool, int]] = defaultdict(lambda: (0.0, False, 0))
    for item in items:
        own = item.get_closest_marker("timeout")
        longest, _, count = sizes[item.path]
        sizes[item.path] = (max(longest, own.args[0] if own else 0), item.path.parent == PROCESSES, count + 1)
    items.sort(key=lambda item: sizes[item.path], reverse=True)
