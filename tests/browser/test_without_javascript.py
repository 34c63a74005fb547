"""Everything but being live works in a browser that runs no scripts."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from testing.api_actor import ApiActor
from testing.stack import Stack
from tests.browser.browser_desk import answers, call, open_run, open_thread, send, status
from tests.browser.watch import Watch


@pytest.fixture
def page(window: Callable[..., BrowserContext]) -> Page:
    return window(java_script_enabled=False).new_page()


def reload_until(page: Page, wanted: Locator) -> None:
    """Looks again, as somebody does whose page does not change by itself."""
    for _ in range(60):
        if wanted.count():
            break
        page.wait_for_timeout(200)
        page.reload()
    expect(wanted.first).to_be_visible()


@pytest.mark.slow
def test_signing_in_and_following_links(stack: Stack, window: Callable[..., BrowserContext]) -> None:
    page = window(java_script_enabled=False, storage_state=None).new_page()
    page.goto(stack.manage("sign_in_link", "admin").strip())
    for name in ("Threads", "Assistants", "Queue"):
        page.get_by_role("navigation", name="Pages").get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    page.locator("#user-menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_answering_a_run(page: Page, api_actor: ApiActor, watch: Watch) -> None:
    watch.expect("422")
    thread_id, _ = api_actor.run([call("plain")], reply="Plainly.")
    open_thread(page, thread_id)
    answer = page.locator("#thread-head").get_by_role("link", name="Answer")
    reload_until(page, answer)
    answer.click()
    send(page)
    expect(page.locator("#answer-errors")).to_contain_text("Nothing was sent yet")
    send(page, "an answer")
    reload_until(page, status(page, "Completed"))
    reload_until(page, page.locator("#run-conversation", has_text="Plainly."))


@pytest.mark.slow
def test_writing_and_having_it_answered(page: Page, api_actor: ApiActor) -> None:
    text = api_actor.script(reply="Without scripts.")
    open_thread(page, api_actor.post("/threads")["id"])
    page.get_by_role("textbox", name="Message").fill(text)
    page.get_by_label("Answered by").select_option(label="Order support")
    page.get_by_role("button", name="Send and run").click()
    reload_until(page, page.locator("#thread-timeline .entry-assistant", has_text="Without scripts."))


@pytest.mark.slow
def test_cancelling_a_run(page: Page, api_actor: ApiActor) -> None:
    thread_id, run_id = api_actor.run([call("unwanted")])
    open_run(page, thread_id, run_id)
    expect(answers(page)).to_be_visible()
    page.get_by_role("button", name="Cancel run").first.click()
    reload_until(page, status(page, "Cancelled"))


def test_filters(page: Page) -> None:
    page.goto("/threads/")
    page.get_by_label("Status").select_option(label="Failed")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("#threads-list tbody .badge")).to_have_text(["Failed"])


def test_adding_a_thread_by_its_id(page: Page, api_actor: ApiActor) -> None:
    thread = api_actor.post("/threads", {"messages": [{"role": "user", "content": "Known by its id"}]})
    page.goto("/threads/")
    page.locator("details#add-threads summary").click()
    page.get_by_label("Thread ids").fill(thread["id"])
    page.get_by_role("button", name="Add threads").click()
    reload_until(page, page.locator("#thread-timeline", has_text="Known by its id"))
