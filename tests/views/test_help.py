"""How to work here, in plain words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from assistants_app.models.people import Role
from tests.views.conftest import page


@pytest.mark.parametrize("words", ["least time left", "ten minutes after it was created", "What you send is stored"])
def test_it_says_what_one_must_know(olga: Client, words: str) -> None:
    assert words in page(olga.get("/help/")).text("main")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ADMIN])
def test_it_says_which_role_one_has(transactional_db: None, signed_in: Callable[..., Client], role: Role) -> None:
    assert f"You are signed in as {role.label}" in page(signed_in("somebody", role).get("/help/")).text("main")


def test_its_shortcuts_are_those_of_the_list_that_a_key_opens(olga: Client) -> None:
    on_page, in_dialog = page(olga.get("/help/")).all("dl", class_="keys")
    assert on_page.text == in_dialog.text
    assert "Next waiting run" in on_page.text
