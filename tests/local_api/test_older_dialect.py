"""The first dialect, `OpenAI-Beta: assistants=v1`, beside the second on the same objects."""

from typing import Any

import pytest

from tests.local_api.conftest import Http, answers, path_of, upload


@pytest.fixture
def file(http: Http) -> Any:
    return upload(http)


def test_an_assistant_is_the_same_in_both_shapes(http: Http, older: Http, file: Any) -> None:
    body = {"model": "gpt-4o", "tools": [{"type": "retrieval"}], "file_ids": [file["id"]]}
    made = older.post("/assistants", body)
    assert (made["tools"], made["file_ids"]) == ([{"type": "retrieval"}], [file["id"]])
    assert not {"tool_resources", "temperature", "response_format"} & set(made)
    newer = http.get(f"/assistants/{made['id']}")
    assert newer["tools"] == [{"type": "file_search"}]
    assert newer["tool_resources"]["code_interpreter"]["file_ids"] == [file["id"]]
    assert older.get("/assistants", limit=1)["data"] == [made]


def test_files_of_an_assistant_come_and_go(older: Http, file: Any) -> None:
    second = upload(older, name="two.txt")["id"]
    assistant = older.post("/assistants", {"model": "gpt-4o", "file_ids": [file["id"]]})
    path = f"/assistants/{assistant['id']}/files"
    put = older.post(path, {"file_id": second})
    assert (put["id"], put["object"], put["assistant_id"]) == (second, "assistant.file", assistant["id"])
    assert [each["id"] for each in older.get(path)["data"]] == [second, file["id"]]
    assert [each["id"] for each in older.get(path, order="asc", limit=1, after=file["id"])["data"]] == [second]
    assert [each["id"] for each in older.get(path, before=file["id"])["data"]] == [second]
    gone = {"id": second, "object": "assistant.file.deleted", "deleted": True}
    assert older.delete(f"{path}/{second}") == gone
    assert older.refusal("GET", f"{path}/{second}")[0] == 404
    assert older.get(f"/files/{second}")["id"] == second


def test_files_of_a_message_are_its_attachments(http: Http, older: Http, thread: Any, file: Any) -> None:
    path = f"/threads/{thread['id']}/messages"
    made = older.post(path, {"role": "user", "content": "See", "file_ids": [file["id"]]})
    assert (made["file_ids"], "attachments" in made) == ([file["id"]], False)
    listed = older.get(f"{path}/{made['id']}/files")["data"]
    assert [(each["id"], each["object"]) for each in listed] == [(file["id"], "thread.message.file")]
    assert older.get(f"{path}/{made['id']}/files/{file['id']}") == listed[0]
    assert [each["file_id"] for each in http.get(f"{path}/{made['id']}")["attachments"]] == [file["id"]]


def test_a_run_is_answered_in_it(older: Http, waiting: Any) -> None:
    run = older.get(path_of(waiting))
    assert (run["file_ids"], "parallel_tool_calls" in run) == ([], False)
    older.post(path_of(run) + "/submit_tool_outputs", answers(run))
    assert older.get(path_of(run))["status"] == "requires_action"


@pytest.mark.parametrize(
    ("path", "body", "param"),
    [
        ("/assistants", {"model": "m", "tools": [{"type": "file_search"}]}, "tools[0].type"),
        ("/assistants", {"model": "m", "tool_resources": {}}, "tool_resources"),
        ("/assistants", {"model": "m", "response_format": {"type": "json_schema"}}, "response_format.type"),
        ("/assistants", {"model": "m", "file_ids": ["file-1"] * 21}, "file_ids"),
        (
            "/threads",
            {"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}]}]},
            "messages[0].content",
        ),
        ("/threads", {"messages": [{"role": "user", "content": "a", "attachments": []}]}, "messages[0].attachments"),
        ("/threads/runs", {"assistant_id": "asst_x", "parallel_tool_calls": True}, "parallel_tool_calls"),
        ("/threads/runs", {"assistant_id": "asst_x", "tool_choice": "required"}, None),
    ],
)
def test_it_refuses_what_came_later(older: Http, path: str, body: dict[str, Any], param: str | None) -> None:
    status, error = older.refusal("POST", path, body)
    assert (status, error["param"]) == (400 if param else 404, param)


def test_operations_of_the_other_dialect_are_not_there(http: Http, older: Http, thread: Any, assistant: Any) -> None:
    message = http.post(f"/threads/{thread['id']}/messages", {"role": "user", "content": "Hi"})
    path = f"/threads/{thread['id']}/messages/{message['id']}"
    assert older.refusal("DELETE", path)[0] == 405
    assert older.refusal("GET", "/vector_stores")[0] == 404
    for missing in (f"/assistants/{assistant['id']}/files", path + "/files"):
        assert http.refusal("GET", missing)[0] == 404


def test_a_run_cut_short_counts_as_completed(older: Http, assistant: Any) -> None:
    thread = {"messages": [{"role": "user", "content": "x" * 2_000}]}
    run = older.post("/threads/runs", {"assistant_id": assistant["id"], "thread": thread, "max_prompt_tokens": 256})
    cut = older.get(path_of(run))
    assert (cut["status"], cut["incomplete_details"]) == ("completed", {"reason": "max_prompt_tokens"})
