"""Setting up connections: how each kind is addressed, which addresses may be used, and what refusals mean."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone

from assistants_app.api import errors
from assistants_app.models import Connection, Run, Thread
from assistants_app.services import addresses, archive, connections, polling, refreshing
from testing import fake_server
from testing.api_actor import ApiActor
from testing.fake_server import FakeServer
from tests.conftest import known_run, polled

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
KEY = "sk-canary-7d1e-do-not-tell"


@pytest.fixture
def server() -> Iterator[FakeServer]:
    running = fake_server.start()
    yield running
    running.stop()


def made(server: FakeServer, base: str = "/v1", **more: Any) -> Connection:
    """A connection to what is below `base` there, read by nobody yet."""
    server.offers(base)
    connection = connections.set_up(name="Server", base_url=server.url + base, key=KEY, **more)
    Connection.objects.update(due_at=None)
    return connection


def refreshed(connection: Connection) -> Connection:
    """The connection after a worker read it once."""
    Connection.objects.filter(pk=connection.pk).update(assistants_at=None, paused_until=None)
    Connection.objects.filter(pk=connection.pk, gone_at=None).hasten()
    refreshing.refresh_due(seconds=0.05)
    return Connection.objects.get(pk=connection.pk)


@pytest.mark.parametrize(
    ("base", "settings", "headers", "query"),
    [
        ("/v1", {"endpoint": "openai"}, {"authorization": f"Bearer {KEY}"}, {}),
        (
            "/openai",
            {"endpoint": "azure_openai", "query": {"api-version": "2025-01-01"}},
            {"api-key": KEY},
            {"api-version": "2025-01-01"},
        ),
        (
            "/openai",
            {"endpoint": "azure_openai", "access": "token"},
            {"authorization": f"Bearer {KEY}"},
            {"api-version": "2024-05-01-preview"},
        ),
        (
            "/api/projects/one",
            {"endpoint": "azure_foundry", "access": "token"},
            {"authorization": f"Bearer {KEY}"},
            {"api-version": "v1"},
        ),
        (
            "/api/v1",
            {"endpoint": "custom", "key_header": "X-Key", "key_prefix": "Token ", "query": {"tenant": "a b"}},
            {"x-key": f"Token {KEY}"},
            {"tenant": "a b"},
        ),
        (
            "/v1",
            {"organization": "org_1", "project": "proj_1", "headers": {"astra-api-token": "AstraCS:1"}},
            {"openai-organization": "org_1", "openai-project": "proj_1", "astra-api-token": "AstraCS:1"},
            {},
        ),
    ],
)
def test_each_kind_is_addressed_in_its_way(
    server: FakeServer, base: str, settings: dict[str, Any], headers: dict[str, str], query: dict[str, str]
) -> None:
    connection = made(server, base, **settings)
    assert connections.for_people(connection).assistants.list(limit=7).data[0].id == "asst_1"
    (asked,) = server.asked
    assert asked.path == f"{base}/assistants"
    assert headers.items() <= asked.headers.items()
    assert query.items() <= asked.query.items()


def test_a_server_that_lets_everybody_in_gets_no_key(server: FakeServer) -> None:
    connections.for_people(made(server, access="none")).assistants.list()
    assert "authorization" not in server.asked[0].headers


def test_a_changed_setting_makes_another_client(server: FakeServer) -> None:
    connection = made(server)
    first = connections.for_people(connection)
    assert connections.for_people(Connection.objects.get()) is first
    connections.save(connection, headers={"X-One": "1"})
    connections.for_people(Connection.objects.get()).assistants.list()
    assert server.asked[-1].headers["x-one"] == "1"


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "168.63.129.16", "0.0.0.0", "224.0.0.1", "fe80::1", "no address"]
)
def test_where_nobodys_server_is_may_not_be_asked(address: str) -> None:
    with pytest.raises(PermissionError, match="PRIVATE_ADDRESSES"):
        addresses.allow(address)


@pytest.mark.parametrize(
    ("allowed", "address", "passes"),
    [
        (["0.0.0.0/0", "::/0"], "127.0.0.1", True),
        ([], "127.0.0.1", False),
        ([], "::ffff:10.0.0.1", False),
        ([], "64:ff9b::a00:1", False),
        ([], "93.184.215.14", True),
        (["10.0.0.0/8"], "10.1.2.3", True),
        (["10.0.0.0/8"], "192.168.0.1", False),
    ],
)
def test_private_addresses_are_asked_as_the_setting_says(
    settings: Any, allowed: list[str], address: str, passes: bool
) -> None:
    settings.PRIVATE_ADDRESSES = allowed
    if passes:
        addresses.allow(address)
    else:
        with pytest.raises(PermissionError):
            addresses.allow(address)


def test_a_name_that_stands_for_a_private_address_is_not_connected_to(server: FakeServer, settings: Any) -> None:
    connection = made(server)
    connections.save(connection, base_url=connection.base_url.replace("127.0.0.1", "localhost"))
    settings.PRIVATE_ADDRESSES = []
    with pytest.raises(errors.ConnectFailed, match="PRIVATE_ADDRESSES"):
        connections.for_people(connection).assistants.list()
    assert server.asked == []


def test_three_404s_where_it_used_to_answer_make_an_archive(server: FakeServer) -> None:
    connection = refreshed(made(server))
    assert connection.last_answer_at is not None
    server.answers.clear()
    for gone in (False, False, True):
        connection = refreshed(connection)
        assert (connection.gone_at is not None) is gone
    assert "Invalid URL" in connection.gone_because
    asked = len(server.asked)
    refreshed(connection)
    assert len(server.asked) == asked


def test_a_server_that_never_answered_is_no_archive(server: FakeServer) -> None:
    connection = made(server)
    server.answers.clear()
    for _ in range(5):
        connection = refreshed(connection)
    assert connection.gone_at is None
    assert "Invalid URL" in connection.last_error


def test_an_archive_is_polled_and_sent_to_no_more(connection: Connection, api_actor: ApiActor) -> None:
    run = polled(known_run(connection, api_actor.run([("ring", {})])))
    archive.close(connection, "because")
    Run.objects.filter(pk=run.pk).hasten()
    assert polling.poll_due(seconds=0.05) == 0
    assert not Run.objects.waiting().exists()


def test_what_seemed_gone_as_the_server_went_is_no_tombstone(server: FakeServer) -> None:
    connection = refreshed(made(server))
    lost = Thread.objects.create(connection=connection, remote_id="thread_9", active_at=timezone.now())
    Thread.objects.filter(pk=lost.pk).update(gone_at=timezone.now() + timedelta(seconds=1))
    before = Thread.objects.create(connection=connection, remote_id="thread_8", active_at=timezone.now())
    Thread.objects.filter(pk=before.pk).update(gone_at=timezone.now() - timedelta(days=1))
    archive.close(connection, "because")
    lost.refresh_from_db()
    before.refresh_from_db()
    assert (lost.gone_at, before.gone_at is None) == (None, False)


def test_a_server_without_a_list_of_runs_keeps_its_threads(server: FakeServer) -> None:
    connection = made(server)
    del server.answers["/v1/threads/thread_1/runs"]
    thread = Thread.objects.create(connection=connection, remote_id="thread_1", active_at=timezone.now())
    refreshing.refresh_thread(key=thread.pk)
    Thread.objects.all().hasten()
    refreshing.refresh_thread(key=thread.pk)
    thread.refresh_from_db()
    assert thread.gone_at is None
    assert thread.messages.count() == 1
    assert [*Connection.objects.get().lacking] == ["listRuns"]


def test_a_token_that_ended_is_not_shown_to_anybody(server: FakeServer) -> None:
    ended = timezone.now() - timedelta(seconds=1)
    connection = refreshed(made(server, endpoint="custom", access="token", key_expires_at=ended))
    assert server.asked == []
    assert "expired" in connection.last_error
    connections.save(connection, key="another-token", key_expires_at=timezone.now() + timedelta(hours=1))
    refreshed(connection)
    assert server.asked[0].headers["authorization"] == "Bearer another-token"


def test_a_key_locked_with_a_lost_one_is_said_and_can_be_replaced(server: FakeServer, settings: Any) -> None:
    connection = made(server)
    settings.ENCRYPTION_KEYS = ["another"]
    with pytest.raises(errors.BadSettings, match="ENCRYPTION_KEYS"):
        connections.for_people(connection)
    assert connection.key_shown == "••••"
    connections.save(connection, key="new")
    assert connections.for_people(connection).assistants.list().data


def test_the_command_adds_a_server_and_says_what_it_offers(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.offers("/openai")
    monkeypatch.setenv("API_KEY", KEY)
    said = io.StringIO()
    call_command("connect", "Azure", f"{server.url}/openai", "--endpoint", "azure_openai", stdout=said)
    assert "listAssistants            offered" in said.getvalue()
    assert KEY not in said.getvalue()
    assert Connection.objects.get().endpoint == "azure_openai"


def test_the_command_tells_a_refusal_in_the_servers_words(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_KEY", KEY)
    server.answers["/v1/assistants"] = (401, {"error": {"message": f"Incorrect API key provided: {KEY}"}})
    with pytest.raises(CommandError, match=r"Incorrect API key provided: \*\*\*"):
        call_command("connect", "Wrong", f"{server.url}/v1", stdout=io.StringIO())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["", "URL"], "name: This field cannot be blank."),
        (["n" * 101, "URL"], "name: Ensure this value has at most 100 characters"),
        (["Other", "URL", "--access", "client"], "needs a tenant ID and a client ID"),
        (["Other", "URL", "--query", "api-version"], "'api-version' has to be NAME=VALUE."),
        (["Other", "URL", "--requests-per-minute", "-4"], "'-4' has to be a whole number from 1."),
    ],
)
def test_the_command_refuses_what_cannot_be_stored(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch, arguments: list[str], told: str
) -> None:
    monkeypatch.setenv("API_KEY", KEY)
    with pytest.raises(CommandError, match=re.escape(told)):
        call_command("connect", *(each.replace("URL", f"{server.url}/v1") for each in arguments))
    assert not Connection.objects.exists()


def test_the_command_says_that_a_connection_was_saved_whose_server_does_not_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("API_KEY", KEY)
    with pytest.raises(CommandError, match=r"^Gone was saved, but does not answer as it should: "):
        call_command("connect", "Gone", "http://127.0.0.1:1/v1", stdout=io.StringIO())
    assert Connection.objects.get().name == "Gone"


@pytest.mark.parametrize(
    ("name", "told"), [("", "cannot be blank"), ("a" * 151, "at most 150 characters"), ("a b", "")]
)
def test_a_person_whose_name_cannot_be_stored_is_refused(name: str, told: str) -> None:
    with pytest.raises(CommandError, match=f"^This name cannot be used: .*{told}"):
        call_command("add_person", name, "viewer")
    assert not User.objects.filter(username=name).exists()
