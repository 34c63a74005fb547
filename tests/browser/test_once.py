"""However often somebody presses Send, the server gets one delivery."""

import pytest
from playwright.sync_api import Page, expect

from testing.api_actor import ApiActor
from tests.browser.browser_desk import answers, call, open_thread, status, waiting_run
from tests.browser.watch import Watch

pytestmark = [pytest.mark.database, pytest.mark.slow]


def submissions(api_actor: ApiActor, thread_id: str, run_id: str) -> int:
    return api_actor.sent("POST", f"/v1/threads/{thread_id}/runs/{run_id}/submit_tool_outputs")


def test_a_double_click_sends_once(page: Page, api_actor: ApiActor) -> None:
    ids = waiting_run(page, api_actor, [call("twice")])
    answers(page).fill("once")
    page.get_by_role("button", name="Send answers").dblclick()
    expect(status(page, "Completed")).to_be_visible()
    assert submissions(api_actor, *ids) == 1


def test_two_tabs_send_once(page: Page, api_actor: ApiActor, watch: Watch) -> None:
    watch.expect("409")
    ids = waiting_run(page, api_actor, [call("in_two_tabs")])
    other = page.context.new_page()
    other.goto(page.url)
    for number, tab in enumerate((page, other)):
        answers(tab).fill(f"from tab {number}")
    for tab in (page, other):
        tab.evaluate("() => setTimeout(() => document.getElementById('send-answers').click())")
    for tab in (page, other):
        expect(status(tab, "Completed")).to_be_visible()
    assert submissions(api_actor, *ids) == 1


def test_a_message_sent_by_a_double_click_is_posted_once(page: Page, api_actor: ApiActor) -> None:
    thread = api_actor.post("/threads")
    open_thread(page, thread["id"])
    page.get_by_role("textbox", name="Message").fill("Said once")
    page.get_by_role("button", name="Send only").dblclick()
    expect(page.locator("#thread-timeline .entry-user .prose")).to_have_text("Said once")
    assert api_actor.sent("POST", f"/v1/threads/{thread['id']}/messages") == 1
