"""Pages look as they did when somebody last looked at their pictures; `make pictures` accepts how they look now."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import ImageChops
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from testing import browser_finder
from testing.backing_services import ROOT
from testing.page_catalogue import PAGES, visit
from testing.stack import Stack
from tests.browser.watch import Watch
from tools.pictures import accepted
from tools.pictures.camera import Picture, demonstration, take, take_all, take_held
from tools.pictures.compare import differences

# All of them watch over the one that compares every page.
pytestmark = pytest.mark.slow

FOUND = ROOT / "test-results" / "pictures"
PAGE = "assistants"
LINES = "threads"  # none of them nearly full: letters that are wider fill no further one


@pytest.fixture(scope="module")
def options(stack: Stack, session: Path) -> dict[str, Any]:
    """What a window for pictures begins with."""
    return {"base_url": stack.url, "storage_state": session, "reduced_motion": "reduce", "bypass_csp": True}


@pytest.fixture(scope="module")
def page(browser: Browser, options: dict[str, Any]) -> Iterator[Page]:
    """One page for all tests: each takes back what it changed."""
    watch = Watch()
    with browser.new_context(**options) as context:
        watch.follow(context)
        page = context.new_page()
        visit(page, PAGE)
        yield page
    assert not watch.complaints()


@pytest.fixture(scope="module")
def before(page: Page) -> list[Picture]:
    """That page as it is."""
    return list(take(page, PAGE))


def told(before: list[Picture], after: list[Picture]) -> list[list[str]]:
    """What differs in each picture."""
    pairs = zip(before, after, strict=True)
    return [differences(one.image, one.boxes, other.image, other.boxes) for one, other in pairs]


@pytest.mark.timeout(900, func_only=True)
@pytest.mark.skipif(not accepted.layouts(accepted.FOLDER), reason="no picture was accepted yet")
def test_every_page_looks_as_accepted(browser: Browser, tmp_path: Path) -> None:
    """What differs is kept in test-results/pictures."""
    found = {}
    with demonstration(tmp_path) as stack:
        for picture in take_all(browser, stack, list(PAGES)):
            if differs := accepted.compared(picture):
                found[picture.stem] = differs
                FOUND.mkdir(parents=True, exist_ok=True)
                picture.image.save(FOUND / f"{picture.stem}.png")
    assert not found, "\n".join(f"{stem}: {'; '.join(differs)}" for stem, differs in found.items())


def test_a_page_taken_twice_is_the_same(page: Page, before: list[Picture]) -> None:
    page.reload()
    assert not any(told(before, list(take(page, PAGE))))


@pytest.mark.parametrize(
    ("selector", "style"),
    [
        ("main section", {"marginTop": "10px"}),
        ("main section", {"marginLeft": "10px"}),
        ("main section", {"paddingBottom": "100px"}),
        ("main section", {"display": "none"}),
        ("nav.side, nav", {"background": "#c7d2fe"}),
    ],
)
def test_a_block_that_is_elsewhere_or_coloured_otherwise_is_noticed(
    page: Page, before: list[Picture], selector: str, style: dict[str, str]
) -> None:
    block = page.locator(selector).first
    block.evaluate("(block, style) => Object.assign(block.style, style)", style)
    after = list(take_held(page, PAGE))
    block.evaluate("block => block.removeAttribute('style')")
    assert all(told(before, after))


def test_lost_styles_are_noticed(page: Page, before: list[Picture]) -> None:
    page.evaluate("[...document.styleSheets].at(-1).disabled = true")
    after = list(take_held(page, PAGE))
    page.evaluate("[...document.styleSheets].at(-1).disabled = false")
    assert all(told(before, after))


def test_letters_drawn_otherwise_are_not(browser: Browser, playwright: Playwright, options: dict[str, Any]) -> None:
    path = browser_finder.find()
    arguments = ["--font-render-hinting=full", "--disable-lcd-text", "--disable-font-subpixel-positioning"]
    other = playwright.chromium.launch(executable_path=path, args=[*arguments, *browser_finder.arguments()])
    with browser.new_context(**options) as here, other.new_context(**options) as elsewhere:
        before, after = (lines_in(context) for context in (here, elsewhere))
    other.close()
    assert all(ImageChops.difference(a.image, b.image).getbbox() for a, b in zip(before, after, strict=True))
    assert not any(told(before, after))


def lines_in(context: BrowserContext) -> list[Picture]:
    """The page of many lines as that browser draws it."""
    page = context.new_page()
    visit(page, LINES)
    return list(take(page, LINES))
