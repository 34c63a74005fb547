"""Trying an assistant in a real browser: in the panel, with what is not saved, and side by side, in both dialects."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from testing.api_actor import ApiActor
from tests.browser.browser_desk import IN_BOTH_DIALECTS, answers, call, is_marked, known_assistant, mark, send
from tests.browser.page_checks import find_violations
from tests.browser.watch import Watch


@dataclass(frozen=True)
class Place:
    """A page at a dashboard, and somebody else at its server."""

    page: Page
    api_actor: ApiActor


@pytest.fixture
def place(page: Page, api_actor: ApiActor) -> Place:
    return Place(page, api_actor)


def assistant(place: Place, **fields: Any) -> str:
    """The address of one that the dashboard has read."""
    made = place.api_actor.assistant(name=f"Porter {uuid4().hex[:6]}", instructions="Be kind.", **fields)
    return known_assistant(place.page, made["id"])


def sent_to(place: Place, text: str) -> list[dict[str, Any]]:
    """The runs that answered this message, as the server has them, the newest first."""
    threads = place.api_actor.get("/threads", limit=20)["data"]
    mine = [each for each in threads if "switchboard_scratch" in each["metadata"]]
    found = []
    for each in mine:
        messages = place.api_actor.get(f"/threads/{each['id']}/messages")["data"]
        if any(text in str(message["content"]) for message in messages):
            found += place.api_actor.get(f"/threads/{each['id']}/runs")["data"]
    return found


def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("TRIAL_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def check(page: Page) -> None:
    """For everybody, and on a small phone."""
    assert not find_violations(page)
    size = page.viewport_size
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 320
    assert size is not None
    page.set_viewport_size(size)


@pytest.mark.slow
def test_a_message_is_sent_in_the_panel_and_its_call_answered_there(place: Place) -> None:
    page = place.page
    text = place.api_actor.script([call("ring")], reply="It **rang**.")
    page.goto(assistant(place))
    page.get_by_role("link", name="Try it").click()
    panel = page.locator("#trial-panel")
    mark(page)
    panel.get_by_role("textbox", name="Message").fill(text)
    panel.get_by_role("button", name="Send", exact=True).dblclick()
    expect(answers(page)).to_be_visible()
    picture(page, "panel-waiting")
    check(page)
    send(page, "twice")
    expect(panel.locator(".reply strong")).to_have_text("rang")
    expect(panel.locator("#trial-thread")).to_contain_text("Made with version 1, as saved")
    expect(answers(page)).to_have_count(0)
    # The address has it, so a page that is opened anew does.
    assert is_marked(page)
    assert "trial=" in page.url
    page.reload()
    expect(panel.locator(".reply strong")).to_have_text("rang")
    picture(page, "panel-done")
    panel.get_by_role("textbox", name="Message").fill("And now something else")
    panel.get_by_role("button", name="Send", exact=True).click()
    expect(panel.locator("#trial-thread .entry-user")).to_have_count(2)
    expect(panel.locator("#trial-thread .entry-run")).to_have_count(2)
    assert len(sent_to(place, text)) == 2
    page.goto("/threads/")
    expect(page.locator("#threads-list tr", has_text=text).get_by_text("Scratch")).to_be_visible()


@pytest.mark.slow
@IN_BOTH_DIALECTS
def test_what_is_not_saved_is_tried_and_what_is_wrong_is_told_at_the_form(place: Place, watch: Watch) -> None:
    watch.expect("422")
    page, text = place.page, place.api_actor.script(reply="Done so.")
    path = assistant(place)
    page.goto(f"{path}edit/")
    page.fill("#id_instructions", "Be brief.")
    page.get_by_role("button", name="Try it").click()
    panel = page.locator("#trial-panel")
    expect(page.locator("#id_instructions")).to_have_value("Be brief.")
    expect(panel).to_contain_text("Not applied: Name, Description")
    page.fill("#id_temperature", "hot")
    panel.get_by_role("textbox", name="Message").fill(text)
    panel.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#id_temperature_error")).to_be_visible()
    expect(panel.get_by_role("textbox", name="Message")).to_have_value(text)
    assert not sent_to(place, text)
    mark(page)
    page.fill("#id_temperature", "0.25")
    page.fill("#id_name", "Not of a run")
    panel.get_by_role("button", name="Send", exact=True).click()
    expect(panel.locator(".reply")).to_contain_text("Done so.")
    expect(panel).to_contain_text("Made with version 1, unsaved: Instructions, Temperature")
    expect(page.locator("#id_name")).to_have_value("Not of a run")
    expect(page.locator("#id_temperature_error")).to_have_count(0)
    assert is_marked(page)
    expect(panel.get_by_role("button", name="Send", exact=True)).to_be_enabled()
    picture(page, "form")
    check(page)
    (run,) = sent_to(place, text)
    assert (run["instructions"], run["temperature"]) == ("Be brief.", 0.25)
    assert place.api_actor.get(path.rstrip("/"))["instructions"] == "Be kind."


@pytest.mark.slow
def test_two_versions_answer_the_same_message_side_by_side(place: Place) -> None:
    page, path = place.page, assistant(place)
    text = place.api_actor.script([call("ring")], reply="It rang.")
    page.goto(f"{path}edit/")
    page.fill("#id_instructions", "Be long.")
    page.locator(".button-primary[value=save]").click()
    expect(page.locator("#problems")).to_contain_text("Saved: Instructions.")
    page.goto(f"{path}versions/")
    page.get_by_role("link", name="Try both side by side").click()
    page.get_by_label("Message").fill(text)
    page.get_by_role("button", name="Run against both").dblclick()
    for _ in range(2):
        expect(answers(page)).to_be_visible()
        picture(page, "both-waiting")
        check(page)
        before = page.locator("#answers").get_attribute("action")
        send(page, "once")
        expect(page.locator(f"#answers[action='{before}']")).to_have_count(0)
    for side, version in (("left", 1), ("right", 2)):
        shown = page.locator(f"#trial-{side}")
        expect(shown.locator(".reply")).to_contain_text("It rang.")
        expect(shown).to_contain_text(f"Made with version {version}, as saved")
        expect(shown).to_contain_text("total")
    expect(page.locator("#trial-difference")).to_contain_text("No difference")
    picture(page, "both-done")
    page.set_viewport_size({"width": 320, "height": 800})
    picture(page, "both-narrow")
    page.set_viewport_size({"width": 1280, "height": 800})
    check(page)
    assert sorted(each["instructions"] for each in sent_to(place, text)) == ["Be kind.", "Be long."]
