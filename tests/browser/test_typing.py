"""A form that somebody types in is never replaced."""

import pytest
from playwright.sync_api import Page, expect

from testing.api_actor import ApiActor
from tests.browser.browser_desk import answers, call, open_thread, send, status, waiting_run


def refresh(page: Page) -> None:
    """Somebody else has the run read again."""
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_role("button", name="Refresh").click()
    other.close()


@pytest.mark.slow
def test_what_is_typed_stays_when_the_run_is_read_again(page: Page, api_actor: ApiActor) -> None:
    thread_id, run_id = waiting_run(page, api_actor, [call("slow"), call("slower")])
    field = answers(page).nth(1)
    field.click()
    field.press_sequentially("half an ans")
    api_actor.post(f"/threads/{thread_id}/runs/{run_id}", {"metadata": {"touched": "yes"}})
    with page.expect_response(lambda answer: answer.request.headers.get("hx-target") == "run-answers"):
        refresh(page)
    expect(page.locator("#raw-run")).to_contain_text("touched")
    page.keyboard.type("wer")
    expect(field).to_have_value("half an answer")
    expect(field).to_be_focused()
    send(page, "first")
    expect(status(page, "Completed")).to_be_visible()


@pytest.mark.slow
def test_what_is_typed_stays_when_the_run_is_cancelled_elsewhere(page: Page, api_actor: ApiActor) -> None:
    thread_id, run_id = waiting_run(page, api_actor, [call("too_late")])
    answers(page).click()
    page.keyboard.type("nearly rea")
    api_actor.post(f"/threads/{thread_id}/runs/{run_id}/cancel")
    refresh(page)
    kept = page.locator(".kept")
    expect(kept).to_contain_text("The run moved on while you were typing")
    expect(kept.locator("[type=submit]:enabled")).to_have_count(0)
    page.keyboard.type("dy")
    expect(kept.locator("textarea")).to_have_value("nearly ready")
    expect(kept.locator("textarea")).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(status(page, "Cancelled")).to_be_visible()
    assert api_actor.sent("POST", f"/v1/threads/{thread_id}/runs/{run_id}/submit_tool_outputs") == 0


@pytest.mark.slow
def test_what_is_typed_stays_when_somebody_else_answers_first(page: Page, api_actor: ApiActor) -> None:
    waiting_run(page, api_actor, [call("round_one")], [call("round_two")])
    answers(page).fill("mine")
    other = page.context.new_page()
    other.goto(page.url)
    send(other, "theirs")
    expect(page.locator(".kept textarea")).to_have_value("mine")
    expect(page.locator("#run-answers #answers .call-name")).to_have_text("round_two")
    expect(page.locator("#run-answers #answers textarea")).to_have_value("")
    send(page, "second")
    expect(status(page, "Completed")).to_be_visible()
    expect(page.locator(".kept textarea")).to_have_value("mine")


def test_a_message_being_written_stays_when_the_thread_changes(page: Page, api_actor: ApiActor) -> None:
    thread = api_actor.post("/threads")
    open_thread(page, thread["id"])
    expect(page.get_by_text("No messages yet")).to_be_visible()
    field = page.get_by_role("textbox", name="Message")
    field.click()
    page.keyboard.type("I am still wri")
    api_actor.post(f"/threads/{thread['id']}/messages", {"role": "user", "content": "Said elsewhere"})
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_role("button", name="Refresh").click()
    expect(page.locator("#thread-timeline")).to_contain_text("Said elsewhere")
    page.keyboard.type("ting")
    expect(field).to_have_value("I am still writing")
    expect(field).to_be_focused()
