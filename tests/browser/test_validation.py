"""Wrong answers get a message beside their field, and nothing typed is lost."""

import re

import pytest
from playwright.sync_api import Page, expect

from testing.api_actor import ApiActor
from tests.browser.browser_desk import answers, call, send, status, waiting_run
from tests.browser.watch import Watch


def test_an_empty_answer_is_pointed_out(page: Page, api_actor: ApiActor, watch: Watch) -> None:
    watch.expect("422")
    thread_id, run_id = waiting_run(page, api_actor, [call("given"), call("forgotten")])
    send(page, "here it is")
    summary = page.locator("#answer-errors")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("Nothing was sent yet: 1 answer needs a look.")
    empty = answers(page).nth(1)
    expect(empty).to_have_attribute("aria-invalid", "true")
    expect(empty).to_have_accessible_description(re.compile("Every call needs an answer"))
    expect(answers(page).nth(0)).to_have_value("here it is")
    assert api_actor.sent("POST", f"/v1/threads/{thread_id}/runs/{run_id}/submit_tool_outputs") == 0
    summary.get_by_role("link", name="forgotten").click()
    expect(empty).to_be_focused()
    page.keyboard.type("and this")
    page.get_by_role("button", name="Send answers").click()
    expect(status(page, "Completed")).to_be_visible()


@pytest.mark.slow
def test_json_that_is_none_is_pointed_out(page: Page, api_actor: ApiActor, watch: Watch) -> None:
    watch.expect("422")
    waiting_run(page, api_actor, [call("structured")])
    page.locator("#answers .segments label", has_text="JSON").click()
    send(page, '{"colour": blue}')
    expect(page.locator("#answer-errors")).to_be_focused()
    field = answers(page)
    expect(field).to_have_accessible_description(
        "This is not JSON: Expecting value (line 1, column 12). Mend it, or choose Text."
    )
    expect(field).to_have_value('{"colour": blue}')
    expect(page.get_by_label("JSON")).to_be_checked()
    send(page, '{"colour": "blue"}')
    expect(status(page, "Completed")).to_be_visible()


@pytest.mark.slow
def test_what_the_server_refuses_can_be_sent_again(page: Page, api_actor: ApiActor) -> None:
    thread_id, run_id = waiting_run(page, api_actor, [call("refused_once")])
    api_actor.fault("POST", f"/v1/threads/{thread_id}/runs/{run_id}/submit_tool_outputs", status=400)
    send(page, "please")
    expect(page.locator("#sent")).to_contain_text("The server refused the answers (400).")
    expect(answers(page)).to_be_visible()
    send(page, "please, again")
    expect(status(page, "Completed")).to_be_visible()


@pytest.mark.slow
def test_an_answer_that_is_nothing_is_chosen(page: Page, api_actor: ApiActor) -> None:
    thread_id, run_id = waiting_run(page, api_actor, [call("says_nothing")])
    page.locator("#answers .segments label", has_text="Empty").click()
    page.get_by_role("button", name="Send answers").click()
    expect(status(page, "Completed")).to_be_visible()
    steps = api_actor.get(f"/threads/{thread_id}/runs/{run_id}/steps", order="asc")["data"]
    assert steps[0]["step_details"]["tool_calls"][0]["function"]["output"] == ""
