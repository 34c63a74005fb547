"""A running dashboard and a real browser before it. Whatever a page complains of fails the test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests import find_browser
from tests.browser.pages import every_page
from tests.browser.watch import Watch
from tests.outsider import Outsider
from tests.stack import Stack, start_stack

HERE = str(Path(__file__).parent)
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


@dataclass(frozen=True)
class Api:
    """The stack's local API, as the outsider wants it."""

    url: str
    control: str


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The dashboard with the demonstration, at a server that takes a moment for everything and outlives the tests."""
    server = {"LOCAL_API_PACE": "queued=0.2,in_progress=0.3,cancelling=0.2", "LOCAL_API_EXPIRES_AFTER": "3600"}
    running = start_stack(tmp_path_factory.mktemp("browser"), env=server)
    yield running
    running.stop()


@pytest.fixture(scope="package")
def outsider(stack: Stack) -> Iterator[Outsider]:
    """Somebody else's program at the same server."""
    other = Outsider(Api(stack.local_api_url, stack.local_api_url.removesuffix("/v1") + "/control"))  # type: ignore[arg-type]
    yield other
    other.session.close()


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or find_browser.find()
    started = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *find_browser.arguments()])
    expect.set_options(timeout=PATIENCE)
    yield started
    started.close()


@pytest.fixture(scope="package")
def session(stack: Stack, browser: Browser) -> Iterator[Path]:
    """What a browser keeps of a person who has signed in, for contexts to begin with."""
    kept = stack.folder / "session.json"
    with browser.new_context() as context:
        context.new_page().goto(stack.sign_in_url)
        context.storage_state(path=kept)
    yield kept


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
def window(stack: Stack, browser: Browser, session: Path, watch: Watch) -> Iterator[Callable[..., BrowserContext]]:
    """Makes windows of the person who has signed in; takes what Playwright's new_context takes."""
    opened: list[BrowserContext] = []

    def make(**options: object) -> BrowserContext:
        context = browser.new_context(**{"base_url": stack.url, "storage_state": session, **options})  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE)
        watch.follow(context)
        opened.append(context)
        return context

    yield make
    for context in opened:
        context.close()


@pytest.fixture
def page(window: Callable[..., BrowserContext]) -> Page:
    """A page of that person."""
    return window().new_page()
