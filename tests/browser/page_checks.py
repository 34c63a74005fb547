"""What every page is checked for while it is open. Each check gives its complaints, none where all is well."""

from __future__ import annotations

from collections.abc import Sequence

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

MOST_STOPS = 160
# The rules of axe whose outcome colours can change.
RULES_OF_COLOUR = ("color-contrast", "link-in-text-block")
# Tabs scroll sideways by themselves.
OUTSIDE = """() => [...document.querySelectorAll("a, button, input, select, textarea, summary")]
  .filter(each => each.checkVisibility() && !each.matches(".skip, [type=hidden]"))
  .filter(each => { const { left, right } = each.getBoundingClientRect(); return left < 0 || right > innerWidth; })
  .filter(each => !each.closest(".tabs"))
  .map(each => each.outerHTML.slice(0, 120))"""
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
# The next Tab goes to the first stop of the page, wherever the focus was.
BEFORE_ALL = """() => {
  const first = document.createElement("button");
  document.body.prepend(first);
  first.focus();
  first.remove();
  scrollTo(0, 0);
}"""
TRANSITIONS_ENDED = "() => !document.getAnimations().some(each => each instanceof CSSTransition)"
DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def resize(page: Page, width: int, height: int) -> None:
    """Gives the window another size, and waits until the page is drawn in it."""
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate(DRAWN)


def set_scheme(page: Page, scheme: str) -> None:
    """Shows the page in that colour scheme."""
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]


def find_violations(page: Page, only: Sequence[str] = ()) -> list[str]:
    """What axe finds wrong, once every colour is the one that stays; by all of its rules, or only by these."""
    page.evaluate(DRAWN)
    # By the clock: a headless browser may draw no frame meanwhile, and then settles no promise of an animation either.
    page.wait_for_function(TRANSITIONS_ENDED, polling=100)
    rules = {"runOnly": {"type": "rule", "values": list(only)}} if only else {}
    result = Axe().run(page, options={"resultTypes": ["violations"], **rules})
    return [result.generate_report()] if result.violations_count else []


def find_outside(page: Page) -> list[str]:
    """What can be used, and reaches out of the window at a side."""
    return list(page.evaluate(OUTSIDE))


def find_overflow(page: Page, width: int) -> list[str]:
    """By how much the page is wider than the window."""
    found = page.evaluate("document.scrollingElement.scrollWidth")
    return [f"{found} px wide"] if found > width else []


def find_small(page: Page) -> list[str]:
    """What is too small for a finger."""
    return list(page.evaluate(SMALL))


def find_badly_focused(page: Page) -> list[str]:
    """Goes through the page with Tab: what does not show that it has the focus, or is hidden."""
    wrong: dict[str, str] = {}
    page.evaluate(BEFORE_ALL)
    for number in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        if stop is None:
            return [f"{why}: {name}" for name, why in wrong.items()] if number else ["nothing takes the focus"]
        if not stop["seen"]:  # an editor shows it a moment later
            page.wait_for_timeout(100)
            stop = page.evaluate(FOCUS)
        if not (stop["seen"] and stop["free"]):
            wrong[stop["name"]] = "not seen" if not stop["seen"] else "covered"
    return [f"{why}: {name}" for name, why in wrong.items()]


def find_motion(page: Page) -> list[str]:
    """What moves."""
    return list(page.evaluate(ANIMATED))
