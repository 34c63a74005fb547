"""Assistants: all of them, and one."""

from __future__ import annotations

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from assistants_app.forms.assistants import AssistantFileForm, DeleteAssistant
from assistants_app.models import Assistant, Operation
from assistants_app.models.people import Role
from assistants_app.models.runs import ENDED
from assistants_app.services import (
    assistant_files,
    assistants,
    capabilities,
    comparisons,
    connections,
    events,
    operations,
    people,
    threads,
    undeclared,
    versions,
)
from assistants_app.services.references import one
from assistants_app.views import trials
from assistants_app.views.pieces import page_or_piece, raw_object, see_other
from assistants_app.views.rights import PersonRequest, least
from assistants_app.views.switch import Switch

MOST_VERSIONS = 200


@require_GET
@least(Role.VIEWER)
def index(request: PersonRequest) -> HttpResponse:
    words = request.GET.get("q", "").strip()
    switch = Switch(request)
    if not request.htmx:
        assistants.want(switch.chosen)
    page = assistants.page(
        words=words,
        connection=switch.chosen,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    pieces = {"assistants-list": "assistants/_list.html"}
    context = {"page": page, "q": words, "switch": switch, "topics": "assistants"}
    return page_or_piece(request, "assistants/list.html", pieces, context)


@require_GET
@least(Role.VIEWER)
def show(request: PersonRequest, reference: str) -> HttpResponse:
    assistant = one(Assistant.objects.select_related("connection"), reference)
    if not request.htmx:
        assistants.hasten_if_stale(assistant)
    standing, act = versions.standing(assistant), assistants.last_act(assistant)
    context = {
        "assistant": assistant,
        "standing": standing,
        "changed": [comparisons.FIELDS[name] for name in standing.changed],
        "act": act,
        "is_refused": assistants.is_refused(act, since=standing.version),
        "has_files": "listAssistantFiles" in connections.dialect(assistant.connection).operations,
        "threads": threads.page(assistant=assistant).rows[:10],
        "undeclared": undeclared.of(assistant=assistant, declared=assistant.declarations),
        "topics": events.assistant_topics(assistant.pk),
    }
    may_try = request.GET.get("panel") == "try" and people.role_of(request.user) >= Role.OPERATOR
    if may_try and not request.htmx:
        context["trial"] = trials.panel(request, assistant, at=trials.PANEL)
    pieces = {"assistant-head": "assistants/_head.html", "assistant-settings": "assistants/_shown.html"}
    return page_or_piece(request, "assistants/show.html", pieces, context)


@require_http_methods(["GET", "POST"])
@least(Role.EDITOR)
def delete(request: PersonRequest, reference: str) -> HttpResponse:
    """First what it means."""
    assistant = one(Assistant.objects.select_related("connection"), reference)
    form = DeleteAssistant(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        operation = assistants.delete(assistant=assistant, by=request.user, reason=form.cleaned_data["reason"])
        operation = operations.awaited(operation)
        if operation.state == Operation.State.ACCEPTED:
            notices.success(request, _("%(name)s is deleted on its server.") % {"name": assistant.title[:80]})
        return see_other(assistant.get_absolute_url())
    context = {
        "assistant": assistant,
        "form": form,
        "runs": assistant.runs.count(),
        "active": assistant.runs.filter(gone_at=None).exclude(status__in=ENDED).count(),
        "threads": assistant.threads.count(),
        "lack": capabilities.lack(assistant.connection, "deleteAssistant"),
    }
    status = 422 if form.is_bound else 200
    return render(request, "assistants/delete.html", context, status=status)


@require_http_methods(["GET", "POST"])
@least(Role.EDITOR)
def files(request: PersonRequest, reference: str) -> HttpResponse:
    """The files of an assistant of the first dialect; one more is attached, or one taken away."""
    assistant = one(Assistant.objects.select_related("connection"), reference)
    form = AssistantFileForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        asked = {"assistant": assistant, "file_id": form.cleaned_data["file_id"], "by": request.user}
        act = assistant_files.detach if request.POST.get("act") == "detach" else assistant_files.attach
        operation = operations.awaited(act(once=form.cleaned_data["once"], **asked))
        if operation.state != Operation.State.REFUSED:
            return see_other(request.path)
        form.add_error("file_id", operation.error)
    elif request.method == "GET" and not request.htmx:
        assistant_files.hasten(assistant)
    context = {
        "assistant": assistant,
        "form": form,
        "files": assistant_files.of(assistant),
        "under_way": assistant_files.under_way(assistant),
        "lack": capabilities.lack(assistant.connection, "createAssistantFile"),
        "topics": events.assistant_topic(assistant.pk),
    }
    pieces = {"assistant-files": "assistants/_files.html"}
    return page_or_piece(request, "assistants/files.html", pieces, context, 422 if form.is_bound else 200)


@require_GET
@least(Role.VIEWER)
def history(request: PersonRequest, reference: str) -> HttpResponse:
    """All versions, what they did, and any two side by side."""
    assistant = one(Assistant.objects.select_related("connection"), reference)
    if not request.htmx:
        assistants.hasten_if_stale(assistant)
    newest = versions.latest(assistant)
    new = versions.numbered(assistant, request.GET.get("new", "")) or newest
    old = versions.numbered(assistant, request.GET.get("old", "")) or versions.before(new)
    context = {
        "assistant": assistant,
        "newest": newest,
        "versions": versions.with_rates(versions.every(assistant))[:MOST_VERSIONS],
        "old": old,
        "new": new,
        "differences": comparisons.between(old.settings, new.settings) if old else [],
        "topics": events.assistant_topics(assistant.pk),
    }
    return page_or_piece(request, "assistants/versions.html", {"versions-list": "assistants/_versions.html"}, context)


@require_GET
@least(Role.VIEWER)
def raw(request: PersonRequest, reference: str) -> HttpResponse:
    return raw_object(request, one(Assistant.objects.only("raw", "remote_id"), reference), "assistant")
