"""A worker killed in the middle of its work: every run is followed again, none twice at once, nothing sent is lost."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

import pytest

from testing.api_actor import ApiActor
from testing.http_desk import HttpDesk, until
from testing.stack import Stack, start_stack

RUNS = 40
LEASE = 6.0
# The supervisor starts the worker again within this; on a busy machine its imports take most of it.
RESTART = 12.0
POLLED = re.compile(r"/v1/threads/[^/]+/runs/([^/]+)$")

pytestmark = [pytest.mark.database, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    settings = {"DEMONSTRATION": "0", "LEASE_SECONDS": str(LEASE)}
    running = start_stack(tmp_path_factory.mktemp("killed"), env=settings)
    yield running
    running.stop()


@pytest.fixture
def api_actor(stack: Stack) -> ApiActor:
    return ApiActor(stack.local_api())


def polls(api_actor: ApiActor) -> defaultdict[str, list[float]]:
    """When each run was asked for, in seconds."""
    found: defaultdict[str, list[float]] = defaultdict(list)
    for request in api_actor.control("/requests", method="GET")["requests"]:
        if request["method"] == "GET" and (match := POLLED.fullmatch(request["path"])):
            found[match[1]].append(moment(request["at"]))
    return found


def after(times: list[float], killed_at: float) -> list[float]:
    """What was asked after the kill; what was on its way at that moment does not count."""
    return [at for at in times if at > killed_at + 0.5]


def moment(at: float | str) -> float:
    return at if isinstance(at, float | int) else datetime.fromisoformat(at).timestamp()


@pytest.mark.slow
def test_every_run_is_followed_again_and_none_twice_at_once(stack: Stack, api_actor: ApiActor) -> None:
    # Runs that stay active for as long as the test takes.
    api_actor.control("/settings", {"pace": "queued=0,in_progress=500,cancelling=0"})
    runs = [api_actor.run([("get_weather", {})])[1] for _ in range(RUNS)]
    until(lambda: all(polls(api_actor)[run] for run in runs) or None, what="polls of all runs")
    killed_at = time.time()
    stack.kill("worker")
    until(
        lambda: all(after(polls(api_actor)[run], killed_at) for run in runs) or None,
        what="polls of all runs by a new worker",
    )
    seen = polls(api_actor)
    again = [after(seen[run], killed_at)[0] - killed_at for run in runs]
    # The lease and two seconds, or as soon as there is a worker again where that takes longer.
    assert max(again) <= max(LEASE, RESTART) + 2
    gaps = [later - earlier for run in runs for earlier, later in pairwise(seen[run])]
    assert min(gaps) > 0.4


@pytest.mark.slow
def test_answers_on_their_way_arrive_once(stack: Stack, api_actor: ApiActor) -> None:
    api_actor.control("/settings", {"pace": "immediate"})
    desk = HttpDesk(stack.url, stack.manage("sign_in_link").strip())
    runs = [api_actor.run([("get_weather", {})]) for _ in range(4)]
    for thread_id, run_id in runs:
        page = until(lambda run_id=run_id: waiting(desk, run_id), what=f"the form of {run_id}")  # type: ignore[misc]
        form = next(form for form in page.forms if form.action.endswith("/answers/"))
        (name,) = [name for name in form.fields if name.startswith("output")]
        until(lambda: desk.session.get(f"{stack.url}/healthz", timeout=30).ok or None, what="a worker")
        # The server takes its time, so that the worker dies while it waits for the answer.
        api_actor.fault("POST", f".*{thread_id}.*/submit_tool_outputs$", delay=1.5, after_effect=True)
        desk.send(form, **{name: "rain"})
        time.sleep(0.3)
        stack.kill("worker")
        until(lambda ids=(thread_id, run_id): accepted(api_actor, *ids), what="the answer at the server")  # type: ignore[misc]
    for thread_id, run_id in runs:
        until(lambda run_id=run_id: settled(desk, run_id), what="the acceptance on the page")  # type: ignore[misc]
        assert api_actor.sent("POST", f"/v1/threads/{thread_id}/runs/{run_id}/submit_tool_outputs") == 1


@pytest.mark.slow
def test_a_worker_killed_while_it_listens_to_a_stream_loses_nothing(stack: Stack, api_actor: ApiActor) -> None:
    words = " ".join(f"word{number}" for number in range(150))
    text = api_actor.script(reply=words)
    thread = api_actor.post("/threads")
    api_actor.assistant()
    desk = HttpDesk(stack.url, stack.manage("sign_in_link").strip())
    form = until(lambda: composer(desk, thread["id"]), what="an assistant to answer")
    api_actor.control("/settings", {"pace": "queued=0.1,in_progress=0.1,piece=0.1"})
    desk.send(form, text=text)
    # The first words show that it listens.
    run = until(lambda: begun(api_actor, thread["id"]), what="the beginning of the reply")
    killed_at = time.time()
    stack.kill("worker")
    until(lambda: after(polls(api_actor)[run], killed_at) or None, what="a poll by a new worker")
    assert after(polls(api_actor)[run], killed_at)[0] - killed_at <= max(LEASE, RESTART) + 2
    until(lambda: settled(desk, run), what="the end of the run on its page")
    until(lambda: words in desk.session.get(f"{desk.url}/threads/{thread['id']}/").text or None, what="the whole reply")
    assert api_actor.sent("POST", f"/v1/threads/{thread['id']}/runs") == 1


def composer(desk: HttpDesk, thread_id: str):  # type: ignore[no-untyped-def]
    """The form for messages, once somebody can answer them."""
    if not desk.session.get(f"{desk.url}/threads/{thread_id}/", timeout=30).ok:
        adding = next(form for form in desk.page("/threads/").forms if form.action == "/threads/add/")
        desk.send(adding, connection="1", ids=thread_id)
    page = desk.page(f"/threads/{thread_id}/")
    found = [form for form in page.forms if form.action.endswith("/messages/")]
    if not found:
        return None
    form = found[0]
    assistants = [each for each in page.options(form.action, "assistant") if each.isdecimal()]
    form.fields["assistant"] = assistants[-1] if assistants else ""
    return form if assistants else None


def begun(api_actor: ApiActor, thread_id: str) -> str | None:
    """The run of a thread once it writes."""
    said = api_actor.get(f"/threads/{thread_id}/messages")["data"]
    writing = [each for each in said if each["role"] == "assistant" and each["content"]]
    return writing[0]["run_id"] if writing else None


def waiting(desk: HttpDesk, run_id: str):  # type: ignore[no-untyped-def]
    answer = desk.session.get(f"{desk.url}/find", params={"q": run_id}, timeout=30)
    page = desk.page(f"/runs/{run_id}/") if answer.ok else None
    return page if page and any(form.action.endswith("/answers/") for form in page.forms) else None


def accepted(api_actor: ApiActor, thread_id: str, run_id: str) -> bool | None:
    return api_actor.get(f"/threads/{thread_id}/runs/{run_id}")["status"] == "completed" or None


def settled(desk: HttpDesk, run_id: str) -> bool | None:
    text = desk.session.get(f"{desk.url}/runs/{run_id}/", timeout=30).text
    return True if 'class="badge badge-completed"' in text else None
