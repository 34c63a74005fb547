"""Files in a real browser: from a person's disk over the server into the conversation and back."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from testing.api_actor import ApiActor
from testing.stack import Stack
from tests.browser.watch import Watch


def picture() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (40, 20), "#4f46e5").save(data, "PNG")
    return data.getvalue()


@pytest.mark.slow
def test_an_image_goes_along_with_a_message_and_is_seen_and_saved(
    page: Page, stack: Stack, api_actor: ApiActor, watch: Watch
) -> None:
    thread_id = api_actor.post("/threads", {"messages": [{"role": "user", "content": "A thread to write to"}]})["id"]
    page.goto("/threads/")
    page.get_by_role("link", name="A thread to write to").first.click()
    page.get_by_label("Message", exact=True).fill("Look at this")
    page.get_by_role("button", name="Files and options").click()
    expect(page.get_by_label("Text", exact=True)).to_have_value("Look at this")
    image = {"name": "shot.png", "mimeType": "image/png", "buffer": picture()}
    page.get_by_label("Upload a file").set_input_files(image)  # type: ignore[arg-type]
    page.get_by_label("Purpose").select_option("vision")
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_label("File 1", exact=True)).not_to_have_value("")
    expect(page.get_by_label("Text", exact=True)).to_have_value("Look at this")
    page.get_by_role("button", name="Send only").click()
    shown = page.locator("#thread-timeline .figure img")
    expect(shown).to_be_visible()
    shown.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('#thread-timeline .figure img').naturalWidth === 40")
    with page.expect_download() as saved:
        page.locator("#thread-timeline .figure .chip a").click()
    assert saved.value.suggested_filename == "shot.png"
    assert saved.value.path().read_bytes() == picture()
    assert api_actor.get(f"/threads/{thread_id}/messages")["data"][0]["content"][1]["type"] == "image_file"


def test_pairs_of_metadata_are_edited_without_javascript_too(stack: Stack, browser: object, session: object) -> None:
    context = browser.new_context(base_url=stack.url, storage_state=session, java_script_enabled=False)  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto("/threads/?status=completed")
    page.locator("a.row-link").first.click()
    page.get_by_role("link", name="Metadata").click()
    expect(page.locator(".pair")).not_to_have_count(0)
    number = page.locator(".pair").count()
    page.get_by_label(f"Key {number}", exact=True).fill("mood")
    page.get_by_label(f"Value {number}", exact=True).fill("fine")
    page.get_by_role("button", name="Another pair").click()
    assert page.get_by_label(f"Value {number - 1}", exact=True).input_value() == "fine"
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_text("The metadata is saved.")).to_be_visible()
    context.close()
