"""`weigh`: each page of the demonstration on a first and on a second visit, beside Django's admin on the same data."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from playwright.sync_api import Browser, Playwright, sync_playwright

from benchmarks import processes
from benchmarks.options import Options
from benchmarks.report import Table
from benchmarks.weigh import lighthouse
from benchmarks.weigh.scale import Visit, weigh
from testing import browser_finder
from testing.backing_services import free_port
from testing.http_desk import until
from testing.page_catalogue import PAGES, address
from testing.stack import Stack
from tools.pictures.camera import demonstration, settle, wait_for_everything

LOADS = 3  # of each page, each with empty caches: times are medians
VIEWPORT = {"width": 1280, "height": 800}
COLUMNS = ["page", "kB", "HTML", "CSS", "JS", "other", "fonts", "requests", "nodes", "FCP ms", "TBT ms", "shift"]
NOTES = [
    "kB: compressed, with headers, fonts aside; all that comes until the page has been quiet for 1.5 s.",
    "Aims: 60 kB on a first visit, 15 kB after; shift 0; TBT (long tasks) under 50 ms; no request to another host.",
]
# Measured elsewhere, over the wire: ../shared/stack.md, section 9.8.
KNOWN = [("agent-inbox, thread page", 758, "34 to 40"), ("bare htmx timeline of 50", 41, "4")]
FIRST = "heaviest first visit"


@dataclass
class Weighed:
    """A page with its first visits and the one after."""

    name: str
    first: list[Visit]
    second: Visit

    def row(self, visit: Visit) -> list[str | float]:
        kinds = [visit.sizes[kind] / 1000 for kind in ("html", "css", "js", "other", "fonts")]
        times = [statistics.median(getattr(each, name) for each in self.first) for name in ("paint", "blocked")]
        shift = max(each.shift for each in self.first)
        return [self.name, visit.total / 1000, *kinds, visit.requests, visit.nodes, *times, round(shift, 4)]

    def second_row(self) -> list[str | float]:
        visit = self.second
        kinds = [visit.sizes[kind] / 1000 for kind in ("html", "css", "js", "other", "fonts")]
        return [self.name, visit.total / 1000, *kinds, visit.requests]


def run(options: Options) -> Iterator[Table]:
    with (
        tempfile.TemporaryDirectory(prefix="switchboard-benchmark-") as folder,
        sync_playwright() as playwright,
        demonstration(Path(folder) / "data") as stack,
    ):
        browser = playwright.chromium.launch(executable_path=browser_finder.find(), args=browser_finder.arguments())
        session, paths = _found(browser, stack)
        ours = [
            _weighed(browser, name, stack.url + path, {} if PAGES[name].stranger else session)
            for name, path in paths.items()
        ]
        yield from _tables(ours + _admin(browser, stack))
        browser.close()
        yield from _lighthouse(playwright, {name: stack.url + path for name, path in paths.items()}, session)


def last_line(tables: list[Table]) -> str:
    """The heaviest of our pages."""
    (first,) = [table for table in tables if table.title.startswith("First visit")]
    heaviest = max(float(row[1]) for row in first.rows if row[0] in PAGES)
    return f"{FIRST}: {heaviest:.1f} kB"


def _found(browser: Browser, stack: Stack) -> tuple[Any, dict[str, str]]:
    """The session of somebody who has signed in, and where each page is, each looked at once before."""
    with browser.new_context(base_url=stack.url) as context:
        page = context.new_page()
        page.goto(stack.sign_in_url)
        wait_for_everything(page)
        paths = {name: PAGES[name].path if PAGES[name].stranger else address(page, name) for name in PAGES}
        for name, path in paths.items():
            if not PAGES[name].stranger:
                page.goto(path)
                settle(page)
        return context.storage_state(), paths


def _weighed(browser: Browser, name: str, url: str, session: Any) -> Weighed:
    """First visits, each in a browser profile of its own, and one more in the last of them."""
    first, second = [], Visit()
    for _ in range(LOADS):
        with browser.new_context(storage_state=session or None, viewport=VIEWPORT) as context:  # type: ignore[arg-type]
            page = context.new_page()
            first.append(weigh(page, url))
            page.close()
            if len(first) == LOADS:
                second = weigh(context.new_page(), url)
    foreign = {host for visit in first for host in visit.hosts} - {urlsplit(url).netloc}
    if foreign:
        raise RuntimeError(f"{name} asks {', '.join(sorted(foreign))}")
    return Weighed(name, first, second)


def _admin(browser: Browser, stack: Stack) -> list[Weighed]:
    """Django's admin on the same rows."""
    pages = {"Django admin: threads": "thread", "Django admin: messages": "message"}
    with _served(stack) as (url, cookie):
        name, _, value = cookie.partition("=")
        session = {"cookies": [{"name": name, "value": value, "url": url}]}
        with browser.new_context() as context:
            context.add_cookies(session["cookies"])  # type: ignore[arg-type]
            state = context.storage_state()
        return [_weighed(browser, page, f"{url}/admin/assistants/{table}/", state) for page, table in pages.items()]


@contextmanager
def _served(stack: Stack) -> Iterator[tuple[str, str]]:
    """Where the admin is, and the cookie of its user."""
    port = free_port()
    environ = {**stack.environ, "DJANGO_SETTINGS_MODULE": "benchmarks.weigh.settings"}
    process = processes.start("benchmarks.weigh.admin", port, environ=environ)
    try:
        cookie, url = processes.wait_for_line(process), f"http://127.0.0.1:{port}"
        until(lambda: _serves(f"{url}/admin/login/") or None, what=url)
        yield url, cookie
    finally:
        processes.kill(process)


def _serves(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.ConnectionError:
        return False


def _tables(weighed: list[Weighed]) -> Iterator[Table]:
    first = Table("First visit, caches empty (kB over the wire)", COLUMNS, notes=NOTES)
    first.rows += [page.row(page.first[-1]) for page in weighed]
    nothing = [float("nan")]
    for name, size, count in KNOWN:
        first.rows.append([f"{name} (cited)", size, *nothing * 5, count, *nothing * 4])
    yield first
    second = Table("Second visit (kB over the wire)", COLUMNS[:8])
    second.rows += [page.second_row() for page in weighed]
    yield second


def _lighthouse(playwright: Playwright, pages: dict[str, str], session: Any) -> Iterator[Table]:
    table = Table("Lighthouse, a slow phone on a slow network", ["page", *lighthouse.CATEGORIES])
    if why := lighthouse.missing():
        table.notes.append(f"LEFT OUT: {why}.")
    else:
        for name, url in pages.items():
            with lighthouse.browser(playwright, [] if PAGES[name].stranger else session["cookies"]) as port:
                found = lighthouse.scores(url, port) or {}
            table.rows.append([name, *(found.get(category, float("nan")) for category in lighthouse.CATEGORIES)])
        table.notes.append("Aims: 98 / 100 / 100.")
    yield table
