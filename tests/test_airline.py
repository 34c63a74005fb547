"""Recorded support conversations, played through the running dashboard."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from testing.api_actor import ApiActor
from testing.html_page import Form, Page
from testing.http_desk import HttpDesk, until
from testing.stack import Stack, start_stack

SHARED = Path(os.environ.get("SHARED_DIR", Path(__file__).resolve().parents[2] / "shared"))
RECORD = SHARED / "data" / "airline" / "conversations.jsonl"
AT_ONCE = 6

pytestmark = [
    pytest.mark.database,
    pytest.mark.slow,
    pytest.mark.skipif(not RECORD.exists(), reason="the recorded conversations (../shared/data/airline) are not here"),
    pytest.mark.timeout(900),
]

CONVERSATIONS = 25


def recorded(count: int) -> list[dict[str, Any]]:
    """The first conversations that begin each with other words (the others are further tries at the same task)."""
    found: dict[str, dict[str, Any]] = {}
    for line in RECORD.read_text().splitlines():
        conversation = json.loads(line)
        has_calls = any(turn["rounds"] for turn in conversation["turns"])
        if has_calls:
            found.setdefault(conversation["turns"][0]["user"].strip(), conversation)
    return list(found.values())[:count]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    settings = {"LOCAL_API_PACE": "immediate", "DEMONSTRATION": "0"}
    running = start_stack(tmp_path_factory.mktemp("airline"), env=settings)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def desk(stack: Stack) -> HttpDesk:
    return HttpDesk(stack.url, stack.sign_in_url)


def test_the_record_is_played_through_the_dashboard_to_the_letter(stack: Stack, desk: HttpDesk) -> None:
    api_actor = ApiActor(stack.local_api())
    conversations = recorded(CONVERSATIONS)
    assert len(conversations) == CONVERSATIONS
    api_actor.control("/scripts", conversations)
    name = "Airline agent"
    assistant = api_actor.assistant(name=name, instructions=conversations[0]["assistant"]["instructions"])
    title = until(lambda: _assistant_value(desk, assistant), what="the assistant")
    with ThreadPoolExecutor(AT_ONCE) as together:
        played = [together.submit(_play, desk, title, conversation) for conversation in conversations]
        threads = [each.result() for each in played]
    for thread_id, conversation in zip(threads, conversations, strict=True):
        assert of_the_server(api_actor, thread_id) == of_the_record(conversation)


def _assistant_value(desk: HttpDesk, assistant: dict[str, Any]) -> str | None:
    """The value by which forms name the assistant, once the worker has read it."""
    answer = desk.session.get(f"{desk.url}/find", params={"q": assistant["id"]}, timeout=30)
    if not answer.ok:
        return None
    options = desk.page("/threads/").all("option")
    return next(each.attributes["value"] for each in options if each.text == assistant["name"])


def _play(desk: HttpDesk, assistant: str, conversation: dict[str, Any]) -> str:
    """Posts what the user said and answers what runs ask, turn by turn; gives the thread's id."""
    form = _form(desk.page("/threads/"), "/threads/create/")
    path = desk.send(form, **form.buttons)
    known: set[str] = set()
    for turn in conversation["turns"]:
        composer = until(lambda: _open_composer(desk, path), what="an unlocked thread")
        desk.send(composer, text=turn["user"], assistant=assistant)
        run = until(lambda: _new_run(desk, path, known), what="the run")
        known.add(run)
        for calls in turn["rounds"]:
            _answer(desk, run, calls)
        until(lambda run=run: _ended(desk, run), what=f"the end of {run}")  # type: ignore[misc]
    return path.strip("/").split("/")[-1]


def _answer(desk: HttpDesk, run: str, calls: list[dict[str, Any]]) -> None:
    """Waits for the form, compares what is shown with the record, and sends the recorded outputs."""
    wanted = ([call["name"] for call in calls], [call["arguments"] for call in calls])
    page = until(lambda: _asking(desk, run, wanted), what=f"{wanted} at {run}")
    form = _form(page, f"{run}answers/")
    names = [name for name in form.fields if name.startswith("output")]
    assert len(names) == len(calls)
    answers = {name: call["output"] for name, call in zip(names, calls, strict=True)}
    empty = {name.replace("output", "format"): "empty" for name, text in answers.items() if not text}
    desk.send(form, **answers, **empty)


def _asking(desk: HttpDesk, run: str, wanted: tuple[list[str], list[str]]) -> Page | None:
    page = desk.page(run)
    asked = any(form.action == f"{run}answers/" for form in page.forms)
    names = [each.text for each in page.all(class_="call-name")]
    arguments = [each.text for each in page.css("code[data-arguments]")]
    return page if asked and (names[: len(wanted[0])], arguments) == wanted else None


def _form(page: Page, action: str) -> Form:
    return next(form for form in page.forms if form.action == action)


def _open_composer(desk: HttpDesk, path: str) -> Form | None:
    text = desk.session.get(desk.url + path, timeout=30).text
    locked = "The server takes no messages while" in text
    return None if locked else next((form for form in Page(text).forms if form.action == f"{path}messages/"), None)


def _new_run(desk: HttpDesk, path: str, known: set[str]) -> str | None:
    runs = (link for link in desk.page(path).links if re.fullmatch("/runs/[^/]+/", link))
    return next((link for link in runs if link not in known), None)


def _ended(desk: HttpDesk, run: str) -> bool | None:
    page = desk.session.get(desk.url + run, timeout=30).text
    return True if 'class="badge badge-completed"' in page else None


def of_the_record(conversation: dict[str, Any]) -> list[Any]:
    said: list[Any] = []
    for turn in conversation["turns"]:
        said.append(("user", turn["user"].strip()))
        said += [(call["name"], call["arguments"], call["output"]) for calls in turn["rounds"] for call in calls]
        said += [("assistant", turn["reply"].strip())] if turn["reply"] is not None else []
    return said


def of_the_server(api_actor: ApiActor, thread_id: str) -> list[Any]:
    """The thread as the server has it now, in the form of the record."""
    messages = api_actor.get(f"/threads/{thread_id}/messages", order="asc", limit=100)["data"]
    runs = iter(api_actor.get(f"/threads/{thread_id}/runs", order="asc", limit=100)["data"])
    said: list[Any] = []
    for message in messages:
        said.append((message["role"], message["content"][0]["text"]["value"].strip()))
        if message["role"] == "user":
            said += _calls(api_actor, thread_id, next(runs)["id"])
    return said


def _calls(api_actor: ApiActor, thread_id: str, run_id: str) -> list[Any]:
    steps = api_actor.get(f"/threads/{thread_id}/runs/{run_id}/steps", order="asc", limit=100)["data"]
    calls = [call for step in steps for call in step["step_details"].get("tool_calls", [])]
    return [(each["function"]["name"], each["function"]["arguments"], each["function"]["output"]) for each in calls]
