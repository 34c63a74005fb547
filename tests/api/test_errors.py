"""The error tree carries the server's own words."""

import pickle
from typing import Any

import pytest

from assistants_app.api import errors
from assistants_app.api.client import Client

from .conftest import Server, says

WORDS = [
    (
        {"error": {"message": "Thread t already has an active run r."}},
        "Thread t already has an active run r.",
    ),
    ({"error": "plain"}, "plain"),
    ({"detail": "Not Found"}, "Not Found"),
    (
        {"detail": [{"loc": ["body", "x", 0], "msg": "field required"}, {"msg": "y"}]},
        "body.x.0: field required; y",
    ),
    ({"message": "not implemented"}, "not implemented"),
    ({"error": {"message": None}, "message": "outer"}, "outer"),
    ("said as a string", "said as a string"),
]
RAW_WORDS = [
    (b"no such route\n", "no such route"),
    (b"<html><head><title>502 Bad\n Gateway</title>", "502 Bad Gateway"),
    (b"<!doctype html><p>oops", "an HTML page"),
    (b"", "400 Bad Request"),
    (b"\x00\xff", "\ufffd\ufffd"),
    (b'"\\ud800"', "\ufffd"),
    (b"[" * 100_000, "[" * 499 + "…"),
]
CLASSES = {
    400: errors.BadRequest, 401: errors.Unauthenticated, 403: errors.Forbidden, 404: errors.NotFound,
    405: errors.NotOffered, 408: errors.BadRequest, 409: errors.Conflict, 422: errors.BadRequest,
    429: errors.RateLimited, 500: errors.ServerFault, 501: errors.NotOffered, 599: errors.ServerFault,
    700: errors.Unreadable,
}  # fmt: skip


def refused(client: Client) -> errors.ApiError:
    with pytest.raises(errors.ApiError) as caught:
        client.threads.create()
    return caught.value


@pytest.mark.parametrize(("body", "words"), WORDS)
def test_words_of_every_shape(server: Server, client: Client, body: Any, words: str) -> None:
    server.plays(says(body, status=400))
    assert str(refused(client)) == words


@pytest.mark.parametrize(("raw", "words"), RAW_WORDS)
def test_words_of_what_is_not_json(server: Server, client: Client, raw: bytes, words: str) -> None:
    server.plays(says(raw=raw, status=400))
    assert str(refused(client)) == words


@pytest.mark.parametrize("status", CLASSES)
def test_each_status_has_its_class(server: Server, client: Client, status: int) -> None:
    server.plays(says({}, status=status))
    error = refused(client)
    assert type(error) is CLASSES[status]
    assert error.status == status


def test_it_carries_what_else_was_said(server: Server, client: Client) -> None:
    fields = {"message": "m", "type": "invalid_request_error", "param": "model", "code": "x"}
    server.plays(says({"error": fields}, status=400, x_request_id="req_9"))
    error = refused(client)
    assert (error.type, error.param, error.code) == ("invalid_request_error", "model", "x")
    assert (error.request_id, error.effect) == ("req_9", "none")


def test_the_body_is_cut(server: Server, client: Client) -> None:
    server.plays(says(raw=b"x" * 1_000_000, status=500))
    error = refused(client)
    assert len(error.body or "") == 2_000
    assert len(str(error)) == 500


def test_it_survives_pickling() -> None:
    error = pickle.loads(pickle.dumps(errors.NotFound("gone", status=404, effect="none")))
    assert (str(error), error.status) == ("gone", 404)
