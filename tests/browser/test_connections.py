"""A connection from nothing to what its server offers, and to its end, as an admin sees it."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from testing import fake_server
from testing.fake_server import Asked, FakeServer

KEY = "key-of-a-strict-server"


@pytest.fixture
def strict() -> Iterator[FakeServer]:
    """A server that has nothing, and lets in only who has the key."""

    def lists_nothing(asked: Asked) -> tuple[int, Any]:
        known = asked.headers.get("authorization") == f"Bearer {KEY}"
        return (200, {"data": []}) if known else (401, {"error": {"message": "Who are you?"}})

    running = fake_server.start()
    running.answers["/v1/assistants"] = lists_nothing
    yield running
    running.stop()


@pytest.mark.slow
def test_a_connection_is_added_checked_archived_taken_up_again_and_removed(page: Page, strict: FakeServer) -> None:
    page.goto("/connections/")
    page.get_by_role("link", name="Add a connection").click()
    page.get_by_role("link", name="OpenAI-shaped").click()
    page.get_by_label("Name").fill("Second")
    page.get_by_label("Base URL").fill(f"{strict.url}/v1")
    page.get_by_role("button", name="Save and check").click()
    # No key yet: the server says so in its own words, and the page fills in by itself.
    row = page.locator("#finding-listAssistants")
    expect(row).to_contain_text("401: Who are you?")
    page.get_by_text("Replace the key", exact=True).click()
    page.get_by_label("New key").fill(KEY)
    page.get_by_role("button", name="Replace key").click()
    expect(row).to_contain_text("Offered")
    expect(page.locator("#finding-createRun")).to_contain_text("It would change something.")
    badge = page.locator("#connection-head .badge")
    expect(badge).to_have_text("Answers")
    page.get_by_role("button", name="Archive").click()
    page.locator("#confirm-act").click()
    expect(page.locator("#connection-head")).to_contain_text("Second is an archive")
    page.get_by_role("button", name="Try again").click()
    expect(badge).to_have_text("Answers")
    page.get_by_role("button", name="Remove").click()
    page.locator("#confirm-act").click()
    expect(page.locator("#problems")).to_contain_text("Second is removed.")
