"""What a person chose holds in every browser, from the first paint on."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from testing.api_actor import ApiActor
from testing.http_desk import until
from testing.stack import Stack
from tests.browser.browser_desk import call, count_waiting, go_back, sign_in
from tests.browser.watch import Watch

DARK = "rgb(15, 16, 18)"
LIGHT = "rgb(255, 255, 255)"
# Writes down the background of every frame from the first on, and what the page tells on the desktop.
FRAMES = """
    window.frames_seen = [];
    const look = () => {
        if (document.body) window.frames_seen.push(getComputedStyle(document.body).backgroundColor);
        requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
"""
# A browser without windows has no desktop to tell things on: what it would be told is kept.
NOTICES = """
    window.notices = [];
    window.Notification = class extends EventTarget {
        static permission = "granted";
        static requestPermission = () => Promise.resolve("granted");
        constructor(title, options) {
            super();
            window.notices.push([title, options.body, options.tag]);
        }
    };
"""
# The notes that a page plays.
NOTES = """
    window.notes = [];
    const start = AudioScheduledSourceNode.prototype.start;
    AudioScheduledSourceNode.prototype.start = function (...when) {
        window.notes.push(this.frequency.value);
        return start.apply(this, when);
    };
"""
LEFT = """
    Object.defineProperty(document, "hidden", { get: () => true });
    document.dispatchEvent(new Event("visibilitychange"));
"""


@pytest.fixture(scope="module")
def session(stack: Stack) -> Path:
    """Somebody who is nobody else's test: what they choose is theirs alone."""
    return sign_in(stack, "petra")


def save(page: Page) -> None:
    page.get_by_role("button", name="Save settings").click()
    expect(page.locator("#problems")).to_contain_text("Your settings are saved.")


def choose_theme(page: Page, name: str) -> None:
    page.locator("#user-menu summary").click()
    with page.expect_response("**/settings/choose/"):
        page.locator("#theme").get_by_role("button", name=name).click()
    page.locator("#user-menu summary").click()


def switch_notifications_on(page: Page) -> None:
    page.goto("/settings/")
    page.get_by_label("Tell me on the desktop").check()
    save(page)


def waiting(page: Page) -> int:
    """How many runs wait."""
    return len(page.request.get("/queue/waiting/").json()["runs"])


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_the_theme_is_there_with_the_first_frame(window: Callable[..., BrowserContext]) -> None:
    page = window(color_scheme="light").new_page()
    page.goto("/settings/")
    page.get_by_text("Dark", exact=True).last.click()
    save(page)
    page.add_init_script(FRAMES)
    for path in ("/queue/", "/threads/", "/help/"):
        page.goto(path)
        until(lambda: page.evaluate("window.frames_seen.length") > 5 or None, what="frames")
        assert set(page.evaluate("window.frames_seen")) == {DARK}
    other = window(color_scheme="light", java_script_enabled=False).new_page()
    other.goto("/queue/")
    expect(other.locator("html")).to_have_attribute("data-theme", "dark")


@pytest.mark.slow
def test_the_theme_is_switched_in_the_menu_without_a_new_page(window: Callable[..., BrowserContext]) -> None:
    page = window(color_scheme="light").new_page()
    page.goto("/threads/")
    page.evaluate("window.untouched = true")
    choose_theme(page, "Dark")
    assert background(page) == DARK
    choose_theme(page, "Light")
    assert background(page) == LIGHT
    assert page.evaluate("window.untouched")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    choose_theme(page, "System")
    page.reload()
    expect(page.locator("html")).not_to_have_attribute("data-theme", "light")


@pytest.mark.slow
def test_another_tab_and_the_page_before_follow(window: Callable[..., BrowserContext]) -> None:
    context = window(color_scheme="light")
    page, other = context.new_page(), context.new_page()
    other.goto("/help/")
    page.goto("/assistants/")
    page.goto("/threads/")
    choose_theme(page, "Dark")
    expect(other.locator("html")).to_have_attribute("data-theme", "dark")
    go_back(page)
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    choose_theme(page, "System")


def test_a_theme_that_cannot_be_stored_says_so(page: Page, watch: Watch) -> None:
    watch.expect("ERR_FAILED")
    page.goto("/help/")
    page.route("**/settings/choose/", lambda route: route.abort())
    page.locator("#user-menu summary").click()
    page.locator("#theme").get_by_role("button", name="Dark").click()
    expect(page.locator("#theme").get_by_role("alert")).to_contain_text("could not be stored")


@pytest.mark.slow
def test_without_scripts_everything_can_be_chosen(window: Callable[..., BrowserContext]) -> None:
    page = window(java_script_enabled=False).new_page()
    page.goto("/threads/?status=completed")
    page.locator("#user-menu summary").click()
    page.locator("#theme").get_by_role("button", name="Dark").click()
    expect(page).to_have_url(re.compile(r"/threads/\?status=completed$"))
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.locator("#user-menu summary").click()
    page.get_by_role("link", name="Settings").click()
    page.get_by_label("System").last.check()
    page.get_by_label("Time zone").select_option("Asia/Tokyo")
    save(page)
    expect(page.locator("html")).not_to_have_attribute("data-theme", "dark")
    expect(page.locator("main")).to_contain_text("JST")
    page.get_by_label("Time zone").select_option("browser")
    save(page)


@pytest.mark.parametrize(("density", "height"), [("Compact", 28), ("Comfortable", 40)])
def test_rows_are_as_high_as_was_chosen(page: Page, density: str, height: int) -> None:
    page.goto("/settings/")
    page.get_by_label(density).check(force=True)
    save(page)
    page.goto("/threads/")
    rows = page.locator("#threads-list tbody tr")
    heights = rows.evaluate_all("rows => rows.map(row => Math.round(row.getBoundingClientRect().height))")
    assert set(heights) == {height}


def test_exact_times_are_in_the_browsers_zone(window: Callable[..., BrowserContext]) -> None:
    page = window(timezone_id="Asia/Tokyo").new_page()
    page.goto("/threads/")
    page.reload()
    expect(page.locator("#threads-list time").first).to_have_attribute("title", re.compile("JST$"))


@pytest.mark.slow
def test_a_run_that_needs_action_is_told_on_the_desktop_once(
    window: Callable[..., BrowserContext], api_actor: ApiActor
) -> None:
    context = window()
    context.add_init_script(NOTICES)
    page = context.new_page()
    switch_notifications_on(page)
    tabs = [page, context.new_page()]
    for tab in tabs:
        tab.goto("/help/")
        with tab.expect_response("**/queue/waiting/"):
            tab.evaluate(LEFT)
    before = waiting(page)
    api_actor.run([call("secret_of_the_run", secret="in the arguments")])
    until(lambda: waiting(page) > before or None, what="the run")
    for _ in range(2):
        for tab in tabs:
            with tab.expect_response("**/queue/waiting/"):
                tab.evaluate("htmx.trigger(document.getElementById('nav-count'), 'changed')")
            tab.wait_for_timeout(500)
    told = [notice for tab in tabs for notice in tab.evaluate("window.notices")]
    assert len(told) == 1
    title, body, _ = told[0]
    assert title == "A run needs action"
    assert "waits for an answer" in body
    assert "secret" not in f"{told}"


@pytest.mark.slow
def test_a_run_that_needs_action_sounds_once_over_all_tabs(
    window: Callable[..., BrowserContext], api_actor: ApiActor
) -> None:
    context = window()
    context.add_init_script(NOTES)
    page = context.new_page()
    page.goto("/settings/")
    page.get_by_label("Play a sound").check()
    save(page)
    tabs = [page, context.new_page()]
    for tab in tabs:
        tab.goto("/help/")
        tab.locator("h1").click()
        with tab.expect_response("**/queue/waiting/"):
            tab.evaluate(LEFT)
    before = waiting(page)
    api_actor.run([call("heard_from_afar")])
    until(lambda: waiting(page) > before or None, what="the run")
    for tab in tabs:
        with tab.expect_response("**/queue/waiting/"):
            tab.evaluate("htmx.trigger(document.getElementById('nav-count'), 'changed')")
    heard = until(lambda: [note for tab in tabs for note in tab.evaluate("window.notes")] or None, what="the sound")
    assert len(heard) == 2


@pytest.mark.slow
def test_nothing_is_told_while_a_tab_is_in_front(window: Callable[..., BrowserContext], api_actor: ApiActor) -> None:
    context = window()
    context.add_init_script(NOTICES)
    page, front = context.new_page(), context.new_page()
    switch_notifications_on(page)
    for tab in (page, front):
        tab.goto("/help/")
    with page.expect_response("**/queue/waiting/"):
        page.evaluate(LEFT)
    before = count_waiting(front)
    api_actor.run([call("seen_in_front")])
    expect(front.locator("#nav-count")).not_to_have_attribute("data-count", str(before))
    with page.expect_response("**/queue/waiting/"):
        page.evaluate("htmx.trigger(document.getElementById('nav-count'), 'changed')")
    page.wait_for_timeout(500)
    assert page.evaluate("window.notices") == []


@pytest.mark.slow
def test_a_browser_that_does_not_allow_it_says_so(window: Callable[..., BrowserContext]) -> None:
    page = window().new_page()
    page.add_init_script("Notification.requestPermission = () => Promise.resolve('denied')")
    page.goto("/settings/")
    choice = page.get_by_label("Tell me on the desktop")
    choice.uncheck()
    choice.click()
    expect(page.locator("#notifications-said")).to_contain_text("does not allow")
    expect(choice).not_to_be_checked()
