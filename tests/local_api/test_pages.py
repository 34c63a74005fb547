from typing import Any

import pytest

from tests.local_api.conftest import Http


@pytest.fixture
def listed(http: Http, thread: Any) -> tuple[str, list[str]]:
    """Path of a list of five messages, and their ids, oldest first."""
    path = f"/threads/{thread['id']}/messages"
    ids = [http.post(path, {"role": "user", "content": str(number)})["id"] for number in range(5)]
    return path, ids


def ids_of(page: Any) -> list[str]:
    return [each["id"] for each in page["data"]]


def test_it_walks_to_the_end_by_after(http: Http, listed: tuple[str, list[str]]) -> None:
    path, ids = listed
    first = http.get(path, limit=2)
    second = http.get(path, limit=2, after=first["last_id"])
    third = http.get(path, limit=2, after=second["last_id"])
    assert ids_of(first) + ids_of(second) + ids_of(third) == ids[::-1]
    assert [page["has_more"] for page in (first, second, third)] == [True, True, False]


def test_it_walks_back_by_before(http: Http, listed: tuple[str, list[str]]) -> None:
    path, ids = listed
    page = http.get(path, limit=2, before=ids[0])
    assert (ids_of(page), page["has_more"]) == ([ids[2], ids[1]], True)
    page = http.get(path, limit=2, before=page["first_id"])
    assert (ids_of(page), page["has_more"]) == ([ids[4], ids[3]], False)


def test_ascending_order_turns_both_directions(http: Http, listed: tuple[str, list[str]]) -> None:
    path, ids = listed
    assert ids_of(http.get(path, order="asc", limit=2, after=ids[1])) == [ids[2], ids[3]]
    assert ids_of(http.get(path, order="asc", limit=2, before=ids[3])) == [ids[1], ids[2]]


def test_both_cursors_bound_a_window(http: Http, listed: tuple[str, list[str]]) -> None:
    path, ids = listed
    assert ids_of(http.get(path, after=ids[4], before=ids[1])) == [ids[3], ids[2]]


def test_an_empty_page_has_null_ids(http: Http, thread: Any) -> None:
    page = http.get(f"/threads/{thread['id']}/messages")
    assert page == {"object": "list", "data": [], "first_id": None, "last_id": None, "has_more": False}


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 101}, {"limit": "many"}, {"limit": "9" * 5000}, {"order": "up"}]
)
def test_it_refuses_a_query_out_of_bounds(http: Http, query: dict[str, Any]) -> None:
    assert http.refusal("GET", "/assistants", params=query)[0] == 400


def test_an_unknown_cursor_is_a_404(http: Http) -> None:
    assert http.refusal("GET", "/assistants", params={"after": "asst_gone"})[0] == 404
