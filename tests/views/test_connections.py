"""Connections on pages: for admins alone, mended without loss, and never with a key."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from assistants_app.api import errors
from assistants_app.models import Connection, ConnectionCheck, Run, Thread
from assistants_app.models.people import Role
from assistants_app.services import archive, capabilities, connections, refreshing
from testing import fake_server
from testing.fake_server import FakeServer
from tests.views.conftest import page, piece

pytestmark = pytest.mark.django_db(transaction=True)
CANARY = "sk-canary-91c2-do-not-tell"
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n"


@pytest.fixture
def admin(signed_in: Callable[..., Client]) -> Client:
    return signed_in("ada", Role.ADMIN)


@pytest.fixture
def server(transactional_db: None) -> Iterator[FakeServer]:
    running = fake_server.start()
    running.offers("/v1")
    yield running
    running.stop()


def filled(admin: Client, address: str, **changes: str) -> dict[str, str]:
    """What the form there sends with these changes."""
    return {**page(admin.get(address)).sends(address), **changes}


def added(admin: Client, server: FakeServer, *, kind: str = "openai", status: int = 303, **changes: str) -> Any:
    """The answer to a new connection."""
    address = f"/connections/add/?kind={kind}"
    given = {"name": "Ours", "base_url": f"{server.url}/v1", "key": CANARY, **changes}
    response = admin.post(address, filled(admin, address, **given))
    assert response.status_code == status, response.content[:3000]
    return response


def errors_of(response: Any) -> str:
    return " ".join(page(response, 422).one("div", role="alert").text.split())


def token(ends: datetime) -> str:
    """A token that says when it ends."""
    part = urlsafe_b64encode(json.dumps({"exp": ends.timestamp()}).encode()).decode().rstrip("=")
    return f"head.{part}.signature"


def test_without_any_an_admin_is_led_to_the_first_one(admin: Client, db: None) -> None:
    assert "No server is connected yet" in page(admin.get("/connections/")).text("connections-list")
    hrefs = [each.attributes["href"] for each in page(admin.get("/queue/")).all("a")]
    assert "/connections/add/" in hrefs


def test_only_admins_see_them_in_the_menu_and_the_palette(admin: Client, olga: Client) -> None:
    for client, sees in ((admin, True), (olga, False)):
        shown = page(client.get("/palette?q=connec"))
        assert ("/connections/" in [each.attributes["href"] for each in shown.all("a")]) is sees
        menu = [each for each in shown.all("a", href="/connections/") if each.attributes.get("data-goes")]
        assert bool(menu) is sees


def test_first_the_kind_is_chosen_then_only_its_fields_are_asked_for(admin: Client, db: None) -> None:
    shown = page(admin.get("/connections/add/"))
    kinds = [each.attributes["href"] for each in shown.all("a", class_="row-link")]
    assert [each.rpartition("=")[2] for each in kinds] == ["openai", "azure_openai", "azure_foundry", "custom"]
    fields = {each.rpartition("=")[2]: set(page(admin.get(each)).sends(each)) for each in kinds}
    assert "api_version" in fields["azure_openai"] & fields["azure_foundry"]
    assert "tenant_id" not in fields["openai"]
    assert "key_header" in fields["custom"]
    assert "key_header" not in fields["azure_foundry"]


def test_what_is_added_is_stored_and_looked_at(admin: Client, server: FakeServer) -> None:
    response = added(admin, server, organization="org_1", query="a=1", poll_seconds="3", requests_per_minute="3000")
    connection = Connection.objects.get()
    assert response["Location"] == f"/connections/{connection.pk}/"
    assert (connection.key, connection.organization, connection.query) == (CANARY, "org_1", {"a": "1"})
    assert (connection.poll_seconds, connection.requests_per_minute) == (3.0, 3000)
    assert "0 of" in page(admin.get(response["Location"])).text("connection-check")
    refreshing.refresh_due(seconds=0.05)
    shown = page(admin.get(response["Location"]))
    assert "Offered" in shown.text("finding-listAssistants")
    assert "It would change something." in shown.text("finding-createRun")
    assert "Answers" in page(admin.get("/connections/")).text(f"connection-{connection.pk}")


def test_a_check_shows_how_far_it_is_and_its_piece_comes_alone(admin: Client, server: FakeServer) -> None:
    added(admin, server)
    address = Connection.objects.get().get_absolute_url()
    half = ConnectionCheck.objects.get()
    rows = half.rows
    rows[0]["state"] = "offered"
    ConnectionCheck.objects.update(findings=json.dumps(rows))
    shown = page(piece(admin, address, "connection-check"))
    assert shown.elements[0].attributes["id"] == "connection-check"
    assert f"1 of {len(rows)} operations are looked at" in shown.text("connection-check")


def test_azure_gets_its_version_and_needs_its_path(admin: Client, server: FakeServer) -> None:
    refused = added(admin, server, kind="azure_openai", status=422, base_url=server.url)
    assert "RESOURCE.openai.azure.com/openai" in errors_of(refused)
    added(admin, server, kind="azure_openai", base_url=f"{server.url}/openai", api_version="2024-02-15-preview", key="")
    connection = Connection.objects.get()
    assert connection.query == {"api-version": "2024-02-15-preview"}
    assert connection.key == CANARY


def test_a_pasted_token_says_itself_when_it_ends(admin: Client, server: FakeServer) -> None:
    ends = (timezone.now() + timedelta(hours=1)).replace(microsecond=0)
    foundry = {"kind": "azure_foundry", "base_url": f"{server.url}/api/projects/one"}
    past = added(admin, server, **foundry, status=422, key=token(datetime(2020, 1, 1, tzinfo=UTC)))
    assert "ended already" in errors_of(past)
    added(admin, server, **foundry, status=303, key=token(ends))
    connection = Connection.objects.get()
    assert (connection.access, connection.key_expires_at) == ("token", ends)


def test_an_application_needs_tenant_id_and_secret(admin: Client, server: FakeServer) -> None:
    foundry = {"kind": "azure_foundry", "base_url": f"{server.url}/api/projects/one", "access": "client"}
    words = errors_of(added(admin, server, **foundry, status=422, key=""))
    assert words.count("An application of Entra needs it.") == 2
    assert "Paste the secret" in words
    assert "domain" in errors_of(added(admin, server, **foundry, status=422, tenant_id="a/../b", client_id="c"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "Name"),
        ({"base_url": "ftp://elsewhere/"}, "Base URL"),
        ({"base_url": "https://u:p@elsewhere.example/v1"}, "no user name"),
        ({"base_url": "http://169.254.169.254/v1"}, "PRIVATE_ADDRESSES"),
        ({"key": "no\ttabs"}, "printable ASCII"),
        ({"headers": "nothing"}, "Name: value"),
        ({"headers": "Authorization: Bearer x"}, "written by Switchboard itself"),
        ({"headers": "X-One: ä"}, "printable ASCII"),
        ({"query": "nothing"}, "name=value"),
        ({"total_seconds": "9999"}, "40"),
        ({"poll_seconds": "nan"}, "Seconds between"),
        ({"requests_per_minute": "0"}, "Requests a minute"),
        ({"verify": "own"}, "Paste the certificates"),
        ({"certificates": "-----BEGIN PRIVATE KEY-----"}, "private key"),
        ({"certificates": CERTIFICATE}, "no certificates in PEM"),
        ({"access": "client"}, "Select a valid choice"),
        ({"dialect": "v9"}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_stored(
    admin: Client, server: FakeServer, changes: dict[str, str], words: str
) -> None:
    assert words in errors_of(added(admin, server, status=422, **changes))
    assert not Connection.objects.exists()


def test_what_was_typed_stays_and_secrets_are_held_out_of_sight(admin: Client, server: FakeServer) -> None:
    response = added(admin, server, status=422, name="", headers=f"X-Token: {CANARY}-2\nX-Two: a", query="a=1")
    text = response.content.decode()
    assert CANARY not in text
    again = page(response, 422).sends("/connections/add/?kind=openai")
    assert (again["base_url"], again["query"]) == (f"{server.url}/v1", "a=1")
    assert again["headers"] == "X-Token: ••••ll-2\nX-Two: ••••"
    assert "is kept until this form is right" in text
    assert admin.post("/connections/add/?kind=openai", {**again, "name": "Ours"}).status_code == 303
    connection = Connection.objects.get()
    assert (connection.key, connection.headers) == (CANARY, {"X-Token": f"{CANARY}-2", "X-Two": "a"})


def test_editing_keeps_the_secrets_that_were_not_touched(admin: Client, server: FakeServer) -> None:
    added(admin, server, headers="X-Token: abcdefghijkl\nX-Two: a")
    connection = Connection.objects.get()
    address = f"{connection.get_absolute_url()}edit/?kind=openai"
    sent = filled(admin, address, name="Renamed")
    assert sent["key"] == ""
    sent["headers"] = sent["headers"].replace("X-Two: ••••", "X-Three: b")
    assert admin.post(address, sent).status_code == 303
    connection.refresh_from_db()
    assert (connection.name, connection.key) == ("Renamed", CANARY)
    assert connection.headers == {"X-Token": "abcdefghijkl", "X-Three": "b"}


def test_the_kind_can_be_changed(admin: Client, server: FakeServer) -> None:
    added(admin, server, organization="org_1")
    connection = Connection.objects.get()
    address = f"{connection.get_absolute_url()}edit/?kind=azure_openai"
    sent = filled(admin, address, name="Ours", base_url=f"{server.url}/openai")
    assert admin.post(address, sent).status_code == 303
    connection.refresh_from_db()
    assert (connection.endpoint, connection.organization, connection.key) == ("azure_openai", "", CANARY)


def test_two_cannot_have_one_name(admin: Client, server: FakeServer) -> None:
    added(admin, server)
    assert "of this name already" in errors_of(added(admin, server, status=422))


def test_a_key_is_replaced_and_the_old_one_is_gone(admin: Client, server: FakeServer) -> None:
    added(admin, server)
    connection = Connection.objects.get()
    address = f"{connection.get_absolute_url()}key/"
    assert "Paste the new key." in page(admin.post(address, {"key": ""}), 422).text("connection-key")
    assert admin.post(address, {"key": "another-key-wxyz"}).status_code == 303
    connection.refresh_from_db()
    assert connection.key == "another-key-wxyz"
    assert "••••wxyz" in page(admin.get(connection.get_absolute_url())).text("connection-key")


def test_only_one_of_which_nothing_was_seen_can_be_removed(admin: Client, waiting: Run, server: FakeServer) -> None:
    seen = waiting.connection
    assert not page(admin.get(seen.get_absolute_url())).all("form", action=f"{seen.get_absolute_url()}remove/")
    admin.post(f"{seen.get_absolute_url()}remove/")
    added(admin, server)
    other = Connection.objects.get(name="Ours")
    admin.post(f"{other.get_absolute_url()}remove/")
    assert [*Connection.objects.all()] == [seen]


def test_an_archive_says_so_everywhere_and_stays_readable(admin: Client, olga: Client, waiting: Run) -> None:
    here = waiting.connection.get_absolute_url()
    assert admin.post(f"{here}archive/").status_code == 303
    pages = ["/queue/", "/threads/", "/assistants/"]
    pages = [f"{each}?connection={waiting.connection_id}" for each in pages]
    assert waiting.assistant is not None
    pages += [waiting.get_absolute_url(), waiting.thread.get_absolute_url(), waiting.assistant.get_absolute_url()]
    for each in pages:
        assert "Test is an archive" in page(olga.get(each)).text("main"), each
        assert not page(olga.get(each)).all("form", action=f"{here}check/")
        assert page(admin.get(each)).all("form", action=f"{here}check/")
    assert "ada archived it" in page(admin.get(here)).text("connection-head")
    assert not page(olga.get(waiting.get_absolute_url())).has("send-answers")


@pytest.mark.usefixtures("api_actor")
def test_it_can_be_tried_again(admin: Client, waiting: Run) -> None:
    archive.close(waiting.connection, "because")
    admin.post(f"{waiting.connection.get_absolute_url()}check/")
    refreshing.refresh_due(seconds=0.05)
    assert Connection.objects.get().gone_at is None


def test_what_a_server_lacks_is_off_with_its_reason(admin: Client, olga: Client, waiting: Run) -> None:
    connection = waiting.connection
    lack = errors.NotOffered("No such thing", status=501)
    capabilities.note(connection, dict.fromkeys(["createMessage", "createRun", "createThread", "cancelRun"], lack))
    thread = page(olga.get(waiting.thread.get_absolute_url()))
    assert "501, “No such thing”" in thread.text("thread-acts")
    buttons = [each for each in thread.all("button", type="submit") if each.inside(thread.one(id="compose"))]
    assert all("disabled" in each.attributes for each in buttons)
    (new,) = page(olga.get("/threads/")).all("button", name="connection")
    assert "disabled" in new.attributes
    assert "No such thing" in new.text
    shown = page(admin.get(connection.get_absolute_url()))
    assert shown.text("connection-lacking").count("No such thing") == 4
    admin.post(f"{connection.get_absolute_url()}allow/", {"operation": "createRun"})
    assert "createRun" not in Connection.objects.get().lacking


def test_warnings_for_what_is_not_safe(admin: Client, db: None) -> None:
    made = connections.set_up(name="Far", base_url="http://agents.example.org/v1", key="k")
    assert "unencrypted" in page(admin.get(made.get_absolute_url())).text("connection-head")
    connections.save(made, base_url="https://agents.example.org/v1", verify="off")
    assert "not looked at" in page(admin.get(made.get_absolute_url())).text("connection-head")


def test_no_backup_has_a_key(admin: Client, server: FakeServer, capsys: pytest.CaptureFixture[str]) -> None:
    added(admin, server, status=422, name="", headers=f"X-Token: {CANARY}")
    added(admin, server, headers=f"X-Token: {CANARY}")
    call_command("dumpdata")
    said = capsys.readouterr().out
    assert "Ours" in said
    assert CANARY not in said


def test_nobody_else_learns_anything_of_the_key(olga: Client, admin: Client, server: FakeServer) -> None:
    added(admin, server)
    connection = Connection.objects.get()
    Thread.objects.create(connection=connection, remote_id="thread_1", active_at=timezone.now())
    for each in ("/queue/", "/threads/", "/threads/thread_1/", "/assistants/", connection.get_absolute_url()):
        assert CANARY[-4:] not in olga.get(each).content.decode()


def test_what_runs_write_is_shown_as_it_comes_unless_that_is_switched_off(admin: Client, server: FakeServer) -> None:
    address = added(admin, server)["Location"]
    assert "as it is written, where the server" in page(admin.get(address)).text("main")
    form = f"{address}edit/?kind=openai"
    admin.post(form, filled(admin, form, streaming="False"))
    assert Connection.objects.get().streaming is False
    assert "switched off for this connection" in page(admin.get(address)).text("main")


def test_streams_that_were_no_use_are_turned_off_with_the_reason_and_on_again(
    admin: Client, server: FakeServer
) -> None:
    address = added(admin, server)["Location"]
    connection = Connection.objects.get()
    capabilities.note(connection, {capabilities.STREAM: errors.ApiError("3 in a row broke off.")})
    assert "3 in a row broke off." in page(admin.get(address)).text("connection-lacking")
    admin.post(f"{address}allow/", {"operation": capabilities.STREAM})
    assert Connection.objects.get().lacking == {}
