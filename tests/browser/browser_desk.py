"""What a person sees and does on the pages, by the words that are there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from testing.api_actor import ApiActor
from testing.http_desk import HttpDesk, until
from testing.stack import Stack

# For what differs between the dialects: a test of both has all of its pages at a server of each (the fixture dialect).
IN_BOTH_DIALECTS = pytest.mark.parametrize("dialect", ["v2", pytest.param("v1", marks=pytest.mark.slow)])

Call = tuple[str, dict[str, Any]]


def sign_in(stack: Stack, name: str) -> Path:
    """Adds an operator of that name and signs them in; gives what a browser keeps of that."""
    desk = HttpDesk(stack.url, stack.manage("add_person", name, "operator").strip())
    return keep_session(desk, stack.folder / f"{name}.json")


def keep_session(desk: HttpDesk, path: Path) -> Path:
    """Writes down the cookies of somebody who has signed in as Playwright reads them."""
    desk.page("/help/")  # a page brings the token against forged requests
    more = {"domain": "127.0.0.1", "path": "/", "expires": -1, "httpOnly": True, "secure": False, "sameSite": "Lax"}
    cookies = [{"name": each.name, "value": each.value, **more} for each in desk.session.cookies]
    path.write_text(json.dumps({"cookies": cookies, "origins": []}))
    desk.session.close()
    return path


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
    # The smallest piece of the page that knows: it can be claimed.
    until(lambda: "data-claims" in page.request.get(f"{address}holder/").text() or None, what=address)
    page.goto(address)


def open_thread(page: Page, thread_id: str) -> None:
    """Has the dashboard read a thread, and opens its page."""
    make_known(page, thread_id)
    page.goto(f"/threads/{thread_id}/")


def go_back(page: Page) -> None:
    """Goes back by the browser's button, once the page is whole; the one before comes when it comes."""
    page.wait_for_load_state()
    page.go_back(wait_until="commit")


def go_forward(page: Page) -> None:
    """Goes forward by the browser's button."""
    page.wait_for_load_state()
    page.go_forward(wait_until="commit")


def make_known(page: Page, thread_id: str) -> None:
    """Adds a thread by its id, at the one connection there is, as the form does."""
    token = next(each["value"] for each in page.context.cookies() if each["name"] == "csrftoken")
    fields: dict[str, str | float | bool] = {"connection": "1", "ids": thread_id, "csrfmiddlewaretoken": token}
    answer = page.request.post("/threads/add/", form=fields, max_redirects=0)
    assert answer.headers["location"] == f"/threads/{thread_id}/", answer.text()


def known_assistant(page: Page, assistant_id: str) -> str:
    """The address of an assistant, once the dashboard has read it."""
    path = f"/assistants/{assistant_id}/"
    until(lambda: path in page.request.get("/assistants/").text() or None, what=path)
    return path


def json_editor(page: Page, place: int = 0) -> Locator:
    """The editor of a function of an assistant, once it has taken the place of its text area: that has the same role,
    and can be typed in until then."""
    return page.locator(f"#function-row-{place} json-editor [role=textbox]")


def answers(page: Page) -> Locator:
    """The fields for answers."""
    return page.locator("#run-answers textarea[name^=output]")


def send(page: Page, *texts: str) -> None:
    """Types the answers and sends them."""
    for number, text in enumerate(texts):
        answers(page).nth(number).fill(text)
    page.get_by_role("button", name="Send answers").click()


def count_waiting(page: Page) -> int:
    """How many runs wait, once those that other tests cancelled have left the queue."""
    settled = """() => {
      const { count } = document.getElementById("nav-count").dataset;
      if (window.counted?.count !== count) window.counted = { count, at: performance.now() };
      return performance.now() - window.counted.at > 1500 && count;
    }"""
    return int(page.wait_for_function(settled, polling=100).json_value())


def mark(page: Page) -> None:
    """Leaves something in the window that a reload would take away."""
    page.evaluate("window.untouched = true")


def is_marked(page: Page) -> bool:
    return bool(page.evaluate("window.untouched === true"))


def status(page: Page, words: str) -> Locator:
    """The badge of the run's page."""
    return page.locator("#run-head .badge").filter(has_text=words)
