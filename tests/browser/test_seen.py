"""What everybody can see and reach: whatever their eyes, their colours, their hands."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.page_checks import find_badly_focused, find_motion
from tests.browser.pages import NOUNS, address_of


@pytest.mark.slow
def test_something_moves_for_who_does_not_mind(window: Callable[..., BrowserContext]) -> None:
    """So that what every page is checked for, with reduced motion, can be seen at all."""
    page = window().new_page()
    page.goto("/styleguide/")
    assert "pulse" in find_motion(page)


@pytest.mark.slow
def test_forced_colours_leave_what_is_chosen_and_where_one_is(window: Callable[..., BrowserContext]) -> None:
    page = window(forced_colors="active").new_page()
    page.goto(address_of(page, *NOUNS["run"]))
    label = page.locator(".segments label")
    ground = "each => getComputedStyle(each).backgroundColor"
    assert label.nth(0).evaluate(ground) != label.nth(1).evaluate(ground)
    page.goto("/styleguide/?tab=raw")
    edge = "each => getComputedStyle(each).borderBottomColor"
    tabs = page.locator(".tabs a")
    assert tabs.nth(1).evaluate(edge) != tabs.nth(0).evaluate(edge)
    assert not find_badly_focused(page)
    place = page.get_by_role("navigation", name="Pages")
    page.goto("/queue/")
    outline = "each => getComputedStyle(each).outlineStyle"
    assert place.locator("[aria-current]").evaluate(outline) != place.locator("a:not([aria-current])").last.evaluate(
        outline
    )


@pytest.mark.slow
def test_text_at_twice_its_size_loses_nothing(window: Callable[..., BrowserContext]) -> None:
    page = window(viewport={"width": 640, "height": 400}, device_scale_factor=2).new_page()
    page.goto(address_of(page, *NOUNS["run"]))
    for name in ("Send answers", "Cancel run", "Refresh"):
        button = page.get_by_role("button", name=name).first
        button.scroll_into_view_if_needed()
        expect(button).to_be_in_viewport(ratio=1)
