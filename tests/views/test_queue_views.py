"""Saved views of the queue: a name for an address, one's own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from assistants_app.models import Connection, SavedView
from assistants_app.services import saved_views
from tests.views.conftest import Response, page


def save(client: Client, name: str, query: str) -> Response:
    return client.post("/queue/views/save/", {"name": name, "query": query})


def test_a_view_keeps_what_narrows_and_leads_there(connection: Connection, olga: Client) -> None:
    response = save(olga, "Refunds", "?function=refund&assistant=&evil=1&mine=on&connection=7")
    assert response["Location"] == "/queue/?connection=7&function=refund&mine=on"
    shown = page(olga.get(response["Location"]))
    link = next(each for each in shown.all("a") if each.text == "Refunds")
    assert (link.attributes["href"], link.attributes["aria-current"]) == (response["Location"], "page")


def test_another_person_sees_the_same_by_its_address_and_not_its_name(
    connection: Connection, signed_in: Callable[..., Client]
) -> None:
    address = save(signed_in("olga"), "Refunds", "function=refund")["Location"]
    shown = page(signed_in("pete").get(address))
    assert shown.one(id="id_function").attributes["value"] == "refund"
    assert not [each for each in shown.all("a") if each.text == "Refunds"]


def test_saving_under_the_same_name_replaces_it(olga: Client) -> None:
    save(olga, "Mine", "mine=on")
    save(olga, "Mine", "holder=nobody")
    assert list(SavedView.objects.values_list("name", "query")) == [("Mine", "holder=nobody")]


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_a_view_needs_a_name(olga: Client, name: str) -> None:
    shown = page(save(olga, name, "mine=on"), 422)
    assert "error" in [each.attributes.get("class") for each in shown.all("p")]
    assert not SavedView.objects.exists()


def test_nobody_keeps_more_than_so_many(olga: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_views, "MOST", 1)
    save(olga, "one", "mine=on")
    assert "delete one first" in page(save(olga, "two", "mine=on"), 422).text("views-menu")
    save(olga, "one", "holder=nobody")
    assert SavedView.objects.get().query == "holder=nobody"


def test_renaming(olga: Client) -> None:
    save(olga, "a", "mine=on")
    save(olga, "b", "holder=nobody")
    view = SavedView.objects.get(name="a")
    assert olga.post("/queue/views/rename/", {"view": view.pk, "name": "c"})["Location"] == "/queue/?mine=on"
    taken = olga.post("/queue/views/rename/", {"view": view.pk, "name": "b"}, follow=True)
    assert "another view of that name" in page(taken).text("problems")
    nameless = olga.post("/queue/views/rename/", {"view": view.pk, "name": ""}, follow=True)
    assert "not renamed" in page(nameless).text("problems")
    assert sorted(SavedView.objects.values_list("name", flat=True)) == ["b", "c"]


def test_deleting(olga: Client) -> None:
    save(olga, "a", "mine=on")
    assert olga.post("/queue/views/delete/", {"view": SavedView.objects.get().pk}).status_code == 303
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("act", ["rename", "delete"])
def test_the_view_of_another_person_is_left_alone(act: str, signed_in: Callable[..., Client]) -> None:
    save(signed_in("olga"), "hers", "mine=on")
    view = SavedView.objects.get()
    signed_in("pete").post(f"/queue/views/{act}/", {"view": view.pk, "name": "his"})
    assert SavedView.objects.get().name == "hers"


@pytest.mark.parametrize("view", ["", "x", "0", "9" * 40])
def test_what_is_no_view_changes_nothing(view: str, olga: Client) -> None:
    for act in ("rename", "delete"):
        assert olga.post(f"/queue/views/{act}/", {"view": view, "name": "x"}).status_code == 303
