"""Going anywhere by typing."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from assistants_app.models import Connection, Message, Run, Thread
from assistants_app.models.people import Role
from testing.api_actor import ApiActor
from tests.conftest import known_thread
from tests.views.conftest import page, piece

NOWHERE = ["\x00", "a\x00b", "'", '"', "*", "%", "_", "\\", "(", "NEAR", "a OR", "-", ":*", "!", "é🌧", "x" * 5000]


def places(client: Client, typed: str) -> list[tuple[str, str]]:
    """Titles and addresses of the places for what was typed."""
    found = page(client.get("/palette", {"q": typed}, headers={"HX-Request": "true", "HX-Target": "palette-places"}))
    options = found.all("a", role="option")
    return [(" ".join(each.text.split()), each.attributes["href"]) for each in options]


def said(connection: Connection, text: str) -> Thread:
    """A thread in which that was said."""
    now = timezone.now()
    thread = Thread.objects.create(connection=connection, remote_id=f"t_{uuid4().hex}", preview=text, active_at=now)
    Message.objects.create(thread=thread, remote_id=f"msg_{thread.pk}", role="user", text=text, created_at=now)
    return thread


def test_for_nothing_it_offers_the_pages_and_what_waits(waiting: Run, olga: Client) -> None:
    addresses = [address for _, address in places(olga, "")]
    assert addresses == [
        "/queue/",
        "/threads/",
        "/assistants/",
        "/history/",
        "/files/",
        "/vector-stores/",
        "/settings/",
        "/help/",
        waiting.get_absolute_url(),
    ]


@pytest.mark.parametrize(("typed", "address"), [("que", "/queue/"), ("Dark", "/settings/"), ("shortcuts", "/help/")])
def test_pages_are_found_by_what_they_are_for(olga: Client, typed: str, address: str) -> None:
    assert address in [found for _, found in places(olga, typed)]


def test_an_id_leads_to_its_object_first(waiting: Run, olga: Client) -> None:
    for remote_id, address in (
        (waiting.remote_id, waiting.get_absolute_url()),
        (f" {waiting.thread.remote_id}\n", waiting.thread.get_absolute_url()),
        (waiting.assistant_remote_id, f"/assistants/{waiting.assistant_remote_id}/"),
    ):
        assert places(olga, remote_id)[0][1] == address


def test_an_assistant_is_found_by_a_part_of_its_name(waiting: Run, olga: Client) -> None:
    assert waiting.assistant is not None
    found = {address: title for title, address in places(olga, waiting.assistant.name[3:].upper())}
    assert waiting.assistant.name in found[waiting.assistant.get_absolute_url()]
    assert "Waiting run" in found[waiting.get_absolute_url()]


def test_a_waiting_run_is_found_by_what_it_calls(waiting: Run, olga: Client) -> None:
    assert waiting.get_absolute_url() in [address for _, address in places(olga, "get_wea")]
    Run.objects.update(status="completed")
    assert places(olga, "get_wea") == []


def test_a_thread_is_found_by_words_of_which_the_last_may_be_unfinished(connection: Connection, olga: Client) -> None:
    thread = said(connection, "The hedgehog wants a raincoat")
    address = thread.get_absolute_url()
    for typed in ("hedgehog", "hedg", "raincoat hed", "HEDGEHOG rain"):
        assert address in [found for _, found in places(olga, typed)], typed
    for typed in ("hed rain coats", "edgehog", "he"):
        assert address not in [found for _, found in places(olga, typed)], typed


def test_there_are_ten_places_at_most(connection: Connection, olga: Client, api_actor: ApiActor) -> None:
    for number in range(12):
        said(connection, f"settings of number {number}")
    assert len(places(olga, "sett")) <= 10


@pytest.mark.parametrize("typed", NOWHERE)
def test_whatever_is_typed_is_answered(connection: Connection, olga: Client, typed: str) -> None:
    places(olga, typed)


def test_it_takes_few_queries_however_much_there_is(
    connection: Connection, olga: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        said(connection, f"something {number}")
    with django_assert_max_num_queries(12):
        places(olga, "something")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR, Role.EDITOR, Role.ADMIN])
def test_it_is_for_every_role(waiting: Run, signed_in: Callable[..., Client], role: Role) -> None:
    assert places(signed_in("somebody", role), waiting.remote_id)[0][1] == waiting.get_absolute_url()


def test_without_scripts_it_is_a_page(waiting: Run, olga: Client) -> None:
    shown = page(olga.get("/palette", {"q": "get_wea"}))
    assert waiting.get_absolute_url() in [each.attributes["href"] for each in shown.all("a", class_="row-link")]
    assert "Nothing fits" in page(olga.get("/palette", {"q": "nowhere"})).text("main")


def test_what_it_finds_is_shown_and_never_run(connection: Connection, olga: Client) -> None:
    said(connection, "<script>alert(1)</script> hedgehog")
    assert page(piece(olga, "/palette?q=hedgehog", "palette-places")).all("script") == []


def test_a_thread_that_was_read_is_found(connection: Connection, olga: Client, api_actor: ApiActor) -> None:
    thread = api_actor.post("/threads", {"messages": [{"role": "user", "content": "Zebrafinch in the attic"}]})
    known = known_thread(connection, thread["id"])
    assert places(olga, "zebraf")[0][1] == known.get_absolute_url()
