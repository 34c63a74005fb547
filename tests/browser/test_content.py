"""What a thread and a run show: files, citations, code, long content, the course of time, and the raw objects."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, FloatRect, Locator, Page, expect

from testing.api_actor import ApiActor
from tests.browser.browser_desk import call, is_marked, mark, send, status, waiting_run
from tests.browser.watch import Watch

GATEWAY = "answering 502"


def open_gateway(page: Page) -> None:
    """Opens the thread of the demonstration that has everything."""
    page.goto("/threads/?words=gateway")
    page.locator(".row-link", has_text=GATEWAY).first.click()
    expect(page.locator(".reply")).to_have_count(2)


def test_a_footnote_leads_to_its_source(page: Page) -> None:
    open_gateway(page)
    mark(page)
    page.get_by_role("link", name="Footnote 2").click()
    note = page.locator(".notes li:target")
    expect(note).to_be_visible()
    expect(note).to_contain_text("file-Pm3Wz9LcE1")
    assert is_marked(page)


def test_files_and_images_stand_in_place_and_no_other_host_is_asked(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_gateway(page)
    first = page.locator(".entry-user .prose").first
    for words in ("file-Sc2Hf6YpD9", "https://status.example/graphs/gateway-502.png", "file-Lg8Kt1RnU3"):
        expect(first).to_contain_text(words)
    expect(page.locator(".reply .chip", has_text="the error rates by minute")).to_be_visible()
    here = page.url.split("/threads/")[0]
    assert [url for url in asked if not url.startswith((here, "data:"))] == []


def test_code_is_coloured_and_copied_to_the_letter(window: Callable[..., BrowserContext]) -> None:
    context = window(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    open_gateway(page)
    keyword = page.locator(".hl-keyword", has_text="import").first
    body = page.locator(".reply pre code").first
    colour = "element => getComputedStyle(element).color"
    assert keyword.evaluate(colour) != body.evaluate(colour)
    page.get_by_role("button", name="Copy the code").first.click()
    expect(page.locator("#announcements")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == body.text_content()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_long_content_is_folded_and_unfolds(window: Callable[..., BrowserContext], script: bool) -> None:
    page = window(java_script_enabled=script).new_page()
    open_gateway(page)
    fold = page.locator(".fold", has=page.locator(".fold-all"))
    long = fold.locator(".prose")
    assert _height(long) <= 420
    fold.locator("summary").click()
    expect(fold.get_by_text("Show less")).to_be_visible()
    assert _height(long) > 1_200
    fold.locator("summary").click()
    assert _height(long) <= 420


def _height(element: Locator) -> float:
    box = element.bounding_box()
    assert box is not None
    return box["height"]


@pytest.mark.slow
def test_the_course_shows_who_was_waited_for_and_unfolds_by_keyboard(page: Page, api_actor: ApiActor) -> None:
    waiting_run(page, api_actor, [call("slow_answer", city="Oslo")])
    expect(page.locator("#run-steps td .bar-person")).to_have_count(1)
    page.wait_for_timeout(2_100)
    send(page, "4 degrees")
    expect(status(page, "Completed")).to_be_visible()
    rows = page.locator("#run-steps tbody tr:not(.step-detail)")
    expect(rows).to_have_count(2)
    steps = page.locator("#run-steps")
    expect(steps).to_contain_text("waiting for a person")
    expect(steps).to_contain_text("prompt")
    person, model = (_box(steps.locator(f"td .bar-{kind}")) for kind in ("person", "model"))
    assert person["width"] > model["width"]
    # A step of no time at the very end is drawn a little before it, to be seen.
    assert person["x"] + person["width"] <= model["x"] + 3
    detail = steps.locator(".step-detail").first
    expect(detail).to_be_hidden()
    rows.first.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(detail).to_be_visible()
    expect(detail).to_contain_text("4 degrees")


def _box(element: Locator) -> FloatRect:
    box = element.bounding_box()
    assert box is not None
    return box


def test_r_shows_the_raw_object_of_what_is_focused_or_else_of_the_page(page: Page) -> None:
    open_gateway(page)
    page.mouse.move(0, 0)
    page.keyboard.press("r")
    dialog = page.locator("#raw-dialog")
    expect(dialog.get_by_role("heading")).to_have_text("Raw thread")
    expect(dialog.locator("pre")).to_contain_text('"object": "thread"')
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.locator(".reply").first.get_by_role("button", name="Copy the code").focus()
    page.keyboard.press("r")
    expect(dialog.get_by_role("heading")).to_have_text("Raw message")
    expect(dialog.locator("pre")).to_contain_text("file_citation")
    page.keyboard.press("Escape")
    expect(page.locator(".reply").first.get_by_role("button", name="Copy the code")).to_be_focused()


def test_the_raw_link_opens_the_dialog_or_without_script_a_plain_page(
    window: Callable[..., BrowserContext], watch: Watch
) -> None:
    watch.expect("favicon.ico")  # JSON cannot name an icon
    page = window().new_page()
    open_gateway(page)
    page.get_by_role("link", name="Raw run").first.click()
    expect(page.locator("#raw-dialog").get_by_role("heading")).to_have_text("Raw run")
    plain = window(java_script_enabled=False).new_page()
    open_gateway(plain)
    plain.get_by_role("link", name="Raw run").first.click()
    plain.wait_for_url("**/runs/*/raw/")
    assert '"object": "thread.run"' in plain.content().replace("&quot;", '"')
