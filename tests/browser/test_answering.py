"""The desk's form: typed fields by keyboard, looking first, consent, and once more after an expiry."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from testing.api_actor import ApiActor
from tests.browser.browser_desk import answers, call, open_run, send, status, waiting_run
from tests.browser.watch import Watch

RETURNS = {
    "type": "object",
    "required": ["amount", "paid", "lines"],
    "properties": {
        "amount": {"type": "number"},
        "paid": {"type": "boolean"},
        "due": {"type": "string", "format": "date"},
        "lines": {"type": "array", "items": {"type": "object", "properties": {"count": {"type": "integer"}}}},
    },
}


@pytest.fixture
def short_lived(api_actor: ApiActor) -> Iterator[None]:
    """Runs from now on have eight seconds."""
    api_actor.control("/settings", {"expires_after": 8})
    yield
    api_actor.control("/settings", {"expires_after": 600})


def outputs(api_actor: ApiActor, thread_id: str, run_id: str) -> list[Any]:
    """What the server received for the calls of a run."""
    steps = api_actor.get(f"/threads/{thread_id}/runs/{run_id}/steps")["data"]
    calls = next(each for each in steps if each["type"] == "tool_calls")["step_details"]["tool_calls"]
    return [each.get("function", each)["output"] for each in calls]


def write_down(page: Page, name: str) -> None:
    """Says what a function returns, from its call."""
    page.get_by_role("link", name="Set what this function returns").click()
    page.get_by_label("What it returns").fill(json.dumps(RETURNS))
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_role("region", name="What whoever answers gets").get_by_label("amount")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text(f"What {name} returns is saved.")).to_be_visible()


def test_typed_fields_are_filled_in_by_keyboard_and_numbers_stay_numbers(page: Page, api_actor: ApiActor) -> None:
    name = f"price_{uuid4().hex[:6]}"
    thread_id, run_id = waiting_run(page, api_actor, [call(name)], reply="Thank you.")
    write_down(page, name)
    form = page.locator("#answers")
    form.get_by_label("amount").focus()
    page.keyboard.type("12345678901234567890.10")
    page.keyboard.press("Tab")
    page.keyboard.type("Yes")
    page.get_by_role("button", name="Add to lines").press("Enter")
    form.get_by_label("count").focus()
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    preview = page.locator("#preview")
    expect(preview).to_be_focused()
    expect(preview).to_contain_text("Nothing was sent yet")
    form.get_by_label("amount").focus()
    page.keyboard.press("Control+Enter")
    expect(status(page, "Completed")).to_be_visible()
    expected = '{"amount": 12345678901234567890.10, "paid": true, "lines": [{"count": 3}]}'
    assert outputs(api_actor, thread_id, run_id) == [expected]


@pytest.mark.slow
def test_it_says_which_call_has_no_answer_and_sends_nothing(page: Page, api_actor: ApiActor, watch: Watch) -> None:
    watch.expect("422")
    waiting_run(page, api_actor, [call("has_one"), call("has_none")])
    answers(page).nth(0).fill("here")
    expect(page.locator("[data-answered]")).to_have_text("1 of 2 answered, missing: has_none")
    page.get_by_role("button", name="Send answers").click()
    expect(page.locator("#answer-errors")).to_be_focused()
    expect(answers(page).nth(0)).to_have_value("here")
    answers(page).nth(1).fill("not there")
    page.get_by_role("radio", name="Error").nth(1).check(force=True)
    expect(page.locator("[data-answered]")).to_have_text("2 of 2 answered")
    page.get_by_role("button", name="Send answers").click()
    expect(status(page, "Completed")).to_be_visible()


@pytest.mark.slow
def test_calls_are_approved_and_denied(page: Page, api_actor: ApiActor) -> None:
    thread_id, run_id = api_actor.asking_consent(("read_note", {"id": 7}), ("delete_note", {"id": 8}))
    open_run(page, thread_id, run_id)
    page.get_by_role("radio", name="Approve").first.check(force=True)
    page.get_by_role("radio", name="Deny").nth(1).check(force=True)
    page.get_by_role("button", name="Send decisions").click()
    expect(status(page, "Completed")).to_be_visible()
    assert outputs(api_actor, thread_id, run_id) == ["made", None]
    expect(page.locator("#run-answers .calls")).to_contain_text("denied")


@pytest.mark.slow
def test_after_an_expiry_the_answer_is_kept_and_filled_in_again(
    page: Page, api_actor: ApiActor, short_lived: None
) -> None:
    thread_id, run_id = waiting_run(page, api_actor, [call("too_slow", city="Oslo")], reply="At last.")
    answers(page).fill("nearly there")
    expect(status(page, "Expired")).to_be_visible()
    api_actor.control("/settings", {"expires_after": 600})
    expect(page.locator(".kept textarea")).to_have_value("nearly there")
    kept = page.request.post(
        f"/runs/{run_id}/answers/",
        form={**_hidden(page), answers_name(page): "nearly there"},
        headers={"Referer": page.url},
    )
    assert kept.status == 409
    page.reload()
    expect(page.locator("#run-answers")).to_contain_text("nobody denied anything")
    expect(page.locator("#run-answers")).to_contain_text("not sent nearly there")
    page.get_by_role("button", name="Run again and replay").click()
    # A busy machine may take longer than the page waits; then the way there appears.
    there = page.get_by_role("link", name="to the new run")
    expect(there.or_(answers(page))).to_be_visible()
    if there.is_visible():
        there.click()
    expect(answers(page)).to_have_value("nearly there")
    expect(page.locator("#answers")).to_contain_text("for you to confirm")
    assert run_id not in page.url
    page.get_by_role("button", name="Send answers").click()
    expect(page.locator("#run-conversation")).to_contain_text("At last.")
    newest = api_actor.get(f"/threads/{thread_id}/runs", order="desc", limit=1)["data"][0]["id"]
    assert outputs(api_actor, thread_id, newest) == ["nearly there"]


@pytest.mark.slow
def test_a_run_is_cancelled_with_a_reason(page: Page, api_actor: ApiActor) -> None:
    waiting_run(page, api_actor, [call("no_longer_needed")])
    page.get_by_role("button", name="Cancel run").first.click()
    dialog = page.get_by_role("dialog", name="Cancel run")
    dialog.get_by_label("Reason").fill("The customer hung up")
    dialog.get_by_role("button", name="Cancel run").click()
    expect(page.locator("#run-head")).to_contain_text("The customer hung up")


def _hidden(page: Page) -> dict[str, str]:
    found = page.locator(".kept form input[type=hidden]").evaluate_all("each => each.map(e => [e.name, e.value])")
    return {name: value for name, value in found if name}


def answers_name(page: Page) -> str:
    return page.locator(".kept textarea[name^=output]").get_attribute("name") or ""


@pytest.mark.slow
def test_the_keyboard_reaches_what_was_answered_before(page: Page, api_actor: ApiActor) -> None:
    name = f"asked_twice_{uuid4().hex[:6]}"
    waiting_run(page, api_actor, [call(name, city="Oslo")])
    send(page, "4 degrees")
    expect(status(page, "Completed")).to_be_visible()
    waiting_run(page, api_actor, [call(name, city="Oslo")])
    page.get_by_text("Answered before", exact=True).press("Enter")
    page.get_by_role("button", name="Use this").press("Enter")
    expect(answers(page)).to_have_value("4 degrees")
