"""The main job: from the printed link to the assistant's reply on the open page."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from testing.api_actor import ApiActor
from testing.stack import Stack
from tests.browser.browser_desk import answers, call, is_marked, mark, send, status, waiting_run
from tests.browser.watch import Watch


def test_a_person_signs_in_answers_two_calls_and_sees_the_reply(
    stack: Stack, window: Callable[..., BrowserContext]
) -> None:
    page = window(storage_state=None).new_page()
    page.goto(stack.manage("sign_in_link", "admin").strip())
    expect(page.get_by_role("heading", name="Queue")).to_be_visible()
    page.get_by_role("link", name="track_parcel, check_return").click()
    expect(page.get_by_role("heading", name="2 calls to answer")).to_be_visible()
    mark(page)
    send(page, '{"status": "in transit"}', '{"returnable": true}')
    expect(page.locator("#sent")).to_be_visible()
    expect(status(page, "Completed")).to_be_visible()
    expect(page.locator("#run-conversation .entry-assistant .prose")).to_contain_text("10442")
    assert is_marked(page)


@pytest.mark.slow
def test_the_link_works_once(stack: Stack, window: Callable[..., BrowserContext], watch: Watch) -> None:
    watch.expect("status of 403")
    link = stack.manage("sign_in_link", "admin").strip()
    first, second = (window(storage_state=None).new_page() for _ in range(2))
    first.goto(link)
    expect(first.get_by_role("heading", name="Queue")).to_be_visible()
    second.goto(link)
    expect(second.get_by_role("heading", name="This link does not work any more")).to_be_visible()
    second.goto("/queue/")
    expect(second.get_by_role("heading", name="Sign in")).to_be_visible()


@pytest.fixture
def unhurried(api_actor: ApiActor) -> Iterator[Callable[[], object]]:
    """Makes the server take its time over what comes next, so that each step can be seen on a busy machine."""
    before = api_actor.control("/settings", method="GET")["pace"]
    yield lambda: api_actor.control("/settings", {"pace": "queued=0.2,in_progress=6,cancelling=0.2"})
    api_actor.control("/settings", {"pace": before})


@pytest.mark.slow
def test_each_step_of_sending_is_said(page: Page, api_actor: ApiActor, unhurried: Callable[[], object]) -> None:
    thread_id, run_id = waiting_run(page, api_actor, [call("look_up")], reply="It is blue.")
    unhurried()
    api_actor.fault("POST", f"/v1/threads/{thread_id}/runs/{run_id}/submit_tool_outputs", delay=1)
    mark(page)
    send(page, "blue")
    expect(page.locator("#sent")).to_contain_text("Sending")
    expect(page.locator("#sent")).to_contain_text("Accepted by the API")
    expect(page.locator("#run-conversation")).to_contain_text("It is blue.")
    expect(page.locator("#run-answers")).to_contain_text("blue")
    assert is_marked(page)


@pytest.mark.slow
def test_three_rounds_of_one_run_are_answered_on_one_page(page: Page, api_actor: ApiActor) -> None:
    names = ["first_look", "second_look", "third_look"]
    waiting_run(page, api_actor, *[[call(name)] for name in names], reply="All three.")
    mark(page)
    for name in names:
        expect(page.locator("#answers .call-name")).to_have_text(name)
        expect(answers(page)).to_have_value("")
        send(page, f"answer to {name}")
    expect(page.locator("#run-conversation")).to_contain_text("All three.")
    expect(page.locator("#run-answers .calls .call-name")).to_have_text(names)
    assert is_marked(page)
