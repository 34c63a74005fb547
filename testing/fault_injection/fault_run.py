"""Many faults at the same time, and the count of what came of them."""

from __future__ import annotations

import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from testing.fault_injection import fault_case
from testing.fault_injection.fault_case import FaultCase, Verdict
from testing.fault_injection.fault_environment import FaultEnvironment, WaitingRun, started
from testing.fault_injection.fault_kinds import KINDS, SHORT_LIVED

SERVERS = 4
# Seconds, long enough for the dashboard to hear of the run and a person to open it; more where the machine is busy.
SHORT_LIVES = (20.0, 60.0, 180.0)


@dataclass(frozen=True)
class Fault:
    """The fault of that number under a seed: always of the same kind, with the same choices."""

    seed: int
    number: int
    kind: str

    @property
    def rng(self) -> random.Random:
        return random.Random(f"{self.seed} {self.number}")


def drawn(seed: int, count: int, *, only: str | None) -> list[Fault]:
    """The faults of a seed: one of each kind first, then by their weights; or all of one kind."""
    if only:
        return [Fault(seed, number, only) for number in range(count)]
    rng = random.Random(seed)
    weights = [weight for _, weight in KINDS.values()]
    kinds = [*rng.sample(list(KINDS), len(KINDS)), *rng.choices(list(KINDS), weights, k=count)]
    return [Fault(seed, number, kind) for number, kind in enumerate(kinds[:count])]


def struck(environment: FaultEnvironment, fault: Fault, run: WaitingRun | None) -> Verdict:
    """What came of one fault. Whatever goes wrong on the way counts as lost."""
    strike, _ = KINDS[fault.kind]
    try:
        under_way = fault_case.begun(environment, run, fault.rng) if run else begun_just_in_time(environment, fault)
        strike(under_way)
        return fault_case.judged(under_way)
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        return Verdict("lost", f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"[:500])


def begun_just_in_time(environment: FaultEnvironment, fault: Fault) -> FaultCase:
    """On a run that does not live much longer than it takes to open it."""
    for life in SHORT_LIVES:
        (run,) = environment.make_runs(1, expires_after=life, seed=f"{fault.seed} {fault.number} {life}")
        with suppress(TimeoutError):
            return fault_case.begun(environment, run, fault.rng, seconds=life - 2)
    raise TimeoutError(f"no run could be opened within {SHORT_LIVES[-1]:.0f} s")


def all_struck(environment: FaultEnvironment, faults: list[Fault], *, at_once: int) -> dict[Fault, Verdict]:
    """What came of all of them, so many at the same time."""
    lasting = [fault for fault in faults if fault.kind != SHORT_LIVED]
    runs = dict(zip(lasting, environment.make_runs(len(lasting), seed=str(faults[0].seed)), strict=True))
    found: dict[Fault, Verdict] = {}
    with ThreadPoolExecutor(at_once) as pool, ExitStack() as left:
        left.callback(pool.shutdown, wait=False, cancel_futures=True)  # begins no other one after Ctrl-C
        under_way = {pool.submit(struck, environment, fault, runs.get(fault)): fault for fault in faults}
        for done in as_completed(under_way):
            fault = under_way[done]
            found[fault] = verdict = done.result()
            if verdict.outcome in {"twice", "lost"}:
                say(f"{fault.number} {fault.kind}: {verdict.outcome}: {verdict.why}")
            if len(found) % 50 == 0:
                say(f"{len(found)} of {len(faults)}")
    return found


def measured(*, seed: int, count: int, at_once: int, only: str | None = None) -> bool:
    """Strikes with all faults of a seed and prints what came of them. True where nothing was lost or sent twice."""
    say(f"SEED={seed} COUNT={count}, {at_once} at the same time")
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="switchboard-faults-") as folder,
        started(Path(folder), servers=SERVERS) as environment,
    ):
        found = all_struck(environment, drawn(seed, count, only=only), at_once=at_once)
        broken_pages = len(environment.broken_pages)
    say(f"{time.monotonic() - began:.0f} s; pages that answered with a 5xx and were asked for again: {broken_pages}\n")
    _print_table(found)
    outcomes = Counter(verdict.outcome for verdict in found.values())
    say(
        f"{count} faults: {outcomes['accepted']} accepted once, {outcomes['refused']} refused and shown, "
        f"{outcomes['twice']} twice, {outcomes['lost']} lost"
    )
    return not outcomes["twice"] and not outcomes["lost"]


def _print_table(found: dict[Fault, Verdict]) -> None:
    say(f"{'fault':28}{'number':>8}{'accepted':>10}{'refused':>9}{'twice':>7}{'lost':>6}{'median s':>10}{'most s':>8}")
    for kind in KINDS:
        verdicts = [verdict for fault, verdict in found.items() if fault.kind == kind]
        if verdicts:
            outcomes: Counter[str] = Counter(verdict.outcome for verdict in verdicts)
            counts = "".join(
                f"{outcomes[name]:>{width}}"
                for name, width in (("accepted", 10), ("refused", 9), ("twice", 7), ("lost", 6))
            )
            seconds = sorted(verdict.seconds for verdict in verdicts)
            say(f"{kind:28}{len(verdicts):>8}{counts}{seconds[len(seconds) // 2]:>10.1f}{seconds[-1]:>8.1f}")
    say("")


def say(text: str) -> None:
    """One line, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
