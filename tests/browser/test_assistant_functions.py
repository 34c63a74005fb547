"""Functions of an assistant in a real browser: pasted, seen as operators will see them, and missed."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from testing.api_actor import ApiActor
from testing.http_desk import until
from tests.browser.browser_desk import IN_BOTH_DIALECTS, json_editor, known_assistant, make_known
from tests.browser.watch import Watch

PYTHON = '''def ring_bell(times: int, where: Literal["hall", "desk"] = "desk"):
    """Rings a bell.

    Args:
        times: How often.
    """
'''
OPENAPI = """
paths:
  /rooms/{room}:
    get: {operationId: readRoom, parameters: [{name: room, in: path, required: true, schema: {type: string}}]}
    delete: {operationId: closeRoom}
"""
CALL = '{"name": "wake_guest", "arguments": {"room": 12}}'


@pytest.fixture
def assistant(api_actor: ApiActor, page: Page) -> str:
    """The address of one that the dashboard has read."""
    made = api_actor.assistant(name="Bell boy", instructions="Be quick.")
    return known_assistant(page, made["id"])


def paste(page: Page, text: str) -> None:
    folded = page.locator("#paste")
    if folded.get_attribute("open") is None:
        folded.locator("summary").click()
    page.fill("#id_pasted", text)
    page.get_by_role("button", name="Make a function of it").click()


def save(page: Page) -> None:
    page.locator(".button-primary[value=save]").click()


@pytest.mark.slow
@IN_BOTH_DIALECTS
def test_functions_are_pasted_from_each_source_and_saved(
    assistant: str, page: Page, api_actor: ApiActor, watch: Watch
) -> None:
    page.goto(f"{assistant}edit/")
    paste(page, "def ring_bell(:")
    expect(page.locator("#id_pasted_error")).to_contain_text("Line 1: This is not Python")
    expect(page.locator("#id_pasted")).to_have_value("def ring_bell(:")
    paste(page, PYTHON)
    expect(page.locator("#pasted-added")).to_contain_text("ring_bell")
    expect(page.locator("#pasted-added")).to_be_focused()
    paste(page, OPENAPI)
    page.get_by_label("GET /rooms/{room}").check()
    page.get_by_role("button", name="Add the chosen").click()
    expect(page.locator("#pasted-added")).to_contain_text("readRoom")
    paste(page, CALL)
    expect(page.locator("#pasted-added")).to_contain_text("guessed from 1 call")
    save(page)
    expect(page.locator("#assistant-settings")).to_contain_text("wake_guest")
    tools = [tool["function"] for tool in api_actor.get(assistant.rstrip("/"))["tools"]]
    assert [tool["name"] for tool in tools] == ["ring_bell", "readRoom", "wake_guest"]
    assert tools[0]["description"] == "Rings a bell."
    assert tools[0]["parameters"]["required"] == ["times"]


@pytest.mark.slow
def test_what_an_operator_will_see_follows_what_is_typed(assistant: str, page: Page, watch: Watch) -> None:
    page.goto(f"{assistant}edit/")
    paste(page, PYTHON)
    preview = page.locator("#function-preview-0")
    preview.get_by_text("As an operator sees it").click()
    expect(preview.locator("#arguments-example-0")).to_have_text('{"times": 1, "where": "desk"}')
    field = page.locator("#id_function-0")
    declared = json.loads(field.input_value())
    declared["parameters"]["properties"]["guest"] = {"type": "string", "examples": ["Anna"]}
    editor = json_editor(page)
    editor.fill(json.dumps(declared))
    expect(preview.locator("#arguments-example-0")).to_contain_text('"guest": "Anna"')
    # What it shows is no part of the form, and typing goes on where it was.
    expect(editor).to_be_focused()
    expect(preview.locator("textarea")).to_be_disabled()
    editor.fill('{"name": "ring_bell",')
    expect(preview.locator(".missing")).to_contain_text("line 1, column")
    assert (
        page.evaluate("[...new FormData(document.getElementById('assistant-form')).keys()].join()").count("example")
        == 0
    )


@pytest.mark.slow
def test_a_function_that_runs_called_is_declared_from_its_calls(
    assistant: str, page: Page, api_actor: ApiActor, watch: Watch
) -> None:
    text = api_actor.script([("call_taxi", {"to": "airport", "seats": 2})])
    thread = api_actor.post("/threads", {"messages": [{"role": "user", "content": text}]})
    run = api_actor.post(f"/threads/{thread['id']}/runs", {"assistant_id": assistant.split("/")[2]})
    make_known(page, thread["id"])
    until(lambda: 'id="undeclared"' in page.request.get(assistant).text() or None, what="the warning")
    page.goto(assistant)
    expect(page.locator("#undeclared")).to_contain_text("call_taxi: 1 call")
    assert (
        page.locator("#undeclared").get_by_role("link", name="the latest run").get_attribute("href")
        == f"/runs/{run['id']}/"
    )
    page.get_by_role("link", name="Declare them").click()
    page.get_by_role("button", name="Draft a declaration of call_taxi").click()
    expect(page.locator("#pasted-added")).to_contain_text("call_taxi")
    expect(page.locator("#undeclared")).to_have_count(0)
    save(page)
    expect(page.locator("#assistant-settings")).to_contain_text("call_taxi")
    expect(page.locator("#undeclared")).to_have_count(0)
    (tool,) = api_actor.get(assistant.rstrip("/"))["tools"]
    assert tool["function"]["parameters"]["properties"] == {"to": {"type": "string"}, "seats": {"type": "integer"}}
