"""What a person chooses for themselves."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assistants_app.models import Preferences, Run
from assistants_app.models.people import Role
from tests.views.conftest import page

DEFAULTS = {
    "theme": "system",
    "density": "comfortable",
    "time_zone": "browser",
    "language": "browser",
    "single_keys": "on",
}


def save(client: Client, status: int = 303, **changes: str) -> None:
    """Sends the form as it stands at first, with changes; a choice of "" is not sent at all."""
    sent = {name: value for name, value in {**DEFAULTS, **changes}.items() if value}
    assert client.post("/settings/", sent).status_code == status


def root(client: Client, url: str = "/help/") -> dict[str, str]:
    """The attributes of the page's <html>."""
    return page(client.get(url)).one("html").attributes


def test_who_chose_nothing_sees_what_holds(olga: Client) -> None:
    inputs = [each.attributes for each in page(olga.get("/settings/")).all("input")]
    checked = {each["name"]: each.get("value", "on") for each in inputs if "checked" in each and "id" in each}
    assert checked == {"theme": "system", "density": "comfortable", "single_keys": "on"}
    assert Preferences.objects.count() == 0


def test_what_is_chosen_is_stored_and_shown(olga: Client) -> None:
    save(olga, theme="dark", density="compact", time_zone="Europe/Oslo", single_keys="", notifications="on")
    shown = page(olga.get("/settings/"))
    assert "Your settings are saved." in shown.text("problems")
    assert shown.sends("/settings/")["theme"] == "dark"
    assert shown.sends("/settings/")["time_zone"] == "Europe/Oslo"
    chosen = Preferences.objects.get()
    assert (chosen.density, chosen.single_keys, chosen.notifications) == ("compact", False, True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"theme": "neon"},
        {"theme": ""},
        {"density": "\x00"},
        {"time_zone": "../../etc/passwd"},
        {"time_zone": "Mars/Olympus"},
        {"language": "xx"},
    ],
)
def test_what_is_no_choice_is_refused_with_a_reason(olga: Client, wrong: dict[str, str]) -> None:
    save(olga, 422, **wrong)
    assert Preferences.objects.count() == 0


@pytest.mark.parametrize(("theme", "written"), [("light", "light"), ("dark", "dark"), ("system", None)])
def test_the_theme_comes_with_the_page(olga: Client, theme: str, written: str | None) -> None:
    save(olga, theme=theme)
    assert root(olga).get("data-theme") == written


def test_density_keys_and_notifications_come_with_the_page(olga: Client) -> None:
    assert {"data-density": "comfortable", "data-keys": "on", "data-notifications": "off"}.items() <= root(olga).items()
    save(olga, density="compact", single_keys="", notifications="on")
    assert {"data-density": "compact", "data-keys": "off", "data-notifications": "on"}.items() <= root(olga).items()


def test_each_person_has_their_own(olga: Client, signed_in: Callable[..., Client]) -> None:
    save(olga, theme="dark")
    assert "data-theme" not in root(signed_in("vera", Role.VIEWER))
    assert "data-theme" not in root(Client(), "/sign-in/")


@pytest.mark.parametrize(
    ("chosen", "cookie", "zone"),
    [
        ("UTC", "Europe/Oslo", "UTC"),
        ("Asia/Tokyo", "Europe/Oslo", "JST"),
        ("browser", "Asia/Kolkata", "IST"),
        ("browser", "", "UTC"),
        ("browser", "../../etc/passwd", "UTC"),
        ("browser", '"Asia/Tokyo\\000"', "UTC"),
        ("browser", "<script>", "UTC"),
    ],
)
def test_exact_times_are_in_the_zone_that_was_chosen(
    waiting: Run, olga: Client, chosen: str, cookie: str, zone: str
) -> None:
    save(olga, time_zone=chosen)
    # As it goes over the wire: newer versions of Python put no control character into a cookie.
    header = f"sessionid={olga.cookies['sessionid'].value}; zone={cookie}"
    times = page(olga.get(waiting.get_absolute_url(), headers={"cookie": header})).all("time")
    assert {each.attributes["title"].split()[-1] for each in times if "title" in each.attributes} == {zone}


def test_one_persons_zone_and_language_end_with_their_request(waiting: Run, olga: Client) -> None:
    save(olga, time_zone="Asia/Tokyo", language="de")
    assert root(olga, "/queue/")["lang"] == "de"
    assert root(Client(), "/sign-in/")["lang"] == "en"


def test_what_somebody_chose_comes_with_the_query_that_fetches_them(olga: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(database) as seen:
            olga.get("/help/")
        return len(seen)

    without = queries()
    save(olga, theme="dark")
    olga.get("/settings/")  # the notice is taken away
    assert queries() == without <= 2
