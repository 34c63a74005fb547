"""Vector stores: the list, one with its files, making, filling and deleting it."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from assistants_app.models import Connection, Listing, Operation, VectorStore
from assistants_app.services import connections, refreshing
from testing.api_actor import ApiActor
from testing.local_api_process import LocalApi
from tests.views.conftest import delivered, page, piece
from tests.views.test_thread_message_details import upload

NEW = "/vector-stores/new/"


@pytest.fixture
def file_id(api_actor: ApiActor, local_api: LocalApi) -> str:
    return upload(local_api, api_actor, "manual.md", b"# Manual")


@pytest.fixture
def store(connection: Connection, olga: Client, api_actor: ApiActor, file_id: str) -> VectorStore:
    """A vector store of the server with a file in it, read."""
    # The server is that of other tests too: what they left there is taken away.
    for each in api_actor.get("/vector_stores", limit=100)["data"]:
        api_actor.delete(f"/vector_stores/{each['id']}")
    body = {"name": "Man<uals", "file_ids": [file_id], "metadata": {"team": "desk"}}
    made = api_actor.post("/vector_stores", body)
    page(olga.get("/vector-stores/"))
    for listing in Listing.objects.exclude(due_at=None):
        refreshing.read_listing(key=listing.pk)
    return looked_at(VectorStore.objects.get(remote_id=made["id"]), olga)


def looked_at(store: VectorStore, olga: Client) -> VectorStore:
    """The same after somebody opened its page and a worker read it."""
    VectorStore.objects.update(refreshed_at=None)
    page(olga.get(store.get_absolute_url()))
    refreshing.read_vector_store(key=store.pk)
    store.refresh_from_db()
    return store


def test_the_list_leads_to_one_with_its_files(olga: Client, store: VectorStore, file_id: str) -> None:
    listed = page(olga.get("/vector-stores/"))
    assert store.get_absolute_url() in {each.attributes["href"] for each in listed.all("a", class_="row-link")}
    assert "Man<uals" in listed.text("vector-stores-list")
    shown = page(olga.get(store.get_absolute_url()))
    assert file_id in shown.text("vector-store-files")
    assert "team" in shown.text("main")
    for target in ("vector-store-head", "vector-store-files"):
        assert page(piece(olga, store.get_absolute_url(), target)).elements[0].attributes["id"] == target


def test_words_narrow_the_list(olga: Client, store: VectorStore) -> None:
    assert "Man<uals" in page(olga.get("/vector-stores/?q=man%3C")).text("vector-stores-list")
    assert "No vector store matches" in page(olga.get("/vector-stores/?q=nowhere")).text("vector-stores-list")


def test_one_is_made_once_with_files_and_metadata(
    connection: Connection, olga: Client, api_actor: ApiActor, file_id: str
) -> None:
    sent = page(olga.get(NEW)).sends(NEW) | {"connection": connection.pk, "name": "New <one>", "days": "7"}
    sent |= {"file_ids": f"{file_id}\r\n", "metadata-0-key": "a", "metadata-0-value": "b"}
    assert {olga.post(NEW, sent)["Location"] for _ in range(2)} == {"/vector-stores/"}
    assert "Create vector store: Sending. New <one>" in page(olga.get("/vector-stores/")).text("vector-stores-list")
    assert [(each.kind, each.state, each.error) for each in delivered()] == [("create_vector_store", "accepted", "")]
    made = VectorStore.objects.get()
    assert olga.post(NEW, sent)["Location"] == made.get_absolute_url()
    there = api_actor.get(f"/vector_stores/{made.remote_id}")
    assert (there["name"], there["file_counts"]["total"], there["metadata"]["a"]) == ("New <one>", 1, "b")
    assert there["expires_after"] == {"anchor": "last_active_at", "days": 7}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"name": "x" * 257}, "at most 256 characters"),
        ({"file_ids": "f " * 501}, "At most 500 files."),
        ({"days": "366"}, "less than or equal to 365"),
        ({"metadata-0-value": "v"}, "Row 1 has a value and no key."),
        ({"once": ""}, "not whole"),
        ({"connection": "x"}, "not one of the available choices"),
    ],
)
def test_what_is_wrong_is_told_and_stays_typed(
    connection: Connection, olga: Client, changed: dict[str, str], told: str
) -> None:
    sent = page(olga.get(NEW)).sends(NEW) | {"connection": str(connection.pk), "name": "Kept", **changed}
    shown = page(olga.post(NEW, sent), 422)
    assert told in shown.text("new-store")
    assert shown.sends(NEW)["name"] == sent["name"]
    assert not Operation.objects.exists()


def test_another_pair_keeps_what_was_typed(connection: Connection, olga: Client) -> None:
    sent = page(olga.get(NEW)).sends(NEW) | {"connection": str(connection.pk), "name": "Kept", "act": "more"}
    assert page(olga.post(NEW, sent)).sends(NEW)["name"] == "Kept"


def test_v1_has_none_and_says_so(connection: Connection, olga: Client) -> None:
    connections.save(connection, dialect="v1")
    page(olga.get("/vector-stores/"))
    assert not Listing.objects.exists()
    sent = page(olga.get(NEW)).sends(NEW) | {"connection": str(connection.pk)}
    assert "The dialect v1 has no such operation." in page(olga.post(NEW, sent), 422).text("new-store")


def test_a_file_is_put_in_and_taken_out(
    olga: Client, store: VectorStore, api_actor: ApiActor, local_api: LocalApi, file_id: str
) -> None:
    other = upload(local_api, api_actor, "other.md", b"Other")
    here = store.get_absolute_url()
    assert olga.post(f"{here}files/", {"file": f" {other} "})["Location"] == here
    inside = api_actor.get(f"/vector_stores/{store.remote_id}/files")["data"]
    assert {each["id"] for each in inside} == {file_id, other}
    row = store.files.get(remote_id=other)
    assert olga.post(f"{here}files/{row.pk}/refresh/")["Location"] == here
    where = f"{here}files/{row.pk}/remove/"
    assert "The file itself stays" in page(olga.get(where)).text("delete")
    assert olga.post(where)["Location"] == here
    assert [each["id"] for each in api_actor.get(f"/vector_stores/{store.remote_id}/files")["data"]] == [file_id]
    assert api_actor.get(f"/files/{other}")["id"] == other
    assert other not in page(olga.get(here)).text("vector-store-files")


@pytest.mark.parametrize(("file", "status"), [("", 422), ("  ", 422), ("file-none", 502), ("x" * 600, 422)])
def test_what_cannot_be_put_in_is_told_beside_the_field(
    olga: Client, store: VectorStore, file: str, status: int
) -> None:
    shown = page(olga.post(f"{store.get_absolute_url()}files/", {"file": file}), status)
    assert shown.text("id_file_error")
    assert shown.sends(f"{store.get_absolute_url()}files/")["file"] == file


def test_deleting_says_first_what_it_means(olga: Client, store: VectorStore, api_actor: ApiActor, file_id: str) -> None:
    where = f"{store.get_absolute_url()}delete/"
    assert "The files in it stay." in page(olga.get(where)).text("delete")
    assert api_actor.get(f"/vector_stores/{store.remote_id}")
    assert olga.post(where)["Location"] == store.get_absolute_url()
    assert "no longer has this vector store" in page(olga.get(store.get_absolute_url())).text("vector-store-head")
    assert api_actor.get(f"/files/{file_id}")
    assert store.remote_id not in {each["id"] for each in api_actor.get("/vector_stores")["data"]}


def test_one_that_is_gone_on_the_server_is_told(olga: Client, store: VectorStore, api_actor: ApiActor) -> None:
    api_actor.delete(f"/vector_stores/{store.remote_id}")
    looked_at(store, olga)
    assert "no longer has this vector store" in page(olga.get(store.get_absolute_url())).text("vector-store-head")


def test_what_goes_wrong_in_reading_is_told(olga: Client, store: VectorStore, api_actor: ApiActor) -> None:
    api_actor.fault("GET", "/vector_stores/[^/]+$", status=500, body="Broken <b>", times=5)
    looked_at(store, olga)
    assert "Broken <b>" in page(olga.get(store.get_absolute_url())).text("vector-store-head")
    olga.post(f"{store.get_absolute_url()}refresh/")
    assert VectorStore.objects.get().due_at is not None


def test_it_takes_few_queries(
    olga: Client, store: VectorStore, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(9):
        page(olga.get(store.get_absolute_url()))
    with django_assert_max_num_queries(9):
        page(olga.get("/vector-stores/"))


@pytest.mark.parametrize(
    "raw", [{}, {"name": 5, "file_counts": [], "usage_bytes": "x", "metadata": "y", "status": None}]
)
def test_whatever_a_server_says_of_one_is_shown(
    connection: Connection, olga: Client, api_actor: ApiActor, raw: dict[str, object]
) -> None:
    api_actor.fault("GET", "/vector_stores$", body={"data": [{"id": "vs odd", **raw}], "has_more": False})
    page(olga.get("/vector-stores/"))
    refreshing.read_listing(key=Listing.objects.get().pk)
    page(olga.get(VectorStore.objects.get().get_absolute_url()))
    page(olga.get("/vector-stores/"))
