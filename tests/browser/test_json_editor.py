"""The editor of JSON in a real browser: it stands in the place of a text area, and behaves like one."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from testing.api_actor import ApiActor
from tests.browser.browser_desk import json_editor, known_assistant
from tests.browser.page_checks import find_overflow, find_violations, set_scheme
from tests.browser.watch import Watch

RING = {"name": "ring_bell", "parameters": {"type": "object", "properties": {"often": {"type": "integer"}}}}
DRAFT = "#form-draft [name=draft]:not([value=''])"


@pytest.fixture
def address(api_actor: ApiActor, page: Page) -> str:
    """Where an assistant with one function is edited."""
    tools = [{"type": "function", "function": RING}]
    made = api_actor.assistant(name="Bell ringer", instructions="Ring.", tools=tools)
    return f"{known_assistant(page, made['id'])}edit/"


def value(page: Page) -> str:
    return str(page.locator("#id_function-0").evaluate("field => field.value"))


@pytest.mark.slow
def test_what_is_wrong_is_told_at_its_line_while_one_types(address: str, page: Page) -> None:
    page.goto(address)
    expect(json_editor(page)).to_have_accessible_name("Function ring_bell")
    expect(page.locator("#function-row-0 .cm-lineNumbers")).to_contain_text("12")
    json_editor(page).fill('{"name": "ring_bell",\n "strict": true,\n "parameters": {"type": "object"}}')
    told = page.locator("#id_function-0_error")
    expect(told).to_contain_text("Line 3: parameters: with “strict” every object needs")
    expect(page.locator("#announcements")).to_contain_text("Line 3")
    expect(page.locator("#function-row-0 .cm-lint-marker-error")).to_have_count(1)
    expect(json_editor(page)).to_have_attribute("aria-invalid", "true")
    expect(json_editor(page)).to_have_accessible_description(
        "Line 3: parameters: with “strict” every object needs “additionalProperties”: false."
    )
    page.get_by_role("button", name="Make Function ring_bell strict").click()
    expect(told).to_have_count(0)
    assert json.loads(value(page))["parameters"]["additionalProperties"] is False


@pytest.mark.slow
def test_a_swap_of_the_page_keeps_text_cursor_and_editor(address: str, page: Page) -> None:
    page.goto(address)
    json_editor(page).fill('{"name": "ring_bell", "x": 1.00}')
    for _step in range(3):
        page.keyboard.press("ArrowLeft")
    page.wait_for_selector(DRAFT, state="attached")
    page.get_by_role("button", name="Add a pair").click()
    expect(page.locator("#id_key-1")).to_be_visible()
    expect(page.locator("#function-row-0 .cm-editor")).to_have_count(1)
    page.locator("label[for=id_function-0]").click()
    page.keyboard.type("9")
    assert value(page) == '{"name": "ring_bell", "x": 1.900}'
    page.get_by_role("button", name="Format Function ring_bell").click()
    expect(page.locator("#function-row-0 .cm-line")).to_have_count(4)
    assert value(page) == '{\n  "name": "ring_bell",\n  "x": 1.900\n}'
    page.reload()
    expect(page.locator("#function-row-0 .cm-content")).to_contain_text("1.900")


@pytest.mark.slow
def test_it_is_left_by_tab_and_takes_every_key(address: str, page: Page) -> None:
    page.goto(address)
    json_editor(page).focus()
    page.keyboard.press("Control+End")
    page.keyboard.type("?j/")
    expect(page.locator("#shortcuts")).to_be_hidden()
    assert value(page).endswith("?j/")
    # Over what has a colour: no browser may bring that along as a style, which the policy for content refuses.
    json_editor(page).get_by_text('"ring_bell"').dblclick()
    page.keyboard.type("chime")
    assert '"name": "chime"' in value(page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Format Function ring_bell")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(json_editor(page)).to_be_focused()


@pytest.mark.slow
def test_a_function_is_changed_in_fields(address: str, page: Page, api_actor: ApiActor) -> None:
    page.goto(address)
    row = page.locator("#function-row-0")
    row.get_by_role("button", name="Form", exact=True).click()
    first = row.get_by_role("group", name="Parameter 1")
    expect(first.get_by_label("Name")).to_have_value("often")
    expect(first.get_by_label("Choices, one a line")).to_be_hidden()
    row.get_by_role("button", name="Add a parameter").click()
    second = row.get_by_role("group", name="Parameter 2")
    second.get_by_label("Name").fill("tone")
    second.get_by_label("Type").select_option(label="One of these texts")
    second.get_by_label("Choices, one a line").fill("high\nlow")
    row.get_by_role("button", name="JSON", exact=True).click()
    expect(row.get_by_role("textbox", name="Function ring_bell")).to_contain_text("high")
    page.locator(".button-primary[value=save]").click()
    expect(page.locator("#assistant-head")).to_be_visible()
    (tool,) = api_actor.get(address.removesuffix("/edit/"))["tools"]
    assert tool["function"]["parameters"] == {
        "type": "object",
        "properties": {"often": {"type": "integer"}, "tone": {"type": "string", "enum": ["high", "low"]}},
        "required": ["tone"],
    }


@pytest.mark.slow
def test_everybody_can_use_it(address: str, window: Callable[..., BrowserContext], watch: Watch) -> None:
    page = window(color_scheme="light", viewport={"width": 320, "height": 800}).new_page()
    page.goto(address)
    json_editor(page).fill('{"name": "ring bell", "often": 1, "loud": true}')
    expect(page.locator("#id_function-0_error")).to_be_visible()
    check(page)
    json_editor(page).fill(json.dumps(RING))
    page.locator("#function-row-0").get_by_role("button", name="Form", exact=True).click()
    expect(page.locator("#function-row-0 .parameter")).to_have_count(1)
    check(page)


def check(page: Page) -> None:
    """It fits a small phone, and is for everybody in either scheme."""
    assert not find_overflow(page, 320)
    for scheme in ("dark", "light"):
        set_scheme(page, scheme)
        assert not find_violations(page)
