"""The poller's look at a run: the same rules as every request, at a fraction of the cost."""

import gzip
from time import sleep

import pytest

from assistants_app.api.client import Client, Timeouts
from assistants_app.api.errors import (
    AnswerTooLarge,
    ApiError,
    ConnectionCut,
    NotFound,
    RateLimited,
    Redirected,
    ServerFault,
)
from assistants_app.api.objects import Glance

from .conftest import Behaviour, Drips, Server, made, says, sends, sends_and_closes

RUN = {"id": "run_1", "status": "queued"}
CHUNKED = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{"id\r\n9\r\n":"run_1"\r\n1\r\n}\r\n0\r\n\r\n'


def glance(client: Client) -> Glance:
    return client.threads.runs.glance("thread_1", "run_1")


def headers_of(request: bytes) -> dict[str, str]:
    lines = request.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
    return {name.lower(): value for name, value in (line.decode().split(": ", 1) for line in lines)}


def test_it_says_what_the_poller_needs(server: Server, client: Client) -> None:
    server.plays(says(RUN, openai_poll_after_ms="1500", retry_after_ms="250", x_request_id="req_1"))
    seen = glance(client)
    assert (seen.status, seen.poll_after, seen.retry_after, seen.request_id) == (200, 1.5, 0.25, "req_1")
    assert client.read_run(seen.body).status == "queued"


def test_what_is_not_said_is_none(server: Server, client: Client) -> None:
    server.plays(says(RUN, Date="Sat, 01 Jan 2000 00:00:00 GMT"))
    seen = glance(client)
    assert (seen.poll_after, seen.retry_after, seen.request_id) == (None, None, None)


def test_the_digest_changes_with_the_body_only(server: Server, client: Client) -> None:
    server.plays(says(RUN, x_request_id="a"), says(RUN, x_request_id="b"), says({**RUN, "status": "completed"}))
    first, second, third = glance(client), glance(client), glance(client)
    assert first.digest == second.digest != third.digest
    assert len(first.digest) == 16


@pytest.mark.parametrize(
    ("status", "kind"), [(302, Redirected), (404, NotFound), (429, RateLimited), (500, ServerFault), (503, ServerFault)]
)
def test_it_is_tried_once(server: Server, client: Client, status: int, kind: type[ApiError]) -> None:
    server.plays(says({"error": {"message": "no"}}, status=status, Retry_After="3", x_request_id="req_1"))
    with pytest.raises(kind) as caught:
        glance(client)
    assert (caught.value.status, caught.value.request_id, caught.value.effect) == (status, "req_1", "none")
    assert caught.value.retry_after == (None if status == 302 else 3)
    assert len(server.requests) == 1


def test_refusals_cost_no_connection(server: Server, client: Client) -> None:
    server.plays(says({"error": {"message": "no"}}, status=429))
    for _ in range(3):
        with pytest.raises(RateLimited):
            glance(client)
    assert server.connections == 1


def test_it_sends_the_same_headers_but_asks_for_no_compression(server: Server) -> None:
    server.plays(says(RUN))
    with made(server, headers={"accept-encoding": "br", "X-Team": "blue"}) as client:
        client.threads.runs.get("t", "r")
        glance(client)
    usual, lean = map(headers_of, server.requests)
    usual.pop("connection", None)
    assert lean.pop("accept-encoding") == "identity"
    assert usual.pop("accept-encoding") == "br"
    assert lean == usual
    assert server.requests[1].lower().count(b"accept-encoding") == 1


@pytest.mark.parametrize("sent", [
    says(raw=gzip.compress(b'{"id":"run_1"}'), Content_Encoding="gzip"),
    sends(CHUNKED),
    sends_and_closes(b'HTTP/1.1 200 OK\r\n\r\n{"id":"run_1"}'),
    says(raw=b'{"id":"run_1"}', status=203),
])  # fmt: skip
def test_it_reads_every_way_of_sending_a_body(server: Server, client: Client, sent: Behaviour) -> None:
    server.plays(sent)
    assert [glance(client).body, glance(client).body] == [b'{"id":"run_1"}'] * 2


def test_an_empty_body_is_given_as_it_is(server: Server, client: Client) -> None:
    server.plays(says(raw=b""))
    assert glance(client).body == b""


def test_more_than_the_limit_is_refused_and_the_next_is_read(server: Server) -> None:
    server.plays(says(raw=b"x" * 1_001), says(raw=b"x" * 1_000))
    with made(server, largest_answer=1_000) as client:
        with pytest.raises(AnswerTooLarge):
            glance(client)
        assert glance(client).body == b"x" * 1_000


def test_an_answer_cut_off_never_leaks_into_the_next(server: Server, client: Client) -> None:
    server.plays(sends_and_closes(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"id": '), says(RUN))
    with pytest.raises(ConnectionCut):
        glance(client)
    assert client.read_run(glance(client).body).id == "run_1"


def test_a_refusal_that_drips_never_leaks_into_the_next(server: Server, drips: Drips) -> None:
    half = b"HTTP/1.1 404 No\r\nContent-Length: 1000000\r\n\r\n"
    server.plays(drips(half, b"x"), says(RUN))
    with made(server, timeouts=Timeouts(1, 1, 1)) as client:
        with pytest.raises(NotFound):
            glance(client)
        assert client.read_run(glance(client).body).id == "run_1"


def test_the_time_to_wait_for_leave_is_not_the_servers(server: Server) -> None:
    server.plays(says(RUN))
    with made(server, timeouts=Timeouts(1, 1, 1), before_request=lambda method, path: sleep(1.1)) as client:
        assert glance(client).status == 200
        assert client.threads.runs.get("t", "r").id == "run_1"
