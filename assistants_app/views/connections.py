"""Connections: all of them, one with what its server offers, and what admins do with it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assistants_app.api.endpoints import ENDPOINTS, Endpoint
from assistants_app.forms.connections import ConnectionForm, KeyForm, kind_of
from assistants_app.models import Connection
from assistants_app.models.people import Role
from assistants_app.services import archive, capabilities, checks, connections, events
from assistants_app.views.pieces import page_or_piece, see_other
from assistants_app.views.rights import PersonRequest, least

HELD = "held_secrets"  # in the session, locked: what was typed into a form that is not right yet


@require_GET
@least(Role.ADMIN)
def index(request: PersonRequest) -> HttpResponse:
    pieces = {"connections-list": "connections/_list.html"}
    context = {"connections": Connection.objects.select_related("latest_check"), "topics": events.CONNECTIONS}
    return page_or_piece(request, "connections/list.html", pieces, context)


@sensitive_post_parameters("key", "headers")
@require_http_methods(["GET", "POST"])
@least(Role.ADMIN)
def add(request: PersonRequest) -> HttpResponse:
    """First which kind of server it is, then what that kind needs."""
    kind = kind_of(request.GET.get("kind", ""))
    if kind is None:
        return render(request, "connections/kinds.html", {"kinds": ENDPOINTS.values()})
    return _form(request, kind, None)


@sensitive_post_parameters("key", "headers")
@require_http_methods(["GET", "POST"])
@least(Role.ADMIN)
def edit(request: PersonRequest, key: int) -> HttpResponse:
    connection = get_object_or_404(Connection, pk=key)
    kind = kind_of(request.GET.get("kind", ""), connection) or ENDPOINTS["custom"]
    return _form(request, kind, connection)


def _form(request: PersonRequest, kind: Endpoint, connection: Connection | None) -> HttpResponse:
    held = connections.unsealed(request.session.get(HELD, "")) if request.method == "POST" else {}
    form = ConnectionForm(request.POST or None, kind=kind, connection=connection, held=held)
    saved = form.save() if request.method == "POST" and form.is_valid() else None
    if saved is None:
        if request.method == "POST":
            request.session[HELD] = connections.sealed(form.hold())
        context = {"form": form, "kind": kind, "kinds": ENDPOINTS.values(), "connection": connection}
        return render(request, "connections/form.html", context, status=422 if form.errors else 200)
    request.session.pop(HELD, None)
    checks.ask(saved, by=request.user)
    notices.success(request, _("Saved. What the server offers is being looked at."))
    return see_other(saved.get_absolute_url())


@require_GET
@least(Role.ADMIN)
def show(request: PersonRequest, key: int) -> HttpResponse:
    return _show(request, get_object_or_404(Connection, pk=key))


def _show(request: PersonRequest, connection: Connection, status: int = 200, **more: Any) -> HttpResponse:
    check = getattr(connection, "latest_check", None)
    context = {
        "connection": connection,
        "kind": kind_of(connection.endpoint),
        "check": check,
        "findings": checks.findings(check) if check else [],
        "looked_at": checks.looked_at(check) if check else 0,
        "lacking": capabilities.lacking(connection),
        "holdings": SimpleLazyObject(lambda: archive.holdings(connection)),
        "key_form": KeyForm(connection=connection),
        "has_expired": connections.has_expired(connection),
        "topics": events.connection_topic(connection.pk),
        **more,
    }
    pieces = {"connection-head": "connections/_head.html", "connection-check": "connections/_check.html"}
    return page_or_piece(request, "connections/show.html", pieces, context, status)


@sensitive_post_parameters("key")
@require_POST
@least(Role.ADMIN)
def replace_key(request: PersonRequest, key: int) -> HttpResponse:
    connection = get_object_or_404(Connection, pk=key)
    form = KeyForm(request.POST, connection=connection)
    if not form.is_valid():
        return _show(request, connection, 422, key_form=form)
    connections.save(connection, **form.values())
    checks.ask(connection, by=request.user)
    notices.success(request, _("The key is replaced. What the server offers is being looked at."))
    return see_other(connection.get_absolute_url())


@require_POST
@least(Role.ADMIN)
def check(request: PersonRequest, key: int) -> HttpResponse:
    """Has a worker look at what the server offers; an archive whose server answers is taken up again."""
    connection = get_object_or_404(Connection, pk=key)
    checks.ask(connection, by=request.user)
    return _show(request, connection) if request.htmx else see_other(connection.get_absolute_url())


@require_POST
@least(Role.ADMIN)
def allow(request: PersonRequest, key: int) -> HttpResponse:
    """Turns an operation on again that the server was found to lack."""
    connection = get_object_or_404(Connection, pk=key)
    capabilities.allow(connection, request.POST.get("operation", ""))
    return see_other(connection.get_absolute_url())


@require_POST
@least(Role.ADMIN)
def close(request: PersonRequest, key: int) -> HttpResponse:
    connection = get_object_or_404(Connection, pk=key)
    archive.close(connection, _("%(name)s archived it.") % {"name": request.user.username})
    return see_other(connection.get_absolute_url())


@require_POST
@least(Role.ADMIN)
def remove(request: PersonRequest, key: int) -> HttpResponse:
    connection = get_object_or_404(Connection, pk=key)
    if archive.remove(connection):
        notices.success(request, _("%(name)s is removed.") % {"name": connection.name})
        return see_other("connections")
    notices.error(request, _("It is not removed: something of it was seen. Archive it; then that stays readable."))
    return see_other(connection.get_absolute_url())
