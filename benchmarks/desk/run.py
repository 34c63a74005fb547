"""`desk`: ten waiting runs of two calls each, answered from the queue, beside agent-inbox and `curl`."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from benchmarks.desk import others
from benchmarks.desk.person import PATIENCE, Person, Sitting
from benchmarks.options import Options
from benchmarks.report import Table
from testing import browser_finder
from testing.api_actor import ApiActor
from testing.stack import Stack, start_stack

RUNS = 10
TEXTS = ["Rain, 4 degrees", '{"port": "Bergen", "high_water": "14:20"}']
CALLS = [("get_weather", {"city": "Oslo"}), ("get_tide", {"port": "Bergen"})]
NONE = float("nan")


def run(options: Options) -> Iterator[Table]:
    with tempfile.TemporaryDirectory(prefix="switchboard-benchmark-") as folder:
        environ = {"DEMONSTRATION": "off", "DATABASE_URL": "", "BROKER_URL": "", "LOCAL_API_PACE": "immediate"}
        stack = start_stack(Path(folder) / "data", env=environ)
        try:
            sittings = _at_the_desk(stack, options.sittings)
            typed = [_at_the_shell(stack) for _ in range(options.sittings)]
        finally:
            stack.stop()
    yield _table(sittings, typed)


def _table(sittings: list[Sitting], typed: list[others.Typed]) -> Table:
    table = Table(
        f"{RUNS} waiting runs of two calls each, median of {len(sittings)}",
        ["way", "s", "strokes", "documents", "pieces", "sent", "requests", "calls answered"],
        notes=[
            "Strokes: clicks and keys beside the words of the answers; a chord is one, copying and pasting an id two.",
            "Seconds: without reading and typing, from the open queue to the end of the last run.",
            "Requests: the rest are streams and files. That a page which is left gives up its claim is not counted.",
            "curl: from a list of the threads, which the API does not have; commands one after the other.",
            f"agent-inbox: counted from its source ({others.SOURCES}), not run.",
            "It reads only the first interrupt of a thread: a second call asked at once is neither shown nor answered.",
        ],
    )
    kinds = ("documents", "pieces", "sent")
    table.rows.append(
        [
            "Switchboard, by keyboard",
            statistics.median(each.seconds for each in sittings),
            statistics.median(each.keys for each in sittings),
            *(statistics.median(each.requests[kind] for each in sittings) for kind in kinds),
            statistics.median(each.requests.total() for each in sittings),
            f"{2 * RUNS} of {2 * RUNS}",
        ]
    )
    for name, inbox in (("asked one by one", others.ONE_BY_ONE), ("asked at once", others.AT_ONCE)):
        asked = [0.0, NONE, float(RUNS * inbox.answered), float(RUNS * inbox.requests)]
        answered = f"{RUNS * inbox.answered} of {2 * RUNS}"
        table.rows.append([f"agent-inbox, calls {name}", NONE, RUNS * inbox.strokes, *asked, answered])
    seconds = statistics.median(each.seconds for each in typed)
    for name, keys in (("all typed", typed[0].keys), ("functions of one's own", typed[0].keys_of_functions)):
        asked = [NONE, NONE, float(RUNS), float(typed[0].commands)]
        table.rows.append([f"curl, {name}", seconds, keys, *asked, f"{2 * RUNS} of {2 * RUNS}"])
    return table


def _at_the_desk(stack: Stack, times: int) -> list[Sitting]:
    api_actor = ApiActor(stack.local_api())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_finder.find(), args=browser_finder.arguments())
        page = browser.new_page(base_url=stack.url)
        page.goto(stack.sign_in_url)
        page.get_by_role("button", name="Dismiss").click()
        person = Person(page)
        sittings = [_sitting(page, person, api_actor) for _ in range(times)]
        browser.close()
    return sittings


def _sitting(page: Page, person: Person, api_actor: ApiActor) -> Sitting:
    """Ten runs wait in the open queue; all their answers arrive as they were given."""
    waiting = _wait(api_actor)
    page.goto("/queue/")
    expect(page.locator("tr[data-free]")).to_have_count(RUNS, timeout=PATIENCE)
    sitting = person.answer_all(RUNS, TEXTS)
    for thread_id, run_id in waiting:
        _check(api_actor, thread_id, run_id)
    return sitting


def _at_the_shell(stack: Stack) -> others.Typed:
    api_actor = ApiActor(stack.local_api())
    shell = others.Shell(stack.local_api_url, stack.local_api_key)
    for thread_id, run_id in _wait(api_actor):
        shell.answer(thread_id, TEXTS)
        _check(api_actor, thread_id, run_id)
    return shell.typed


def _wait(api_actor: ApiActor) -> list[tuple[str, str]]:
    return [api_actor.run(CALLS) for _ in range(RUNS)]


def _check(api_actor: ApiActor, thread_id: str, run_id: str) -> None:
    """Raises RuntimeError where the server has other answers."""
    steps = api_actor.get(f"/threads/{thread_id}/runs/{run_id}/steps")["data"]
    calls = [call for step in steps for call in step["step_details"].get("tool_calls", [])]
    if [call["function"]["output"] for call in calls] != TEXTS:
        raise RuntimeError(f"{run_id} was not answered as it should be: {calls}")
