"""Lists keep still under the pointer and around the focus; what came meanwhile is one button away."""

from __future__ import annotations

from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, Request, Route, expect

from testing.api_actor import ApiActor
from tests.browser.browser_desk import call, is_marked, make_known, mark, waiting_run
from tests.browser.watch import Watch


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


@pytest.mark.slow
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


@pytest.mark.slow
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
    title = f"A new one on top {uuid4().hex[:6]}"
    thread = api_actor.post("/threads", {"messages": [{"role": "user", "content": title}]})
    make_known(page, thread["id"])
    button = page.get_by_role("button", name="new — show")
    expect(button).to_be_visible()
    assert ids(page) == before
    button.click()
    # Whatever other threads do meanwhile comes in once nobody points there and the focus is elsewhere.
    page.mouse.move(5, 400)
    page.get_by_role("link", name="Skip to the content").focus()
    expect(rows(page).filter(has_text=title)).to_be_visible()


def test_what_is_read_of_a_row_comes_in_where_somebody_points_and_has_the_focus(
    page: Page, api_actor: ApiActor
) -> None:
    thread = api_actor.post("/threads")
    make_known(page, thread["id"])
    page.goto("/threads/")
    row = rows(page).filter(has_text=thread["id"])
    row.hover()
    row.locator(".row-link").focus()
    before = ids(page)
    api_actor.post(f"/threads/{thread['id']}/messages", {"role": "user", "content": "Said to who looks"})
    page.request.get(f"/threads/{thread['id']}/")  # whoever looks at it has it read
    shown = rows(page).filter(has_text="Said to who looks")
    expect(shown.locator(".row-link")).to_be_focused()
    assert ids(page) == before


@pytest.mark.slow
def test_what_is_held_does_not_come_over_what_a_filter_found(page: Page, api_actor: ApiActor) -> None:
    waiting_run(page, api_actor, [call("held_then_narrowed")])
    page.goto("/queue/")
    rows(page).filter(has_text="held_then_narrowed").hover()
    api_actor.run([call("held_back")])
    expect(page.get_by_role("button", name="1 new — show")).to_be_visible()
    page.get_by_label("Function", exact=True).fill("held_then_narrowed")
    expect(rows(page)).to_have_count(1)
    page.mouse.move(5, 400)
    page.wait_for_timeout(1_500)  # what was held would come now
    expect(rows(page)).to_have_count(1)


@pytest.mark.slow
def test_what_came_and_left_while_somebody_pointed_is_not_shown(page: Page, api_actor: ApiActor) -> None:
    waiting_run(page, api_actor, [call("filtered_meanwhile")])
    page.goto("/queue/")
    rows(page).filter(has_text="filtered_meanwhile").hover()
    ids_of_run = api_actor.run([call("came_and_left")])
    button = page.get_by_role("button", name="new — show")
    expect(button).to_be_visible()
    api_actor.outputs(*ids_of_run)
    expect(button).to_have_count(0)
    page.mouse.move(5, 400)
    page.wait_for_timeout(1_500)  # what was held would come now
    expect(rows(page).filter(has_text="came_and_left")).to_have_count(0)


def test_what_changes_while_a_piece_fetches_itself_is_fetched_after_it(page: Page) -> None:
    page.goto("/queue/")
    expect(page.locator("#live")).to_have_attribute("data-state", "live")
    held: list[Route] = []
    page.route("**/queue/", lambda route: held.append(route) if is_for_list(route.request) else route.continue_())
    with page.expect_request(is_for_list):
        page.evaluate("htmx.trigger('#queue-list', 'changed')")
    page.evaluate("htmx.trigger('#queue-list', 'changed')")
    # As after a swap: htmx prepares a piece anew whose attributes differ, and forgets what it had queued.
    page.locator("#queue-list").evaluate("list => { list.dataset.version = 'another'; htmx.process(list); }")
    with page.expect_request(is_for_list):
        held[0].continue_()
    for route in held[1:]:
        route.continue_()


def test_what_could_not_be_fetched_is_fetched_again(page: Page, watch: Watch) -> None:
    watch.expect("503")
    page.goto("/queue/")
    expect(page.locator("#live")).to_have_attribute("data-state", "live")

    def refuse(route: Route) -> None:
        if is_for_list(route.request):
            route.fulfill(status=503, body="<p data-problem>Out of order.</p>")
        else:
            route.continue_()

    page.route("**/queue/", refuse)
    page.evaluate("htmx.trigger('#queue-list', 'changed')")
    expect(page.locator("#problems .problem")).to_have_text("Out of order.")
    page.unroute("**/queue/")
    page.locator("#queue-list").evaluate("list => { list.dataset.version = 'older'; }")
    expect(page.locator("#problems .problem")).to_have_count(0)


def is_for_list(request: Request) -> bool:
    return request.headers.get("hx-target") == "queue-list"


@pytest.mark.slow
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
