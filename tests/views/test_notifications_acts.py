"""A test message, the switch, and teams."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from assistants_app.models import Notification, Recipient
from assistants_app.models.people import Role
from tests.views.conftest import page
from tests.views.test_notifications import HOOK, save

TEAM = {"team": "Front desk", "emails": "a@example.com\nb@example.com", "webhook": HOOK, "time_zone": "Europe/Oslo"}


@pytest.fixture
def ada(signed_in: Callable[..., Client]) -> Client:
    return signed_in("ada", Role.ADMIN)


@pytest.fixture
def team(ada: Client) -> Recipient:
    assert ada.post("/notifications/team/", TEAM).status_code == 303
    return Recipient.objects.get()


def test_a_test_is_asked_for_on_each_channel(olga: Client) -> None:
    save(olga, webhook=HOOK)
    assert olga.post("/notifications/test/").status_code == 303
    assert "A test is on its way" in olga.get("/notifications/").content.decode()
    made = Notification.objects.get()
    assert (made.stage, made.channel, made.state, made.run) == ("test", "webhook", "waiting", None)
    assert f"notification-{made.pk}" in olga.get("/notifications/").content.decode()


def test_without_an_address_there_is_no_test(olga: Client) -> None:
    olga.post("/notifications/test/")
    assert "nowhere to send a test to" in olga.get("/notifications/").content.decode()
    assert Notification.objects.count() == 0


@pytest.mark.parametrize(("choice", "hours"), [("1", 1), ("4", 4)])
def test_the_switch_holds_for_some_hours(olga: Client, choice: str, hours: int) -> None:
    assert olga.post("/notifications/silence/", {"choice": choice}).status_code == 303
    until = Recipient.objects.get().silent_until
    assert until is not None
    assert abs((until - timezone.now()) - timedelta(hours=hours)) < timedelta(minutes=1)
    assert "Nothing is told until" in page(olga.get("/notifications/")).text("do-not-disturb")
    olga.post("/notifications/silence/", {"choice": "off"})
    assert Recipient.objects.get().silent_until is None


def test_the_morning_and_a_moment_are_by_the_persons_clock(olga: Client) -> None:
    olga.cookies["zone"] = "Asia/Tokyo"
    olga.post("/notifications/silence/", {"choice": "morning"})
    until = Recipient.objects.get().silent_until
    assert until is not None
    assert until.astimezone(ZoneInfo("Asia/Tokyo")).strftime("%H:%M") == "08:00"
    olga.post("/notifications/silence/", {"moment": "2099-01-02T09:00:00"})
    assert Recipient.objects.get().silent_until == datetime(2099, 1, 2, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({}, "Say until when."),
        ({"moment": "2020-01-01T00:00"}, "This time is past."),
        ({"choice": "9"}, "Do not disturb"),
    ],
)
def test_a_wrong_moment_is_told(olga: Client, sent: dict[str, str], words: str) -> None:
    assert words in page(olga.post("/notifications/silence/", sent), 422).text("do-not-disturb")
    assert Recipient.objects.count() == 0


def test_a_team_is_made_changed_and_removed(ada: Client, team: Recipient) -> None:
    assert (team.user, team.addresses, team.webhook) == (None, ["a@example.com", "b@example.com"], HOOK)
    shown = ada.get("/notifications/").content.decode()
    assert f"/notifications/team/?team={team.pk}" in shown
    address = f"/notifications/team/?team={team.pk}"
    sent = page(ada.get(address)).sends(address)
    ada.post(address, {**sent, "team": "Night desk"})
    assert Recipient.objects.get().team == "Night desk"
    assert Recipient.objects.get().webhook == HOOK
    ada.post("/notifications/team/remove/", {"team": team.pk})
    assert Recipient.objects.count() == 0


def test_two_teams_have_two_names(ada: Client, team: Recipient) -> None:
    assert "of this name already" in page(ada.post("/notifications/team/", TEAM), 422).text("main")


def test_a_team_is_tested_and_silenced_by_admins_alone(ada: Client, olga: Client, team: Recipient) -> None:
    for act in ("test", "silence"):
        assert olga.post(f"/notifications/{act}/", {"team": team.pk, "choice": "1"}).status_code == 403
        assert ada.post(f"/notifications/{act}/", {"team": team.pk, "choice": "1"}).status_code == 303
    team.refresh_from_db()
    assert team.silent_until is not None
    assert Notification.objects.get().recipient == team


@pytest.mark.parametrize("key", ["999999", "x", "%00", "-1"])
def test_a_team_that_is_none_is_not_there(ada: Client, key: str) -> None:
    assert ada.get(f"/notifications/team/?team={key}").status_code == 404
    assert ada.post("/notifications/test/", {"team": key}).status_code == 404


def test_a_person_is_no_team(ada: Client, olga: Client) -> None:
    save(olga, webhook=HOOK)
    own = Recipient.objects.get()
    assert ada.get(f"/notifications/team/?team={own.pk}").status_code == 404
    assert ada.post("/notifications/team/remove/", {"team": own.pk}).status_code == 404
