"""Who is at a run: opening it claims it, its page says that it is still open, and that it is left."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from assistants_app.forms.claims import TakeOver
from assistants_app.forms.drafts import page_of
from assistants_app.models import Run
from assistants_app.models.people import Role
from assistants_app.services import claims, events, people
from assistants_app.services.references import one
from assistants_app.views.pieces import see_other
from assistants_app.views.rights import PersonRequest, least

PIECE = "runs/_holder.html"


def _run(reference: str) -> Run:
    found: Run = one(Run.objects.only("remote_id", "status", "gone_at"), reference)
    return found


def opened(request: PersonRequest, run: Run) -> UUID:
    """The number of a page of this run that is being opened: who may answer claims the run with it, if it waits. A
    piece of a page opens nothing, nor does a browser that fetches a page before anybody wants it."""
    page = uuid4()
    may = people.role_of(request.user) >= Role.OPERATOR and run.is_waiting
    if may and not request.htmx and "prefetch" not in request.headers.get("Sec-Purpose", ""):
        claims.hold(run=run, by=request.user, page=page)
    return page


def holder(run: Run) -> dict[str, Any]:
    """What the piece that shows who is at a run needs beside the run."""
    return {
        "claim": claims.standing(run),
        "claim_topic": events.claim_topic(run.pk),
        "topics": events.run_topic(run.pk),
    }


@require_GET
@least(Role.VIEWER)
def show(request: PersonRequest, reference: str) -> HttpResponse:
    """The piece alone."""
    run = _run(reference)
    return render(request, PIECE, {"run": run, **holder(run)})


@require_POST
@least(Role.OPERATOR)
def hold(request: PersonRequest, reference: str) -> HttpResponse:
    """A page says that it is open: 204 where its person has the run, 200 where another one has or it waits no more."""
    run = _run(reference)
    held = run.is_waiting and claims.hold(run=run, by=request.user, page=page_of(request.POST))
    return HttpResponse(status=204 if held else 200)


@require_POST
@least(Role.OPERATOR)
def release(request: PersonRequest, reference: str) -> HttpResponse:
    """A page says that it is left."""
    claims.release(run=_run(reference), by=request.user, page=page_of(request.POST))
    return HttpResponse(status=204)


@require_POST
@least(Role.OPERATOR)
def take_over(request: PersonRequest, reference: str) -> HttpResponse:
    """Takes the run from the person whom the page named. Where it is somebody else's by now, the page says whose."""
    run = _run(reference)
    form = TakeOver(request.POST)
    if run.is_waiting and form.is_valid():
        page, wanted = page_of(request.POST), form.cleaned_data["holder"]
        claims.take_over(run=run, by=request.user, page=page, holder=wanted)
    return render(request, PIECE, {"run": run, **holder(run)}) if request.htmx else see_other(run)
