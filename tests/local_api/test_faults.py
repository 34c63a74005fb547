import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.local_api.conftest import Http, answers, calls_of, path_of


def fault(http: Http, **asked: Any) -> Any:
    return http.post("/control/faults", {"method": "GET", "path": "/assistants", **asked})


def test_a_status_without_a_body_is_an_error_of_the_api(http: Http) -> None:
    fault(http, status=429, headers={"Retry-After": "7"})
    answer = http.ask("GET", "/assistants")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert answer.json()["error"]["type"] == "rate_limit_exceeded"


def test_it_strikes_as_often_as_asked(http: Http) -> None:
    fault(http, status=500, times=2)
    codes = [http.ask("GET", "/assistants").status_code for _ in range(3)]
    assert codes == [500, 500, 200]
    (listed,) = http.get("/control/faults")["faults"]
    assert (listed["hits"], listed["left"]) == (2, 0)


def test_only_requests_that_fit_are_struck(http: Http, thread: Any) -> None:
    fault(http, method="POST", path="/threads/.+/messages$", status=503)
    assert http.ask("GET", f"/threads/{thread['id']}/messages").ok
    message = {"role": "user", "content": "x"}
    assert http.refusal("POST", f"/threads/{thread['id']}/messages", message)[0] == 503


def test_any_body_can_be_sent(http: Http) -> None:
    fault(http, status=200, body="<html>Not JSON", headers={"Content-Type": "text/html"})
    answer = http.ask("GET", "/assistants")
    assert (answer.text, answer.headers["content-type"]) == ("<html>Not JSON", "text/html")


@pytest.mark.parametrize(
    ("cut", "raised"),
    [
        ("before", requests.ConnectionError),
        ("headers", requests.exceptions.ChunkedEncodingError),
        ("body", requests.exceptions.ChunkedEncodingError),
    ],
)
def test_the_connection_can_be_cut(http: Http, cut: str, raised: type[Exception]) -> None:
    fault(http, cut=cut)
    with pytest.raises(raised):
        http.ask("GET", "/assistants")
    assert http.ask("GET", "/assistants").ok


def test_an_answer_can_come_late(http: Http) -> None:
    fault(http, delay=0.3)
    began = time.monotonic()
    assert http.ask("GET", "/assistants").ok
    assert time.monotonic() - began >= 0.3


def test_an_answer_is_held_back_until_its_fault_is_taken_back(http: Http) -> None:
    fault(http, delay=60)
    with ThreadPoolExecutor() as others:
        late = others.submit(http.ask, "GET", "/assistants")
        while http.get("/control/faults")["faults"][0]["hits"] == 0:
            time.sleep(0.01)
        assert not late.done()
        http.ask("DELETE", "/control/faults")
        assert late.result(timeout=30).ok


def test_an_answer_can_come_byte_by_byte(http: Http) -> None:
    fault(http, status=200, body="{}", drip=0.2)
    began = time.monotonic()
    assert http.ask("GET", "/assistants").json() == {}
    assert time.monotonic() - began >= 0.4


@pytest.mark.parametrize("spoilt", [{"status": 500}, {"cut": "before"}])
@pytest.mark.parametrize(("after", "status"), [(True, "completed"), (False, "requires_action")])
def test_the_operation_is_done_or_not(
    http: Http, assistant: Any, spoilt: dict[str, Any], after: bool, status: str
) -> None:
    user = f"lost answer {spoilt} {after}"
    turn = {"user": user, "rounds": [[{"name": "look", "arguments": "{}"}]], "reply": "Good."}
    http.post("/control/scripts", [{"id": user, "turns": [turn]}])
    thread = {"messages": [{"role": "user", "content": user}]}
    run = http.post("/threads/runs", {"assistant_id": assistant["id"], "thread": thread})
    run = http.get(path_of(run))
    fault(http, method="POST", path="submit_tool_outputs", after_effect=after, **spoilt)
    try:
        assert http.ask("POST", path_of(run) + "/submit_tool_outputs", json=answers(run)).status_code == 500
    except requests.ConnectionError:
        assert "cut" in spoilt
    assert http.get(path_of(run))["status"] == status


def test_a_slow_server_carries_out_what_nobody_waits_for_any_more(http: Http, waiting: Any) -> None:
    fault(http, method="POST", path="submit_tool_outputs", delay=0.5)
    with pytest.raises(requests.Timeout):
        http.session.post(f"{http.api.url}{path_of(waiting)}/submit_tool_outputs", json=answers(waiting), timeout=0.2)
    assert calls_of(http.get(path_of(waiting))) == calls_of(waiting)
    time.sleep(0.6)
    assert calls_of(http.get(path_of(waiting))) != calls_of(waiting)


@pytest.mark.parametrize("asked", [{"cut": "later"}, {"path": "("}, {"times": 0}, {"status": 99}, {"odd": 1}])
def test_it_refuses_what_is_no_fault(http: Http, asked: dict[str, Any]) -> None:
    assert http.refusal("POST", "/control/faults", asked)[0] == 400


def told(http: Http, thread: Any, assistant: Any, **asked: Any) -> list[str]:
    """The names of the events of a new run's stream, as far as it comes."""
    http.post("/control/faults", {"method": "POST", "path": "/runs$", **asked})
    answer = http.ask("POST", f"/threads/{thread['id']}/runs", json={"assistant_id": assistant["id"], "stream": True})
    return [line.rpartition(".")[2] for line in answer.text.splitlines() if line.startswith("event")]


def test_a_stream_can_break_off_in_its_midst(http: Http, thread: Any, assistant: Any) -> None:
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        told(http, thread, assistant, events=2, cut="body")
    (run,) = http.get(f"/threads/{thread['id']}/runs")["data"]
    assert http.get(path_of(run))["status"] == "completed"


def test_a_stream_can_have_a_broken_line_in_its_midst(http: Http, thread: Any, assistant: Any) -> None:
    names = told(http, thread, assistant, events=2, body="event: thread.run.broken\ndata: {\n\n")
    assert names[:4] == ["created", "queued", "broken", "in_progress"]
    assert names[-1] == "event: done"


def test_a_stream_whose_answer_is_lost_has_its_effect(http: Http, thread: Any, assistant: Any) -> None:
    with pytest.raises(requests.ConnectionError):
        told(http, thread, assistant, cut="before", after_effect=True)
    assert len(http.get(f"/threads/{thread['id']}/runs")["data"]) == 1
