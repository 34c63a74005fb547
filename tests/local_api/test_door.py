from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from testing.generation import EXAMPLES
from testing.local_api_process import LocalApi
from tests.local_api.conftest import Http

HINT = "Please try again by setting the header 'OpenAI-Beta: assistants=v2'."


def test_health_needs_no_key(api: LocalApi) -> None:
    assert requests.get(api.origin + "/health", timeout=10).json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("key", "begins", "code"),
    [(None, "You didn't provide an API key.", None), ("Bearer no", "Incorrect API key", "invalid_api_key")],
)
@pytest.mark.parametrize("path", ["/v1/assistants", "/control/settings"])
def test_it_wants_a_key(api: LocalApi, path: str, key: str | None, begins: str, code: str | None) -> None:
    headers = {"OpenAI-Beta": "assistants=v2"} | ({"Authorization": key} if key else {})
    answer = requests.get(api.origin + path, headers=headers, timeout=10)
    error = answer.json()["error"]
    assert answer.status_code == 401
    assert error["message"].startswith(begins)
    assert error["code"] == code


@pytest.mark.parametrize("version", [None, "assistants=v3", "realtime=v1"])
def test_it_wants_to_know_the_dialect(api: LocalApi, version: str | None) -> None:
    headers = {"Authorization": "Bearer local"} | ({"OpenAI-Beta": version} if version else {})
    answer = requests.get(api.url + "/assistants", headers=headers, timeout=10)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "invalid_beta")
    assert error["message"] == f"You must provide the 'OpenAI-Beta' header to access the Assistants API. {HINT}"


def test_files_and_models_are_there_without_a_dialect(api: LocalApi) -> None:
    headers = {"Authorization": "Bearer local"}
    for path in ("/files", "/models"):
        assert requests.get(api.url + path, headers=headers, timeout=10).json()["object"] == "list"


def test_every_answer_says_who_it_was(http: Http) -> None:
    for answer in (
        http.ask("GET", "/assistants"),
        http.ask("GET", "/nowhere"),
        http.ask("PATCH", "/threads"),
    ):
        assert answer.headers["x-request-id"].startswith("req_")
        assert answer.headers["openai-version"] == "2020-10-01"
        assert int(answer.headers["openai-processing-ms"]) >= 0


def test_unknown_paths_and_methods_are_told_apart(http: Http) -> None:
    status, error = http.refusal("GET", "/nowhere")
    assert (status, error["message"]) == (404, "Invalid URL (GET /v1/nowhere)")
    assert http.refusal("PATCH", "/threads")[0] == 405


@pytest.mark.parametrize(
    "body",
    [
        b"{", b"\xff\xfe", b"[]", b'"text"', b"5", b"null", b'{"metadata": NaN}', b"[" * 100_000,
        b'{"a":' * 900, b"9" * 5000, b'{"metadata": {"a": 1e999}}',
        b'{"messages": [{"role": "user", "content": 1}]}',
        b'{"tool_resources": {"file_search": []}}', b'{"messages": {}}', b'{"metadata": {"a": ["b"]}}',
        b"\x00",
    ],
)  # fmt: skip
def test_odd_bodies_are_refused_in_good_order(http: Http, body: bytes) -> None:
    answer = http.ask("POST", "/threads", data=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


def test_a_lone_surrogate_comes_back_as_it_was(http: Http) -> None:
    answer = http.ask("POST", "/threads", data=b'{"metadata": {"half": "\\ud83d!"}}')
    assert answer.json()["metadata"] == {"half": "\ud83d!"}


@pytest.mark.parametrize("identifier", ["thread_%00", "thread_%ff", "thread_%F0%9F%92%A9", "thread_'; --"])
def test_odd_ids_are_only_not_found(http: Http, identifier: str) -> None:
    assert http.refusal("GET", f"/threads/{identifier}")[0] == 404


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
NAMES = ["model", "name", "tools", "metadata", "messages", "content", "role", "tool_choice", "temperature"]


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(body=st.dictionaries(st.sampled_from(NAMES), JSON, max_size=4))
def test_no_body_breaks_it(http: Http, thread: Any, body: dict[str, Any]) -> None:
    for path in ("/assistants", "/threads", f"/threads/{thread['id']}/messages", "/threads/runs"):
        assert http.ask("POST", path, json=body).status_code in (200, 400, 404)
