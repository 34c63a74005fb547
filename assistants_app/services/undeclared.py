"""Functions that runs of an assistant called although it does not declare them: its declaration was taken away, or a
run had others of its own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Max, QuerySet
from django.utils.translation import gettext as _

from assistants_app.api.dialects.tolerance import clean
from assistants_app.models import Assistant, Run, ToolCall
from assistants_app.services import exact
from assistants_app.services.declarations_from import Drafted, Unusable, samples
from assistants_app.services.declarations_from.drafted import bounded

MOST_SHOWN = 20
MOST_SAMPLES = 100
LONGEST_SAMPLE = 20_000  # characters


@dataclass(frozen=True)
class Undeclared:
    """A function's name, how often it was called, the last of those calls, and its run."""

    name: str
    count: int
    call: int
    run: Run


def of(*, assistant: Assistant, declared: Collection[str]) -> list[Undeclared]:
    """The functions that runs of an assistant called and that are not among those declared; the last called first."""
    calls = _calls(assistant).exclude(name__in=set(map(clean, declared)))
    counted = calls.order_by().values("name").annotate(count=Count("pk"), last=Max("pk")).order_by("-last")[:MOST_SHOWN]
    found = {each["last"]: each["count"] for each in counted}
    last = ToolCall.objects.filter(pk__in=found).select_related("run").order_by("-pk")
    return [Undeclared(each.name, found[each.pk], each.pk, each.run) for each in last]


def drafted(*, assistant: Assistant, call: int) -> Drafted:
    """A declaration of the function that a call (by its key) of an assistant's run called, as its last calls used it.
    Raises Unusable."""
    one = _calls(assistant).filter(pk=call).first()
    if one is None:
        raise Unusable(_("No run of this assistant made that call."))
    texts = _calls(assistant).filter(name=one.name).order_by("-pk").values_list("arguments", flat=True)[:MOST_SAMPLES]
    found = [value for text in texts if isinstance(value := _value(text), dict)]
    made = samples.draft(one.name, found)
    if lost := len(texts) - len(found):
        made.left_out.append(_("%(count)s calls have arguments that are no JSON object.") % {"count": lost})
    return made


def _calls(assistant: Assistant) -> QuerySet[ToolCall]:
    return ToolCall.objects.filter(run__assistant=assistant, type="function").exclude(name="")


def _value(text: str) -> object:
    """The arguments of a call, where they can be a sample."""
    try:
        value = exact.plain(text) if len(text) <= LONGEST_SAMPLE else None
        bounded(value)
        return value
    except (ValueError, RecursionError, Unusable):
        return None
