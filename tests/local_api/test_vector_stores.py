from typing import Any

import pytest

from tests.local_api.conftest import Http, upload


@pytest.fixture
def file(http: Http) -> Any:
    return upload(http, b"Twelve bytes")


def test_a_vector_store_counts_what_is_in_it(http: Http, file: Any) -> None:
    store = http.post("/vector_stores", {"name": "Orders", "metadata": {"a": "b"}})
    path = f"/vector_stores/{store['id']}"
    assert store["file_counts"]["total"] == 0
    put = http.post(path + "/files", {"file_id": file["id"], "attributes": {"year": 2024}})
    assert (put["status"], put["attributes"], put["vector_store_id"]) == ("completed", {"year": 2024}, store["id"])
    assert (http.get(path)["file_counts"]["completed"], http.get(path)["usage_bytes"]) == (1, 12)
    assert http.get(f"{path}/files/{file['id']}") == put
    assert http.get(path + "/files", filter="failed")["data"] == []
    assert http.delete(f"{path}/files/{file['id']}")["object"] == "vector_store.file.deleted"
    assert http.get(path)["file_counts"]["total"] == 0
    assert http.get(f"/files/{file['id']}") == file
    assert http.delete(path)["object"] == "vector_store.deleted"
    assert http.refusal("GET", path)[1]["message"] == f"No vector store found with id '{store['id']}'."


def test_one_can_be_made_along_with_an_assistant_or_a_thread(http: Http, file: Any) -> None:
    described = {"file_search": {"vector_stores": [{"file_ids": [file["id"]]}]}}
    for path, body in (("/assistants", {"model": "gpt-4o"}), ("/threads", {})):
        made = http.post(path, {**body, "tool_resources": described})
        (store_id,) = made["tool_resources"]["file_search"]["vector_store_ids"]
        assert [each["id"] for each in http.get(f"/vector_stores/{store_id}/files")["data"]] == [file["id"]]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"expires_after": {"anchor": "created_at", "days": 1}}, "expires_after.anchor"),
        ({"expires_after": {"anchor": "last_active_at", "days": 366}}, "expires_after.days"),
        ({"chunking_strategy": {"type": "static"}}, "chunking_strategy.static"),
        ({"file_ids": "file-1"}, "file_ids"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_it_refuses_what_the_specification_refuses(http: Http, body: dict[str, Any], param: str) -> None:
    status, error = http.refusal("POST", "/vector_stores", body)
    assert (status, error["param"]) == (400, param)
