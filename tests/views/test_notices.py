"""What a page would show on top is shown after a swapped piece as well."""

from __future__ import annotations

import json
from uuid import uuid4

from django.test import Client

from assistants_app.models import Connection
from tests.views.conftest import page, piece


def test_a_piece_that_a_form_asked_for_brings_the_notices(connection: Connection, olga: Client) -> None:
    olga.post("/threads/create/", {"connection": connection.pk, "once": str(uuid4())})
    response = piece(olga, "/threads/", "threads-list")
    (notice,) = json.loads(response["HX-Trigger"])["notices"]["notices"]
    assert notice["kind"] == "info"
    assert "being made" in notice["text"]
    assert "HX-Trigger" not in piece(olga, "/threads/", "threads-list")


def test_a_piece_that_fetches_itself_leaves_them_to_the_page_they_are_for(connection: Connection, olga: Client) -> None:
    olga.post("/threads/create/", {"connection": connection.pk, "once": str(uuid4())})
    itself = {"HX-Request": "true", "HX-Target": "nav-count", "HX-Trigger": "nav-count"}
    assert "HX-Trigger" not in olga.get("/queue/", headers=itself)
    assert "being made" in page(olga.get("/threads/")).text("problems")
