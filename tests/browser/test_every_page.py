"""Every page: for everybody, on every screen, and with the browser's own buttons."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.browser_desk import go_back, go_forward
from tests.browser.pages import NOUNS, address_of, unfold
from tests.browser.watch import Watch

OUTSIDE = """() => [...document.querySelectorAll("a, button, input, select, textarea, summary")]
  .filter(each => each.checkVisibility() && !each.matches(".skip, [type=hidden]"))
  .filter(each => { const { left, right } = each.getBoundingClientRect(); return left < 0 || right > innerWidth; })
  .filter(each => !each.closest(".tabs"))
  .map(each => each.outerHTML.slice(0, 120))"""


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_an_accessibility_violation(
    window: Callable[..., BrowserContext], addresses: dict[str, str], watch: Watch, scheme: str
) -> None:
    watch.expect("status of 404")
    page = window(color_scheme=scheme, reduced_motion="reduce").new_page()
    found = {}
    for name, path in addresses.items():
        page.goto(path)
        unfold(page)
        result = Axe().run(page)
        if result.violations_count:
            found[name] = result.generate_report()
    assert not found, "\n\n".join(f"{name}: {report}" for name, report in found.items())


@pytest.mark.parametrize("path", ["/sign-in/", "/sign-in/link/"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_for_strangers_has_one(
    window: Callable[..., BrowserContext], watch: Watch, scheme: str, path: str
) -> None:
    watch.expect("status of 403")
    page = window(color_scheme=scheme, storage_state=None).new_page()
    page.goto(path)
    assert not Axe().run(page).violations_count


# 320 is a small phone, and a window of 1280 at 400 %; 640 is one at 200 %.
@pytest.mark.slow
@pytest.mark.parametrize("width", [320, 390, 640])
def test_every_page_fits_a_narrow_window(
    window: Callable[..., BrowserContext], addresses: dict[str, str], watch: Watch, width: int
) -> None:
    watch.expect("status of 404")
    page = window(viewport={"width": width, "height": 800}).new_page()
    wide, outside = {}, {}
    for name, path in addresses.items():
        page.goto(path)
        if seen := page.evaluate(OUTSIDE):
            outside[name] = seen
        unfold(page)
        if (found := page.evaluate("document.scrollingElement.scrollWidth")) > width:
            wide[name] = found
    assert (wide, outside) == ({}, {})


def test_filters_are_in_the_address_and_back_leads_through_them(page: Page) -> None:
    page.goto("/queue/")
    page.goto("/threads/")
    page.get_by_label("Words").fill("parcel 10311")
    page.wait_for_url("**words=parcel%2010311**")
    rows = page.locator("#threads-list tbody tr")
    expect(rows).to_have_count(1)
    rows.get_by_role("link").first.click()
    expect(page.locator("#thread-timeline")).to_contain_text("10311")
    go_back(page)
    expect(page.get_by_label("Words")).to_have_value("parcel 10311")
    expect(rows).to_have_count(1)
    go_back(page)
    expect(page.get_by_role("heading", name="Queue")).to_be_visible()
    go_forward(page)
    expect(rows).to_have_count(1)
    page.reload()
    expect(page.get_by_label("Words")).to_have_value("parcel 10311")


def test_a_page_left_and_come_back_to_is_whole_and_live(page: Page) -> None:
    page.goto(address_of(page, *NOUNS["run"]))
    path = page.url
    page.get_by_role("button", name="Refresh").click()
    expect(page.locator("#live")).to_have_attribute("data-state", "live")
    page.get_by_role("link", name="Whole thread").click()
    expect(page.locator("#thread-timeline")).to_be_visible()
    go_back(page)
    expect(page).to_have_url(path)
    expect(page.locator("#answers textarea")).to_be_visible()
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
    expect(page.locator("#live")).to_have_attribute("data-state", "live")


def test_any_id_leads_to_its_page(page: Page) -> None:
    page.goto(address_of(page, *NOUNS["run"]))
    shown = page.locator("#run-head code").first.inner_text()
    page.get_by_role("searchbox", name="Find by id").fill(shown)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/runs/{shown}/")
