from typing import Any

from tests.local_api.conftest import Http


def test_it_begins_with_messages(http: Http) -> None:
    thread = http.post("/threads", {"messages": [{"role": "user", "content": "Hi"}], "metadata": {"a": "b"}})
    assert set(thread) == {"id", "object", "created_at", "tool_resources", "metadata"}
    messages = http.get(f"/threads/{thread['id']}/messages")["data"]
    assert [message["content"][0]["text"]["value"] for message in messages] == ["Hi"]


def test_no_body_makes_an_empty_thread(http: Http) -> None:
    answer = http.ask("POST", "/threads")
    assert answer.ok
    assert answer.json()["metadata"] == {}


def test_the_newest_thread_is_listed_first(http: Http) -> None:
    made = [http.post("/threads", {})["id"] for _ in range(3)]
    listed = [thread["id"] for thread in http.get("/threads", limit=3)["data"]]
    assert listed == made[::-1]


def test_its_metadata_can_be_changed(http: Http, thread: Any) -> None:
    changed = http.post(f"/threads/{thread['id']}", {"metadata": {"topic": "Räder"}})
    assert changed == {**thread, "metadata": {"topic": "Räder"}}
    assert http.get(f"/threads/{thread['id']}") == changed


def test_deleting_takes_everything_in_it(http: Http, waiting: Any) -> None:
    thread_id = waiting["thread_id"]
    assert http.delete(f"/threads/{thread_id}")["object"] == "thread.deleted"
    for path in ("", "/messages", "/runs", f"/runs/{waiting['id']}", f"/runs/{waiting['id']}/steps"):
        status, error = http.refusal("GET", f"/threads/{thread_id}{path}")
        assert (status, error["message"]) == (404, f"No thread found with id '{thread_id}'.")


def test_an_id_of_another_shape_is_a_400(http: Http) -> None:
    status, error = http.refusal("GET", "/threads/undefined")
    assert status == 400
    assert error["message"] == "Invalid 'thread_id': 'undefined'. Expected an ID that begins with 'thread'."
