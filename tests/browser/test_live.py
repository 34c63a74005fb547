"""Open pages change by themselves."""

import pytest
from playwright.sync_api import Page, expect

from testing.api_actor import ApiActor
from tests.browser.browser_desk import (
    call,
    count_waiting,
    is_marked,
    known_assistant,
    mark,
    open_thread,
    status,
    waiting_run,
)


def test_a_run_that_needs_action_appears_in_the_open_queue(page: Page, api_actor: ApiActor) -> None:
    page.goto("/queue/")
    before = count_waiting(page)
    mark(page)
    api_actor.run([call("appears_by_itself")])
    expect(page.get_by_role("row").filter(has_text="appears_by_itself")).to_be_visible()
    expect(page.locator("#nav-count")).to_have_attribute("data-count", str(before + 1))
    expect(page).to_have_title(f"({before + 1}) Queue · Switchboard")
    assert is_marked(page)


def test_a_row_leaves_the_open_queue_when_its_run_is_answered(page: Page, api_actor: ApiActor) -> None:
    waiting_run(page, api_actor, [call("leaves_by_itself")])
    other = page.context.new_page()
    other.goto("/queue/")
    row = other.get_by_role("row").filter(has_text="leaves_by_itself")
    expect(row).to_be_visible()
    page.locator("#answers textarea").fill("gone")
    page.get_by_role("button", name="Send answers").click()
    expect(row).to_have_count(0)


@pytest.mark.slow
def test_an_open_thread_shows_what_is_said_in_it(page: Page, api_actor: ApiActor) -> None:
    text = api_actor.script(reply="By itself.")
    thread = api_actor.post("/threads")
    open_thread(page, thread["id"])
    expect(page.get_by_text("No messages yet")).to_be_visible()
    mark(page)
    page.get_by_role("textbox", name="Message").fill(text)
    assistant = api_actor.assistant()
    known_assistant(page, assistant["id"])
    page.get_by_label("Answered by").select_option(label=assistant["name"])  # it is there without a reload
    page.get_by_role("button", name="Send and run").click()
    timeline = page.locator("#thread-timeline")
    expect(timeline.locator(".entry-user .prose")).to_have_text(text)
    expect(timeline.locator(".entry-assistant .prose")).to_have_text("By itself.")
    expect(page.get_by_role("textbox", name="Message")).to_have_value("")
    assert is_marked(page)


@pytest.mark.slow
def test_a_run_cancelled_in_another_tab_says_so(page: Page, api_actor: ApiActor) -> None:
    waiting_run(page, api_actor, [call("stopped")])
    other = page.context.new_page()
    other.goto(page.url)
    mark(page)
    other.get_by_role("button", name="Cancel run").first.click()
    dialog = other.get_by_role("dialog", name="Cancel run")
    dialog.get_by_role("button", name="Cancel run").click()
    for each in (other, page):
        expect(status(each, "Cancelled")).to_be_visible()
        expect(each.locator("#run-head")).to_contain_text("asked to cancel this run")
    expect(page.locator("#answers")).to_have_count(0)
    assert is_marked(page)
