"""Many assistants at once in a real browser: chosen, previewed, and followed to the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from testing.api_actor import ApiActor
from testing.http_desk import until
from tests.browser.browser_desk import IN_BOTH_DIALECTS, known_assistant
from tests.browser.page_checks import find_violations


@pytest.fixture
def three(api_actor: ApiActor, page: Page) -> list[dict[str, Any]]:
    """Three of one name, and the list narrowed to them."""
    name = f"Many {uuid4().hex[:6]}"
    made = [api_actor.assistant(name=name) for _ in range(3)]
    known_assistant(page, made[2]["id"])
    page.goto(f"/assistants/?q={name}")
    expect(page.locator("#assistants-list tbody tr")).to_have_count(3, timeout=60_000)
    return made


@pytest.mark.slow
@IN_BOTH_DIALECTS
def test_a_model_is_changed_and_what_was_changed_elsewhere_is_refused(
    page: Page, three: list[dict[str, Any]], api_actor: ApiActor
) -> None:
    expect(page.locator("#selected-count")).to_have_text("0 selected")
    page.locator("tbody .row-link").first.focus()
    page.keyboard.press("x")
    expect(page.locator("#selected-count")).to_have_text("1 selected")
    page.get_by_label("Select all on this page").check()
    expect(page.locator("#selected-count")).to_have_text("3 selected")
    page.get_by_role("button", name="Change model…").click()
    page.get_by_label("New model").fill("gpt-4.1")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#plan-title")).to_have_text("3 of 3 would change")
    expect(page.locator("#bulk-plan")).to_contain_text("gpt-4o")
    api_actor.post(f"/assistants/{three[1]['id']}", {"description": "Theirs"})
    page.get_by_role("button", name="Change 3 assistants").click()
    expect(page.locator("#progress-title")).to_have_text("2 of 3 done, 1 refused")
    expect(page.locator("#bulk-progress")).to_contain_text("the assistant was changed elsewhere meanwhile")
    assert [api_actor.get(f"/assistants/{each['id']}")["model"] for each in three] == ["gpt-4.1", "gpt-4o", "gpt-4.1"]
    page.get_by_role("button", name="Try 1 again…").click()
    expect(page.locator("#plan-title")).to_have_text("1 of 1 would change")
    page.get_by_role("button", name="Change 1 assistant").click()
    expect(page.locator("#progress-title")).to_have_text("1 of 1 done, 0 refused")
    now = api_actor.get(f"/assistants/{three[1]['id']}")
    assert (now["model"], now["description"]) == ("gpt-4.1", "Theirs")


@pytest.mark.slow
def test_what_is_ticked_stays_while_the_list_changes(
    page: Page, three: list[dict[str, Any]], api_actor: ApiActor
) -> None:
    page.locator("input[form=selection]").nth(1).check()
    known_assistant(page, api_actor.assistant(name=three[0]["name"])["id"])
    expect(page.locator("#assistants-list tbody tr")).to_have_count(4, timeout=60_000)
    expect(page.locator("#selected-count")).to_have_text("1 selected")
    expect(page.locator("input[form=selection]").nth(2)).to_be_checked()


@pytest.mark.slow
@pytest.mark.parametrize("width", [320, 1280])
def test_a_deletion_is_confirmed_by_its_number_without_javascript(
    width: int, three: list[dict[str, Any]], window: Callable[..., BrowserContext], api_actor: ApiActor
) -> None:
    page = window(java_script_enabled=False, viewport={"width": width, "height": 800}).new_page()
    page.goto(f"/assistants/?q={three[0]['name']}")
    for box in page.locator("input[form=selection]").all():
        box.check()
    page.get_by_role("button", name="Delete…").click()
    expect(page.locator("#means-title")).to_be_visible()
    page.get_by_label("How many are to be deleted").fill("3")
    page.get_by_label("Why").fill("Tests are over")
    page.get_by_role("button", name="Delete 3 assistants").click()
    page.wait_for_url("**/assistants/bulk/*-*/")
    until(lambda: (page.reload() and "3 of 3 done" in page.content()) or None, what="the end")
    for each in three:
        assert api_actor.session.get(f"{api_actor.api.url}/assistants/{each['id']}", timeout=30).status_code == 404


@pytest.mark.slow
def test_its_pages_are_within_reach_of_everybody(
    window: Callable[..., BrowserContext], three: list[dict[str, Any]]
) -> None:
    page = window(viewport={"width": 320, "height": 800}).new_page()
    page.goto(f"/assistants/?q={three[0]['name']}")
    page.get_by_label("Select all on this page").check()
    page.get_by_role("button", name="Set metadata…").click()
    page.get_by_label("Key 1", exact=True).fill("team")
    page.get_by_label("Value 1", exact=True).fill("desk")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#plan-title")).to_have_text("3 of 3 would change")
    looked_at(page)
    page.get_by_role("button", name="Change 3 assistants").click()
    expect(page.locator("#progress-title")).to_have_text("3 of 3 done, 0 refused")
    looked_at(page)


def looked_at(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not find_violations(page)
