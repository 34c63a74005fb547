"""Rules: what is done with the calls of a function without asking anybody. Which one counts for a call, what it would
answer, and what it would have done with calls of the past."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from assistants_app.models import OutputSchema, Rule, Run, ToolCall, Verdict
from assistants_app.models.runs import OUTPUTS
from assistants_app.services import conditions, events, exact, output_schemas, placeholders, replays, schemas
from assistants_app.services.answers import ERROR, JSON
from assistants_app.services.conditions import Condition
from assistants_app.services.output_schemas import Returns
from assistants_app.services.placeholders import Lacking

HOUR = timedelta(hours=1)
LOOKED_THROUGH = 200  # newest past calls that a rule is tried on
Act = Rule.Act


class Changed(Exception):
    """The rule is no longer what somebody looked at."""


def listed() -> QuerySet[Rule]:
    """All rules with what they did within the hour, as people read them."""
    recent = Q(verdicts__made_at__gt=timezone.now() - HOUR, verdicts__state__in=Verdict.COUNTED)
    return (
        Rule.objects.select_related("connection", "assistant", "by", "on_by")
        .defer("assistant__raw", "assistant__instructions")
        .annotate(within_the_hour=Count("verdicts", filter=recent))
        .order_by("connection__name", "function", "place", "pk")
    )


def save(rule: Rule, *, by: User, conditions: Sequence[Condition], **values: Any) -> Rule:
    """Stores a rule, new or changed; either way it is off until somebody has tried it. `secret` in clear: None leaves
    the one it has."""
    if values.get("secret", "") is None:
        del values["secret"]
    for name, value in values.items():
        setattr(rule, name, value)
    rule.conditions = [each.stored for each in conditions]
    rule.by = by
    rule.is_on, rule.on_since = False, None
    if rule.pk:
        # In the database: of two who change it at once, nobody's version is the other's.
        rule.version = F("version") + 1
    rule.save()
    rule.refresh_from_db(fields=["version"])
    return rule


def switch_on(rule: Rule, *, version: int, by: User) -> None:
    """Raises Changed where it is not the version that somebody tried."""
    tried = Rule.objects.filter(pk=rule.pk, version=version)
    if tried.update(is_on=True, on_by=by, on_since=timezone.now()) != 1:
        raise Changed


def switch_off(rule: Rule) -> None:
    """It answers nothing any more, not even what it has begun."""
    Rule.objects.filter(pk=rule.pk).update(is_on=False, on_since=None)


def delete(rule: Rule) -> None:
    """What it answered stays marked with its title."""
    rule.delete()


def on() -> list[Rule]:
    """The rules that are on, in the order in which they count."""
    return list(Rule.objects.filter(is_on=True).select_related("connection", "on_by"))


def first(rules: Iterable[Rule], call: ToolCall, run: Run) -> Rule | None:
    """The rule that counts for a call, if any."""
    return next((rule for rule in rules if fits(rule, call, run)), None)


def fits(rule: Rule, call: ToolCall, run: Run) -> bool:
    """Whether a rule is for a call: its function, its assistant, and the conditions on its arguments."""
    if rule.connection_id != run.connection_id or rule.function != call.name:
        return False
    if rule.assistant_id is not None and rule.assistant_id != run.assistant_id:
        return False
    if not rule.conditions:
        return True
    try:
        return conditions.hold(conditions.read(rule.conditions), placeholders.arguments_of(call.arguments))
    except Lacking:
        return False


def answer(rule: Rule, call: ToolCall, said: Returns | None) -> str:
    """What a rule answers a call by itself; `said` is what the function returns, if known. Raises Lacking."""
    has_placeholders = "{{" in rule.text
    arguments = placeholders.arguments_of(call.arguments) if has_placeholders else {}
    chosen = ERROR if rule.act == Act.DENY else rule.format
    text = placeholders.fill(rule.text, chosen, arguments)
    if chosen == JSON:
        check(text, said)
    return text


def check(text: str, said: Returns | None) -> None:
    """Raises Lacking for an answer that is not what its function returns."""
    if said is None:
        return
    try:
        problems = schemas.problems(said.schema, exact.parse(text))
    except (ValueError, RecursionError) as error:
        raise Lacking(_("The answer is not what the function returns: it is no JSON.")) from error
    if problems:
        where = "/".join(map(str, problems[0].path))
        words = _("The answer is not what the function returns: %(words)s")
        raise Lacking(words % {"words": f"{where}: {problems[0].words}" if where else problems[0].words})


def _within_the_hour(rule: Rule) -> QuerySet[Verdict]:
    return rule.verdicts.filter(made_at__gt=timezone.now() - HOUR, state__in=Verdict.COUNTED)


def rests_until(rule: Rule) -> datetime | None:
    """When it answers again, where it has answered as often as it may within an hour."""
    newest = list(_within_the_hour(rule).order_by("-made_at").values_list("made_at", flat=True)[: rule.most_an_hour])
    return newest[-1] + HOUR if newest and len(newest) >= rule.most_an_hour else None


# ---- What it would have done


@dataclass(frozen=True)
class Trial:
    """A past call, and what a rule would have done with it. `taken_by`: one that is on and comes before it."""

    call: ToolCall
    outcome: str  # one of OUTCOMES
    answer: str = ""
    words: str = ""
    is_same: bool = False
    taken_by: Rule | None = None


@dataclass(frozen=True)
class DryRun:
    """What became of all that were looked at, newest first."""

    trials: Sequence[Trial]
    counts: Counter[str]
    same: int

    @property
    def number(self) -> int:
        """How many calls were looked at."""
        return len(self.trials)


ANSWERED, DENIED, CALLED, PERSON, FAILED, OTHER, UNFIT = (
    "answered",
    "denied",
    "called",
    "person",
    "failed",
    "other",
    "unfit",
)


def dry_run(rule: Rule) -> DryRun:
    """What a rule would have done with the newest calls of its function. No endpoint is asked."""
    before = [each for each in on() if each.pk != rule.pk and (each.place, each.pk) < (rule.place, rule.pk)]
    calls = ToolCall.objects.filter(run__connection=rule.connection_id, name=rule.function)
    if rule.assistant_id is not None:
        calls = calls.filter(run__assistant=rule.assistant_id)
    calls = calls.filter(required_type__in=["", OUTPUTS]).select_related("run__assistant", "operation__by")
    newest: Any = calls.order_by("-pk")[:LOOKED_THROUGH]
    written = output_schemas.saved(connection=rule.connection, name=rule.function)
    trials = [_tried(rule, call, before, written) for call in newest]
    return DryRun(trials, Counter(each.outcome for each in trials), sum(each.is_same for each in trials))


def _tried(rule: Rule, call: ToolCall, before: Sequence[Rule], written: OutputSchema | None) -> Trial:
    if not fits(rule, call, call.run):
        return Trial(call, UNFIT)
    if (other := first(before, call, call.run)) is not None:
        return Trial(call, OTHER, taken_by=other)
    if rule.act == Act.PERSON:
        return Trial(call, PERSON)
    try:
        if rule.act == Act.CALL:
            placeholders.arguments_of(call.arguments)
            return Trial(call, CALLED)
        text = answer(rule, call, output_schemas.returns_of(call.run, call.name, written))
    except Lacking as error:
        return Trial(call, FAILED, words=str(error))
    is_same = call.output is not None and replays.asked(call.output) == replays.asked(text)
    return Trial(call, DENIED if rule.act == Act.DENY else ANSWERED, answer=text, is_same=is_same)


def tell_of(run: Run) -> None:
    """Tells the pages that show what rules make of a run."""
    events.tell([events.run_topic(run.pk), events.thread_topic(run.thread_id), events.QUEUE])
