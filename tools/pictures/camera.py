"""Takes pictures of pages that show the same at each taking: ids, times and the order of things hold still."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect

from local_api import demonstration as conversations
from testing import page_catalogue
from testing.stack import Stack, start_stack

SIZES = {390: 844, 768: 1024, 1280: 800}
SCHEMES = ("light", "dark")
PATIENCE = 60_000  # milliseconds
QUIET = 700  # milliseconds without a change: then a page is whole
# One conversation after the other, no two in one second: so their order is always the same.
STILL = {"DEMONSTRATION": "off", "LOCAL_API_PACE": "queued=0.2,in_progress=1,cancelling=0.2"}
SCRIPTS = Path(__file__).parent
HOLD, BOXES = (SCRIPTS / "hold.js").read_text(), (SCRIPTS / "boxes.js").read_text()

Box = tuple[str, int, int, int, int]


@dataclass(frozen=True)
class Picture:
    """A page as it was seen: its pixels, and where its parts are (name, left, top, width, height)."""

    name: str
    width: int
    scheme: str
    image: Image.Image
    boxes: list[Box]

    @property
    def layout(self) -> str:
        """Which page in which size: both schemes have their parts in the same places."""
        return f"{self.name.replace(' ', '-')}-{self.width}"

    @property
    def stem(self) -> str:
        return f"{self.layout}-{self.scheme}"


@contextmanager
def demonstration(folder: Path) -> Iterator[Stack]:
    """A fresh dashboard with the demonstration, played in order."""
    stack = start_stack(folder, env=STILL)
    try:
        conversations.show(conversations.Client(stack.local_api_url, stack.local_api_key), at_once=1)
        yield stack
    finally:
        stack.stop()


def take_all(browser: Browser, stack: Stack, names: list[str]) -> Iterator[Picture]:
    """Takes these pages of a dashboard that shows the whole demonstration, in each size and scheme."""
    options = {"base_url": stack.url, "reduced_motion": "reduce", "bypass_csp": True}
    with browser.new_context(**options) as signed_in, browser.new_context(**options) as stranger:  # type: ignore[arg-type]
        page, before = signed_in.new_page(), stranger.new_page()
        page.goto(stack.sign_in_url)
        wait_for_everything(page)
        found = {
            name: (before if page_catalogue.PAGES[name].stranger else page, page_catalogue.address(page, name))
            for name in names
        }
        # What is read only when somebody looks is read now. A run is opened, because leaving it gives its claim up.
        for window, path in found.values():
            (window.goto if path.startswith("/runs/") else window.request.get)(path)
        for name, (window, path) in found.items():
            window.goto(path)
            yield from take(window, name)


def wait_for_everything(page: Page) -> None:
    """Waits until the dashboard has seen the demonstration to its end."""
    scenes = conversations.scenes()
    page.goto("/queue/")
    expect(page.locator("#queue-list tbody tr")).to_have_count(sum(s.waits for s in scenes), timeout=PATIENCE)
    page.goto("/threads/")
    expect(page.locator("#threads-list tbody tr")).to_have_count(len(scenes), timeout=PATIENCE)
    moving = page.locator("#threads-list").locator(".badge-queued, .badge-in_progress")
    expect(moving).to_have_count(0, timeout=PATIENCE)


def take(page: Page, name: str) -> Iterator[Picture]:
    """Takes the page that is open, in each size and scheme, once it has come to rest."""
    settle(page)
    page.evaluate(HOLD)
    yield from take_held(page, name)


def take_held(page: Page, name: str) -> Iterator[Picture]:
    """Takes a page that is held already: nothing on it changes by itself any more."""
    for width, height in SIZES.items():
        page.set_viewport_size(ViewportSize(width=width, height=height))
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            shot = page.screenshot(animations="disabled", caret="hide")
            boxes = [tuple(box) for box in page.evaluate(BOXES)]
            yield Picture(name, width, scheme, Image.open(io.BytesIO(shot)).convert("RGB"), boxes)


def settle(page: Page) -> None:
    """Waits until the page is live and nothing on it changes but digits."""
    if page.locator("#live").count():
        expect(page.locator("#live")).to_have_attribute("data-state", "live", timeout=PATIENCE)
    page.evaluate("document.fonts.ready.then(() => true)")
    before, now = "", shown(page)
    until = time.monotonic() + PATIENCE / 1000
    while before != now:
        if time.monotonic() > until:
            raise RuntimeError(f"{page.url} does not come to rest:\n{before}\n---\n{now}")
        page.wait_for_timeout(QUIET)
        before, now = now, shown(page)


def shown(page: Page) -> str:
    return re.sub(r"\d+", "", page.locator("main").inner_text())
