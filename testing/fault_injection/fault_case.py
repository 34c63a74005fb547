"""One fault from its beginning to the verdict."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from testing.fault_injection.fault_environment import FaultEnvironment, WaitingRun
from testing.fault_injection.operator import (
    PATIENCE_AT_FIRST,
    UNDER_WAY,
    Attempt,
    Operator,
    answered_by,
    shown_in,
    waits,
)
from testing.html_page import Form

# Only what is never shown is lost: a machine with much else to do may take minutes.
LONGEST = 1200.0
WORDS = (
    '{"celsius": 4.0, "id": 12345678901234567890}',
    "Zwölf Grad,\n\tin the shade",
    ' <b>"dry"</b> & \\n ',
    "\u202erain\u202c \U0001f327",
    "0",
    "long " * 800,
)
Outcome = Literal["accepted", "refused", "twice", "lost"]


@dataclass(frozen=True)
class Verdict:
    """What came of it, why where that is bad, and after how many seconds it was shown."""

    outcome: Outcome
    why: str = ""
    seconds: float = 0.0


@dataclass
class FaultCase:
    """What a fault works with: a run, its form in the browsers of two people, and chance."""

    environment: FaultEnvironment
    run: WaitingRun
    rng: random.Random
    olga: Operator
    pete: Operator
    forms: dict[str, Form]
    calls: tuple[str, ...]
    attempts: list[Attempt] = field(default_factory=list)
    # Whether the fault makes a second request rightful: the first was on its way for longer than anybody waits.
    may_arrive_late: bool = False
    posted_at: float = 0.0

    def texts(self) -> tuple[str, ...]:
        """An answer for each call, like no other."""
        return tuple(f"{self.rng.choice(WORDS)}{self.rng.getrandbits(32):x}" for _ in self.calls)

    def post(self, texts: tuple[str, ...], *, by: Operator | None = None) -> None:
        """Somebody (olga) sends these answers."""
        who = by or self.olga
        attempt = who.posts(self.forms[who.name], texts)
        self.attempts.append(attempt)
        self.posted_at = time.monotonic()

    def at_once(self, *deeds: tuple[float, Callable[[], object]]) -> None:
        """Does things in threads of their own, each after its seconds; raises what one of them raises."""
        raised: list[BaseException] = []

        def do(after: float, deed: Callable[[], object]) -> None:
            time.sleep(after)
            try:
                deed()
            except BaseException as error:
                raised.append(error)

        threads = [threading.Thread(target=do, args=each) for each in deeds]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if raised:
            raise raised[0]

    def fault(self, **fault: Any) -> None:
        """Spoils the next delivery (or `times`) of this run at its server."""
        self._fault("POST", f"{self.run.run_id}/submit_tool_outputs$", fault)

    def fault_of_reading(self, **fault: Any) -> None:
        """Spoils the next time that this run is read."""
        self._fault("GET", f"{self.run.run_id}$", fault)

    def _fault(self, method: str, path: str, fault: dict[str, Any]) -> None:
        with self.api_actor() as api_actor:
            api_actor.fault(method, path, **fault)

    @contextmanager
    def api_actor(self) -> Iterator[Any]:
        """Somebody else's program at the run's server."""
        api_actor = self.run.server.api_actor()
        try:
            yield api_actor
        finally:
            api_actor.session.close()


def begun(
    environment: FaultEnvironment, run: WaitingRun, rng: random.Random, *, seconds: float = PATIENCE_AT_FIRST
) -> FaultCase:
    """Both people have the run open. Raises TimeoutError where it is not there for so long."""
    has_script = rng.random() < 0.7
    olga, pete = (
        Operator(name, environment.stack.url, cookies, has_script=has_script, broken_pages=environment.broken_pages)
        for name, cookies in environment.people.items()
    )
    forms = {each.name: each.opened(run.run_id, seconds=seconds) for each in (olga, pete)}
    seen = run.server.api_actor().get(f"/threads/{run.thread_id}/runs/{run.run_id}")
    if seen["status"] != "requires_action":
        raise TimeoutError(f"{run.run_id} ended before both had opened it")
    calls = seen["required_action"]["submit_tool_outputs"]["tool_calls"]
    return FaultCase(environment, run, rng, olga, pete, forms, tuple(call["id"] for call in calls))


def judged(case: FaultCase) -> Verdict:
    """Waits until the people are shown an end, and holds it against the server's record."""
    shown, names, seconds = _end_shown(case)
    with case.api_actor() as api_actor:
        every = api_actor.control("/deliveries", method="GET")["deliveries"]
    arrived = [each for each in every if each["outputs"].keys() == set(case.calls)]
    accepted = [each["outputs"] for each in arrived if each["status"] == 200]
    if len(accepted) > 1 or (len(arrived) > 1 and not case.may_arrive_late):
        return Verdict("twice", f"{len(arrived)} arrived, {len(accepted)} accepted", seconds)
    why = _wrong_for_losers(case) or (
        _wrong_for_winner(case, accepted[0], shown, names) if accepted else _wrong_for_refused(case, shown)
    )
    return Verdict("lost" if why else "accepted" if accepted else "refused", why, seconds)


def _end_shown(case: FaultCase) -> tuple[str, set[str], float]:
    """How the sending ended, who is said to have answered, and after how many seconds that was to be seen."""
    ends = case.posted_at + LONGEST
    was_taken = any(each.was_taken for each in case.attempts)
    for wait in waits():
        piece = case.olga.sees(case.run.run_id)
        shown, names = shown_in(piece), answered_by(piece)
        is_end = shown in {"accepted", "refused"} or (
            shown == "nothing" and (not was_taken or (names and UNDER_WAY not in names))
        )
        if is_end or time.monotonic() > ends:
            return shown, names, time.monotonic() - case.posted_at
        time.sleep(wait)
    raise AssertionError("waits never end")


def _wrong_for_losers(case: FaultCase) -> str:
    """Whoever was not first is told so and keeps what was typed."""
    for attempt in case.attempts:
        if not attempt.was_taken:
            told = any(words in attempt.page for words in ("was first", "already", "Your answers were not sent"))
            if attempt.status != 409 or not told or not attempt.keeps_what_was_typed:
                return f"{attempt.by} was answered {attempt.status} and told {told}"
    return ""


def _wrong_for_winner(case: FaultCase, outputs: dict[str, str], shown: str, names: set[str]) -> str:
    """The server has what one of them typed, to the letter; that one was taken, and named on the page."""
    given = tuple(outputs[call] for call in case.calls)
    winners = [each for each in case.attempts if each.texts == given and each.was_taken]
    if not winners:
        return f"the server has {given!r:.200}, which nobody was told to have sent"
    if shown not in {"accepted", "nothing"} or winners[0].by not in names:
        return f"the server accepted it once, but the page shows {shown}, answered by {names or 'nobody'}"
    return ""


def _wrong_for_refused(case: FaultCase, shown: str) -> str:
    """The server has nothing: those whose answers were stored are told, with what they typed."""
    stored = [each for each in case.attempts if each.was_taken]
    if not stored:
        return ""
    piece = case.olga.sees(case.run.run_id)
    if shown != "refused":
        return f"the server has nothing, but the page shows {shown}"
    kept = {each.text for each in piece.all("code")} | {each.text for each in piece.all("textarea")}
    return "" if any(set(each.texts) <= kept for each in stored) else "what was typed is not shown with the refusal"
