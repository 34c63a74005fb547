"""Templates at the keyboard, and a rule from its first word to an answer that nobody gave."""

from __future__ import annotations

from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from testing.api_actor import ApiActor
from tests.browser.browser_desk import answers, call, make_known, waiting_run


@pytest.mark.slow
def test_templates_and_what_was_answered_before_are_used_from_the_keyboard(page: Page, api_actor: ApiActor) -> None:
    name = f"by_template_{uuid4().hex[:6]}"
    waiting_run(page, api_actor, [call(name, city="Oslo")])
    page.get_by_role("link", name="Templates of this function").click()
    page.get_by_label("Name").fill("Rain")
    page.get_by_label("Answer", exact=True).fill("rain in {{ city }}")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Back to the run").click()
    # Keys are dead while one types.
    answers(page).fill("")
    page.keyboard.press("t")
    expect(answers(page)).to_have_value("t")
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    expect(page.get_by_role("button", name="Use this Rain")).to_be_focused()
    page.keyboard.press("Enter")
    expect(answers(page)).to_have_value("rain in Oslo")
    page.get_by_role("button", name="Send answers").click()
    expect(page.locator("#run-answers .calls")).to_contain_text("rain in Oslo")
    waiting_run(page, api_actor, [call(name, city="Oslo")])
    page.keyboard.press("m")
    expect(page.locator("[id^=remembered-] button").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(answers(page)).to_have_value("rain in Oslo")


@pytest.mark.slow
def test_a_rule_is_tried_switched_on_and_answers_by_itself(page: Page, api_actor: ApiActor) -> None:
    name = f"by_rule_{uuid4().hex[:6]}"
    waiting_run(page, api_actor, [call(name, city="Oslo")])
    page.get_by_role("link", name="Make a rule").click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("Assistant", exact=True).select_option("Any assistant")
    expect(page.get_by_label("URL")).to_be_hidden()
    page.get_by_role("radio", name="Deny").check()
    expect(page.get_by_label("Answer", exact=True)).to_be_hidden()
    page.get_by_role("radio", name="Answer this").check()
    page.get_by_label("Answer", exact=True).fill("rain in {{ city }}")
    page.get_by_label("Argument").fill("city")
    page.get_by_label("Comparison").select_option("is one of (a line each)")
    page.get_by_label("Value").fill("Oslo\nBergen")
    page.get_by_role("button", name="Save and try").click()
    expect(page.get_by_role("cell", name="rain in Oslo")).to_be_visible()
    page.get_by_role("button", name="Switch on").click()
    thread_id, run_id = api_actor.run([call(name, city="Bergen")])
    make_known(page, thread_id)
    page.goto(f"/threads/{thread_id}/")
    expect(page.locator("#thread-timeline")).to_contain_text(f"automatic: {name}")
    page.goto(f"/runs/{run_id}/")
    expect(page.locator("#run-answers")).to_contain_text(f"automatic: {name}")
    page.goto("/rules/")
    page.get_by_role("link", name=name).click()
    page.get_by_role("button", name="Switch off").click()
    expect(page.get_by_role("button", name="Switch on")).to_be_visible()
