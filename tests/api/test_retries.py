"""Repeats happen only where they are safe, and as the server asks."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from time import monotonic

import pytest

from assistants_app.api import headers
from assistants_app.api.client import Client, Timeouts
from assistants_app.api.errors import ConnectFailed, RateLimited, ServerFault

from .conftest import Server, made, says


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_get_is_tried_three_times(server: Server, client: Client, status: int) -> None:
    server.plays(says({}, status=status))
    with pytest.raises((RateLimited, ServerFault)):
        client.threads.get("t")
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 500, 501])
def test_other_refusals_are_not_tried_again(server: Server, client: Client, status: int) -> None:
    server.plays(says({}, status=status))
    with pytest.raises(Exception, match=str(status)):
        client.threads.get("t")
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_post_is_sent_once(server: Server, client: Client, status: int) -> None:
    server.plays(says({}, status=status))
    with pytest.raises((RateLimited, ServerFault)) as caught:
        client.threads.create()
    assert len(server.requests) == 1
    assert caught.value.effect == ("none" if status == 429 else "unknown")


def test_a_delete_is_sent_once(server: Server, client: Client) -> None:
    server.plays(says({}, status=503))
    with pytest.raises(ServerFault):
        client.threads.delete("t")
    assert len(server.requests) == 1


def test_it_waits_as_long_as_the_server_asks(server: Server, client: Client) -> None:
    server.plays(says({}, status=429, retry_after_ms="600"), says({"id": "t"}))
    started = monotonic()
    assert client.threads.get("t").id == "t"
    assert monotonic() - started >= 0.6


def test_it_does_not_wait_past_the_deadline(server: Server, client: Client) -> None:
    server.plays(says({}, status=429, Retry_After="3600000"))
    with pytest.raises(RateLimited) as caught:
        client.threads.get("t")
    assert caught.value.retry_after == 3600
    assert len(server.requests) == 1


def test_a_failed_connect_is_tried_again_for_any_method(server: Server) -> None:
    asked = []
    options = {
        "base_url": "http://127.0.0.1:1",
        "timeouts": Timeouts(1, 1, 5),
        "before_request": lambda *call: asked.append(call),
    }
    with made(server, **options) as client, pytest.raises(ConnectFailed):
        client.threads.create()
    assert asked == [("POST", "/threads")] * 3


def test_what_the_budget_raises_ends_the_call(server: Server) -> None:
    def refuse(method: str, path: str) -> None:
        raise PermissionError("no budget")

    with made(server, before_request=refuse) as client, pytest.raises(PermissionError, match="no budget"):
        client.threads.get("t")
    assert server.connections == 0


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7), ("0.5", 0.5), ("-3", 0), ("nan", None), ("inf", 3600), ("9" * 400, 3600), ("soon", None)],
)
def test_seconds_are_read_within_bounds(value: str, seconds: float | int | None) -> None:
    assert headers.retry_after({"retry-after": value}) == seconds


def test_a_date_counts_from_the_servers_own_clock() -> None:
    now = datetime(1999, 12, 31, tzinfo=UTC)
    said = {
        "date": format_datetime(now, usegmt=True),
        "retry-after": format_datetime(now + timedelta(seconds=42), usegmt=True),
    }
    assert headers.retry_after(said) == 42


def test_a_date_that_has_passed_means_now() -> None:
    assert headers.retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0


def test_milliseconds_go_first() -> None:
    assert headers.retry_after({"retry-after-ms": "1500", "retry-after": "9"}) == 1.5
