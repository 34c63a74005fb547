"""Going anywhere by typing, without a mouse."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from testing.api_actor import ApiActor
from tests.browser.browser_desk import call, go_back, waiting_run
from tests.browser.page_checks import find_violations, set_scheme


def opened(page: Page, path: str = "/queue/") -> Locator:
    """The palette, opened on that page; its field has the focus and its places have come."""
    page.goto(path)
    page.keyboard.press("Control+k")
    words = page.get_by_role("combobox", name="Go to")
    expect(words).to_be_focused()
    expect(page.locator("#palette").get_by_role("option").first).to_be_visible()
    return words


def chosen(page: Page) -> Locator:
    return page.locator("#palette [aria-selected=true]")


def test_a_page_is_gone_to_by_typing_its_name(page: Page) -> None:
    words = opened(page)
    page.keyboard.type("assis")
    expect(chosen(page)).to_contain_text("Assistants")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Assistants", exact=True)).to_be_visible()
    go_back(page)
    expect(page.get_by_role("heading", name="Queue", exact=True)).to_be_visible()
    expect(words).to_be_hidden()


def test_the_arrows_choose_and_the_field_says_which(page: Page) -> None:
    words = opened(page)
    options = page.locator("#palette").get_by_role("option")
    last = options.count() - 1
    for key, place in (("ArrowDown", 1), ("ArrowDown", 2), ("ArrowUp", 1), ("ArrowUp", 0), ("ArrowUp", last)):
        page.keyboard.press(key)
        expect(options.nth(place)).to_have_attribute("aria-selected", "true")
        assert options.nth(place).get_attribute("id") == words.get_attribute("aria-activedescendant")
    expect(chosen(page)).to_have_count(1)
    expect(words).to_be_focused()
    expect(words).to_have_attribute("aria-expanded", "true")


def test_a_pasted_id_is_jumped_to_at_once(page: Page, api_actor: ApiActor) -> None:
    _, run_id = waiting_run(page, api_actor, [call("jumped_to")])
    opened(page, "/assistants/")
    page.keyboard.insert_text(run_id)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/runs/{run_id}/")


@pytest.mark.slow
def test_a_waiting_run_and_a_thread_are_found_by_words(page: Page, api_actor: ApiActor) -> None:
    thread_id, run_id = waiting_run(page, api_actor, [call("hedgehog_census")])
    words = opened(page)
    page.keyboard.type("hedgehog")
    expect(page.locator("#palette").get_by_role("option")).to_have_count(1)
    expect(chosen(page)).to_have_attribute("href", f"/runs/{run_id}/")
    words.fill(api_actor.get(f"/threads/{thread_id}/messages")["data"][0]["content"][0]["text"]["value"][:30])
    expect(page.locator(f"#palette [href='/threads/{thread_id}/']")).to_be_visible()


def test_what_fits_nothing_is_said(page: Page) -> None:
    words = opened(page)
    page.keyboard.type("nowhere to be found")
    expect(page.locator("#palette-said")).to_contain_text("Nothing fits")
    expect(words).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Enter")
    expect(words).to_be_focused()


@pytest.mark.parametrize("closing", ["Escape", "Control+k"])
def test_the_focus_returns_to_where_it_was(page: Page, closing: str) -> None:
    page.goto("/threads/")
    field = page.get_by_label("Words")
    field.focus()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Go to")).to_be_focused()
    page.keyboard.press(closing)
    expect(page.locator("#palette")).to_be_hidden()
    expect(field).to_be_focused()


def test_it_opens_from_the_menu_too(page: Page) -> None:
    page.goto("/queue/")
    page.locator("#user-menu summary").click()
    page.get_by_role("button", name="Go to anything").click()
    expect(page.get_by_role("combobox", name="Go to")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#user-menu summary")).to_be_focused()


@pytest.mark.slow
def test_it_has_no_accessibility_violation_in_either_scheme(window: Callable[..., BrowserContext]) -> None:
    page = window(color_scheme="light", reduced_motion="reduce").new_page()
    opened(page)
    for scheme in ("light", "dark"):
        set_scheme(page, scheme)
        assert not find_violations(page)
