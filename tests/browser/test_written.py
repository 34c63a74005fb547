"""What a run writes stands in open pages while it is written, and moves nobody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from testing.api_actor import ApiActor
from tests.browser.browser_desk import call, is_marked, mark, open_thread, send, waiting_run
from tests.browser.test_heard import LISTEN

REPLY = " ".join(f"word{number}" for number in range(60)) + "\n\n**The end.**"
PACE = "queued=0.2,in_progress=0.3,cancelling=0.2"


@pytest.fixture(autouse=True)
def slowly(api_actor: ApiActor) -> Iterator[None]:
    """The server takes six seconds for a reply."""
    api_actor.control("/settings", {"pace": f"{PACE},piece=0.1"})
    yield
    api_actor.control("/settings", {"pace": PACE})


def begin(page: Page, api_actor: ApiActor) -> None:
    """Has a run write its reply in an open thread."""
    text = api_actor.script(reply=REPLY)
    open_thread(page, api_actor.post("/threads")["id"])
    page.get_by_role("textbox", name="Message").fill(text)
    page.get_by_label("Answered by").select_option(label="Order support")
    page.get_by_role("button", name="Send and run").click()


@pytest.mark.slow
def test_a_reply_grows_in_the_open_thread_until_it_is_there(page: Page, api_actor: ApiActor) -> None:
    begin(page, api_actor)
    mark(page)
    written = page.locator("#thread-timeline .written")
    expect(written).to_contain_text("word3")
    assert "word59" not in written.inner_text()
    # A page that comes meanwhile has all of it.
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator("#thread-timeline .written")).to_contain_text("word0 word1")
    for each in (page, other):
        expect(each.locator("#thread-timeline .reply .prose strong")).to_have_text("The end.")
        expect(each.locator("#thread-timeline .written:visible")).to_have_count(0)
        expect(each.locator("#thread-timeline .prose").filter(has_text="word7")).to_have_count(1)
    assert is_marked(page)


@pytest.mark.slow
def test_it_is_not_said_aloud_word_by_word(page: Page, api_actor: ApiActor) -> None:
    begin(page, api_actor)
    page.evaluate(LISTEN)
    assert page.locator("#thread-timeline .written").evaluate("each => each.closest('[aria-live], [role=log]')") is None
    expect(page.locator("#thread-timeline .reply .prose strong")).to_have_text("The end.")
    assert "word" not in str(page.evaluate("window.heard"))


@pytest.mark.slow
def test_who_types_below_stays_where_they_are(page: Page, api_actor: ApiActor) -> None:
    page.set_viewport_size({"width": 800, "height": 320})
    begin(page, api_actor)
    expect(page.locator("#thread-timeline .written")).to_be_visible()
    field = page.get_by_role("textbox", name="Message")
    field.focus()
    before = field.evaluate("each => each.getBoundingClientRect().top")
    height = page.locator("#thread-timeline .written").evaluate("each => each.offsetHeight")
    expect(page.locator("#thread-timeline .written")).to_contain_text("word40")
    assert page.locator("#thread-timeline .written").evaluate("each => each.offsetHeight") > height
    assert abs(field.evaluate("each => each.getBoundingClientRect().top") - before) < 2


@pytest.mark.slow
def test_a_run_page_shows_what_comes_after_the_answers(page: Page, api_actor: ApiActor) -> None:
    waiting_run(page, api_actor, [call("then_it_writes")], reply=REPLY)
    send(page, "one")
    expect(page.locator("#run-conversation .written")).to_contain_text("word3")
    expect(page.locator("#run-conversation .entry-assistant strong").last).to_have_text("The end.")
    expect(page.locator("#run-conversation .written:visible")).to_have_count(0)
