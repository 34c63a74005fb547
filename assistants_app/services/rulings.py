"""Has rules answer what runs wait for. A tick finds the calls that a rule may be for and makes a row of each run; the
row is worked on by one worker at a time, call by call, each step stored before the next. A killed worker loses
nothing: its lease ends, and another one goes on.

Only where every call has an answer they go out, the way that people's do (services/sending.py). Otherwise they stand
in the form, for somebody to confirm. Where anybody is at a run, or has begun to answer it, rules keep out.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import cache
from threading import BoundedSemaphore
from uuid import uuid4

from django.db import close_old_connections, transaction
from django.utils import timezone

from assistants_app.models import Draft, Operation, Rule, Ruling, Run, ToolCall, Verdict
from assistants_app.models.runs import OUTPUTS
from assistants_app.services import claims, endpoints, output_schemas, placeholders, rules, tool_calls
from assistants_app.services.output_schemas import Returns
from assistants_app.services.placeholders import Lacking
from assistants_app.services.rules import Act

log = logging.getLogger(__name__)

AT_ONCE = 8
IDLE_SECONDS = 0.5
# Longer than one call's endpoint may take; it is taken anew for each.
LEASE_SECONDS = endpoints.LONGEST_SECONDS + 20.0
LONGEST_PAUSE = 30.0
FAILURES_UNTIL_LEFT = 5
State, Outcome = Ruling.State, Verdict.State


# Words that are stored are English, like those of servers.


class Lost(Exception):
    """Another worker has it, or it is settled."""


def rule_due(*, seconds: float) -> int:
    """Has rules answer what waits, for `seconds`; gives how many runs were taken up. Returns at once where no rule is
    on and nothing was begun, and does not wait for endpoints that are slow."""
    ends = time.monotonic() + seconds
    count = 0
    while time.monotonic() < ends and _is_anything_to_do():
        take_up()
        while _begun_one():
            count += 1
        time.sleep(IDLE_SECONDS)
    return count


def _is_anything_to_do() -> bool:
    return Rule.objects.filter(is_on=True).exists() or Ruling.objects.exclude(due_at=None).exists()


_places = BoundedSemaphore(AT_ONCE)


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="rule")


def _begun_one() -> bool:
    """Has a thread work on one due row, if there is a free one and such a row."""
    if not _places.acquire(blocking=False):
        return False
    holder, keys = uuid4().hex, []
    try:
        keys = Ruling.objects.all().claim(limit=1, holder=holder, seconds=LEASE_SECONDS)
    finally:
        if not keys:
            _places.release()
    if keys:
        _threads().submit(_apart, keys[0], holder)
    return bool(keys)


def _apart(key: int, holder: str) -> None:
    """One row in its thread."""
    close_old_connections()
    try:
        rule_on(key=key, holder=holder)
    finally:
        close_old_connections()
        _places.release()


def take_up() -> int:
    """Makes a row of each run that waits for calls a rule may be for; gives how many."""
    functions = {(rule.connection_id, rule.function) for rule in rules.on()}
    if not functions:
        return 0
    names = {name for _connection, name in functions}
    waiting = ToolCall.objects.filter(waiting=True, run__in=Run.objects.waiting().order_by())
    fresh = waiting.filter(name__in=names, verdict=None, required_type__in=["", OUTPUTS])
    found = set(fresh.values_list("run__connection", "name", "run"))
    wanted = {run for connection, name, run in found if (connection, name) in functions}
    made = 0
    for run in Run.objects.filter(pk__in=wanted).exclude(rulings__state=State.UNDER_WAY):
        key = tool_calls.calls_key(run, tool_calls.waiting_calls(run))
        made += Ruling.objects.get_or_create(key=key, defaults={"run": run, "due_at": timezone.now()})[1]
    return made


def rule_on(*, key: int, holder: str) -> None:
    """Works on one row that this holder has leased, as far as that goes now."""
    ruling = Ruling.objects.select_related("run__connection", "run__thread", "run__assistant").get(pk=key)
    try:
        _Work(ruling, holder).go_on()
    except Lost:
        log.info("%s is no longer ours", ruling)
    except Exception:
        log.exception("Ruling on %s failed", ruling)
        _failed(ruling, holder)


def _failed(ruling: Ruling, holder: str) -> None:
    """Whatever it was, people get the run in the end."""
    failures = ruling.failures + 1
    held = Ruling.objects.held_by(holder).filter(pk=ruling.pk)
    if failures >= FAILURES_UNTIL_LEFT:
        reason = "Rules could not be worked out; the log says why."
        held.update(state=State.LEFT, reason=reason, due_at=None, holder="", failures=failures)
        rules.tell_of(ruling.run)
    else:
        held.update(due_at=timezone.now() + timedelta(seconds=2.0**failures), holder="", failures=failures)


class _Work:
    """One row under one lease."""

    def __init__(self, ruling: Ruling, holder: str) -> None:
        self.ruling, self.run, self.holder = ruling, ruling.run, holder
        self.calls = list(self.run.calls.filter(waiting=True)) if self.run.is_waiting else []

    def go_on(self) -> None:
        if (reason := self.kept_out()) is not None:
            for call in self.unruled() if reason else ():
                self.write(call, None, Outcome.PERSON)
            self.settle(State.LEFT, reason)
            return
        every = rules.on()
        for call in self.unruled():
            self.count(call, rules.first(every, call, self.run))
        said = output_schemas.of(self.run, [call.name for call in self.calls])
        for verdict in self.verdicts():
            if verdict.state == Outcome.BEGUN and not self.answered(verdict, said.get(verdict.call.name)):
                return
        self.finish()

    def kept_out(self) -> str | None:
        """Why rules have nothing to say here (any more); '' where nobody needs to be told."""
        if not self.calls or tool_calls.calls_key(self.run, self.calls) != self.ruling.key:
            return ""
        if self.run.asks != OUTPUTS or tool_calls.standing(run=self.run, key=self.ruling.key) is not None:
            return ""
        if (claim := claims.standing(self.run)) is not None:
            return f"{claim.by.get_username()} was at this run, so no rule answered."
        if Draft.objects.filter(call__in=self.calls).exists():
            return "Somebody had begun to answer, so no rule did."
        return None

    # ---- Which rule is for which call

    def unruled(self) -> list[ToolCall]:
        """The calls of which it is not written down yet which rule counts."""
        known = set(Verdict.objects.filter(call__in=self.calls).values_list("call", flat=True))
        return [call for call in self.calls if call.pk not in known]

    def count(self, call: ToolCall, rule: Rule | None) -> None:
        """One call more of this rule's hour, unless it is full. The lock keeps several workers from passing it."""
        if rule is None or rule.act == Act.PERSON:
            self.write(call, rule, Outcome.PERSON)
            return
        with transaction.atomic():
            Rule.objects.select_for_update().get(pk=rule.pk)
            if (until := rules.rests_until(rule)) is None:
                self.write(call, rule, Outcome.BEGUN)
                return
        again = timezone.localtime(until).strftime("%H:%M %Z")
        words = f"It has taken up {rule.most_an_hour} calls within an hour, as many as it may; it goes on at {again}."
        self.write(call, rule, Outcome.STOPPED, words)

    def write(self, call: ToolCall, rule: Rule | None, state: str, reason: str = "") -> None:
        named = {"rule": rule, "title": rule.title, "act": rule.act} if rule else {}
        Verdict.objects.create(call=call, ruling=self.ruling, state=state, reason=reason, **named)

    def verdicts(self) -> Sequence[Verdict]:
        return list(
            self.ruling.verdicts.select_related("call__run__thread", "rule__connection").order_by("call__position")
        )

    # ---- What it answers

    def answered(self, verdict: Verdict, said: Returns | None) -> bool:
        """Gets the answer to one call, or why there is none; False where it is to be tried again later."""
        self.keep()
        try:
            self.store(verdict, Outcome.ANSWERED, content=Verdict.written(self.answer(verdict, said)))
        except Lacking as error:
            self.store(verdict, Outcome.FAILED, reason=str(error))
        except endpoints.Failed as error:
            again = self.pause(verdict, error)
            if again is not None:
                self.store(verdict, Outcome.BEGUN, reason=error.words)
                self.release(again)
                return False
            self.store(verdict, Outcome.FAILED, reason=error.words)
        return True

    def answer(self, verdict: Verdict, said: Returns | None) -> str:
        """Raises Lacking and endpoints.Failed."""
        rule = verdict.rule
        if rule is None or not rule.is_on:
            raise Lacking("It was switched off meanwhile.")
        if rule.act != Act.CALL:
            return rules.answer(rule, verdict.call, said)
        verdict.tries += 1
        text = endpoints.ask(rule, verdict.call, placeholders.arguments_of(verdict.call.arguments))
        rules.check(text, said)
        return text

    def pause(self, verdict: Verdict, error: endpoints.Failed) -> float | None:
        """Seconds until the next try; None where there is none, or no time for it."""
        if error.again_after is None or verdict.rule is None or verdict.tries > verdict.rule.retries:
            return None
        seconds = min(LONGEST_PAUSE, max(error.again_after, 2.0 ** (verdict.tries - 1)))
        left = self.run.seconds_left(timezone.now())
        return seconds if left is None or left > seconds + verdict.rule.seconds else None

    def store(self, verdict: Verdict, state: str, *, content: str | None = None, reason: str = "") -> None:
        self.keep()
        rows = Verdict.objects.filter(pk=verdict.pk)
        rows.update(state=state, content=content, reason=reason.replace("\x00", ""), tries=verdict.tries)

    # ---- The end of it

    def finish(self) -> None:
        """Sends the answers where every call has one and nobody came between; else people get them."""
        outputs = {each.call_id: each.output for each in self.verdicts()}
        given = {key: text for key, text in outputs.items() if text is not None}
        with transaction.atomic():
            self.keep()
            self.run.refresh_from_db(fields=["status", "gone_at"])
            reason = self.kept_out()
            if reason is None and len(given) == len(self.calls):
                reason = self.send(given)
                if reason is None:
                    return
            self.settle(State.PROPOSED if given else State.LEFT, reason or "")

    def send(self, outputs: dict[int, str]) -> str | None:
        """Stores what goes out; None, or why it does not."""
        acting = {each.rule_id or 0 for each in self.verdicts()}
        on = list(Rule.objects.filter(pk__in=acting, is_on=True).select_related("on_by"))
        if len(on) != len(acting) or on[0].on_by is None:
            return "A rule was switched off meanwhile, so nothing was sent."
        try:
            sent = tool_calls.submit(run=self.run, outputs=outputs, by=on[0].on_by, is_automatic=True)
        except tool_calls.CallsChanged:
            return ""
        self.settle(State.SENT if sent.is_new else State.LEFT, "", sent.operation if sent.is_new else None)
        return None

    # ---- The lease

    def keep(self) -> None:
        """Takes the lease anew. Raises Lost."""
        until = timezone.now() + timedelta(seconds=LEASE_SECONDS)
        held = Ruling.objects.held_by(self.holder).filter(pk=self.ruling.pk, state=State.UNDER_WAY)
        if held.update(due_at=until) != 1:
            raise Lost

    def release(self, seconds: float) -> None:
        until = timezone.now() + timedelta(seconds=seconds)
        Ruling.objects.held_by(self.holder).filter(pk=self.ruling.pk).update(due_at=until, holder="")

    def settle(self, state: str, reason: str, operation: Operation | None = None) -> None:
        held = Ruling.objects.held_by(self.holder).filter(pk=self.ruling.pk)
        held.update(state=state, reason=reason, operation=operation, due_at=None, holder="")
        rules.tell_of(self.run)


def proposed(calls: Sequence[ToolCall]) -> dict[int, Verdict]:
    """The answers of rules that wait for a person to confirm them, by the keys of the calls (which came with their
    `verdict__ruling`)."""
    found = {call.pk: verdict for call in calls if (verdict := of(call)) is not None and verdict.content is not None}
    return {key: each for key, each in found.items() if each.ruling.state != State.UNDER_WAY}


def of(call: ToolCall) -> Verdict | None:
    """What rules made of a call that came with it, or is read now."""
    return call.verdict if hasattr(call, "verdict") else None
