"""Everything can be reached with the keyboard alone."""

import pytest
from playwright.sync_api import Page, expect

from testing.api_actor import ApiActor
from tests.browser.browser_desk import answers, call, status, waiting_run


def tab_to(page: Page, selector: str) -> None:
    """Presses Tab until the focus is there."""
    for _ in range(80):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not come to {selector}")


def test_a_run_is_answered_from_the_queue_without_the_mouse(page: Page, api_actor: ApiActor) -> None:
    waiting_run(page, api_actor, [call("by_key_one"), call("by_key_two")])
    page.goto("/queue/")
    row = page.get_by_role("row").filter(has_text="by_key_one")
    expect(row).to_be_visible()
    page.keyboard.press("j")
    for _ in range(30):
        if row.locator(":focus").count():
            break
        page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("j")
    expect(row.locator(".row-link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(answers(page)).to_have_count(2)
    tab_to(page, "#answers textarea")
    page.keyboard.type("one")
    page.keyboard.press("Tab")
    tab_to(page, "#answers textarea")
    page.keyboard.type("two")
    page.keyboard.press("Control+Enter")
    expect(status(page, "Completed")).to_be_visible()
    expect(page.locator("#run-answers .calls")).to_contain_text("two")


@pytest.mark.slow
def test_two_runs_of_two_calls_take_three_keys_each(page: Page, api_actor: ApiActor) -> None:
    names = ["first_of_three_keys", "second_of_three_keys"]
    runs = [waiting_run(page, api_actor, [call(name), call(f"{name}_too")]) for name in names]
    page.goto("/queue/?function=of_three_keys")
    expect(page.locator("tr[data-free]")).to_have_count(2)
    for name, (thread_id, run_id) in zip(names, runs, strict=True):
        page.keyboard.press("]")
        expect(page.locator(".answer-head .call-name")).to_have_text([name, f"{name}_too"])
        expect(answers(page).nth(0)).to_be_focused()
        page.keyboard.insert_text("one")
        page.keyboard.press("Control+Enter")
        expect(answers(page).nth(1)).to_be_focused()
        expect(page.locator(".answer-head .call-name").nth(1)).to_be_in_viewport()
        page.keyboard.insert_text("two")
        page.keyboard.press("Control+Enter")
        expect(status(page, "Completed")).to_be_visible()
        assert api_actor.get(f"/threads/{thread_id}/runs/{run_id}")["status"] == "completed"
        page.goto("/queue/?function=of_three_keys")


def test_an_answer_is_left_and_found_again_by_key(page: Page, api_actor: ApiActor) -> None:
    waiting_run(page, api_actor, [call("has_one_already"), call("has_none_yet")])
    page.keyboard.press("a")
    expect(answers(page).nth(0)).to_be_focused()
    page.keyboard.type("here]")
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    expect(answers(page).nth(0)).to_have_value("here]")
    expect(answers(page).nth(1)).to_be_focused()


def test_single_keys_go_to_pages_and_to_the_field_for_ids(page: Page) -> None:
    page.goto("/queue/")
    for keys, name in (("ga", "Assistants"), ("gt", "Threads"), ("gs", "Settings"), ("gh", "Help"), ("gq", "Queue")):
        page.wait_for_load_state()
        page.keyboard.type(keys)
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Find by id")).to_be_focused()


def test_the_list_of_keys_opens_and_closes(page: Page) -> None:
    page.goto("/queue/")
    page.locator("#main").focus()
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet).to_be_visible()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(page.locator("#main")).to_be_focused()


def test_single_keys_are_dead_while_somebody_types(page: Page) -> None:
    page.goto("/threads/")
    page.get_by_label("Words").focus()
    page.keyboard.type("/jk?gq")
    expect(page.get_by_label("Words")).to_have_value("/jk?gq")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.get_by_role("heading", name="Threads", exact=True)).to_be_visible()


def test_single_keys_can_be_switched_off_and_on_again(page: Page) -> None:
    page.goto("/queue/")
    page.keyboard.press("?")
    with page.expect_response("**/settings/choose/"):
        page.get_by_label("Single keys work").uncheck()
    page.keyboard.press("Escape")
    page.goto("/threads/")
    page.keyboard.press("?")
    page.keyboard.press("/")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator("#find")).not_to_be_focused()
    page.goto("/settings/")
    page.get_by_label("Single keys work", exact=True).check()
    page.get_by_role("button", name="Save settings").click()
    expect(page.locator("#problems")).to_contain_text("Your settings are saved.")
    page.wait_for_load_state()  # the words stand there before the scripts do
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()


def test_the_first_tab_skips_to_the_content(page: Page) -> None:
    page.goto("/queue/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
