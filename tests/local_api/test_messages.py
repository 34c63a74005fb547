from typing import Any

import pytest

from tests.local_api.conftest import Http, finish, upload

FIELDS = {
    "id", "object", "created_at", "thread_id", "status", "incomplete_details", "completed_at",
    "incomplete_at", "role", "content", "assistant_id", "run_id", "attachments", "metadata",
}  # fmt: skip


@pytest.fixture
def path(thread: Any) -> str:
    return f"/threads/{thread['id']}/messages"


def test_it_stores_text_in_the_shape_of_answers(http: Http, path: str) -> None:
    message = http.post(path, {"role": "user", "content": "Grüße \u0000 and \u2028"})
    assert set(message) == FIELDS
    assert message["content"] == [{"type": "text", "text": {"value": "Grüße \u0000 and \u2028", "annotations": []}}]


def test_it_takes_parts_and_attachments(http: Http, path: str) -> None:
    parts = [
        {"type": "text", "text": "See:"},
        {"type": "image_url", "image_url": {"url": "https://a.b/c.png"}},
    ]
    attached = [{"file_id": upload(http)["id"], "tools": [{"type": "file_search"}]}]
    message = http.post(path, {"role": "user", "content": parts, "attachments": attached})
    assert message["content"][1] == {
        "type": "image_url",
        "image_url": {"url": "https://a.b/c.png", "detail": "auto"},
    }
    assert message["attachments"] == attached


def test_only_its_metadata_can_be_changed(http: Http, path: str) -> None:
    message = http.post(path, {"role": "assistant", "content": "x"})
    changed = http.post(f"{path}/{message['id']}", {"metadata": {"a": "b"}})
    assert changed == {**message, "metadata": {"a": "b"}}
    status, error = http.refusal("POST", f"{path}/{message['id']}", {"content": "y"})
    assert (status, error["message"]) == (400, "Unknown parameter: 'content'.")


def test_a_deleted_one_is_gone(http: Http, path: str) -> None:
    message = http.post(path, {"role": "user", "content": "x"})
    assert http.delete(f"{path}/{message['id']}")["object"] == "thread.message.deleted"
    status, error = http.refusal("GET", f"{path}/{message['id']}")
    assert (status, error["message"]) == (404, f"No message found with id '{message['id']}'.")


def test_it_is_not_found_in_another_thread(http: Http, path: str) -> None:
    message = http.post(path, {"role": "user", "content": "x"})
    other = http.post("/threads", {})
    status, _ = http.refusal("GET", f"/threads/{other['id']}/messages/{message['id']}")
    assert status == 404


def test_those_of_one_run_can_be_listed(http: Http, started: Any) -> None:
    run = finish(http, started)
    listed = http.get(f"/threads/{run['thread_id']}/messages", run_id=run["id"])["data"]
    assert [(message["role"], message["run_id"]) for message in listed] == [("assistant", run["id"])]


@pytest.mark.parametrize(
    "body",
    [
        {"content": "x"},
        {"role": "system", "content": "x"},
        {"role": "user"},
        {"role": "user", "content": ""},
        {"role": "user", "content": []},
        {"role": "user", "content": 5},
        {"role": "user", "content": ["x"]},
        {"role": "user", "content": [{"type": "text"}]},
        {"role": "user", "content": "x" * 256_001},
    ],
)
def test_it_refuses_what_is_no_message(http: Http, path: str, body: dict[str, Any]) -> None:
    assert http.refusal("POST", path, body)[0] == 400
