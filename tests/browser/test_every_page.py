"""Every page: for everybody, on every screen, and with the browser's own buttons."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, Request, Route, expect

from tests.browser import page_checks
from tests.browser.browser_desk import go_back, go_forward
from tests.browser.pages import NOUNS, address_of, unfold
from tests.browser.watch import Watch

# 320 is a small phone, and a window of 1280 at 400 %; 640 is one at 200 %.
NARROW = (320, 390, 640)
PHONE, DESKTOP = 390, 1280
SCHEMES = ("dark", "light")


@pytest.mark.slow
@pytest.mark.timeout(1200, func_only=True)  # some 60 pages
def test_every_page_passes_every_check_at_every_width(
    window: Callable[..., BrowserContext], addresses: dict[str, str], watch: Watch
) -> None:
    watch.expect("status of 404")
    page = window(viewport={"width": DESKTOP, "height": 700}, color_scheme="light", reduced_motion="reduce").new_page()
    found = [f"{name}, {complaint}" for name, path in addresses.items() for complaint in complaints(page, path)]
    assert not found, "\n\n".join(found)


def complaints(page: Page, path: str) -> Iterator[str]:
    """Visits a page once, and checks it at each width; what needs the page unfolded comes last."""
    page.goto(path)
    yield from _told(DESKTOP, "moves", page_checks.find_motion(page))
    for width in NARROW:
        page_checks.resize(page, width, 800)
        yield from _told(width, "outside of the window", page_checks.find_outside(page))
    unfold(page)
    for width in NARROW:
        page_checks.resize(page, width, 800)
        yield from _told(width, "wider than the window", page_checks.find_overflow(page, width))
    page_checks.resize(page, DESKTOP, 700)
    page_checks.set_scheme(page, "dark")  # which differs in its colours alone
    yield from _told(
        DESKTOP, "violation in the dark scheme", page_checks.find_violations(page, page_checks.RULES_OF_COLOUR)
    )
    page_checks.set_scheme(page, "light")
    yield from _told(DESKTOP, "violation in the light scheme", page_checks.find_violations(page))
    for width in (PHONE, DESKTOP):
        page_checks.resize(page, width, 700)
        yield from _told(width, "too small", page_checks.find_small(page))
        yield from _told(width, "badly focused", page_checks.find_badly_focused(page))


def _told(width: int, check: str, found: list[str]) -> list[str]:
    return [f"{width} px: {check}: {each}" for each in found]


@pytest.mark.parametrize("path", ["/sign-in/", "/sign-in/link/"])
def test_no_page_for_strangers_has_an_accessibility_violation(
    window: Callable[..., BrowserContext], watch: Watch, path: str
) -> None:
    watch.expect("status of 403")
    page = window(color_scheme="light", storage_state=None).new_page()
    page.goto(path)
    for scheme in SCHEMES:
        page_checks.set_scheme(page, scheme)
        assert not page_checks.find_violations(page)


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


def test_an_answer_that_comes_while_a_page_is_left_does_not_change_the_address(page: Page) -> None:
    """A browser that is told of a new address while it goes back stays where it is."""

    def delay(route: Route) -> None:
        page.wait_for_timeout(300)
        route.continue_()

    page.goto("/threads/")
    page.route("**/threads/?words=parcel*", delay)
    with page.expect_request("**/threads/?words=parcel*"):
        page.get_by_label("Words").fill("parcel 10311")
    page.evaluate("window.dispatchEvent(new Event('beforeunload'))")
    expect(page.locator("#threads-list tbody tr")).to_have_count(1)
    assert page.url.endswith("/threads/")
    page.get_by_label("Words").fill("nowhere")
    page.wait_for_url("**words=nowhere**")


def test_what_is_typed_is_asked_for_once_and_leaves_one_entry_in_the_history(page: Page) -> None:
    page.goto("/threads/")
    asked: list[str] = []

    def note(request: Request) -> None:
        if "words=parcel" in request.url and request.headers.get("hx-trigger") != "threads-list":
            asked.append(request.url)  # by the form: the list fetches itself as well where something changed

    page.on("request", note)
    before = page.evaluate("history.length")
    field = page.get_by_label("Words")
    field.fill("parcel 10311")
    expect(page.locator("#threads-list tbody tr")).to_have_count(1)
    field.blur()
    page.get_by_label("Status").select_option(label="Failed")
    page.wait_for_url("**status=failed**")
    assert [url.rpartition("&")[2] for url in asked] == ["status=", "status=failed"]
    assert page.evaluate("history.length") == before


def test_a_page_is_there_again_after_its_list_had_nothing_new(page: Page) -> None:
    page.goto("/queue/")
    with page.expect_response(lambda response: response.url.endswith("/queue/") and response.status == 204):
        page.evaluate("htmx.trigger('#queue-list', 'changed')")
    page.goto("/threads/")
    go_back(page)
    expect(page.get_by_role("heading", name="Queue")).to_be_visible()


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
