"""Somebody new is led to answer a first call."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from testing.api_actor import ApiActor
from testing.stack import Stack
from tests.browser.browser_desk import answers, call, go_back, send, status


def newcomer(stack: Stack, window: Callable[..., BrowserContext], name: str) -> Page:
    """The page of somebody who signs in for the first time."""
    page = window(storage_state=None).new_page()
    page.goto(stack.manage("add_person", name, "operator").strip())
    return page


@pytest.mark.slow
def test_three_steps_lead_to_a_first_answer(
    stack: Stack, window: Callable[..., BrowserContext], api_actor: ApiActor
) -> None:
    page = newcomer(stack, window, "nora")
    card = page.locator("#first-steps")
    expect(card).to_contain_text("Your first answer, in three steps")
    api_actor.run([call("first_of_all")], reply="Well done.")
    row = page.get_by_role("row").filter(has_text="first_of_all")
    expect(row).to_be_visible()
    expect(card.get_by_role("link", name="Open the first one")).to_be_visible()
    row.locator(".row-link").click()
    expect(answers(page)).to_have_count(1)
    go_back(page)
    expect(card.locator("[aria-current=step]")).to_contain_text("Answer its calls")
    row.locator(".row-link").click()
    send(page, "here")
    expect(status(page, "Completed")).to_be_visible()
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Queue").click()
    expect(page.get_by_role("heading", name="Queue", exact=True)).to_be_visible()
    expect(card).to_be_hidden()


@pytest.mark.slow
def test_who_wants_no_guide_is_left_alone(stack: Stack, window: Callable[..., BrowserContext]) -> None:
    page = newcomer(stack, window, "otto")
    page.get_by_role("button", name="Dismiss").click()
    expect(page.locator("#first-steps")).to_be_hidden()
    page.reload()
    expect(page.locator("#first-steps")).to_be_hidden()
