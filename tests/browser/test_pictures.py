"""Pages look as they did when somebody last looked at their pictures; `make pictures` accepts how they look now."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import ImageChops
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from testing import browser_finder
from testing.page_catalogue import PAGES, visit
from testing.stack import ROOT, Stack
from tools.pictures import accepted
from tools.pictures.camera import Picture, demonstration, take, take_all
from tools.pictures.compare import differences

FOUND = ROOT / "test-results" / "pictures"
PAGE = "assistants"
LINES = "threads"  # none of them nearly full: letters that are wider fill no further one


@pytest.fixture
def page(window: Callable[..., BrowserContext]) -> Page:
    page = window(reduced_motion="reduce", bypass_csp=True).new_page()
    visit(page, PAGE)
    return page


def told(before: list[Picture], after: list[Picture]) -> list[list[str]]:
    """What differs in each picture."""
    pairs = zip(before, after, strict=True)
    return [differences(one.image, one.boxes, other.image, other.boxes) for one, other in pairs]


@pytest.mark.slow
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


def test_a_page_taken_twice_is_the_same(page: Page) -> None:
    before = list(take(page, PAGE))
    page.reload()
    assert not any(told(before, list(take(page, PAGE))))


@pytest.mark.parametrize("change", ["marginTop='10px'", "marginLeft='10px'", "paddingBottom='100px'", "display='none'"])
def test_a_block_that_is_elsewhere_is_noticed(page: Page, change: str) -> None:
    before = list(take(page, PAGE))
    page.evaluate(f"document.querySelector('main section').style.{change}")
    assert all(told(before, list(take(page, PAGE))))


def test_lost_colours_are_noticed(page: Page) -> None:
    before = list(take(page, PAGE))
    page.evaluate("document.querySelector('nav.side, nav').style.background = '#c7d2fe'")
    assert all(told(before, list(take(page, PAGE))))


def test_lost_styles_are_noticed(page: Page) -> None:
    before = list(take(page, PAGE))
    page.evaluate("[...document.styleSheets].at(-1).disabled = true")
    assert all(told(before, list(take(page, PAGE))))


def test_letters_drawn_otherwise_are_not(page: Page, playwright: Playwright, stack: Stack, session: Path) -> None:
    path = os.environ.get("CHROMIUM") or browser_finder.find()
    arguments = ["--font-render-hinting=full", "--disable-lcd-text", "--disable-font-subpixel-positioning"]
    other = playwright.chromium.launch(executable_path=path, args=[*arguments, *browser_finder.arguments()])
    context = other.new_context(base_url=stack.url, storage_state=session, reduced_motion="reduce", bypass_csp=True)
    elsewhere = context.new_page()
    visit(page, LINES)
    visit(elsewhere, LINES)
    before, after = list(take(page, LINES)), list(take(elsewhere, LINES))
    other.close()
    assert all(ImageChops.difference(a.image, b.image).getbbox() for a, b in zip(before, after, strict=True))
    assert not any(told(before, after))
