"""What somebody hears who does not see: names, roles, and each change said once."""

import re

import pytest
from playwright.sync_api import Page, expect

from testing.api_actor import ApiActor
from testing.http_desk import until
from tests.browser.browser_desk import call, count_waiting, open_thread, send, status, waiting_run
from tests.browser.watch import Watch

LISTEN = """() => {
  window.heard = [];
  const region = document.querySelector("#announcements");
  new MutationObserver(() => window.heard.push(region.textContent.trim())).observe(region, { childList: true });
}"""


def heard(page: Page, *expected: str) -> None:
    """Each of these was said, in this order."""
    until(lambda: is_in_order(expected, page.evaluate("window.heard")) or None, what=f"{expected}")


def is_in_order(wanted: tuple[str, ...], words: list[str]) -> bool:
    """Whether the wanted ones are among the words, in their order."""
    rest = iter(words)
    return all(each in rest for each in wanted)


def test_the_region_that_speaks_is_a_status_and_no_other_part_is_live(page: Page) -> None:
    page.goto("/queue/")
    expect(page.locator("#announcements")).to_have_role("status")
    assert page.locator("[aria-live]:visible, [role=alert]:visible, [role=log]:visible").count() == 0


@pytest.mark.slow
def test_a_run_says_each_step_of_its_way(page: Page, api_actor: ApiActor) -> None:
    thread_id, run_id = waiting_run(page, api_actor, [call("heard_once")])
    api_actor.fault("POST", f"/v1/threads/{thread_id}/runs/{run_id}/submit_tool_outputs", delay=1)
    page.evaluate(LISTEN)
    send(page, "one")
    heard(page, "Sending the answers.", "The run is completed.")


def test_what_a_filter_finds_is_said(page: Page) -> None:
    page.goto("/threads/")
    page.evaluate(LISTEN)
    page.get_by_label("Words").fill("parcel 10311")
    heard(page, "1 thread matches.")
    page.get_by_label("Words").fill("nowhere")
    heard(page, "0 threads match.")


@pytest.mark.slow
def test_a_run_that_begins_to_wait_is_said_once(page: Page, api_actor: ApiActor) -> None:
    page.goto("/queue/")
    count_waiting(page)
    page.evaluate(LISTEN)
    api_actor.run([call("newly_waiting")])
    expect(page.get_by_role("row").filter(has_text="newly_waiting")).to_be_visible()
    page.wait_for_function("() => window.heard.length", polling=100)
    (words,) = page.evaluate("window.heard")
    assert re.search("needs? action", words)


def test_the_form_for_answers_is_named(page: Page, api_actor: ApiActor) -> None:
    waiting_run(page, api_actor, [call("named_well", city="Oslo")])
    expect(page.get_by_role("region", name="1 call to answer")).to_match_aria_snapshot(
        """
        - heading "1 call to answer" [level=2]
        - article:
          - heading "named_well" [level=3]
          - button "Copy the arguments of named_well"
          - term: city
          - definition: Oslo
          - group "What the answer to named_well is written in":
            - radio "Text" [checked]
            - radio "JSON"
            - radio "Empty"
          - textbox "Answer to named_well"
        - button "Cancel run"
        - button "Send answers"
        """
    )


def test_a_row_of_the_queue_is_named_by_its_time_and_calls(page: Page, api_actor: ApiActor) -> None:
    waiting_run(page, api_actor, [call("row_is_named")])
    page.goto("/queue/")
    link = page.get_by_role("row").filter(has_text="row_is_named").locator(".row-link")
    expect(link).to_have_accessible_name(re.compile(r"^\d+m \d\ds left to answer row_is_named$"))


def test_the_frame_of_every_page_is_named(page: Page) -> None:
    page.goto("/queue/")
    for role, name in (("search", "Find by id"), ("navigation", "Pages"), ("main", None), ("banner", None)):
        expect(page.get_by_role(role, name=name) if name else page.get_by_role(role)).to_have_count(1)  # type: ignore[arg-type]
    expect(page.get_by_role("link", name="Queue", exact=False).first).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_count(1)


def test_a_thread_that_is_read_for_the_first_time_says_so_and_does_not_move(page: Page, api_actor: ApiActor) -> None:
    said = [{"role": "user", "content": f"Line {number}. " * (12 if number else 1)} for number in range(14)]
    thread = api_actor.post("/threads", {"messages": said})
    for part in ("runs", "messages"):
        api_actor.fault("GET", f"/v1/threads/{thread['id']}/{part}", delay=60)
    page.add_init_script(
        """window.shift = 0;
        new PerformanceObserver(list => list.getEntries().forEach(each => window.shift += each.value))
          .observe({ type: "layout-shift", buffered: true });"""
    )
    open_thread(page, thread["id"])
    expect(page.get_by_text("This thread is being read.")).to_be_attached()
    api_actor.control("/faults", method="DELETE")
    expect(page.locator("#thread-timeline .entry")).to_have_count(14)
    expect(page.locator(".skeleton")).to_have_count(0)
    assert page.evaluate("window.shift") < 0.01


@pytest.mark.slow
def test_what_could_not_be_sent_is_told_beside_its_form(page: Page, api_actor: ApiActor, watch: Watch) -> None:
    watch.expect("500")
    waiting_run(page, api_actor, [call("not_reached")])
    page.route("**/answers/", lambda route: route.fulfill(status=500, body="<p data-problem>Out of order.</p>"))
    send(page, "typed")
    told = page.locator("#run-answers .problem")
    expect(told).to_be_focused()
    expect(told).to_have_text("Out of order.")
    assert told.evaluate("each => each.nextElementSibling.id") == "answers"
    page.unroute("**/answers/")
    page.get_by_role("button", name="Send answers").click()
    expect(status(page, "Completed")).to_be_visible()
    expect(told).to_have_count(0)
