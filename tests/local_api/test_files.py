import random
from typing import Any

import pytest

from tests.local_api.conftest import Http, upload


@pytest.mark.parametrize(
    "content", [b"", b"\r\n", b"--\r\n--x--\r\n", random.Random(1).randbytes(300_000), b"Content-Type: a/b\r\n\r\nc"]
)
def test_what_was_uploaded_comes_back_byte_for_byte(http: Http, content: bytes) -> None:
    file = upload(http, content, name="Räder (1).bin", purpose="vision")
    assert (file["bytes"], file["filename"], file["purpose"]) == (len(content), "Räder (1).bin", "vision")
    answer = http.ask("GET", f"/files/{file['id']}/content")
    assert answer.content == content
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''R%C3%A4der%20%281%29.bin"


def test_files_are_listed_by_purpose_and_in_pages(http: Http) -> None:
    ids = [upload(http, name=f"{number}.txt", purpose="batch")["id"] for number in range(3)]
    assert [each["id"] for each in http.get("/files", purpose="batch")["data"]] == ids[::-1]
    page = http.get("/files", purpose="batch", limit=1, order="asc", after=ids[0])
    assert ([each["id"] for each in page["data"]], page["has_more"]) == ([ids[1]], True)


def test_files_for_assistants_are_not_given_back(http: Http) -> None:
    status, error = http.refusal("GET", f"/files/{upload(http)['id']}/content")
    assert (status, error["message"]) == (400, "Not allowed to download files of purpose: assistants")


def test_a_deleted_file_is_gone_everywhere(http: Http) -> None:
    file = upload(http)
    store = http.post("/vector_stores", {"file_ids": [file["id"]]})
    assert http.delete(f"/files/{file['id']}") == {"id": file["id"], "object": "file", "deleted": True}
    assert http.refusal("GET", f"/files/{file['id']}")[1]["message"] == f"No such File object: {file['id']}"
    assert http.get(f"/vector_stores/{store['id']}/files")["data"] == []


@pytest.mark.parametrize(
    ("fields", "files", "words"),
    [
        ({"purpose": "assistants"}, {}, "could not parse the multipart"),
        ({}, {"file": ("a", b"")}, "Missing required parameter: 'purpose'"),
        ({"purpose": "fun"}, {"file": ("a", b"")}, "Invalid value: 'fun'"),
        ({"purpose": "assistants"}, {"other": ("a", b"")}, "Unknown parameter: 'other'"),
    ],
)
def test_a_form_that_is_none_is_refused(http: Http, fields: dict[str, Any], files: dict[str, Any], words: str) -> None:
    answer = http.ask("POST", "/files", data=fields, files=files)
    assert answer.status_code == 400
    assert words in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "body",
    [
        {"model": "m", "tool_resources": {"code_interpreter": {"file_ids": ["file-none"]}}},
        {"model": "m", "tool_resources": {"file_search": {"vector_store_ids": ["vs_none"]}}},
        {"model": "m", "tool_resources": {"file_search": {"vector_stores": [{"file_ids": ["file-none"]}]}}},
    ],
)
def test_what_is_not_there_cannot_be_referred_to(http: Http, body: dict[str, Any]) -> None:
    status, error = http.refusal("POST", "/assistants", body)
    assert (status, error["message"].endswith("none'.")) == (404, True)


def test_models_are_listed(http: Http, assistant: Any) -> None:
    listed = http.get("/models")["data"]
    assert "gpt-4o" in [model["id"] for model in listed]
    assert http.get("/models/gpt-4o") in listed
    assert http.refusal("GET", "/models/none")[1]["code"] == "model_not_found"
