"""What became of the calls that people were asked for: as a list, in figures, and as CSV."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from assistants_app.forms.history import HistoryFilter
from assistants_app.models import HistoryEntry
from assistants_app.models.people import Role
from assistants_app.services import figures, history
from assistants_app.services.history import Narrowed
from assistants_app.views.pieces import page_or_piece
from assistants_app.views.rights import PersonRequest, least
from assistants_app.views.switch import Switch

FIGURES = "figures"
# A spreadsheet takes a cell that begins with one of these for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
TIMES = ["median_seconds_to_claim", "p95_seconds_to_claim", "median_seconds_to_answer", "p95_seconds_to_answer"]
COUNTS = ["answered", *(each.value for each in HistoryEntry.Outcome if each is not HistoryEntry.Outcome.ACCEPTED)]


@require_GET
@least(Role.VIEWER)
def show(request: PersonRequest) -> HttpResponse:
    """The entries that fit the address, newest first; or its figures."""
    switch, form = Switch(request), HistoryFilter(request.GET)
    narrowed = form.narrowed(connection=switch.key)
    tab = FIGURES if request.GET.get("tab") == FIGURES else ""
    found = SimpleLazyObject(lambda: figures.of(narrowed))
    place = {name: request.GET.get(name, "") for name in ("after", "before")}
    context = {
        "form": form,
        "switch": switch,
        "tab": tab,
        "tabs": [{"value": "", "text": _("Answers")}, {"value": FIGURES, "text": _("Figures")}],
        "is_filtered": form.is_narrow,
        "page": SimpleLazyObject(lambda: history.page(narrowed, **place)),
        "figures": found,
        "hours": SimpleLazyObject(lambda: _named_hours(found.hours)),
        "zone": timezone.get_current_timezone_name(),
    }
    return page_or_piece(request, "history/list.html", {"history-list": "history/_list.html"}, context)


def _named_hours(hours: Sequence[float]) -> list[tuple[str, float]]:
    return [(f"{hour:02d}:00", round(average, 2)) for hour, average in enumerate(hours)]


@require_GET
@least(Role.VIEWER)
def export(request: PersonRequest, what: str) -> StreamingHttpResponse:
    """The same as CSV, all of it: answers, functions, people or hours."""
    if what not in SHEETS:
        raise Http404
    narrowed = HistoryFilter(request.GET).narrowed(connection=Switch(request).key)
    lines = _lines(SHEETS[what](narrowed))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="switchboard-{what}.csv"'
    return response


class _Echo:
    """What csv writes to, one line at a time."""

    def write(self, line: str) -> str:
        return line


def _lines(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    for row in rows:
        yield writer.writerow([_cell(value) for value in row])


def _cell(value: Any) -> str:
    """A value as a cell that no spreadsheet takes for a formula."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, float):
        return f"{value:.3f}"
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _answers(narrowed: Narrowed) -> Iterator[Sequence[Any]]:
    yield [
        *("at", "outcome", "function", "by", "connection", "assistant", "run", "tool_call", "asked_at", "claimed_at"),
        *("first_draft_at", "last_draft_at", "seconds_to_claim", "seconds_waited"),
    ]
    for each in history.every(narrowed):
        run = each.call.run
        yield [
            *(each.at, each.outcome, each.function, each.by.username if each.by else "", each.connection.name),
            *(run.assistant.title if run.assistant else "", run.remote_id, each.call.remote_id, each.asked_at),
            *(each.claimed_at, each.drafted_at, each.draft_saved_at, each.until_claimed, each.waited),
        ]


def _functions(narrowed: Narrowed) -> list[Sequence[Any]]:
    return _of("function", figures.of(narrowed).functions)


def _people(narrowed: Narrowed) -> list[Sequence[Any]]:
    return _of("person", figures.of(narrowed).people)


def _of(what: str, found: Sequence[figures.Figure]) -> list[Sequence[Any]]:
    rows = [[each.name, each.answered, *each.others.values(), *each.times] for each in found]
    return [[what, *COUNTS, *TIMES], *rows]


def _hours(narrowed: Narrowed) -> list[Sequence[Any]]:
    zone = timezone.get_current_timezone_name()
    rows = [[name, zone, average] for name, average in _named_hours(figures.of(narrowed).hours)]
    return [["hour", "time_zone", "waiting_on_average"], *rows]


SHEETS: Mapping[str, Callable[[Narrowed], Iterable[Sequence[Any]]]] = {
    "answers": _answers,
    "functions": _functions,
    "people": _people,
    "hours": _hours,
}
