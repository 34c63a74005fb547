"""What everybody can see and reach: whatever their eyes, their colours, their hands."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.pages import NOUNS, address_of, unfold
from tests.browser.watch import Watch

MOST_STOPS = 160
# An element smaller than 24 px in any direction, unless it stands within a sentence (WCAG 2.5.8).
SMALL = """() => {
  const inSentence = each => getComputedStyle(each).display.startsWith("inline") && [...each.parentElement.childNodes]
    .some(node => node !== each && node.nodeType === Node.TEXT_NODE && node.textContent.trim());
  const hit = each => (each.matches(".row-link") ? each.closest("tr, li") : each.closest("label") ?? each);
  const place = each => hit(each).getBoundingClientRect();
  return [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
    .filter(each => each.checkVisibility() && !inSentence(each))
    .filter(each => !each.matches(".skip, [type=hidden], [aria-hidden=true]"))
    .filter(each => place(each).width < 24 || place(each).height < 24)
    .map(each => `${each.outerHTML.slice(0, 100)} ${Math.round(place(each).width)}x${Math.round(place(each).height)}`);
}"""
# What has the focus: whether that is to be seen, and whether something lies over it. An editor stands in the shadow of
# its element, and shows the focus at its edge.
FOCUS = """() => {
  let each = document.activeElement;
  if (each === document.body) return null;
  while (each.shadowRoot?.activeElement) each = each.shadowRoot.activeElement;
  const seen = [[each], [each, "::after"], [each.closest("label, .cm-editor") ?? each]].some(part => {
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(...part);
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 && !outlineColor.endsWith(", 0)");
  });
  const { left, top, width, height } = (each.closest("label") ?? each).getClientRects()[0];
  const over = each.getRootNode().elementFromPoint(left + Math.min(width / 2, 40), top + Math.min(height / 2, 12));
  const around = each => each.closest("label, tr, li");
  const free = over && (each.contains(over) || over.contains(each) || (around(over) && around(over) === around(each)));
  return { name: each.outerHTML.slice(0, 120), seen, free: Boolean(free) };
}"""
ANIMATED = "() => document.getAnimations().map(each => each.animationName ?? each.transitionProperty)"


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_too_small_or_hidden_for_fingers_and_keys(
    window: Callable[..., BrowserContext], addresses: dict[str, str], watch: Watch, width: int
) -> None:
    watch.expect("status of 404")
    page = window(viewport={"width": width, "height": 700}).new_page()
    found = {}
    for name, path in addresses.items():
        page.goto(path)
        unfold(page)
        if seen := page.evaluate(SMALL) + badly_focused(page):
            found[name] = seen
    assert not found


def badly_focused(page: Page) -> list[str]:
    """Goes through a page with Tab: what does not show that it has the focus, or is hidden."""
    wrong: dict[str, str] = {}
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        if stop is None:
            break
        if not stop["seen"]:  # an editor shows it a moment later
            page.wait_for_timeout(100)
            stop = page.evaluate(FOCUS)
        if not (stop["seen"] and stop["free"]):
            wrong[stop["name"]] = "not seen" if not stop["seen"] else "covered"
    return [f"{why}: {name}" for name, why in wrong.items()]


@pytest.mark.slow
def test_nothing_moves_for_who_wants_no_motion(
    window: Callable[..., BrowserContext], addresses: dict[str, str], watch: Watch
) -> None:
    watch.expect("status of 404")
    page = window(reduced_motion="reduce").new_page()
    found = {}
    for name, path in addresses.items():
        page.goto(path)
        if seen := page.evaluate(ANIMATED):
            found[name] = seen
    assert not found
    moving = window().new_page()
    moving.goto("/styleguide/")
    assert "pulse" in moving.evaluate(ANIMATED)


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
    assert not badly_focused(page)
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
