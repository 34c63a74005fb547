"""From a change at the API to the row in an open queue, with many runs waiting and many queues open."""

from __future__ import annotations

import os
import random
import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import openai
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks import processes
from benchmarks.options import Options
from benchmarks.polling.contest import percentile
from benchmarks.report import Table
from testing import browser_finder
from testing.api_actor import ApiActor
from testing.http_desk import HttpDesk, until
from testing.stack import Stack, start_stack

AT_ONCE = 5
QUEUED = (8.0, 12.0)  # seconds: long enough to be known by then; after them a run needs action at once
LONGEST = 60.0  # seconds
# Threads in which something happened lately are read often; what is measured is a desk at which most of the runs have
# waited for a while.
SETTLE = 125.0  # seconds
WAITING_FOR = 3600  # seconds that the runs have which wait all the time; what changes has less and comes first
CHANGING_FOR = 600
POLL_SECONDS = 1.0
WATCH = """
window.rowsAt = {};
new MutationObserver(() => {
  for (const { textContent: name } of document.querySelectorAll("#queue-list .call-name")) {
    if (!name.startsWith("change_") || name in rowsAt) continue;
    rowsAt[name] = 0;
    requestAnimationFrame(() => { rowsAt[name] = Date.now() / 1000; });
  }
}).observe(document, {subtree: true, childList: true, characterData: true});
"""


@dataclass
class Change:
    """A run that comes to wait at a known moment, and when the SDK and the open queue knew."""

    name: str
    thread_id: str
    run_id: str
    at: float
    told_at: float = 0.0
    shown_at: float = 0.0


def tables(options: Options, folder: Path) -> Iterator[Table]:
    environ = {
        "DEMONSTRATION": "off",
        "DATABASE_URL": "",
        "BROKER_URL": "",
        "LOCAL_API_PACE": "immediate",
        "LOCAL_API_EXPIRES_AFTER": str(WAITING_FOR),
    }
    stack = start_stack(folder, env=environ)
    try:
        yield _table(options, stack)
    finally:
        stack.stop()


def _table(options: Options, stack: Stack) -> Table:
    aim = 1.2 * POLL_SECONDS / 2 + 0.15
    table = Table(
        f"From the change at the API to the row in an open queue: {options.changes} changes, {AT_ONCE} at once",
        ["waiting runs", "open queues", "p50 s", "p95 s", "max s", "SDK p50 s", "SDK p95 s", "load"],
        notes=[
            f"Both ask once a second. Aim for p50: 1.2 x half of that + 150 ms = {aim:.2f} s.",
            "One of the queues is open in Chromium; the others do over HTTP what its page does.",
            "Load: of the machine, over 5 minutes.",
        ],
    )
    desk, api_actor = HttpDesk(stack.url, stack.sign_in_url), ApiActor(stack.local_api())
    with _queue_open(stack, options.queues) as page:
        waiting = 0
        for count in options.waiting:
            _fill(api_actor, desk, count - waiting)
            waiting = count
            changes: list[Change] = []
            while len(changes) < options.changes:
                changes += _changed(stack, api_actor, desk, page, waiting)
            table.rows.append([str(waiting), str(options.queues), *_figures(changes[: options.changes])])
    return table


def _figures(changes: list[Change]) -> list[float]:
    shown = [change.shown_at - change.at for change in changes]
    told = [change.told_at - change.at for change in changes]
    return [
        *(statistics.median(shown), percentile(shown, 0.95), max(shown)),
        *(statistics.median(told), percentile(told, 0.95), os.getloadavg()[1]),
    ]


@contextmanager
def _queue_open(stack: Stack, count: int) -> Iterator[Page]:
    """The page of one queue; as many as are wanted beside it are open too."""
    with sync_playwright() as playwright:
        browser: Browser = playwright.chromium.launch(executable_path=browser_finder.find(), args=["--no-sandbox"])
        context = browser.new_context(base_url=stack.url)
        page = context.new_page()
        page.goto(stack.manage("sign_in_link", "admin").strip())
        page.get_by_role("button", name="Dismiss").click()
        page.add_init_script(WATCH)
        page.goto("/queue/")
        cookie = "; ".join(f"{each['name']}={each['value']}" for each in context.cookies())
        others = processes.start("benchmarks.glass.onlookers", stack.url, cookie, count - 1)
        try:
            processes.wait_for_line(others)
            yield page
        finally:
            processes.kill(others)
            browser.close()


def _fill(api_actor: ApiActor, desk: HttpDesk, count: int) -> None:
    """So many more runs wait, and have waited for a while."""
    before = _waiting(desk)
    api_actor.control("/settings", {"pace": "immediate", "expires_after": WAITING_FOR})
    with ThreadPoolExecutor(4) as together:
        for each in [together.submit(api_actor.run, [("get_weather", {"city": "Oslo"})]) for _ in range(count)]:
            each.result()
    while _waiting(desk) < before + count:
        time.sleep(0.5)
    if count > AT_ONCE:
        time.sleep(SETTLE)


def _waiting(desk: HttpDesk) -> int:
    headers = {"HX-Request": "true", "HX-Target": "nav-count"}
    text = desk.session.get(f"{desk.url}/queue/", headers=headers, timeout=60).text
    return int(text.partition('data-count="')[2].partition('"')[0])


def _changed(stack: Stack, api_actor: ApiActor, desk: HttpDesk, page: Page, waiting: int) -> list[Change]:
    """A few runs come to wait at random moments, are seen, and are answered again."""
    batch = [_begin(stack, api_actor) for _ in range(AT_ONCE)]
    _make_known(desk, [each.thread_id for each in batch])
    for change in batch:
        path = f"/runs/{change.run_id}/"
        until(lambda path=path: desk.session.get(desk.url + path, timeout=60).ok or None, what=path)  # type: ignore[misc]
    # What changed before the dashboard knew of it says nothing of queues.
    early = [change for change in batch if change.at > time.time()]
    for change in batch:
        change.shown_at = _shown_at(page, change.name)
        until(lambda change=change: change.told_at or None, what="the SDK")  # type: ignore[misc]
    for change in batch:
        api_actor.outputs(change.thread_id, change.run_id)
        form = next(form for form in desk.page(f"/runs/{change.run_id}/").forms if form.action.endswith("/refresh/"))
        desk.send(form)
    until(lambda: _waiting(desk) == waiting or None, what=f"{waiting} waiting runs")
    return early


def _begin(stack: Stack, api_actor: ApiActor) -> Change:
    """A run of somebody else's, which the SDK begins to poll at once."""
    queued, name = random.uniform(*QUEUED), f"change_{uuid4().hex[:8]}"
    api_actor.control(
        "/settings", {"pace": f"queued={queued},in_progress=0,cancelling=0", "expires_after": CHANGING_FOR}
    )
    thread_id, run_id = api_actor.run([(name, {"city": "Oslo"})])
    change = Change(name, thread_id, run_id, at=time.time() + queued)
    threading.Thread(target=_poll, args=(stack, change), daemon=True).start()
    return change


def _poll(stack: Stack, change: Change) -> None:
    client = openai.OpenAI(api_key=stack.local_api_key, base_url=stack.local_api_url)
    client.beta.threads.runs.poll(change.run_id, thread_id=change.thread_id)
    change.told_at = time.time()


def _make_known(desk: HttpDesk, ids: list[str]) -> None:
    """Pastes the ids of the threads, as a person would."""
    form = next(form for form in desk.page("/threads/").forms if form.action == "/threads/add/")
    desk.send(form, connection="1", ids=" ".join(ids))


def _shown_at(page: Page, name: str) -> float:
    """When the queue showed the row."""
    ends = time.monotonic() + LONGEST
    rows: dict[str, Any] = {}
    while not rows.get(name):
        if time.monotonic() > ends:
            raise RuntimeError(f"The queue did not show {name} within {LONGEST} s.")
        page.wait_for_timeout(50)
        rows = page.evaluate("window.rowsAt")
    return float(rows[name])
