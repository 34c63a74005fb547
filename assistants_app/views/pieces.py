"""A page, or only the piece of it that htmx asks for."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django_htmx.http import trigger_client_event

from assistants_app.models import Run, Thread, VectorStore
from assistants_app.models.mirrored import Mirrored
from assistants_app.views.rights import HtmxHttpRequest

PLAIN = "text/plain; charset=utf-8"
EVERYWHERE = {"nav-count": "shell/_waiting_count.html"}


def wanted_piece(request: HtmxHttpRequest, pieces: Mapping[str, str]) -> str | None:
    """The template of the piece that the request is for, by the id of the element that it is to replace."""
    if not request.htmx or request.htmx.history_restore_request:
        return None
    return {**EVERYWHERE, **pieces}.get(request.htmx.target or "")


def page_or_piece(
    request: HtmxHttpRequest,
    page: str,
    pieces: Mapping[str, str],
    context: Mapping[str, Any],
    status: int = 200,
) -> HttpResponse:
    """Renders the page, or one of its pieces alone."""
    piece = wanted_piece(request, pieces)
    text = render_to_string(piece or page, dict(context), request)
    if piece:
        return as_piece(request, text, status)
    return HttpResponse(text, status=status)


def has_seen(request: HtmxHttpRequest, version: str) -> bool:
    """Whether a piece that fetches itself anew shows this version already (static/js/live.js says which it shows)."""
    return request.headers.get("X-Seen-Version") == version


def as_piece(request: HtmxHttpRequest, text: str, status: int = 200) -> HttpResponse:
    """Answers with a piece. Tells a page what a whole page would show on top; a piece that only fetches itself anew (it
    is its own trigger) does not take what another page is to show."""
    response = HttpResponse(text, status=status)
    if request.htmx.trigger != request.htmx.target:
        given = [{"kind": each.level_tag or "info", "text": str(each)} for each in notices.get_messages(request)]
        if given:
            trigger_client_event(response, "notices", {"notices": given})
    return response


def raw_object(request: HtmxHttpRequest, row: Mirrored, kind: str) -> HttpResponse:
    """An object as its server gave it: the JSON alone, or for htmx the piece that shows it in a dialog."""
    if wanted_piece(request, {"raw-object": "shell/_raw_object.html"}) is None:
        return HttpResponse(row.raw, content_type="application/json")
    return render(request, "shell/_raw_object.html", {"row": row, "kind": kind, "address": request.path})


def see_other(to: str | Run | Thread | VectorStore) -> HttpResponse:
    """After a POST: the address to GET now."""
    response = redirect(to)
    response.status_code = HTTPStatus.SEE_OTHER
    return response
