"""Every act by the keyboard alone, and where the focus is after it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from testing.api_actor import ApiActor
from testing.stack import Stack
from tests.browser.browser_desk import answers, call, go_back, open_thread, status, waiting_run

MOST_STOPS = 150


def tab_to(page: Page, wanted: Locator, *, key: str = "Tab") -> None:
    """Presses Tab until the focus is there."""
    expect(wanted).to_be_visible()
    for _ in range(MOST_STOPS):
        if wanted.evaluate("each => each === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{key} does not come to {wanted}")


def press(page: Page, wanted: Locator, key: str = "Enter") -> None:
    tab_to(page, wanted)
    page.keyboard.press(key)


def keeps_the_focus(page: Page) -> None:
    """Something has it again after a swap took away what had it."""
    expect(page.locator(":focus")).to_have_count(1)


@pytest.mark.slow
def test_from_the_link_to_the_answer(
    stack: Stack, window: Callable[..., BrowserContext], page: Page, api_actor: ApiActor
) -> None:
    waiting_run(page, api_actor, [call("from_link_to_answer")], reply="Thank you.")
    fresh = window(storage_state=None).new_page()
    fresh.goto(stack.manage("sign_in_link", "admin").strip())
    press(fresh, fresh.get_by_role("row").filter(has_text="from_link_to_answer").locator(".row-link"))
    tab_to(fresh, fresh.get_by_role("radio", name="Text"))
    fresh.keyboard.press("ArrowRight")
    expect(fresh.get_by_role("radio", name="JSON")).to_be_checked()
    tab_to(fresh, answers(fresh))
    fresh.keyboard.type('{"found": true}')
    press(fresh, fresh.get_by_role("button", name="Send answers"))
    expect(status(fresh, "Completed")).to_be_visible()
    expect(fresh.locator("#run-conversation")).to_contain_text("Thank you.")
    keeps_the_focus(fresh)


@pytest.mark.slow
def test_writing_a_message_and_starting_a_run(page: Page, api_actor: ApiActor) -> None:
    text = api_actor.script(reply="Without a mouse.")
    open_thread(page, api_actor.post("/threads")["id"])
    tab_to(page, page.get_by_role("textbox", name="Message"))
    page.keyboard.type(text)
    press(page, page.get_by_role("button", name="Send only"))
    expect(page.locator("#thread-timeline .entry-user .prose")).to_have_text(text)
    keeps_the_focus(page)
    tab_to(page, page.get_by_label("Answered by"))
    page.keyboard.type("Order support")
    press(page, page.get_by_role("button", name="Run only"))
    expect(page.locator("#thread-timeline .entry-assistant .prose")).to_have_text("Without a mouse.")
    keeps_the_focus(page)


@pytest.mark.slow
def test_cancelling_in_the_dialog(page: Page, api_actor: ApiActor) -> None:
    waiting_run(page, api_actor, [call("cancelled_by_key")])
    button = page.get_by_role("button", name="Cancel run").first
    dialog = page.get_by_role("dialog", name="Cancel run")
    press(page, button)
    expect(dialog.get_by_role("button", name="Go back")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, dialog.get_by_role("button", name="Cancel run"))
    page.keyboard.press("Enter")
    expect(status(page, "Cancelled")).to_be_visible()
    expect(page.locator("#answers")).to_have_count(0)
    keeps_the_focus(page)


@pytest.mark.slow
def test_filtering_threads_and_opening_one(page: Page) -> None:
    page.goto("/threads/")
    tab_to(page, page.get_by_label("Words"))
    page.keyboard.type("parcel 10311")
    rows = page.locator("#threads-list tbody tr")
    expect(rows).to_have_count(1)
    expect(page.get_by_label("Words")).to_be_focused()
    press(page, rows.locator(".row-link"))
    expect(page.locator("#thread-timeline")).to_contain_text("10311")


@pytest.mark.slow
def test_adding_a_thread(page: Page, api_actor: ApiActor) -> None:
    thread = api_actor.post("/threads", {"messages": [{"role": "user", "content": "Added by key"}]})
    page.goto("/threads/")
    press(page, page.locator("#add-threads > summary"))
    tab_to(page, page.get_by_label("Thread ids"))
    page.keyboard.type(thread["id"])
    press(page, page.get_by_role("button", name="Add threads"))
    expect(page.locator("#thread-timeline")).to_contain_text("Added by key")


@pytest.mark.slow
def test_a_side_panel_opens_with_the_focus_in_it_and_closes(page: Page) -> None:
    page.goto("/styleguide/")
    press(page, page.get_by_role("link", name="Show the step beside it"))
    expect(page.get_by_role("complementary", name="Step")).to_be_visible()
    expect(page.get_by_role("heading", name="Step", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("complementary", name="Step")).to_have_count(0)
    go_back(page)
    expect(page.get_by_role("complementary", name="Step")).to_be_visible()


def test_the_exact_time_is_shown_where_the_focus_is(page: Page) -> None:
    page.goto("/threads/?status=completed")
    tip = page.get_by_role("tooltip")
    row = page.locator("#threads-list tbody tr").first
    tab_to(page, row.locator(".row-link"))
    expect(tip).to_contain_text("UTC")
    expect(row.locator(".row-link")).to_have_accessible_description(tip.inner_text())
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    page.keyboard.press("Enter")
    tab_to(page, page.locator("#thread-head time").first)
    expect(tip).to_contain_text("UTC")
