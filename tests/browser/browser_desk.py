"""What a person sees and does on the pages, by the words that are there."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from testing.api_actor import ApiActor
from testing.html_page import Page as Shown
from testing.http_desk import until

# A test of both has all of its pages at a server of each (the fixture dialect).
IN_BOTH_DIALECTS = pytest.mark.parametrize("dialect", ["v2", pytest.param("v1", marks=pytest.mark.slow)])

Call = tuple[str, dict[str, Any]]


def call(name: str, **arguments: Any) -> Call:
    """A call of a function of that name; the arguments make it like no other."""
    return name, arguments or {"reference": uuid4().hex[:8]}


def waiting_run(page: Page, api_actor: ApiActor, *rounds: list[Call], **script: Any) -> tuple[str, str]:
    """Has a run asking for these calls, and opens its page once it waits there. Gives the ids of thread and run."""
    thread_id, run_id = api_actor.run(*rounds, **script)
    open_run(page, thread_id, run_id)
    expect(answers(page)).to_have_count(len(rounds[0]))
    return thread_id, run_id


def open_run(page: Page, thread_id: str, run_id: str) -> None:
    """Has the dashboard read a thread, and opens its run's page once that asks for answers."""
    make_known(page, thread_id)
    address = f"/runs/{run_id}/"
    until(lambda: 'id="answers"' in page.request.get(address).text() or None, what=address)
    page.goto(address)


def open_thread(page: Page, thread_id: str) -> None:
    """Has the dashboard read a thread, and opens its page."""
    make_known(page, thread_id)
    page.goto(f"/threads/{thread_id}/")


def go_back(page: Page) -> None:
    """Goes back as the browser's button does: once the page is whole, and the one before comes when it comes."""
    page.wait_for_load_state()
    page.evaluate("history.back()")


def go_forward(page: Page) -> None:
    """Goes forward as the browser's button does."""
    page.wait_for_load_state()
    page.evaluate("history.forward()")


def make_known(page: Page, thread_id: str) -> None:
    """Adds a thread by its id, at the one connection there is, as the form does."""
    listed = page.request.get("/threads/")
    adding = next(form for form in Shown(listed.text()).forms if form.action == "/threads/add/")
    fields: dict[str, str | float | bool] = {**adding.fields, "connection": "1", "ids": thread_id}
    answer = page.request.post(adding.action, form=fields, headers={"Referer": listed.url})
    assert answer.url.endswith(f"/threads/{thread_id}/"), answer.url


def known_assistant(page: Page, assistant_id: str) -> str:
    """The address of an assistant, once the dashboard has read it."""
    path = f"/assistants/{assistant_id}/"
    until(lambda: path in page.request.get("/assistants/").text() or None, what=path)
    return path


def answers(page: Page) -> Locator:
    """The fields for answers."""
    return page.locator("#run-answers textarea[name^=output]")


def send(page: Page, *texts: str) -> None:
    """Types the answers and sends them."""
    for number, text in enumerate(texts):
        answers(page).nth(number).fill(text)
    page.get_by_role("button", name="Send answers").click()


def mark(page: Page) -> None:
    """Leaves something in the window that a reload would take away."""
    page.evaluate("window.untouched = true")


def is_marked(page: Page) -> bool:
    return bool(page.evaluate("window.untouched === true"))


def status(page: Page, words: str) -> Locator:
    """The badge of the run's page."""
    return page.locator("#run-head .badge").filter(has_text=words)
