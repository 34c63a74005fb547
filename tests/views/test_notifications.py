"""Where somebody is told of runs that need action."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from assistants_app.models import Recipient
from assistants_app.models.people import Role
from tests.views.conftest import page

HOOK = "https://hooks.example.com/services/T00/canary-71"
BLANK = {"emails": "", "webhook": "", "quiet_from": "", "quiet_to": "", "at_start": "on", "at_half": "on"}


def save(client: Client, status: int = 303, **changes: str) -> str:
    """Sends the form with changes; a choice of "" is not sent. Gives the text of the page."""
    sent = {name: value for name, value in {**BLANK, **changes}.items() if value or name not in {"at_start", "at_half"}}
    response = client.post("/notifications/", sent)
    assert response.status_code == status, response.content.decode()[-3000:]
    return response.content.decode()


def test_who_chose_nothing_has_no_row(olga: Client) -> None:
    assert "there is no address above" in page(olga.get("/notifications/")).text("notifications-latest")
    assert Recipient.objects.count() == 0


def test_what_is_chosen_is_stored_and_shown(olga: Client) -> None:
    save(olga, emails="Olga@example.com", at_half="", with_arguments="on", quiet_from="22:00", quiet_to="07:30")
    chosen = Recipient.objects.get()
    assert (chosen.emails, chosen.at_start, chosen.at_half) == ("Olga@example.com", True, False)
    assert (chosen.quiet_from, chosen.quiet_to, chosen.with_arguments) == (time(22), time(7, 30), True)
    sent = page(olga.get("/notifications/")).sends("/notifications/")
    assert (sent["emails"], sent["quiet_from"], sent["quiet_to"]) == ("Olga@example.com", "22:00", "07:30")


def test_a_webhook_is_shown_by_its_host_and_stays_until_it_is_removed(olga: Client) -> None:
    save(olga, webhook=HOOK)
    shown = olga.get("/notifications/").content.decode()
    assert "canary" not in shown
    assert "Empty: hooks.example.com/•••• stays." in shown
    save(olga, emails="a@example.com")
    assert Recipient.objects.get().webhook == HOOK
    save(olga, drop_webhook="on")
    assert Recipient.objects.get().webhook == ""


def test_a_webhook_is_stored_under_lock(olga: Client) -> None:
    save(olga, webhook=HOOK)
    assert "canary" not in str(Recipient.objects.values().get())


def test_a_webhook_that_was_typed_is_kept_while_the_rest_is_mended(olga: Client) -> None:
    shown = save(olga, 422, webhook=HOOK, emails="no address")
    assert "canary" not in shown
    assert "hooks.example.com/••••, which you typed, is kept" in shown
    save(olga, emails="a@example.com")
    assert Recipient.objects.get().webhook == HOOK


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"emails": "nobody"}, "is no e-mail address"),
        ({"emails": "a@example.com, b@example.com"}, "One address"),
        ({"emails": "a@example.com\r\nBcc: all@example.com"}, "One address"),
        ({"webhook": "ftp://example.com/x"}, "looks like https://"),
        ({"webhook": "https://user:word@example.com/x"}, "looks like https://"),
        ({"webhook": "https://[::1"}, "looks like https://"),
        ({"webhook": "http://169.254.169.254/latest"}, "not allowed here"),
        ({"quiet_from": "22:00"}, "both times, or none"),
        ({"quiet_to": "25:00", "quiet_from": "22:00"}, "Enter a valid time"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(olga: Client, wrong: dict[str, str], words: str) -> None:
    shown = save(olga, 422, **wrong)
    assert words in shown
    assert 'aria-invalid="true"' in shown
    assert Recipient.objects.count() == 0


def test_private_addresses_are_as_the_administrator_allows(olga: Client, settings: Any) -> None:
    settings.PRIVATE_ADDRESSES = []
    assert "not allowed here" in save(olga, 422, webhook="http://10.0.0.1/hook")


def test_without_a_mail_server_it_says_so(olga: Client, settings: Any) -> None:
    assert "EMAIL_HOST" in olga.get("/notifications/").content.decode()
    settings.EMAIL_HOST = "mail.example"
    assert "EMAIL_HOST" not in olga.get("/notifications/").content.decode()


def test_each_person_has_their_own(olga: Client, signed_in: Callable[..., Client]) -> None:
    save(olga, emails="olga@example.com")
    assert "olga@example.com" not in signed_in("pete").get("/notifications/").content.decode()


def test_a_failure_is_told_here_and_in_the_queue_to_its_owner_alone(
    olga: Client, signed_in: Callable[..., Client]
) -> None:
    save(olga, emails="olga@example.com")
    Recipient.objects.update(email_failure="No such mailbox")
    assert "No such mailbox" in olga.get("/notifications/").content.decode()
    assert "Your notifications do not arrive" in olga.get("/queue/").content.decode()
    assert "do not arrive" not in signed_in("pete").get("/queue/").content.decode()
    save(olga, emails="other@example.com")
    assert "do not arrive" not in olga.get("/queue/").content.decode()


def test_quiet_hours_hold_for_the_desktop_too(olga: Client) -> None:
    save(olga, emails="")
    assert olga.get("/queue/waiting/").json()["quiet"] is False
    Recipient.objects.update(silent_until=timezone.now() + timedelta(hours=1))
    assert olga.get("/queue/waiting/").json()["quiet"] is True


def test_a_viewer_has_no_such_page(signed_in: Callable[..., Client]) -> None:
    vera = signed_in("vera", Role.VIEWER)
    assert vera.get("/notifications/").status_code == 403
    assert "/notifications/" not in vera.get("/settings/").content.decode()


def test_it_takes_few_queries(olga: Client, django_assert_max_num_queries: Callable[..., Any]) -> None:
    save(olga, emails="olga@example.com")
    olga.get("/notifications/")
    with django_assert_max_num_queries(3):
        olga.get("/notifications/")
