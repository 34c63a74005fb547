"""Two people at one desk: who is at what, drafts that outlive the page, and a queue that is narrowed and counted."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from testing.api_actor import ApiActor
from tests.browser.browser_desk import answers, call, count_waiting, send, status, waiting_run


@pytest.fixture
def pete(pete_session: Path, window: Callable[..., BrowserContext]) -> Page:
    """A page of another operator, in a browser of his own."""
    return window(storage_state=pete_session).new_page()


def drafted(page: Page) -> None:
    """Waits until what was typed is saved."""
    expect(page.locator(".draft").first).to_contain_text(re.compile(r"saved \d\d:\d\d"))


def test_opening_claims_others_see_it_and_one_takes_over(page: Page, pete: Page, api_actor: ApiActor) -> None:
    waiting_run(page, api_actor, [call("held_by_one")])
    expect(page.locator("#run-holder")).to_contain_text("You are at this run")
    pete.goto("/queue/")
    row = pete.get_by_role("row").filter(has_text="held_by_one")
    expect(row).to_contain_text("admin is at it")
    row.locator(".row-link").click()
    expect(pete.locator("#run-holder")).to_contain_text("admin is answering this run")
    pete.get_by_role("button", name="Take over from admin").click()
    expect(pete.locator("#run-holder")).to_contain_text("You are at this run")
    expect(page.locator("#run-holder")).to_contain_text("pete is answering this run")
    pete.goto("/queue/")
    # Left: it is free, so whoever still has it open is at it again.
    expect(page.locator("#run-holder")).to_contain_text("You are at this run")
    expect(row).to_contain_text("admin is at it")
    page.goto("/threads/")
    expect(row).not_to_contain_text("is at it")


@pytest.mark.slow
def test_a_reload_keeps_the_claim_and_the_draft(page: Page, api_actor: ApiActor) -> None:
    waiting_run(page, api_actor, [call("kept_over_reload"), call("untouched")])
    answers(page).first.click()
    page.keyboard.type("half an answer")
    drafted(page)
    page.reload()
    expect(answers(page).first).to_have_value("half an answer")
    expect(page.locator("#run-holder")).to_contain_text("You are at this run")
    page.wait_for_timeout(500)
    page.reload()
    expect(page.locator("#run-holder")).to_contain_text("You are at this run")


@pytest.mark.slow
def test_leaving_in_the_middle_of_a_word_saves_it(page: Page, api_actor: ApiActor) -> None:
    waiting_run(page, api_actor, [call("left_in_a_hurry")])
    here = page.url
    answers(page).fill("not a second wait")
    page.goto("/queue/")
    page.goto(here)
    expect(answers(page)).to_have_value("not a second wait")


@pytest.mark.slow
def test_a_draft_goes_on_in_another_browser_and_ends_with_the_answer(
    page: Page, pete: Page, api_actor: ApiActor
) -> None:
    waiting_run(page, api_actor, [call("handed_over")])
    pete.goto(page.url)
    answers(page).fill("begun here")
    expect(answers(pete)).to_have_value("begun here")
    expect(pete.locator(".draft")).to_contain_text("by admin")
    send(pete, "begun here, ended there")
    expect(status(pete, "Completed")).to_be_visible()
    expect(page.locator("#run-answers").first).to_contain_text("begun here, ended there")


@pytest.mark.slow
def test_two_who_write_at_once_see_both_texts_and_choose(page: Page, pete: Page, api_actor: ApiActor) -> None:
    waiting_run(page, api_actor, [call("written_twice")])
    pete.goto(page.url)
    answers(pete).click()
    answers(page).fill("by admin")
    drafted(page)
    pete.keyboard.type("by pete")
    conflict = pete.locator(".draft[data-conflict]")
    expect(conflict).to_contain_text("admin saved other words meanwhile")
    expect(conflict).to_contain_text("by admin")
    expect(answers(pete)).to_have_value("by pete")
    conflict.get_by_role("button", name="Keep mine").click()
    expect(pete.locator(".draft")).to_contain_text("by pete")
    expect(page.locator(".draft[data-conflict]")).to_have_count(0)
    answers(page).press("End")
    page.keyboard.type(", more")
    page.locator(".draft[data-conflict]").get_by_role("button", name="Use these").click()
    expect(answers(page)).to_have_value("by pete")


@pytest.mark.slow
def test_the_queue_is_narrowed_in_the_address_and_kept_as_a_view(page: Page, api_actor: ApiActor) -> None:
    name = f"function_{uuid4().hex[:6]}"
    waiting_run(page, api_actor, [call(name)])
    page.goto("/queue/")
    page.get_by_label("Function", exact=True).fill(name)
    expect(page.locator("#queue-list tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile(f"function={name}"))
    page.get_by_text("Views", exact=True).click()
    page.get_by_label("Save what you see as").fill(name)
    page.get_by_role("button", name="Save view").click()
    page.goto("/queue/")
    page.get_by_role("navigation", name="Saved views").get_by_role("link", name=name).click()
    expect(page.locator("#queue-list tbody tr")).to_have_count(1)
    expect(page.get_by_label("Function", exact=True)).to_have_value(name)


@pytest.mark.slow
def test_title_and_favicon_count_what_waits(page: Page, api_actor: ApiActor) -> None:
    ids = waiting_run(page, api_actor, [call("counted")])
    page.goto("/queue/")
    count = count_waiting(page)
    expect(page).to_have_title(f"({count}) Queue · Switchboard")
    expect(page.locator("#favicon")).to_have_attribute("href", re.compile("favicon-waiting"))
    api_actor.outputs(*ids)
    expect(page).to_have_title(f"({count - 1}) Queue · Switchboard" if count > 1 else "Queue · Switchboard")


def test_on_a_telephone_the_filter_is_folded_away_until_it_is_used(window: Callable[..., BrowserContext]) -> None:
    page = window(viewport={"width": 390, "height": 844}).new_page()
    page.goto("/queue/")
    field = page.get_by_label("Function", exact=True)
    expect(field).to_be_hidden()
    page.locator("summary", has_text="Filter").click()
    field.fill("nowhere")
    expect(page).to_have_url(re.compile("function=nowhere"))
    page.reload()
    expect(field).to_have_value("nowhere")
    expect(field).to_be_visible()
