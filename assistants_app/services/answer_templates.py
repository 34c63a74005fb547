"""Answer templates: texts that editors wrote for a function, filled in with the arguments of a call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import QuerySet

from assistants_app.models import AnswerTemplate, Connection, Run, ToolCall
from assistants_app.services import events, placeholders
from assistants_app.services.answers import ERROR, JSON, TEXT, sent_as
from assistants_app.services.placeholders import Lacking

FORMATS = (TEXT, JSON, ERROR)


@dataclass(frozen=True)
class Offered:
    """A template with the arguments of a call in it; `lacking` are the placeholders that found nothing."""

    template: AnswerTemplate
    text: str
    lacking: Sequence[str] = ()

    @property
    def answer(self) -> str:
        """As it would go out."""
        return sent_as(self.text, self.template.format)


def of(calls: Sequence[ToolCall], *, connection: int) -> dict[int, list[Offered]]:
    """The templates for these calls, filled in, by the calls' keys."""
    rows = AnswerTemplate.objects.filter(connection=connection, function__in={call.name for call in calls})
    every = list(rows) if calls else []
    return {call.pk: [offered(each, call) for each in every if each.function == call.name] for call in calls}


def offered(template: AnswerTemplate, call: ToolCall) -> Offered:
    """A template filled in for a call as far as its arguments go."""
    try:
        arguments = placeholders.arguments_of(call.arguments)
    except Lacking:
        arguments = {}
    text, lacking = placeholders.begin(template.text, template.format, arguments)
    return Offered(template, text, lacking)


def for_function(*, connection: Connection, function: str) -> QuerySet[AnswerTemplate]:
    """The templates of a function, by title."""
    return AnswerTemplate.objects.filter(connection=connection, function=function).select_related("by")


def counts() -> Counter[tuple[int, str]]:
    """How many there are, by connection and function."""
    return Counter(AnswerTemplate.objects.values_list("connection", "function").order_by())


def latest_call(*, connection: Connection, function: str) -> ToolCall | None:
    """The newest call of a function, to try a template on."""
    return ToolCall.objects.filter(run__connection=connection, name=function).order_by("-pk").first()


def save(template: AnswerTemplate, *, by: User) -> None:
    """Stores a template, new or changed."""
    template.by = by
    template.save()
    _tell(template)


def delete(template: AnswerTemplate) -> None:
    """Takes it away."""
    template.delete()
    _tell(template)


def _tell(template: AnswerTemplate) -> None:
    waiting = Run.objects.waiting().filter(connection=template.connection, calls__waiting=True)
    waiting = waiting.filter(calls__name=template.function)
    events.tell(events.run_topic(key) for key in waiting.values_list("pk", flat=True))
