"""Signing in as an application of Entra, at a server that gives tokens as Entra does."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from assistants_app.api import errors
from assistants_app.models import Connection
from assistants_app.services import connections, entra
from testing import fake_server
from testing.fake_server import Asked, FakeServer
from tests.api.test_tls import certificate  # noqa: F401  a fixture

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "entra-canary-51aa-do-not-tell"
TENANT = "11111111-2222-3333-4444-555555555555"


@pytest.fixture
def authority(certificate: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeServer]:  # noqa: F811
    running = fake_server.start(certificate)
    settings.ENTRA_AUTHORITY = running.url
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    here = f"{running.url}/{TENANT}"
    running.answers[f"/{TENANT}/v2.0/.well-known/openid-configuration"] = (
        200,
        {
            "issuer": f"{here}/v2.0",
            "authorization_endpoint": f"{here}/oauth2/v2.0/authorize",
            "token_endpoint": f"{here}/oauth2/v2.0/token",
        },
    )
    gives(running, 200, {"token_type": "Bearer", "expires_in": 3600, "access_token": "token-of-entra-1"})
    yield running
    running.stop()


@pytest.fixture
def server() -> Iterator[FakeServer]:
    running = fake_server.start()
    running.offers("/api/projects/one")
    yield running
    running.stop()


@pytest.fixture
def application(server: FakeServer) -> Iterator[Connection]:
    entra._held.clear()
    base_url = f"{server.url}/api/projects/one"
    who = {"access": "client", "tenant_id": TENANT, "client_id": "our-app"}
    yield connections.set_up(name="Foundry", base_url=base_url, key=SECRET, endpoint="azure_foundry", **who)
    entra._held.clear()


def gives(authority: FakeServer, status: int, answer: Any) -> None:
    authority.answers[f"/{TENANT}/oauth2/v2.0/token"] = (status, answer)


def asked_for_tokens(authority: FakeServer) -> list[Asked]:
    return [each for each in authority.asked if each.method == "POST"]


def test_the_server_gets_a_token_for_the_scope_of_its_kind(
    application: Connection, authority: FakeServer, server: FakeServer
) -> None:
    connections.for_people(application).assistants.list()
    (asked,) = asked_for_tokens(authority)
    sent = {name: values[0] for name, values in parse_qs(asked.body).items()}
    assert (sent["grant_type"], sent["client_id"]) == ("client_credentials", "our-app")
    assert sent["scope"] == "https://ai.azure.com/.default"
    assert server.asked[0].headers["authorization"] == "Bearer token-of-entra-1"
    assert server.asked[0].query["api-version"] == "v1"


def test_a_token_is_asked_for_once_and_again_before_its_end(
    application: Connection, authority: FakeServer, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        connections.for_polling(application).assistants.list()
    assert len(asked_for_tokens(authority)) == 1
    entra._held.clear()
    gives(authority, 200, {"token_type": "Bearer", "expires_in": 3600, "access_token": "token-of-entra-2"})
    connections.for_polling(application).assistants.list()
    assert server.asked[-1].headers["authorization"] == "Bearer token-of-entra-2"


def test_a_refusal_is_told_in_entras_words_and_not_asked_for_at_once_again(
    application: Connection, authority: FakeServer, server: FakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    words = f"AADSTS7000215: Invalid client secret provided: {SECRET}\r\nTrace ID: 1"
    gives(authority, 401, {"error": "invalid_client", "error_description": words})
    for _ in range(2):
        with pytest.raises(errors.Unauthenticated, match="AADSTS7000215") as caught:
            connections.for_people(application)
        assert SECRET not in str(caught.value)
    assert len(asked_for_tokens(authority)) == 1
    assert SECRET not in caplog.text
    assert server.asked == []


def test_entra_that_is_not_reached_is_a_failure_to_connect(application: Connection, settings: Any) -> None:
    settings.ENTRA_AUTHORITY = "https://127.0.0.1:1"
    with pytest.raises(errors.ConnectFailed, match="Entra"):
        connections.for_people(application)
