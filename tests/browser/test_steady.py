"""Lists keep still under the pointer and around the focus; what came meanwhile is one button away."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, Route, expect

from testing.api_actor import ApiActor
from tests.browser.browser_desk import call, is_marked, make_known, mark, waiting_run


def rows(page: Page) -> Locator:
    return page.locator("main tbody tr")


def ids(page: Page) -> list[str]:
    return [str(each.get_attribute("id")) for each in rows(page).all()]


def test_nothing_moves_in_the_queue_under_the_pointer(page: Page, api_actor: ApiActor) -> None:
    waiting_run(page, api_actor, [call("pointed_at")])
    page.goto("/queue/")
    row = rows(page).filter(has_text="pointed_at")
    row.hover()
    before, place = ids(page), row.bounding_box()
    api_actor.run([call("came_meanwhile")])
    api_actor.run([call("came_meanwhile")])
    button = page.get_by_role("button", name="2 new — show")
    expect(button).to_be_visible()
    assert (ids(page), row.bounding_box()) == (before, place)
    button.click()
    expect(rows(page).filter(has_text="came_meanwhile")).to_have_count(2)
    expect(button).to_have_count(0)


def test_what_came_comes_in_by_itself_once_the_pointer_is_gone(page: Page, api_actor: ApiActor) -> None:
    waiting_run(page, api_actor, [call("left_again")])
    page.goto("/queue/")
    mark(page)
    rows(page).filter(has_text="left_again").hover()
    api_actor.run([call("comes_by_itself")])
    expect(page.get_by_role("button", name="1 new — show")).to_be_visible()
    page.mouse.move(5, 400)
    expect(rows(page).filter(has_text="comes_by_itself")).to_be_visible()
    assert is_marked(page)


def test_nothing_moves_around_the_focus_and_a_row_that_left_stays_until_then(page: Page, api_actor: ApiActor) -> None:
    ids_of_run = waiting_run(page, api_actor, [call("leaves_soon")])
    page.goto("/queue/")
    page.mouse.move(0, 0)
    row = rows(page).filter(has_text="leaves_soon")
    row.locator(".row-link").focus()
    before = ids(page)
    api_actor.outputs(*ids_of_run)
    expect(row).to_have_attribute("data-gone", "")
    assert ids(page) == before
    expect(row.locator(".row-link")).to_be_focused()
    page.get_by_role("link", name="Skip to the content").focus()
    expect(row).to_have_count(0)


def test_nothing_moves_in_the_list_of_threads_under_the_pointer(page: Page, api_actor: ApiActor) -> None:
    page.goto("/threads/")
    rows(page).nth(2).hover()
    before = ids(page)
    thread = api_actor.post("/threads", {"messages": [{"role": "user", "content": "A new one on top"}]})
    make_known(page, thread["id"])
    button = page.get_by_role("button", name="new — show")
    expect(button).to_be_visible()
    assert ids(page) == before
    button.click()
    # What was read of it meanwhile may come into its row once nobody points there.
    page.mouse.move(5, 400)
    expect(rows(page).filter(has_text="A new one on top")).to_be_visible()


def test_what_a_list_had_asked_for_before_it_was_narrowed_comes_too_late(page: Page, api_actor: ApiActor) -> None:
    waiting_run(page, api_actor, [call("narrowed_to")])
    waiting_run(page, api_actor, [call("left_out")])
    page.goto("/queue/")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/queue/", hold)
    page.evaluate("htmx.trigger('#queue-list', 'changed')")
    page.get_by_label("Function", exact=True).fill("narrowed_to")
    expect(rows(page)).to_have_count(1)
    late = next(each for each in held if each.request.headers.get("hx-target") == "queue-list")
    with page.expect_response("**/queue/?*function=narrowed_to*"):  # it looks again, at its own address
        late.continue_(headers={**late.request.headers, "x-seen-version": ""})
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("narrowed_to")
