"""The kinds of faults. Each is a function that has answers posted and something go wrong."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from testing.fault_injection.fault_case import FaultCase

BROKEN = ("", "<html>Welcome</html>", '{"id": "run_', "[]", '{"status": 7}', "NaN", "\u0000")


def double_click(case: FaultCase) -> None:
    texts = case.texts()
    gap = case.rng.choice([0, 0, 0.02, 0.15, 1])
    case.at_once((0, lambda: case.post(texts)), (gap, lambda: case.post(texts, by=case.olga.other_tab())))


def two_tabs(case: FaultCase) -> None:
    mine, other = case.texts(), case.texts()
    case.at_once((0, lambda: case.post(mine)), (_gap(case), lambda: case.post(other, by=case.olga.other_tab())))


def two_people(case: FaultCase) -> None:
    mine, theirs = case.texts(), case.texts()
    case.at_once((_gap(case), lambda: case.post(mine)), (_gap(case), lambda: case.post(theirs, by=case.pete)))


def worker_killed(case: FaultCase) -> None:
    """Before it takes the answers up, around the moment, while the server works, or while its answer is on its way."""
    moment = case.rng.choice(["before", "around", "working", "answering"])
    slow = case.rng.uniform(0.8, 2.0)
    if moment in {"working", "answering"}:
        case.fault(delay=slow, after_effect=moment == "answering")
    with case.environment.victims(_some(case, "worker")) as kill:
        if moment == "before":
            kill()
            case.post(case.texts())
        else:
            after = case.rng.uniform(0, 0.3) if moment == "around" else case.rng.uniform(0.2, slow)
            texts = case.texts()
            case.at_once((0, lambda: case.post(texts)), (after, kill))


def web_killed(case: FaultCase) -> None:
    texts = case.texts()
    with case.environment.victims(_some(case, "web")) as kill:
        case.at_once((0, lambda: case.post(texts)), (case.rng.uniform(0, 0.12), kill))


def answer_lost(case: FaultCase) -> None:
    case.fault(cut=case.rng.choice(["before", "headers", "body"]), after_effect=True)
    _trouble_with_reading(case)
    case.post(case.texts())


def request_lost(case: FaultCase) -> None:
    case.fault(cut="before", times=case.rng.choice([1, 1, 2]))
    _trouble_with_reading(case)
    case.post(case.texts())


def full_for_seconds(case: FaultCase) -> None:
    case.fault(status=429, headers={"Retry-After": case.rng.choice(["1", "2", "0.5"])}, times=case.rng.choice([1, 2]))
    case.post(case.texts())


def full(case: FaultCase) -> None:
    case.fault(status=429)
    case.post(case.texts())


def server_error(case: FaultCase) -> None:
    case.fault(status=500, after_effect=case.rng.random() < 0.6, times=case.rng.choice([1, 1, 2]))
    _trouble_with_reading(case)
    case.post(case.texts())


def bad_gateway(case: FaultCase) -> None:
    page = {"body": "<html><title>502 Bad Gateway</title></html>", "headers": {"Content-Type": "text/html"}}
    case.fault(status=case.rng.choice([502, 503, 504]), after_effect=case.rng.random() < 0.6, **page)
    _trouble_with_reading(case)
    case.post(case.texts())


def time_out(case: FaultCase) -> None:
    """The server takes the answers and says nothing; or never took them; or takes them when they were sent again."""
    late = case.rng.uniform(20.5, 26)
    what: list[dict[str, Any]] = case.rng.choice(
        [
            [{"delay": late, "after_effect": True}],
            [{"delay": late, "cut": "before"}],
            [{"delay": late}, {"delay": case.rng.uniform(0, 5)}],
        ]
    )
    case.may_arrive_late = len(what) == 2
    for fault in what:
        case.fault(**fault)
    case.post(case.texts())


def broken_body(case: FaultCase) -> None:
    case.fault(status=200, body=case.rng.choice(BROKEN), after_effect=True)
    _trouble_with_reading(case)
    case.post(case.texts())


def same_second(case: FaultCase) -> None:
    """The run expires in the second in which the answers are sent."""
    with case.api_actor() as api_actor:
        run = api_actor.get(f"/threads/{case.run.thread_id}/runs/{case.run.run_id}")
    at = run["expires_at"] + case.rng.uniform(-1.5, 0.8) if run["expires_at"] else 0
    if case.rng.random() < 0.3:
        case.fault(cut="before", after_effect=case.rng.random() < 0.5)
    time.sleep(max(0.0, at - time.time()))
    case.post(case.texts())


def cancelled(case: FaultCase) -> None:
    """Somebody, here or elsewhere, cancels the run meanwhile."""
    texts = case.texts()
    if case.rng.random() < 0.5:
        case.fault(cut="before", after_effect=case.rng.random() < 0.5)
    cancel = case.rng.choice([lambda: case.pete.cancels(case.run.run_id), lambda: _cancel_elsewhere(case)])
    case.at_once((_gap(case), lambda: case.post(texts)), (_gap(case), cancel))


def old_form(case: FaultCase) -> None:
    """The back button: the same form again, when the run may long be waiting for other calls."""
    texts = case.texts()
    case.post(texts)
    time.sleep(case.rng.uniform(0.5, 6))
    case.post(texts)


def _gap(case: FaultCase) -> float:
    return case.rng.choice([0.0, 0.0, case.rng.uniform(0, 0.1), case.rng.uniform(0, 1)])


def _some(case: FaultCase, kind: str) -> list[str]:
    """Both processes of a kind, or one of them."""
    both = [f"{kind}-0", f"{kind}-1"]
    return both if case.rng.random() < 0.6 else [case.rng.choice(both)]


def _trouble_with_reading(case: FaultCase) -> None:
    """Sometimes it cannot be found out at once either."""
    what: dict[str, Any] | None = case.rng.choice([None, None, {"status": 500}, {"cut": "body"}, {"body": "<html>"}])
    if what:
        case.fault_of_reading(**what, times=case.rng.choice([1, 2]))


def _cancel_elsewhere(case: FaultCase) -> None:
    with case.api_actor() as api_actor:
        path = f"{api_actor.api.url}/threads/{case.run.thread_id}/runs/{case.run.run_id}/cancel"
        api_actor.session.post(path, timeout=30)  # refused where the run has ended


# How many of a hundred are of each kind.
KINDS: dict[str, tuple[Callable[[FaultCase], None], int]] = {
    "double click": (double_click, 8),
    "two tabs": (two_tabs, 8),
    "two people": (two_people, 10),
    "worker killed": (worker_killed, 10),
    "web server killed": (web_killed, 5),
    "answer lost": (answer_lost, 12),
    "request lost": (request_lost, 6),
    "429 with Retry-After": (full_for_seconds, 4),
    "429": (full, 3),
    "500": (server_error, 7),
    "502, 503, 504": (bad_gateway, 6),
    "time-out": (time_out, 6),
    "broken body": (broken_body, 6),
    "expired in the same second": (same_second, 6),
    "cancelled meanwhile": (cancelled, 9),
    "old form again": (old_form, 4),
}
SHORT_LIVED = "expired in the same second"
