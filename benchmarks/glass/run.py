"""`glass`: from a change at the API to the page that shows it, beside the official SDK's poll of the same run.
And to the row in a queue (queue.py).

Another program starts runs at the server. The dashboard hears of their threads, their pages are opened in Chromium
while they run, and each run comes to need action at a random moment.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openai
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from benchmarks.glass import queue
from benchmarks.options import Options
from benchmarks.polling.contest import percentile
from benchmarks.report import Table
from testing import browser_finder
from testing.api_actor import ApiActor
from testing.local_api_process import LocalApi
from testing.stack import Stack, start_stack

AT_ONCE = 5
LONGEST = 60.0  # seconds
QUEUED = (8.0, 12.0)  # seconds: long enough to open the pages; then it needs action at once
WATCH = """
new MutationObserver(() => {
  if (!window.shownAt && document.querySelector("#run-head .badge-requires_action"))
    requestAnimationFrame(() => { window.shownAt = Date.now() / 1000; });
}).observe(document, {subtree: true, childList: true});
"""


@dataclass
class Change:
    """A run that needs action at a known moment, and when the SDK and the page knew."""

    thread_id: str
    run_id: str
    at: float
    told_at: float = 0.0
    shown_at: float = 0.0


def run(options: Options) -> Iterator[Table]:
    with tempfile.TemporaryDirectory(prefix="switchboard-benchmark-") as folder:
        environ = {"DEMONSTRATION": "off", "DATABASE_URL": "", "BROKER_URL": ""}
        stack = start_stack(Path(folder) / "data", env=environ)
        try:
            changes = _watched(stack, options.changes)
        finally:
            stack.stop()
    table = Table(
        f"From the change at the API to who waits for it: {len(changes)} runs come to need action, {AT_ONCE} at once",
        ["who", "p50 s", "p95 s", "max s", "x SDK p50"],
        notes=["Both ask once a second. The SDK's is `runs.poll`, the waiting half of `create_and_poll`."],
    )
    told = [change.told_at - change.at for change in changes]
    shown = [change.shown_at - change.at for change in changes]
    for who, delays in (("the open page in Chromium", shown), ("official SDK, runs.poll returns", told)):
        p50 = statistics.median(delays)
        table.rows.append([who, p50, percentile(delays, 0.95), max(delays), p50 / statistics.median(told)])
    yield table
    with tempfile.TemporaryDirectory(prefix="switchboard-benchmark-") as folder:
        yield from queue.tables(options, Path(folder) / "data")


def _watched(stack: Stack, count: int) -> list[Change]:
    api_actor = ApiActor(LocalApi(stack.process, stack.local_api_url.removesuffix("/v1")))
    changes: list[Change] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_finder.find(), args=["--no-sandbox"])
        desk, pages = _signed_in(browser, stack)
        while len(changes) < count:
            batch = [_begin(stack, api_actor) for _ in pages]
            _make_known(desk, stack, batch)
            seen = [
                _open(page, f"{stack.url}/runs/{change.run_id}/") for change, page in zip(batch, pages, strict=True)
            ]
            for change, page in zip(batch, pages, strict=True):
                change.shown_at = _shown_at(page)
            # What changed before its page was open says nothing of pages.
            changes += [change for change, early in zip(batch, seen, strict=True) if early]
        browser.close()
    return changes[:count]


def _signed_in(browser: Browser, stack: Stack) -> tuple[Page, list[Page]]:
    """A page to work with, and pages to watch, each in a browser profile of its own: a profile opens six connections
    to a site, and each open page holds one."""
    first: BrowserContext = browser.new_context()
    desk = first.new_page()
    desk.goto(stack.sign_in_url)
    state: Any = first.storage_state()
    watching = [browser.new_context(storage_state=state) for _ in range(AT_ONCE)]
    for context in watching:
        context.add_init_script(WATCH)
    return desk, [context.new_page() for context in watching]


def _begin(stack: Stack, api_actor: ApiActor) -> Change:
    """A run of somebody else's, which the SDK begins to poll at once."""
    queued = random.uniform(*QUEUED)
    api_actor.control("/settings", {"pace": f"queued={queued},in_progress=0,cancelling=0"})
    thread_id, run_id = api_actor.run([("get_weather", {"city": "Oslo"})])
    change = Change(thread_id, run_id, at=time.time() + queued)
    threading.Thread(target=_poll, args=(stack, change), daemon=True).start()
    return change


def _poll(stack: Stack, change: Change) -> None:
    client = openai.OpenAI(api_key=stack.local_api_key, base_url=stack.local_api_url)
    client.beta.threads.runs.poll(change.run_id, thread_id=change.thread_id)
    change.told_at = time.time()


def _make_known(desk: Page, stack: Stack, batch: list[Change]) -> None:
    """Pastes the ids of the threads, as a person would."""
    desk.goto(f"{stack.url}/threads/")
    desk.locator("#add-threads summary").click()
    desk.locator("#add-threads textarea").fill(" ".join(change.thread_id for change in batch))
    desk.get_by_role("button", name="Add threads").click()
    desk.wait_for_load_state()


def _open(page: Page, url: str) -> bool:
    """Opens the page of a run, once the dashboard knows it; gives whether it was open before the change."""
    while (answer := page.goto(url)) is None or answer.status == 404:
        time.sleep(0.1)
    return not page.evaluate("window.shownAt")


def _shown_at(page: Page) -> float:
    """When the page showed the change. The page's policy forbids what `wait_for_function` does."""
    until = time.monotonic() + LONGEST
    while not (shown_at := page.evaluate("window.shownAt")):
        if time.monotonic() > until:
            raise RuntimeError(f"The page did not change within {LONGEST} s.")
        page.wait_for_timeout(50)
    return float(shown_at)
