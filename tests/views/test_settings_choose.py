"""A choice made in passing: the theme in the menu, the single keys in the list of shortcuts."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from assistants_app.models import Preferences
from tests.views.conftest import page


def test_the_theme_is_stored_and_all_else_stays(olga: Client) -> None:
    user = User.objects.get(username="olga")
    Preferences.objects.create(user=user, density="compact", single_keys=False)
    olga.post("/settings/choose/", {"theme": "dark"})
    chosen = Preferences.objects.get()
    assert (chosen.theme, chosen.density, chosen.single_keys) == ("dark", "compact", False)
    assert page(olga.get("/help/")).one("button", name="theme", value="dark").attributes["aria-pressed"] == "true"


def test_single_keys_are_switched_off_and_on(olga: Client) -> None:
    # As browsers send a checkbox with a hidden field before it.
    olga.post("/settings/choose/", {"single_keys": ["off"]})
    assert not Preferences.objects.get().single_keys
    olga.post("/settings/choose/", {"single_keys": ["off", "on"]})
    assert Preferences.objects.get().single_keys


@pytest.mark.parametrize("sent", [{}, {"theme": "neon"}, {"single_keys": "maybe"}, {"density": "compact"}])
def test_what_is_no_choice_changes_nothing(olga: Client, sent: dict[str, str]) -> None:
    assert olga.post("/settings/choose/", sent).status_code == 422
    assert Preferences.objects.count() == 0


@pytest.mark.parametrize(
    ("came_from", "leads_to"),
    [
        ("http://testserver/threads/?words=a", "/threads/?words=a"),
        ("https://elsewhere.example/threads/", "/"),
        ("http://testserver//elsewhere.example/", "/"),
        ("", "/"),
    ],
)
def test_it_leads_back_to_the_page_and_nowhere_else(olga: Client, came_from: str, leads_to: str) -> None:
    response = olga.post("/settings/choose/", {"theme": "dark"}, headers={"Referer": came_from})
    assert (response.status_code, response["Location"]) == (303, leads_to)
