"""Drafts of answers: saved while somebody types, or by a button."""

from __future__ import annotations

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from assistants_app.forms.drafts import page_of, typed_by_call
from assistants_app.models import Run
from assistants_app.models.people import Role
from assistants_app.services import drafts, events
from assistants_app.services.references import one
from assistants_app.views import runs
from assistants_app.views.pieces import see_other
from assistants_app.views.rights import PersonRequest, least

PIECE = "runs/_draft.html"


def _run(reference: str) -> Run:
    found: Run = one(Run.objects.select_related("connection", "thread", "assistant"), reference)
    return found


@require_GET
@least(Role.VIEWER)
def show(request: PersonRequest, reference: str, key: int) -> HttpResponse:
    """The piece that shows the draft of one call."""
    return _piece(request, _run(reference), key, set())


@require_POST
@least(Role.OPERATOR)
def save(request: PersonRequest, reference: str) -> HttpResponse:
    """Keeps what is sent. A script sends one call and gets its piece; a form sends all and gets its page. Where another
    person saved other words meanwhile, both are shown."""
    run = _run(reference)
    typed = typed_by_call(request.POST)
    conflicts = drafts.save(run=run, typed=typed, by=request.user, page=page_of(request.POST))
    if request.htmx and len(typed) == 1:
        return _piece(request, run, typed[0].call, conflicts)
    if conflicts:
        return runs.with_conflicts(request, run, conflicts)
    notices.success(request, _("The draft is saved."))
    return see_other(run)


def _piece(request: PersonRequest, run: Run, key: int, conflicts: set[int]) -> HttpResponse:
    call = get_object_or_404(run.calls.select_related("draft__by"), pk=key)
    topic = events.draft_topic(run.pk)
    return render(request, PIECE, {"run": run, "call": call, "conflicts": conflicts, "draft_topic": topic})
