"""From any id to its page."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from assistants_app.models.people import Role
from assistants_app.services import find as finding
from assistants_app.views.rights import PersonRequest, least


@require_GET
@least(Role.VIEWER)
def find(request: PersonRequest) -> HttpResponse:
    wanted = request.GET.get("q", "").strip()
    hits = finding.by_id(wanted)
    if len(hits) == 1:
        return redirect(hits[0].url)
    return render(request, "find/show.html", {"q": wanted, "hits": hits}, status=200 if hits or not wanted else 404)
