"""A page stays live when its stream falls away."""

import time

import pytest
import requests
from playwright.sync_api import Page, Route, expect

from testing.api_actor import ApiActor
from testing.http_desk import until
from testing.stack import Stack
from tests.browser.browser_desk import call, is_marked, mark
from tests.browser.watch import Watch


@pytest.mark.slow
def test_polling_keeps_a_page_live_without_a_stream(page: Page, api_actor: ApiActor, watch: Watch) -> None:
    watch.expect("ERR_FAILED")
    refused: list[Route] = []

    def refuse(route: Route) -> None:
        refused.append(route)
        route.abort()

    page.route("**/stream/**", refuse)
    page.goto("/queue/")
    mark(page)
    live = page.locator("#live")
    expect(live).to_have_attribute("data-state", "reconnecting")
    api_actor.run([call("seen_by_polling")])
    expect(page.get_by_role("row").filter(has_text="seen_by_polling")).to_be_visible()
    page.unroute("**/stream/**")
    expect(live).to_have_attribute("data-state", "live")
    assert refused
    assert is_marked(page)


@pytest.mark.slow
def test_a_page_goes_on_after_the_web_process_was_killed(
    page: Page, stack: Stack, api_actor: ApiActor, watch: Watch
) -> None:
    watch.expect("net::ERR")
    watch.expect("htmx:")
    page.goto("/queue/")
    mark(page)
    live = page.locator("#live")
    expect(live).to_have_attribute("data-state", "live")
    stack.kill("web")
    expect(live).to_have_attribute("data-state", "reconnecting")
    expect(live).to_have_attribute("data-state", "live")
    api_actor.run([call("after_the_kill")])
    expect(page.get_by_role("row").filter(has_text="after_the_kill")).to_be_visible()
    assert is_marked(page)


def hello(stack: Stack, page: Page, topic: str, since: float) -> str:
    """What the stream says first to a page of that topic, made at that moment."""
    cookies = {each["name"]: each["value"] for each in page.context.cookies()}
    query = {"topic": topic, "since": str(since)}
    with requests.get(f"{stack.url}/stream/", params=query, cookies=cookies, stream=True, timeout=30) as answer:
        lines = answer.iter_lines(chunk_size=1, decode_unicode=True)
        return str(next(line for line in lines if line.startswith("data:"))).removeprefix("data:").strip()


def test_a_page_hears_what_has_changed_since_it_was_made(page: Page, stack: Stack, api_actor: ApiActor) -> None:
    until(
        lambda: hello(stack, page, "run-0", time.time()) == "" or None, what="a listener that heard all for long enough"
    )
    began = time.time()
    assert hello(stack, page, "run-0", began - 3600) == "all"
    api_actor.run([call("changes_the_queue")])
    page.goto("/queue/")
    expect(page.get_by_role("row").filter(has_text="changes_the_queue")).to_be_visible()
    assert hello(stack, page, "queue", began) == "queue"
    assert hello(stack, page, "run-0", time.time()) == ""
    assert hello(stack, page, "run-0", float("nan")) == "all"
