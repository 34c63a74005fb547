"""Editing an assistant in a real browser: nothing that is typed is lost, and nobody is written over."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from testing.api_actor import ApiActor
from testing.http_desk import until
from tests.browser.browser_desk import IN_BOTH_DIALECTS, json_editor, known_assistant
from tests.browser.watch import Watch

KEPT = "#form-draft [name=draft]:not([value=''])"


@pytest.fixture
def assistant(api_actor: ApiActor, page: Page) -> str:
    """The address of one that the dashboard has read."""
    made = api_actor.assistant(name="Night porter", instructions="Be kind.")
    return known_assistant(page, made["id"])


def save(page: Page) -> None:
    page.locator(".button-primary[value=save]").click()


@pytest.mark.slow
@IN_BOTH_DIALECTS
def test_two_browsers_edit_the_same_assistant_and_lose_nothing(
    assistant: str, window: Callable[..., BrowserContext], api_actor: ApiActor, watch: Watch
) -> None:
    watch.expect("409")
    mine, theirs = window().new_page(), window().new_page()
    for page in (mine, theirs):
        page.goto(f"{assistant}edit/")
    mine.fill("#id_instructions", "Be mine.")
    mine.fill("#id_name", "Day porter")
    theirs.fill("#id_instructions", "Be theirs.")
    theirs.fill("#id_description", "By them")
    save(theirs)
    expect(theirs.locator("#problems")).to_contain_text("Saved: Description, Instructions.")
    expect(mine.locator("#assistant-drift")).to_contain_text("changed this assistant since you began")
    expect(mine.locator("#id_instructions")).to_have_value("Be mine.")
    save(mine)
    expect(mine.locator("#three-ways-title")).to_be_visible()
    expect(mine.locator("#id_instructions")).to_have_value("Be mine.")
    expect(mine.locator("#id_description")).to_have_value("By them")
    mine.get_by_label("Keep mine").check()
    save(mine)
    expect(mine.locator("#problems")).to_contain_text("Saved: Name, Instructions.")
    now = api_actor.get(assistant.rstrip("/"))
    assert (now["name"], now["description"], now["instructions"]) == ("Day porter", "By them", "Be mine.")


@pytest.mark.slow
def test_what_is_typed_survives_a_closed_tab_and_is_gone_once_saved(
    assistant: str, window: Callable[..., BrowserContext]
) -> None:
    context = window()
    page = context.new_page()
    page.goto(f"{assistant}edit/")
    page.fill("#id_instructions", "Half a thought")
    page.wait_for_selector(KEPT, state="attached")
    page.fill("#id_name", "Typed in the last moment")
    page.close(run_before_unload=True)
    page = context.new_page()
    page.goto(f"{assistant}edit/")
    expect(page.locator("#id_instructions")).to_have_value("Half a thought")
    save(page)
    expect(page.locator("#assistant-head")).to_be_visible()
    page.goto(f"{assistant}edit/")
    expect(page.get_by_text("not saved yet")).to_have_count(0)


def test_who_was_signed_out_signs_in_again_and_saves(
    assistant: str, window: Callable[..., BrowserContext], watch: Watch
) -> None:
    watch.expect("403")  # what follows changes is refused to a stranger
    context = window()
    page = context.new_page()
    page.goto(f"{assistant}edit/")
    cookies = context.cookies()
    context.clear_cookies(name="sessionid")
    page.fill("#id_instructions", "Typed while signed out")
    save(page)
    expect(page.locator(".problem").first).to_contain_text("You have been signed out")
    context.add_cookies(cookies)  # type: ignore[arg-type]
    save(page)
    expect(page.locator("#problems")).to_contain_text("Saved: Instructions.")


def test_functions_are_added_previewed_and_saved(assistant: str, page: Page, api_actor: ApiActor, watch: Watch) -> None:
    watch.expect("422")
    page.goto(f"{assistant}edit/")
    page.fill("#id_instructions", "Be **bold**.")
    expect(page.locator("[data-counts]")).to_have_text("1 line, 12 of 256,000 characters")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#instructions-preview strong")).to_have_text("bold")
    page.get_by_role("button", name="Add a function").click()
    editor = json_editor(page)
    editor.fill('{"name": "ring",}')
    save(page)
    expect(page.locator(".banner-error")).to_contain_text("line 1, column")
    editor.fill('{"name": "ring", "parameters": {"type": "object", "properties": {}}}')
    save(page)
    expect(page.locator("#assistant-settings")).to_contain_text("ring")
    now = api_actor.get(assistant.rstrip("/"))
    assert [tool["function"]["name"] for tool in now["tools"]] == ["ring"]


@pytest.mark.slow
def test_versions_are_compared_and_gone_back_to_while_others_change_it(
    assistant: str, page: Page, api_actor: ApiActor
) -> None:
    page.goto(f"{assistant}edit/")
    page.fill("#id_instructions", "Be kind and brief.")
    page.fill("#id_note", "Shorter")
    save(page)
    expect(page.locator("#problems")).to_contain_text("Saved: Instructions.")
    page.goto(f"{assistant}versions/")
    rows = page.locator("#versions-list tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Shorter")
    expect(page.locator("ins", has_text="and brief")).to_be_visible()
    api_actor.post(assistant.rstrip("/"), {"instructions": "Be rude."})
    # Whoever looks at it has it read; the page that is open follows.
    until(lambda: "changed elsewhere" in page.request.get(f"{assistant}versions/").text() or None, what="the change")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("changed elsewhere")
    page.goto(f"{assistant}versions/?new=1")
    page.get_by_role("link", name="Go back to version 1").click()
    save(page)
    expect(page.locator("#problems")).to_contain_text("Saved: Instructions.")
    assert api_actor.get(assistant.rstrip("/"))["instructions"] == "Be kind."
    page.goto(f"{assistant}versions/")
    expect(rows).to_have_count(4)
