"""Every component in every state, and the tokens."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from assistants_app.forms import metadata
from assistants_app.forms.styleguide import Sample
from assistants_app.models.people import Role
from assistants_app.services import course, tokens, typed_answers
from assistants_app.services.lists import Page
from assistants_app.templatetags.switchboard import STATUSES
from assistants_app.views.rights import PersonRequest, least

JSON = '{"order": 10442, "parcel": {"status": "in transit", "since": null, "late": true, "stops": ["Oslo", "Bergen"]}}'
OLD = "You answer politely.\nAsk for the order number first.\nNever promise a refund.\n"
NEW = "You answer politely and briefly.\nAsk for the order number first.\nPromise a refund of up to 20 euros.\n"
METADATA = {"customer": "10442", "channel": "mail"}
TABS = [
    {"value": "steps", "text": _("Steps"), "count": 3},
    {"value": "raw", "text": _("Raw")},
    {"value": "notes", "text": _("Notes"), "count": 0},
]
RETURNS = {
    "type": "object",
    "required": ["amount", "state"],
    "properties": {
        "amount": {"type": "number", "minimum": 0, "description": "In euros."},
        "state": {"enum": ["open", "closed"]},
        "paid": {"type": "boolean"},
        "due": {"type": "string", "format": "date"},
        "note": {"type": ["string", "null"]},
        "lines": {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}}}},
        "more": {},
    },
}
COURSES = [
    [course.Bar(course.TOOL, 0, 240)],
    [course.Bar("idle", 240, 60), course.Bar(course.PERSON, 300, 500)],
    [course.Bar("idle", 800, 40), course.Bar(course.MODEL, 840, 160)],
]


@require_GET
@least(Role.VIEWER)
def styleguide(request: PersonRequest) -> HttpResponse:
    now = timezone.now()
    chosen = request.GET.get("tab", "steps")
    return render(request, "styleguide/show.html", {**_tokens(), **_samples(now), "now": now, "tab": chosen})


def _tokens() -> dict[str, Any]:
    return {
        "type": tokens.named("text-"),
        "space": {name: value for name, value in tokens.named("s").items() if name[1:].isdigit()},
        "shapes": {
            name: value
            for name, value in tokens.named("radius", "pill", "control", "quick").items()
            if "#" not in value
        },
        "colours": tokens.colours(),
        "pairs": tokens.pairs(),
    }


def _typed() -> typed_answers.Place | None:
    """Fields for an answer, filled in, with something wrong."""
    filled = {
        "sample:/amount": "1,50",
        "sample:/lines/-": "1",
        "sample:/lines/0/sku": "FF-2207",
        "sample:/paid": "true",
    }
    place = typed_answers.draw(RETURNS, name="sample", filled=filled)
    if place is not None:
        typed_answers.written(place)
    return place


def _samples(now: datetime) -> dict[str, Any]:
    people = [SimpleNamespace(username=name) for name in ("olga", "ivan", "mei", "tomas")]
    return {
        "statuses": [*STATUSES, "", "paused"],
        "moments": [now + timedelta(seconds=seconds) for seconds in (480, 150, 45, -1)],
        "yesterday": now - timedelta(days=1),
        "form": Sample({"name": "", "kind": "b", "notes": "Some words"}),
        "metadata": METADATA,
        "metadata_rows": metadata.editing(METADATA),
        "page": Page([], older="older", newer="newer"),
        "tabs": TABS,
        "json": JSON,
        "old": OLD,
        "new": NEW,
        "people": people,
        "one": people[:1],
        "points": [(f"05-{day:02d}", value) for day, value in enumerate((3, 5, 9, 7, 0, 12, 8), start=1)],
        "courses": COURSES,
        "typed": _typed(),
    }
