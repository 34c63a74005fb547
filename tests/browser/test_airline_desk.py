"""Eight recorded support conversations, answered at the desk by keyboard; the customer's program plays the user."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from testing.api_actor import ApiActor
from testing.stack import Stack, start_stack
from tests import test_airline
from tests.browser.watch import Watch
from tests.test_airline import RECORD, recorded

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not RECORD.exists(), reason="the recorded conversations (../shared/data/airline) are not here"),
    pytest.mark.timeout(1200, func_only=True),
]

CONVERSATIONS = 8
LOOK_SECONDS = 0.5  # between two looks of the customer's program at its run
PATIENCE = 120_000  # milliseconds until the next run waits: the customer's program and this page share the machine
ASKED = """
() => ({
  thread: document.querySelector("#run-head .crumb").getAttribute("href").split("/")[2],
  names: [...document.querySelectorAll("#answers .answer-head .call-name")].map((each) => each.textContent),
  arguments: [...document.querySelectorAll("#answers [data-arguments]")].map((each) => each.textContent),
})
"""


@dataclass
class Customer:
    """A customer's application: turn by turn it posts what its user says, and looks at a run until that has ended."""

    api_actor: ApiActor
    assistant: str
    conversation: dict[str, Any]
    given_up: threading.Event
    thread: str = field(default="", init=False)

    def play(self) -> str:
        """Gives the thread's id."""
        self.thread = self.api_actor.post("/threads")["id"]
        for turn in self.conversation["turns"]:
            self.api_actor.post(f"/threads/{self.thread}/messages", {"role": "user", "content": turn["user"]})
            run = self.api_actor.post(f"/threads/{self.thread}/runs", {"assistant_id": self.assistant})
            while run["status"] in {"queued", "in_progress", "requires_action"} and not self.given_up.wait(
                LOOK_SECONDS
            ):
                run = self.api_actor.get(f"/threads/{self.thread}/runs/{run['id']}")
            assert run["status"] == "completed", run
        return self.thread


@pytest.fixture(scope="module")
def airline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    settings = {"LOCAL_API_PACE": "immediate", "DEMONSTRATION": "0", "LOCAL_API_EXPIRES_AFTER": "3600"}
    running = start_stack(tmp_path_factory.mktemp("airline_desk"), env=settings)
    yield running
    running.stop()


@pytest.fixture
def desk(airline: Stack, browser: Browser, watch: Watch) -> Iterator[Page]:
    """The queue in the browser of somebody who has signed in."""
    with browser.new_context(base_url=airline.url) as context:
        watch.follow(context)
        page = context.new_page()
        page.goto(airline.sign_in_url)
        yield page


def test_the_record_is_answered_at_the_desk_by_keyboard_to_the_letter(airline: Stack, desk: Page) -> None:
    conversations, given_up = recorded(CONVERSATIONS), threading.Event()
    assert len(conversations) == CONVERSATIONS
    api_actor = ApiActor(airline.local_api())
    api_actor.control("/scripts", conversations)
    assistant = api_actor.assistant(name="Airline agent", instructions=conversations[0]["assistant"]["instructions"])
    customers = [Customer(ApiActor(airline.local_api()), assistant["id"], each, given_up) for each in conversations]
    with ThreadPoolExecutor(CONVERSATIONS) as together:
        playing = [together.submit(each.play) for each in customers]
        try:
            work(desk, customers)
            threads = [each.result(timeout=PATIENCE / 1000) for each in playing]
        finally:
            given_up.set()
    for thread, conversation in zip(threads, conversations, strict=True):
        assert test_airline.of_the_server(api_actor, thread) == test_airline.of_the_record(conversation)


def work(desk: Page, customers: list[Customer]) -> None:
    """Answers run after run, each with what is recorded for exactly what it asks, until all of the record is given."""
    left = {id(each): [calls for turn in each.conversation["turns"] for calls in turn["rounds"]] for each in customers}
    for _ in range(sum(len(rounds) for rounds in left.values())):
        go_on(desk)
        asked = desk.evaluate(ASKED)
        customer = next(each for each in customers if each.thread == asked["thread"])
        calls = left[id(customer)].pop(0)
        assert asked["names"] == [call["name"] for call in calls]
        assert asked["arguments"] == [call["arguments"] for call in calls]
        give(desk, [call["output"] for call in calls])


def go_on(desk: Page) -> None:
    """To the next waiting run: the one that this page leads to, or the first of the queue once there is one."""
    before = desk.url
    if not desk.locator("#next-waiting").count():
        desk.keyboard.type("gq")
        desk.wait_for_url("**/queue/")
        before = desk.url
        expect(desk.locator("tr[data-free]").first).to_be_visible(timeout=PATIENCE)
    desk.keyboard.press("]")
    desk.wait_for_url(lambda url: url != before)
    expect(fields(desk).first).to_be_focused()


def give(desk: Page, outputs: list[str]) -> None:
    """Types each output, goes on by Ctrl+Enter, and sees that the last one sent them."""
    for number, output in enumerate(outputs):
        expect(fields(desk).nth(number)).to_be_focused()
        if output:
            desk.keyboard.insert_text(output)
        else:
            # Nothing at all is an answer only where somebody says so: Text, JSON, Empty.
            desk.keyboard.press("Shift+Tab")
            desk.keyboard.press("ArrowRight")
            desk.keyboard.press("ArrowRight")
            expect(desk.get_by_role("radio", name="Empty").nth(number)).to_be_checked()
        desk.keyboard.press("Control+Enter")
    expect(desk.locator("#answers-title")).to_be_focused()


def fields(desk: Page) -> Locator:
    return desk.locator("#answers textarea[name^=output]")
