"""An assistant as a file, and as what comes after the Assistants API."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from django.test import Client

from assistants_app.models import Assistant, Connection
from assistants_app.models.people import Role
from assistants_app.services import assistants, exchange
from testing.api_actor import ApiActor
from tests.views.conftest import page


@pytest.fixture
def assistant(connection: Connection, api_actor: ApiActor) -> Assistant:
    made = api_actor.assistant(
        name='Night "porter"', instructions="Be kind.\nBe brief.", tools=[{"type": "file_search"}]
    )
    assistants.refresh(connection=connection)
    return Assistant.objects.get(remote_id=made["id"])


@pytest.fixture
def vera(signed_in: Callable[..., Client]) -> Client:
    """The browser of a viewer."""
    return signed_in("vera", Role.VIEWER)


def saved(client: Client, assistant: Assistant, query: str) -> tuple[str, str]:
    """What is downloaded, and how the browser is to name it."""
    response = client.get(f"{assistant.get_absolute_url()}export/?download=1&{query}")
    assert response.status_code == 200
    return response.content.decode(), response["Content-Disposition"]


def test_it_is_shown_and_can_be_copied_and_saved(assistant: Assistant, vera: Client) -> None:
    shown = page(vera.get(f"{assistant.get_absolute_url()}export/"))
    assert json.loads(shown.text("export"))["configuration"]["instructions"] == "Be kind.\nBe brief."
    assert shown.all("button", **{"data-copy-from": "export"})
    assert [each.attributes["href"] for each in shown.all("a") if "download" in each.attributes]


@pytest.mark.parametrize(("name", "read"), [("json", json.loads), ("yaml", yaml.safe_load)])
def test_a_file_says_what_it_is_and_nothing_of_how_its_server_is_reached(
    assistant: Assistant, vera: Client, name: str, read: Callable[[str], Any]
) -> None:
    text, disposition = saved(vera, assistant, f"as={name}")
    assert disposition.startswith("attachment") and f".{name}" in disposition
    file = read(text)
    assert file.pop("exported_at").endswith("Z")
    assert file == {
        "switchboard": 1,
        "kind": "assistant",
        "dialect": "v2",
        "from": {"connection": "Test", "assistant": assistant.remote_id, "version": 1},
        "configuration": assistant.versions.get().settings,
    }
    assert assistant.connection.base_url not in text
    assert exchange.read(text)[0].configuration == assistant.versions.get().settings


def test_any_version_can_be_taken(assistant: Assistant, vera: Client, api_actor: ApiActor) -> None:
    api_actor.post(f"/assistants/{assistant.remote_id}", {"instructions": "Be quick."})
    assistants.refresh(connection=assistant.connection)
    assert "Be kind." in saved(vera, assistant, "version=1")[0]
    assert "Be quick." in saved(vera, assistant, "")[0]
    assert "Be quick." in saved(vera, assistant, "version=99")[0]


def test_each_successor_is_shown_with_what_has_no_place_there(assistant: Assistant, vera: Client) -> None:
    for name in ("responses", "foundry"):
        assert json.loads(saved(vera, assistant, f"as={name}")[0])
    ast.parse(saved(vera, assistant, "as=agents-sdk")[0])
    for name in ("responses", "foundry", "agents-sdk"):
        shown = page(vera.get(f"{assistant.get_absolute_url()}export/?as={name}"))
        assert "Be brief." in shown.text("export")
        assert "Tool file_search" in shown.text("unmapped")
        assert "Threads" in shown.text("unmapped")


def test_a_format_that_is_none_is_json(assistant: Assistant, vera: Client) -> None:
    assert '"switchboard"' in page(vera.get(f"{assistant.get_absolute_url()}export/?as=cobol")).text("export")


def test_what_is_saved_is_never_shown_as_a_page(assistant: Assistant, vera: Client) -> None:
    response = vera.get(f"{assistant.get_absolute_url()}export/?download=1")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["X-Content-Type-Options"] == "nosniff"
