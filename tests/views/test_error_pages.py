"""Errors are pages in words: the server's where it said any."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from assistants_app.api import errors
from assistants_app.middleware import ErrorPages
from assistants_app.models import Connection, Operation, Run, Thread
from assistants_app.services import connections
from testing.api_actor import ApiActor
from testing.html_page import Page
from tests.views.conftest import page, typed


def refusal(connection: Connection, api_actor: ApiActor, **fault: object) -> errors.ApiError:
    """The error that this fault of the server makes."""
    api_actor.fault("POST", ".*/threads$", **fault)
    with pytest.raises(errors.ApiError) as caught:
        connections.for_people(connection).threads.create({})
    return caught.value


def nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def shown(error: Exception, client: Client) -> Page:
    """The page that stands for an error met by a view."""
    request = RequestFactory().get("/queue/?a=<b>")
    request.user = client.get("/queue/").wsgi_request.user
    request.htmx = False  # type: ignore[attr-defined]
    response = ErrorPages(nothing).process_exception(request, error)
    assert response is not None
    assert response.status_code == 502
    return Page(response.content.decode())


def test_a_refusal_is_told_in_the_servers_own_words(connection: Connection, api_actor: ApiActor, olga: Client) -> None:
    body = '{"error": {"message": "You <b>exceeded</b> your quota"}}'
    error = refusal(connection, api_actor, status=403, body=body, headers={"x-request-id": "req_<1>"})
    words = shown(error, olga).text("main")
    for each in ("It answered 403.", "You <b>exceeded</b> your quota", "req_<1>"):
        assert each in words


def test_a_lost_answer_is_told_with_what_it_may_have_done(
    connection: Connection, api_actor: ApiActor, olga: Client
) -> None:
    words = shown(refusal(connection, api_actor, cut="body"), olga).text("main")
    assert "No whole answer came." in words
    assert "It may have been done all the same." in words


def test_settings_that_cannot_be_are_told_and_nothing_is_stored(waiting: Run, olga: Client) -> None:
    Connection.objects.update(dialect="v9")
    answers = f"{waiting.get_absolute_url()}answers/"
    assert page(olga.post(answers, typed(waiting, "4", "5")), 502).text("main")
    assert not Operation.objects.exists()


def test_other_errors_are_left_to_the_framework() -> None:
    request = RequestFactory().get("/")
    assert ErrorPages(nothing).process_exception(request, ValueError()) is None


def test_what_nobody_expected_is_a_page_that_gives_nothing_away(connection: Connection, olga: Client) -> None:
    Thread.objects.create(connection=connection, remote_id="thread_1", active_at=timezone.now(), raw="secret inside")
    Connection.objects.update(base_url="")
    olga.raise_request_exception = False
    Run.objects.create(connection=connection, thread=Thread.objects.get(), remote_id="run_1", status="requires_action")
    Connection.objects.update(endpoint="none such")
    response = olga.post("/threads/thread_1/messages/", {"text": "Hello?", "once": str(uuid4())})
    assert response.status_code >= 500
    assert "secret inside" not in response.content.decode()
    assert "Traceback" not in response.content.decode()


@pytest.mark.parametrize("where", ["/none", "/runs/none/", "/threads/none/raw/", "/%2e%2e/", "/static/none.js"])
def test_what_is_not_there_is_a_page(transactional_db: None, signed_in: Callable[..., Client], where: str) -> None:
    words = page(signed_in().get(where), 404).text("main")
    assert "There is nothing here" in words


def test_a_stranger_sees_no_more_of_what_is_not_there(client: Client) -> None:
    assert page(client.get("/none"), 404).one("h1").text == "There is nothing here"
