"""What our client makes of a stream, however its bytes come."""

import json
import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistants_app.api.client import Timeouts
from assistants_app.api.dialects import DIALECTS
from assistants_app.api.errors import ApiError, BadRequest, ConnectionCut, ServerFault, TimedOut
from assistants_app.api.events import Block, blocks
from assistants_app.api.objects import MessageDelta, Run
from assistants_app.api.resources.streams import RunStream
from testing.specifications import specification

from .conftest import Server, answer, made, says, sends, sends_and_closes

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n"
BODY = {"assistant_id": "asst_1"}
DONE = b"event: done\ndata: [DONE]\n\n"


def event(name: str, **raw: Any) -> bytes:
    return f"event: {name}\ndata: {json.dumps(raw, ensure_ascii=False)}\n\n".encode()


def run(status: str) -> bytes:
    return event(f"thread.run.{status}", id="run_1", object="thread.run", thread_id="thread_1", status=status)


def words(text: str, place: int = 0) -> bytes:
    content = [{"index": place, "type": "text", "text": {"value": text, "annotations": []}}]
    return event("thread.message.delta", id="msg_1", object="thread.message.delta", delta={"content": content})


def heard(server: Server, *said: bytes, **options: Any) -> tuple[RunStream, list[Any], ApiError | None]:
    """The stream, all that it told, and what it broke off with."""
    server.plays(sends_and_closes(HEAD + b"".join(said)))
    with made(server, **options) as client:
        stream = client.threads.runs.create_stream("thread_1", BODY)
        found: list[Any] = []
        try:
            found.extend(stream)
        except (ConnectionCut, ServerFault, TimedOut) as error:
            return stream, found, error
        finally:
            stream.close()
    return stream, found, None


def test_it_asks_for_a_stream_that_nobody_packs(server: Server) -> None:
    heard(server, DONE)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert json.loads(body) == {**BODY, "stream": True}
    assert b"accept-encoding: identity" in head.lower()
    assert b"accept: text/event-stream" in head.lower()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_event_of_the_specification_is_known(dialect: str) -> None:
    found = set()

    def walk(schema: dict[str, Any]) -> None:
        schema = specification(dialect).schema(schema["$ref"].rpartition("/")[2]) if "$ref" in schema else schema
        for each in schema.get("oneOf", []):
            walk(each)
        if "event" in schema.get("properties", {}):
            found.update(schema["properties"]["event"]["enum"])

    walk(specification(dialect).schema("AssistantStreamEvent"))
    assert len(found) == (25 if dialect == "v2" else 24)
    assert {*DIALECTS[dialect].events, "error", "done"} == found


def test_it_tells_in_order_until_it_is_done(server: Server) -> None:
    said = (run("created"), words("Hello \u2028"), words("world"), run("completed"), DONE, run("failed"))
    stream, found, error = heard(server, *said)
    assert [each.name.rpartition(".")[2] for each in found] == ["created", "delta", "delta", "completed"]
    assert "".join(each.text for told in found if isinstance(told.told, MessageDelta) for each in told.told.words) == (
        "Hello \u2028world"
    )
    assert (stream.is_whole, error) == (True, None)


def test_unknown_events_and_comments_are_left_out(server: Server) -> None:
    stream, found, _ = heard(
        server, b": hello\n\n", event("thread.run.paused", id="run_1"), event("ping"), run("queued"), DONE
    )
    assert [each.name for each in found] == ["thread.run.queued"]
    assert stream.is_whole


@pytest.mark.parametrize("last", ["completed", "requires_action", "expired"])
def test_an_end_without_done_is_one_where_the_run_is_over(server: Server, last: str) -> None:
    stream, found, error = heard(server, run("in_progress"), run(last))
    assert isinstance(found[-1].told, Run)
    assert (stream.is_whole, error) == (True, None)


def test_an_end_in_the_middle_of_a_run_is_none(server: Server) -> None:
    stream, found, _ = heard(server, run("in_progress"), words("Hel"))
    assert len(found) == 2
    assert not stream.is_whole


@pytest.mark.parametrize(
    "broken", [b"event: thread.run.completed\ndata: {not json\n\n", b"garbage\n\ndata: []\n\n", b"data: \xff{\n\n"]
)
def test_a_broken_line_is_left_out_and_makes_it_less_than_whole(server: Server, broken: bytes) -> None:
    stream, found, error = heard(server, run("queued"), broken, words("on"), DONE)
    assert [each.name.rpartition(".")[2] for each in found] == ["queued", "delta"]
    assert (stream.is_whole, error) == (False, None)


def test_an_error_that_it_tells_ends_it_in_the_servers_words(server: Server) -> None:
    _, found, error = heard(server, run("queued"), event("error", error={"message": "Overloaded"}), run("completed"))
    assert len(found) == 1
    assert isinstance(error, ServerFault)
    assert (str(error), error.effect) == ("Overloaded", "unknown")


def test_a_cut_is_told_after_what_came_before_it(server: Server) -> None:
    length = HEAD.replace(b"\r\n\r\n", b"\r\nContent-Length: 9000\r\n\r\n")
    server.plays(sends_and_closes(length + run("queued") + words("on")[:-9]))
    with made(server) as client:
        stream = client.threads.runs.create_stream("thread_1", BODY)
        found: list[Any] = []
        with pytest.raises(ConnectionCut) as cut:
            found.extend(stream)
        stream.close()
    assert [each.name for each in found] == ["thread.run.queued"]
    assert cut.value.effect == "unknown"


def test_each_event_is_there_as_soon_as_its_last_byte_is(server: Server) -> None:
    def play(sock: socket.socket) -> None:
        sock.sendall(HEAD + run("queued"))
        server.stopping.wait(20)  # what waits for more waits for ever

    server.plays(play)
    with made(server) as client:
        stream = client.threads.runs.create_stream("thread_1", BODY)
        assert next(iter(stream)).name == "thread.run.queued"
        stream.close()


def test_silence_ends_it_when_it_was_told_how_long_that_may_be(server: Server) -> None:
    def play(sock: socket.socket) -> None:
        sock.sendall(HEAD + run("queued"))
        server.stopping.wait(20)

    server.plays(play)
    with made(server, timeouts=Timeouts(2, 9, 9)) as client:
        stream = client.threads.runs.create_stream("thread_1", BODY)
        told = iter(stream)
        next(told)
        stream.last(seconds=60, silence=0.2)
        with pytest.raises(TimedOut):
            next(told)
        stream.close()


def test_a_server_without_streams_answers_with_the_run(server: Server) -> None:
    server.plays(says({"id": "run_1", "object": "thread.run", "status": "queued"}))
    with made(server) as client:
        stream = client.threads.create_and_run_stream(BODY)
        assert stream.plain is not None and stream.plain.id == "run_1"
        assert list(stream) == []


def test_a_refusal_is_one_before_anything_is_told(server: Server) -> None:
    server.plays(sends(answer({"error": {"message": "No"}}, status=400)))
    with made(server) as client, pytest.raises(BadRequest, match="No"):
        client.threads.runs.submit_tool_outputs_stream("thread_1", "run_1", {"tool_outputs": []})


LINES = st.lists(st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"])), min_size=1, max_size=4)


@given(st.lists(LINES, max_size=5), st.sampled_from(["\n", "\r\n", "\r"]), st.lists(st.integers(1, 40), max_size=20))
def test_bytes_cut_anywhere_give_the_same_events(events: list[list[str]], end: str, cuts: list[int]) -> None:
    text = "".join("".join(f"data: {line}{end}" for line in each) + end for each in events)
    content, pieces = text.encode(), []
    for size in cuts:
        pieces.append(content[:size])
        content = content[size:]
    assert list(blocks([*pieces, content])) == [Block("message", "\n".join(each)) for each in events]
