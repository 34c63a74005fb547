"""Files and vector stores chosen inside the form of an assistant, in a real browser: nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, FilePayload, Page, expect

from testing.api_actor import ApiActor
from tests.browser.page_checks import find_violations


def notes(name: str) -> FilePayload:
    return {"name": name, "mimeType": "text/markdown", "buffer": b"# Notes\n\nRing twice."}


def filled_in(page: Page, name: str, connection: str = "1") -> None:
    page.goto(f"/assistants/new/?connection={connection}")
    left = page.get_by_role("button", name="Throw it away")
    if left.count():  # the draft of another test
        left.click()
        expect(left).to_have_count(0)
    page.fill("#id_name", name)
    page.fill("#id_model", "gpt-4o")


def create(page: Page) -> str:
    """Saves, and gives the id of the new assistant."""
    page.locator(".button-primary[value=save]").click()
    expect(page.locator("#assistant-head")).to_be_visible()
    return page.url.rstrip("/").split("/")[-1]


@pytest.mark.slow
def test_a_file_is_uploaded_and_a_vector_store_made_inside_the_form(page: Page, api_actor: ApiActor) -> None:
    name = f"Clerk {uuid4().hex[:6]}"
    filled_in(page, name)
    chosen = page.locator("#picker-interpreter_files > .picked")
    page.locator("#picker-interpreter_files summary").click()
    page.set_input_files("#upload-interpreter_files", [notes(f"{name}.md")])
    expect(chosen).to_contain_text(f"{name}.md")
    page.locator("#picker-vector_store_ids summary").click()
    page.get_by_role("button", name="Create a vector store…").click()
    dialog = page.locator("#new-store")
    dialog.get_by_label("Name", exact=True).fill(f"Manuals of {name}")
    dialog.locator("#picker-store_files summary").click()
    dialog.get_by_role("button", name=f"Add {name}.md").click()
    expect(dialog.locator("#picker-store_files > .picked")).to_contain_text(f"{name}.md")
    dialog.get_by_role("button", name="Create vector store").click()
    expect(dialog).to_be_hidden()
    store = page.locator("#picker-vector_store_ids > .picked")
    expect(store).to_contain_text(f"Manuals of {name}")
    expect(store).to_contain_text("1 file")
    expect(store).to_contain_text("Completed")
    expect(page.locator("#id_name")).to_have_value(name)
    for box in ("code_interpreter", "search"):
        page.check(f"#id_{box}")
    saved = api_actor.get(f"/assistants/{create(page)}")["tool_resources"]
    (file_id,) = saved["code_interpreter"]["file_ids"]
    (store_id,) = saved["file_search"]["vector_store_ids"]
    assert api_actor.get(f"/files/{file_id}")["filename"] == f"{name}.md"
    assert [each["id"] for each in api_actor.get(f"/vector_stores/{store_id}/files")["data"]] == [file_id]


@pytest.mark.slow
def test_what_is_chosen_outlives_a_row_more_and_a_closed_tab(window: Callable[..., BrowserContext]) -> None:
    context = window(viewport={"width": 320, "height": 800})
    page = context.new_page()
    name = f"Clerk {uuid4().hex[:6]}"
    filled_in(page, name)
    page.locator("#picker-interpreter_files summary").click()
    page.set_input_files("#upload-interpreter_files", [notes(f"{name}.md"), notes(f"{name}-2.md")])
    chosen = page.locator("#picker-interpreter_files > .picked > li")
    expect(chosen).to_have_count(2)
    page.get_by_role("button", name="Add a pair").click()
    expect(page.locator("#id_key-1")).to_be_visible()
    expect(page.locator(".htmx-request")).to_have_count(0)
    expect(chosen).to_have_count(2)
    page.get_by_role("button", name=f"Take away {name}.md").click()
    expect(chosen).to_have_count(1)
    page.locator(".resource-field", has=page.locator("#picker-interpreter_files")).get_by_text("Ids, typed").click()
    page.locator("#id_interpreter_files").press("End")
    page.locator("#id_interpreter_files").press_sequentially(" file-unknown")
    expect(chosen).to_have_count(2)
    expect(chosen.last).to_contain_text("not seen on this server")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not find_violations(page)
    kept = page.locator("#form-draft [name=draft]:not([value=''])")
    expect(kept).to_be_attached()
    page.close(run_before_unload=True)
    page = context.new_page()
    page.goto("/assistants/new/?connection=1")
    expect(page.locator("#picker-interpreter_files > .picked > li")).to_have_count(2)
    page.get_by_role("button", name="Throw it away").click()
    expect(page.locator("#id_name")).to_have_value("")


@pytest.mark.slow
@pytest.mark.parametrize("dialect", ["v1"])
def test_a_file_is_picked_on_a_server_of_the_first_dialect(page: Page, api_actor: ApiActor) -> None:
    answer = api_actor.session.post(
        f"{api_actor.api.url}/files", files={"file": ("rota.md", b"# Rota")}, data={"purpose": "assistants"}, timeout=30
    )
    filled_in(page, "Clerk")
    expect(page.locator("#picker-vector_store_ids")).to_have_count(0)
    page.locator("#picker-file_ids summary").click()
    page.get_by_label("Files of this server, by name or id").fill("rota")
    page.get_by_role("button", name="Add rota.md").click()
    expect(page.locator("#picker-file_ids > .picked")).to_contain_text("rota.md")
    expect(page.get_by_text("No name or id has these words.")).to_be_visible()
    page.check("#id_search")
    made = create(page)
    api_actor.session.headers["OpenAI-Beta"] = "assistants=v1"
    assert api_actor.get(f"/assistants/{made}")["file_ids"] == [answer.json()["id"]]
