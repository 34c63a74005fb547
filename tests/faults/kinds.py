"""The kinds of faults. Each is a function that has answers posted and something go wrong."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tests.faults.play import Play

BROKEN = ("", "<html>Welcome</html>", '{"id": "run_', "[]", '{"status": 7}', "NaN", "\u0000")


def double_click(play: Play) -> None:
    texts = play.texts()
    gap = play.rng.choice([0, 0, 0.02, 0.15, 1])
    play.at_once((0, lambda: play.post(texts)), (gap, lambda: play.post(texts, by=play.olga.other_tab())))


def two_tabs(play: Play) -> None:
    mine, other = play.texts(), play.texts()
    play.at_once((0, lambda: play.post(mine)), (_gap(play), lambda: play.post(other, by=play.olga.other_tab())))


def two_people(play: Play) -> None:
    mine, theirs = play.texts(), play.texts()
    play.at_once((_gap(play), lambda: play.post(mine)), (_gap(play), lambda: play.post(theirs, by=play.pete)))


def worker_killed(play: Play) -> None:
    """Before it takes the answers up, around the moment, while the server works, or while its answer is on its way."""
    moment = play.rng.choice(["before", "around", "working", "answering"])
    slow = play.rng.uniform(0.8, 2.0)
    if moment in {"working", "answering"}:
        play.fault(delay=slow, after_effect=moment == "answering")
    with play.scene.victims(_some(play, "worker")) as kill:
        if moment == "before":
            kill()
            play.post(play.texts())
        else:
            after = play.rng.uniform(0, 0.3) if moment == "around" else play.rng.uniform(0.2, slow)
            texts = play.texts()
            play.at_once((0, lambda: play.post(texts)), (after, kill))


def web_killed(play: Play) -> None:
    texts = play.texts()
    with play.scene.victims(_some(play, "web")) as kill:
        play.at_once((0, lambda: play.post(texts)), (play.rng.uniform(0, 0.12), kill))


def answer_lost(play: Play) -> None:
    play.fault(cut=play.rng.choice(["before", "headers", "body"]), after_effect=True)
    _trouble_with_reading(play)
    play.post(play.texts())


def request_lost(play: Play) -> None:
    play.fault(cut="before", times=play.rng.choice([1, 1, 2]))
    _trouble_with_reading(play)
    play.post(play.texts())


def full_for_seconds(play: Play) -> None:
    play.fault(status=429, headers={"Retry-After": play.rng.choice(["1", "2", "0.5"])}, times=play.rng.choice([1, 2]))
    play.post(play.texts())


def full(play: Play) -> None:
    play.fault(status=429)
    play.post(play.texts())


def server_error(play: Play) -> None:
    play.fault(status=500, after_effect=play.rng.random() < 0.6, times=play.rng.choice([1, 1, 2]))
    _trouble_with_reading(play)
    play.post(play.texts())


def bad_gateway(play: Play) -> None:
    page = {"body": "<html><title>502 Bad Gateway</title></html>", "headers": {"Content-Type": "text/html"}}
    play.fault(status=play.rng.choice([502, 503, 504]), after_effect=play.rng.random() < 0.6, **page)
    _trouble_with_reading(play)
    play.post(play.texts())


def time_out(play: Play) -> None:
    """The server takes the answers and says nothing; or never took them; or takes them when they were sent again."""
    late = play.rng.uniform(20.5, 26)
    what: list[dict[str, Any]] = play.rng.choice(
        [
            [{"delay": late, "after_effect": True}],
            [{"delay": late, "cut": "before"}],
            [{"delay": late}, {"delay": play.rng.uniform(0, 5)}],
        ]
    )
    play.may_arrive_late = len(what) == 2
    for fault in what:
        play.fault(**fault)
    play.post(play.texts())


def broken_body(play: Play) -> None:
    play.fault(status=200, body=play.rng.choice(BROKEN), after_effect=True)
    _trouble_with_reading(play)
    play.post(play.texts())


def same_second(play: Play) -> None:
    """The run expires in the second in which the answers are sent."""
    with play.outsider() as outsider:
        run = outsider.get(f"/threads/{play.run.thread_id}/runs/{play.run.run_id}")
    at = run["expires_at"] + play.rng.uniform(-1.5, 0.8) if run["expires_at"] else 0
    if play.rng.random() < 0.3:
        play.fault(cut="before", after_effect=play.rng.random() < 0.5)
    time.sleep(max(0.0, at - time.time()))
    play.post(play.texts())


def cancelled(play: Play) -> None:
    """Somebody, here or elsewhere, cancels the run meanwhile."""
    texts = play.texts()
    if play.rng.random() < 0.5:
        play.fault(cut="before", after_effect=play.rng.random() < 0.5)
    cancel = play.rng.choice([lambda: play.pete.cancels(play.run.run_id), lambda: _cancel_elsewhere(play)])
    play.at_once((_gap(play), lambda: play.post(texts)), (_gap(play), cancel))


def old_form(play: Play) -> None:
    """The back button: the same form again, when the run may long be waiting for other calls."""
    texts = play.texts()
    play.post(texts)
    time.sleep(play.rng.uniform(0.5, 6))
    play.post(texts)


def _gap(play: Play) -> float:
    return play.rng.choice([0.0, 0.0, play.rng.uniform(0, 0.1), play.rng.uniform(0, 1)])


def _some(play: Play, kind: str) -> list[str]:
    """Both processes of a kind, or one of them."""
    both = [f"{kind}-0", f"{kind}-1"]
    return both if play.rng.random() < 0.6 else [play.rng.choice(both)]


def _trouble_with_reading(play: Play) -> None:
    """Sometimes it cannot be found out at once either."""
    what: dict[str, Any] | None = play.rng.choice([None, None, {"status": 500}, {"cut": "body"}, {"body": "<html>"}])
    if what:
        play.fault_of_reading(**what, times=play.rng.choice([1, 2]))


def _cancel_elsewhere(play: Play) -> None:
    with play.outsider() as outsider:
        path = f"{outsider.api.url}/threads/{play.run.thread_id}/runs/{play.run.run_id}/cancel"
        outsider.session.post(path, timeout=30)  # refused where the run has ended


# How many of a hundred are of each kind.
KINDS: dict[str, tuple[Callable[[Play], None], int]] = {
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
