"""Pages with something on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.http import HttpResponse
from django.test import Client

from assistants_app.models import Connection, Operation, Run
from assistants_app.services import assistants, sending
from testing.api_actor import ApiActor
from testing.html_page import Page
from testing.recorded_objects import store_waiting_run
from tests.conftest import known_run, polled

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse

    Response = _MonkeyPatchedWSGIResponse  # what django-stubs calls an answer that a test's client got
else:
    Response = HttpResponse

WEATHER = ("get_weather", {"city": "Oslo"})
TIDE = ("get_tide", {"port": "Bergen"})


@pytest.fixture
def waiting(request: pytest.FixtureRequest, connection: Connection) -> Run:
    """A run that waits for two calls. Its server knows it where the test has an `api_actor`; else it is rows alone."""
    if "api_actor" not in request.fixturenames:
        return store_waiting_run(connection)
    api_actor: ApiActor = request.getfixturevalue("api_actor")
    ids = api_actor.run([WEATHER, TIDE], reply="Rain, high water.")
    assistants.refresh(connection=connection)
    return polled(known_run(connection, ids))


@pytest.fixture
def olga(signed_in: Callable[..., Client]) -> Client:
    """The browser of an operator."""
    return signed_in("olga")


def page(response: Response, status: int = 200) -> Page:
    """The page of an answer that has this status."""
    assert response.status_code == status, response.content[:2000]
    return Page(response.content.decode())


def piece(client: Client, url: str, target: str, **more: Any) -> Response:
    """What htmx gets when it asks for one piece of a page."""
    return client.get(url, headers={"HX-Request": "true", "HX-Target": target}, **more)


def typed(run: Run, *texts: str, format: str = "text") -> dict[str, str]:
    """What the form of a run sends with these answers."""
    from assistants_app.services import tool_calls

    calls = tool_calls.waiting_calls(run)
    sent = {"calls": tool_calls.calls_key(run, calls)}
    for call, text in zip(calls, texts, strict=True):
        sent |= {f"output-{call.pk}": text, f"format-{call.pk}": format}
    return sent


def delivered() -> list[Operation]:
    """All operations, after a worker took up those that are due."""
    sending.deliver_due()
    return list(Operation.objects.order_by("pk"))
