"""What people and models write is shown, never run."""

import json
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from testing.api_actor import ApiActor
from tests.browser.browser_desk import open_run, send, status

PAYLOADS = [
    "<script>window.owned = 1; alert(1)</script>",
    "<img src=x onerror='window.owned = 1; alert(1)'>",
    "[click](javascript:window.owned=1)",
    "<a href='javascript:window.owned=1'>click</a>",
    "\"'><svg onload='window.owned = 1'>",
    "{{ 7 * 7 }} {% debug %} </textarea></script><script>window.owned=1</script>",
    "<div hx-get='/sign-out/' hx-trigger='load' hx-on:click='window.owned = 1'>x</div>",
]
HOSTILE = "\n\n".join(PAYLOADS)


@pytest.fixture
def thread_and_run(api_actor: ApiActor) -> tuple[str, str]:
    """A thread in which everything that somebody can name or write is hostile; its run waits."""
    said = HOSTILE + uuid4().hex
    asked = [{"name": PAYLOADS[1], "arguments": json.dumps({HOSTILE: HOSTILE}), "output": "{}"}]
    hostile = {"name": HOSTILE[:256], "model": "gpt-4o", "instructions": HOSTILE, "tools": []}
    turns = [{"user": said, "rounds": [asked], "reply": HOSTILE}]
    api_actor.control("/scripts", [{"id": uuid4().hex, "assistant": hostile, "turns": turns}])
    assistant = api_actor.assistant(**hostile, description=HOSTILE[:512])
    thread = api_actor.post("/threads", {"messages": [{"role": "user", "content": said}]})
    run = api_actor.post(f"/threads/{thread['id']}/runs", {"assistant_id": assistant["id"]})
    return thread["id"], run["id"]


def nothing_ran(page: Page) -> None:
    assert page.evaluate("window.owned") is None
    assert page.locator("main script, main [onerror], main [onload], main a[href^='javascript']").count() == 0


@pytest.mark.slow
def test_nothing_that_is_shown_runs(page: Page, api_actor: ApiActor, thread_and_run: tuple[str, str]) -> None:
    thread_id, run_id = thread_and_run
    open_run(page, thread_id, run_id)
    expect(page.locator("#answers .call-name")).to_have_text(PAYLOADS[1])
    nothing_ran(page)
    assistant = api_actor.get(f"/threads/{thread_id}/runs/{run_id}")["assistant_id"]
    expect(page.locator("#run-head h1")).to_contain_text("window.owned")
    for path in ("/queue/", f"/threads/{thread_id}/", "/threads/", f"/assistants/{assistant}/", "/assistants/"):
        page.goto(path)
        expect(page.locator("main")).to_contain_text("window.owned")
        nothing_ran(page)
    page.goto(f"/runs/{run_id}/")
    send(page, HOSTILE)
    expect(status(page, "Completed")).to_be_visible()
    expect(page.locator("#run-conversation .entry-assistant")).to_contain_text("window.owned")
    nothing_ran(page)
