"""Signing in, by password and by link, and out again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from assistants_app.models.people import Role
from assistants_app.services import people
from tests.views.conftest import page

PASSWORD = "a phrase of some length"
ELSEWHERE = [
    "https://elsewhere.example/",
    "http://elsewhere.example",
    "//elsewhere.example",
    "///elsewhere.example",
    "////elsewhere.example/queue/",
    "/\\elsewhere.example",
    "\\\\elsewhere.example",
    "\\/elsewhere.example",
    "/\t/elsewhere.example",
    "\t//elsewhere.example",
    " //elsewhere.example",
    "https:elsewhere.example",
    "https:/elsewhere.example",
    "https:///elsewhere.example",
    "https://testserver@elsewhere.example/",
    "https://testserver.elsewhere.example/",
    "https://elsewhere.example#testserver",
    "https://elsewhere.example?testserver",
    "https://elsewhere.example\\testserver",
    "http:\\\\elsewhere.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    " javascript:alert(1)",
    "\x01javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "ftp://elsewhere.example/",
    "mailto:a@elsewhere.example",
    "blob:https://elsewhere.example/1",
    "https://[::1]:99999/",
    "http://[elsewhere",
    "//elsewhere.example:80",
    "//elsewhere%00.example",
    "\u2028//elsewhere.example",
    "https://\u0435lsewhere.example/",
    "x" * 5000 + ":",
    "",
]


@pytest.fixture
def olga_known(person: Callable[..., User]) -> User:
    user = person("olga")
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(client: Client, **more: str) -> str:
    """Signs olga in; gives where she lands."""
    response = client.post("/sign-in/", {"username": "olga", "password": PASSWORD, **more})
    assert response.status_code == 302, response.content
    return str(response["Location"])


def link(user: User) -> str:
    return f"/sign-in/link/{people.sign_in_query(user=user)}"


def test_a_password_leads_to_the_queue(olga_known: User, client: Client) -> None:
    assert sign_in(client) == "/queue/"
    assert "Signed in as operator" in page(client.get("/queue/")).text("user-menu")


def test_a_password_leads_back_to_where_somebody_wanted_to_go(olga_known: User, client: Client) -> None:
    wanted = client.get("/threads/?words=a%20b")["Location"]
    sent = {each.attributes["name"]: each.attributes.get("value", "") for each in page(client.get(wanted)).all("input")}
    assert sign_in(client, next=sent["next"]) == "/threads/?words=a%20b"


def test_nobody_is_sent_to_another_site(olga_known: User) -> None:
    for place in ELSEWHERE:
        client = Client()
        shown = page(client.get("/sign-in/", {"next": place}))
        assert shown.one("input", name="next").attributes["value"] == "", place
        assert sign_in(client, next=place) == "/queue/", place
        assert client.get("/sign-in/", {"next": place})["Location"] == "/queue/", place


@pytest.mark.parametrize(
    ("username", "password"),
    [("olga", "wrong"), ("olga", ""), ("nobody", PASSWORD), ("", ""), ("o\x00", "p\x00"), ("o" * 9000, "p" * 9000)],
)
def test_a_wrong_password_is_told_without_telling_who_exists(
    olga_known: User, client: Client, username: str, password: str
) -> None:
    shown = page(client.post("/sign-in/", {"username": username, "password": password}))
    words = shown.text("main")
    assert any(part in words for part in ("correct username and password", "required", "Null", "at most"))
    assert client.get("/queue/").status_code == 302


def test_somebody_who_left_cannot_sign_in_and_is_out_at_once(olga_known: User, client: Client) -> None:
    sign_in(client)
    User.objects.update(is_active=False)
    assert client.get("/queue/").status_code == 302
    page(client.post("/sign-in/", {"username": "olga", "password": PASSWORD}))
    page(client.get(link(olga_known)), 403)


def test_a_new_session_is_made_at_signing_in(olga_known: User, client: Client) -> None:
    client.session["planted"] = 1
    client.session.save()
    planted = client.session.session_key
    sign_in(client)
    assert client.session.session_key != planted


def test_a_link_signs_in_once(person: Callable[..., User], client: Client) -> None:
    address = link(person("vera", Role.VIEWER))
    assert client.get(address)["Location"] == "/queue/"
    assert "Signed in as viewer" in page(client.get("/queue/")).text("user-menu")
    assert "does not work any more" in page(Client().get(address), 403).text("main")
    assert "does not work any more" in page(client.get(address), 403).text("main")


def test_a_link_ends_after_a_day(person: Callable[..., User], client: Client, settings: object) -> None:
    address = link(person())
    settings.SESAME_MAX_AGE = timedelta(seconds=-1)  # type: ignore[attr-defined]
    page(client.get(address), 403)


@pytest.mark.parametrize("query", ["", "?sesame=", "?sesame=x", "?sesame=%00", f"?sesame={'A' * 4000}", "?other=1"])
def test_a_broken_link_is_refused(transactional_db: None, client: Client, query: str) -> None:
    page(client.get(f"/sign-in/link/{query}"), 403)


def test_an_older_link_ends_when_a_newer_one_was_used(person: Callable[..., User], client: Client) -> None:
    older, newer = link(person()), link(person())
    client.get(newer)
    User.objects.update(last_login=timezone.now())
    page(Client().get(older), 403)


def test_a_link_of_somebody_else_changes_who_is_signed_in(
    signed_in: Callable[..., Client], person: Callable[..., User]
) -> None:
    client = signed_in("olga")
    before = client.session.session_key
    client.get(link(person("vera", Role.VIEWER)))
    assert "Signed in as viewer" in page(client.get("/queue/")).text("user-menu")
    assert client.session.session_key != before


def test_a_link_is_kept_by_no_cache_and_tells_no_other_page(person: Callable[..., User], client: Client) -> None:
    response = client.get(link(person()))
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "same-origin"


def test_signing_out_ends_the_session(olga: Client) -> None:
    cookie = olga.cookies["sessionid"].value
    response = olga.post("/sign-out/")
    assert (response.status_code, response["Location"]) == (303, "/sign-in/")
    stolen = Client()
    stolen.cookies["sessionid"] = cookie
    assert stolen.get("/queue/").status_code == 302


def test_whoever_is_signed_in_needs_no_form(olga: Client) -> None:
    assert olga.get("/sign-in/")["Location"] == "/queue/"
