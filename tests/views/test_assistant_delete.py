"""Deleting an assistant: first what it means."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from assistants_app.models import Assistant, Connection, Operation
from assistants_app.models.people import Role
from assistants_app.services import assistants, sending
from testing.api_actor import ApiActor
from tests.views.conftest import page


@pytest.fixture
def edda(signed_in: Callable[..., Client]) -> Client:
    """The browser of an editor."""
    return signed_in("edda", Role.EDITOR)


@pytest.fixture
def url(connection: Connection, api_actor: ApiActor) -> str:
    made = api_actor.assistant(name="Porter")
    assistants.refresh(connection=connection)
    Assistant.objects.exclude(remote_id=made["id"]).delete()
    return f"{Assistant.objects.get().get_absolute_url()}delete/"


def test_it_says_what_it_means_and_does_nothing(url: str, edda: Client) -> None:
    words = page(edda.get(url)).text("main")
    assert "cannot be undone" in words
    assert "stays here" in words
    assert not Operation.objects.exists()


def test_it_is_deleted_once_and_stays_here(url: str, edda: Client, api_actor: ApiActor) -> None:
    edda.post(url, {"reason": "Nobody used it."})
    edda.post(url)
    sending.deliver_due()
    operation = Operation.objects.get()
    assert (operation.state, operation.reason) == ("accepted", "Nobody used it.")
    assistant = Assistant.objects.get()
    assert assistant.gone_at is not None
    assert api_actor.sent("DELETE", f"/v1/assistants/{assistant.remote_id}") == 1
    assert "no longer has this assistant" in page(edda.get(assistant.get_absolute_url())).text("main")


def test_one_that_somebody_else_deleted_first_is_deleted(url: str, edda: Client, api_actor: ApiActor) -> None:
    edda.post(url)
    api_actor.delete(f"/assistants/{Assistant.objects.get().remote_id}")
    sending.deliver_due()
    assert Operation.objects.get().state == "accepted"


def test_a_lost_answer_is_found_by_reading(url: str, edda: Client, api_actor: ApiActor) -> None:
    remote_id = Assistant.objects.get().remote_id
    api_actor.fault("DELETE", f"/v1/assistants/{remote_id}$", after_effect=True, status=502)
    edda.post(url)
    sending.deliver_due()
    long_ago = timezone.now() - timedelta(seconds=sending.SETTLE_SECONDS)
    Operation.objects.update(sent_at=long_ago, due_at=long_ago, holder="")
    sending.deliver_due()
    assert Operation.objects.get().state == "accepted"
    assert api_actor.sent("DELETE", f"/v1/assistants/{remote_id}") == 1
