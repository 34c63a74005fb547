"""A running dashboard and a real browser before it. Whatever a page complains of fails the test."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from testing import browser_finder
from testing.api_actor import ApiActor
from testing.http_desk import HttpDesk, until
from testing.stack import Stack, start_stack
from tests.browser.browser_desk import keep_session, sign_in
from tests.browser.pages import every_page
from tests.browser.watch import Watch

HERE = str(Path(__file__).parent)
TEST_SECONDS = 120  # for one test without its fixtures
PATIENCE = 20_000  # milliseconds: the machine may be busy
FLAGS = [
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of these together and first: they take longest, and while Playwright's event loop runs, it keeps Django from
    its database."""
    items.sort(key=lambda item: not str(item.path).startswith(HERE))
    for item in items:
        if str(item.path).startswith(HERE) and not item.get_closest_marker("timeout"):
            # Whichever test comes first starts the dashboard: that has a time limit of its own.
            item.add_marker(pytest.mark.timeout(TEST_SECONDS, func_only=True))


ADMIN = "admin.json"
OFTEN = {"refresh_seconds": "1", "poll_seconds": "0.2"}
SERVER = {
    "LOCAL_API_PACE": "queued=0.2,in_progress=0.3,cancelling=0.2",
    "LOCAL_API_EXPIRES_AFTER": "3600",
    "STALE_SECONDS": "1",
    "WAITING_POLL_SECONDS": "1",
}


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The dashboard with the demonstration, at a server that takes a moment for everything and outlives the tests."""
    running = start_stack(tmp_path_factory.mktemp("browser"), env=SERVER)
    look_often(running)
    yield running
    running.stop()


@pytest.fixture(scope="package")
def older(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A dashboard whose one server is spoken to in the first dialect."""
    running = start_stack(tmp_path_factory.mktemp("older"), env=SERVER)
    running.environ["API_KEY"] = running.local_api_key
    running.manage("connect", "Local", running.local_api_url, "--dialect", "v1")
    look_often(running)
    yield running
    running.stop()


def look_often(stack: Stack) -> None:
    """Signs the admin in, has the dashboard look at its server as often as the settings of a connection allow, and
    waits until it has read the demonstration."""
    desk = HttpDesk(stack.url, stack.sign_in_url)
    path = "/connections/1/edit/"
    form = next(each for each in desk.page(path).forms if each.action.startswith(path))
    desk.send(form, **OFTEN)
    for place in ("assistants", "threads", "queue"):
        until(partial(has_rows, desk, place), what=place)
    keep_session(desk, stack.folder / ADMIN)


def has_rows(desk: HttpDesk, place: str) -> bool | None:
    return bool(desk.page(f"/{place}/").all("a", class_="row-link")) or None


@pytest.fixture
def dialect() -> str:
    """What the dashboard speaks to its server; a test of both is parametrized by it."""
    return "v2"


@pytest.fixture
def api_actor(request: pytest.FixtureRequest, stack: Stack, dialect: str) -> Iterator[ApiActor]:
    """Somebody else's program at the same server."""
    place: Stack = request.getfixturevalue("older") if dialect == "v1" else stack
    other = ApiActor(place.local_api())
    yield other
    other.cancel_runs()
    other.session.close()


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    path = browser_finder.find()
    started = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *browser_finder.arguments()])
    expect.set_options(timeout=PATIENCE)
    yield started
    started.close()


@pytest.fixture(scope="package")
def session(stack: Stack) -> Path:
    """What a browser keeps of a person who has signed in, for contexts to begin with."""
    return stack.folder / ADMIN


@pytest.fixture(scope="package")
def pete_session(stack: Stack) -> Path:
    """The same of another operator, pete."""
    return sign_in(stack, "pete")


@pytest.fixture(scope="package")
def addresses(stack: Stack, browser: Browser, session: Path) -> dict[str, str]:
    """The addresses of all pages by name (see pages.py), sought once."""
    with browser.new_context(base_url=stack.url, storage_state=session) as context:
        return every_page(context.new_page())


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Everything that any page of the test complained of; what a test expects it names."""
    seen = Watch()
    yield seen
    assert not seen.complaints(), "\n".join(seen.complaints())


@pytest.fixture
def begun(request: pytest.FixtureRequest, stack: Stack, session: Path, dialect: str) -> dict[str, Any]:
    """What a window begins with: where the dashboard is, and somebody who has signed in there."""
    if dialect == "v1":
        stack = request.getfixturevalue("older")
        session = stack.folder / ADMIN
    return {"base_url": stack.url, "storage_state": session}


@pytest.fixture
def window(browser: Browser, begun: dict[str, Any], watch: Watch) -> Iterator[Callable[..., BrowserContext]]:
    """Makes windows of the person who has signed in; takes what Playwright's new_context takes."""
    opened: list[BrowserContext] = []

    def make(**options: object) -> BrowserContext:
        context = browser.new_context(**{**begun, **options})
        context.set_default_timeout(PATIENCE)
        watch.follow(context)
        opened.append(context)
        return context

    yield make
    for context in opened:
        context.close()


@pytest.fixture(scope="package")
def shared_contexts(browser: Browser) -> Iterator[dict[str, BrowserContext]]:
    """The contexts in which one test after another has its page, by the dashboard that they are signed in to."""
    contexts: dict[str, BrowserContext] = {}
    yield contexts
    for context in contexts.values():
        context.close()


@pytest.fixture
def page(
    browser: Browser, begun: dict[str, Any], shared_contexts: dict[str, BrowserContext], watch: Watch
) -> Iterator[Page]:
    """A page of that person, with nothing in it of an earlier test but the cache, which spares most of its cost."""
    address = begun["base_url"]
    if (context := shared_contexts.get(address)) is None:
        context = shared_contexts[address] = browser.new_context(**begun)
        context.set_default_timeout(PATIENCE)
    context.clear_cookies()
    context.add_cookies(json.loads(begun["storage_state"].read_text())["cookies"])
    watch.follow(context)
    page = context.new_page()
    forgotten = {"origin": address, "storageTypes": "local_storage"}
    context.new_cdp_session(page).send("Storage.clearDataForOrigin", forgotten)
    yield page
    watch.leave(context)
    for each in context.pages:
        each.close()
