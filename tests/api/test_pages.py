"""Pages of lists, and walking over all of them, whatever the server does with cursors."""

from typing import Any

import pytest

from assistants_app.api.client import Client, every
from assistants_app.api.errors import NotFound, Unreadable

from .conftest import Behaviour, Server, says


def page(*ids: str, **others: Any) -> Behaviour:
    return says({"object": "list", "data": [{"id": one} for one in ids], **others})


def walked(client: Client, **parameters: Any) -> list[str]:
    return [thread.id for thread in every(client.threads.list, **parameters)]


def targets(server: Server) -> list[str]:
    return [request.split(b" ")[1].decode() for request in server.requests]


def test_it_walks_to_the_end(server: Server, client: Client) -> None:
    server.plays(page("a", "b", last_id="b", has_more=True), page("c", last_id="c", has_more=False))
    assert walked(client, limit=2) == ["a", "b", "c"]
    assert targets(server) == ["/v1/threads?limit=2&order=desc", "/v1/threads?limit=2&order=desc&after=b"]


def test_it_begins_after_a_cursor(server: Server, client: Client) -> None:
    server.plays(page("c", has_more=False))
    assert walked(client, after="b", order="asc") == ["c"]
    assert targets(server) == ["/v1/threads?limit=100&order=asc&after=b"]


@pytest.mark.parametrize(
    ("pages", "ids"),
    [
        ([page("a", "b", has_more=True), page("c", has_more=False)], "abc"),  # no last_id
        ([page("a", "b", last_id="b", has_more=True)], "ab"),  # `after` is ignored
        ([page("a", last_id="x", has_more=True), page("b", last_id="x", has_more=True)], "ab"),  # a cursor again
        ([page("a", last_id="a", has_more=True), page(has_more=True)], "a"),  # more, and nothing comes
        ([page("a", "b", last_id="b", has_more=True), page("b", "c", has_more=False)], "abc"),  # pages overlap
        ([page("a", "b"), page("c")], "abc"),  # no has_more: a full page has more
        ([page("a", last_id=7, has_more=True), page("b", has_more=False)], "ab"),  # a cursor that is none
        ([page(has_more=True, last_id="x")], ""),
        ([says({"data": None})], ""),
        ([says(["no object", None, {"id": "a"}])], "a"),
    ],
)
def test_it_ends_and_brings_nothing_twice(server: Server, client: Client, pages: list[Any], ids: str) -> None:
    server.plays(*pages)
    assert "".join(walked(client, limit=2)) == ids


def test_objects_without_ids_are_not_taken_for_one(server: Server, client: Client) -> None:
    server.plays(says({"data": [{}, {}], "has_more": True}))
    assert walked(client) == ["", ""]


@pytest.mark.parametrize("body", [{}, {"data": {}}, {"data": "x"}, "x", 7, None])
def test_what_is_no_list_is_not_taken_for_an_empty_one(server: Server, client: Client, body: Any) -> None:
    server.plays(says(body))
    with pytest.raises(Unreadable):
        walked(client)


def test_an_error_on_the_way_is_told(server: Server, client: Client) -> None:
    server.plays(page("a", has_more=True), says({"error": {"message": "gone"}}, status=404))
    walk = every(client.threads.list)
    assert next(walk).id == "a"
    with pytest.raises(NotFound, match="gone"):
        next(walk)
