"""Taking assistants elsewhere in a real browser: to a connection of the other dialect, into a file and back, and as
what comes after the Assistants API."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from testing.api_actor import ApiActor
from testing.http_desk import HttpDesk
from testing.stack import Stack, start_stack
from tests.browser.browser_desk import keep_session
from tests.browser.watch import Watch

PATIENCE = 60_000  # milliseconds until the dashboard has read what is new
FUNCTION = {"name": "ring", "parameters": {"type": "object", "properties": {}}}
SETTINGS: dict[str, dict[str, Any]] = {
    "v2": {
        "tools": [
            {"type": "file_search", "file_search": {"max_num_results": 7}},
            {"type": "function", "function": {**FUNCTION, "strict": True}},
        ],
        "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object"}}},
    },
    "v1": {"tools": [{"type": "retrieval"}, {"type": "function", "function": FUNCTION}]},
}
NAMES = {"v2": "Local", "v1": "Older"}
# What is said of an assistant of that dialect on its way to the other one.
SAID = {
    "v2": ("retrieval instead of file_search", "max_num_results", "strict", "Response format"),
    "v1": ("file_search instead of retrieval",),
}

pytestmark = [
    pytest.mark.slow,  # a dashboard of its own, and until it has read the lists of both
    # By other ids than v1: tests with that one share a dashboard (testing/scheduling.py).
    pytest.mark.parametrize("dialect", ["v2", "v1"], ids=["from v2", "from v1"]),
]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A dashboard of its own, since other tests want one connection: with one of each dialect to the same server."""
    settings = {"LOCAL_API_PACE": "immediate", "DEMONSTRATION": "0", "API_KEY": "local"}
    running = start_stack(tmp_path_factory.mktemp("transfer"), env=settings)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def originals(two: Stack) -> dict[str, dict[str, Any]]:
    """An assistant of each dialect, as its server has it."""
    server = ApiActor(two.local_api())
    made = {}
    for dialect, settings in SETTINGS.items():
        server.session.headers["OpenAI-Beta"] = f"assistants={dialect}"
        made[dialect] = server.assistant(instructions="Be kind.\nBe brief.", **settings)
    server.session.close()
    two.manage("connect", "Older", two.local_api_url, "--dialect", "v1")
    return made


@pytest.fixture(scope="module")
def session(two: Stack) -> Path:
    """What a browser keeps of the admin there."""
    return keep_session(HttpDesk(two.url, two.sign_in_url), two.folder / "admin.json")


@pytest.fixture
def desk(two: Stack, browser: Browser, session: Path, watch: Watch) -> Iterator[Page]:
    """The browser of somebody who has signed in there."""
    with browser.new_context(base_url=two.url, storage_state=session) as context:
        watch.follow(context)
        yield context.new_page()


@pytest.fixture
def server(two: Stack, dialect: str) -> Iterator[ApiActor]:
    """Somebody else's program at that server, which speaks that dialect."""
    other = ApiActor(two.local_api())
    other.session.headers["OpenAI-Beta"] = f"assistants={dialect}"
    yield other
    other.session.close()


@pytest.fixture
def original(originals: dict[str, dict[str, Any]], desk: Page, dialect: str) -> dict[str, Any]:
    """The assistant of that dialect, with its page open at the connection of that dialect."""
    name = originals[dialect]["name"]
    desk.goto(f"/assistants/?q={name.replace(' ', '+')}")
    connection = desk.get_by_role("cell", name=NAMES[dialect], exact=True)
    row = desk.locator("#assistants-list tbody tr", has=connection).last
    expect(row).to_be_visible(timeout=PATIENCE)
    key = str(row.get_attribute("id")).removeprefix("assistant-")
    desk.goto(f"/assistants/~{key}/")
    expect(desk.locator("#assistant-head h1")).to_have_text(name)
    return originals[dialect]


def test_a_copy_goes_to_the_other_dialect_with_a_list_of_what_does_not(
    desk: Page, original: dict[str, Any], dialect: str
) -> None:
    desk.get_by_role("link", name="Duplicate…").click()
    other = NAMES["v1" if dialect == "v2" else "v2"]
    desk.locator("main").get_by_role("link", name=other, exact=True).click()
    expect(desk.locator("#begun h2")).to_contain_text(f"to {other}")
    for words in SAID[dialect]:
        expect(desk.locator("#begun")).to_contain_text(words)
    expect(desk.locator("#id_name")).to_have_value(f"{original['name']} (copy)")
    expect(desk.locator("#id_instructions")).to_have_value("Be kind.\nBe brief.")
    desk.get_by_role("button", name="Create", exact=True).click()
    expect(desk.locator("#problems")).to_contain_text("The assistant is created.")
    expect(desk.locator("#assistant-head h1")).to_have_text(f"{original['name']} (copy)")
    expect(desk.locator("#assistant-head")).to_contain_text(other)


def test_a_yaml_file_brings_back_what_was_exported(
    desk: Page, original: dict[str, Any], server: ApiActor, dialect: str, tmp_path: Path
) -> None:
    desk.get_by_role("link", name="Export", exact=True).click()
    desk.get_by_role("link", name="YAML", exact=True).click()
    expect(desk.locator("#export")).to_contain_text("instructions: |-")
    with desk.expect_download() as waiting:
        desk.get_by_role("link", name="Download").click()
    file = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(file)
    assert file.name == f"{original['name']}.yaml"
    desk.goto("/assistants/")
    desk.get_by_role("link", name="Import").click()
    desk.get_by_label("Or a file").set_input_files(file)
    desk.get_by_role("button", name="Read it").click()
    desk.locator("main").get_by_role("link", name=NAMES[dialect], exact=True).click()
    expect(desk.locator("#begun")).to_contain_text("Everything comes along as it is.")
    desk.get_by_role("button", name="Create", exact=True).click()
    expect(desk.locator("#problems")).to_contain_text("The assistant is created.")
    found = [each for each in server.get("/assistants", limit=9)["data"] if each["name"] == original["name"]]
    assert len(found) == 2
    assert {name: found[0][name] for name in SETTINGS[dialect]} == {name: original[name] for name in SETTINGS[dialect]}
    assert found[0]["instructions"] == original["instructions"]


def test_each_successor_is_shown_with_what_has_no_place_there(desk: Page, original: dict[str, Any]) -> None:
    desk.get_by_role("link", name="Export", exact=True).click()
    checks: dict[str, Callable[[str], object]] = {
        "Responses API": json.loads,
        "Foundry agent": json.loads,
        "OpenAI Agents SDK": ast.parse,
    }
    for title, check in checks.items():
        desk.get_by_role("link", name=title, exact=True).click()
        expect(desk.get_by_role("link", name=title, exact=True)).to_have_attribute("aria-current", "page")
        text = desk.locator("#export").inner_text()
        assert original["model"] in text and "Be brief." in text
        check(text)
        expect(desk.locator("#unmapped")).to_contain_text("Threads")
        expect(desk.locator("#unmapped")).to_contain_text("Tool")
