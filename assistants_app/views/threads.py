"""Threads: all of them, one with its timeline, and what people do with it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages as notices
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assistants_app.forms.threads import AddThreads, CreateThread, PostMessage, StartRun, ThreadFilter
from assistants_app.models import Message, Thread
from assistants_app.models.people import Role
from assistants_app.services import events, lists, messages, operations, runs, threads, timeline
from assistants_app.services.references import one
from assistants_app.views import acts
from assistants_app.views.pieces import page_or_piece, raw_object, see_other
from assistants_app.views.rights import PersonRequest, least
from assistants_app.views.switch import Switch

PIECES = {
    "thread-head": "threads/_head.html",
    "thread-timeline": "threads/_timeline.html",
    "thread-acts": "threads/_acts.html",
}


@require_GET
@least(Role.VIEWER)
def index(request: PersonRequest) -> HttpResponse:
    return _list(request)


def _list(request: PersonRequest, status: int = 200, **forms_with_errors: forms.Form) -> HttpResponse:
    form = ThreadFilter(request.GET)
    form.is_valid()
    narrowed = form.cleaned_data
    switch = Switch(request)
    page = threads.page(
        connection=switch.chosen,
        assistant=narrowed.get("assistant"),
        status=narrowed.get("status", ""),
        words=narrowed.get("words", ""),
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    context = {
        "page": page,
        "form": form,
        "switch": switch,
        "is_filtered": any(narrowed.values()),
        "add_form": AddThreads(),
        "create_form": CreateThread(),
        "topics": "threads",
        **forms_with_errors,
    }
    return page_or_piece(request, "threads/list.html", {"threads-list": "threads/_list.html"}, context, status)


@require_POST
@least(Role.OPERATOR)
def add(request: PersonRequest) -> HttpResponse:
    form = AddThreads(request.POST)
    if not form.is_valid():
        return _list(request, 422, add_form=form)
    found = threads.add(connection=form.cleaned_data["connection"], ids=form.cleaned_data["ids"])
    words = ngettext(
        "%(count)d thread added. It is being read now.", "%(count)d threads added. They are being read now.", len(found)
    )
    notices.success(request, words % {"count": len(found)})
    return see_other(found[0] if len(found) == 1 else "threads")


@require_POST
@least(Role.OPERATOR)
def create(request: PersonRequest) -> HttpResponse:
    form = CreateThread(request.POST)
    if not form.is_valid():
        return _list(request, 422, create_form=form)
    connection, once = form.cleaned_data["connection"], form.cleaned_data["once"]
    operation = threads.create(connection=connection, by=request.user, once=once)
    operation = operations.awaited(operation)
    if operation.thread is not None:
        return see_other(operation.thread)
    notices.info(request, operation.error or _("The thread is being made; it appears here once the server has it."))
    return see_other("threads")


@require_GET
@least(Role.VIEWER)
def show(request: PersonRequest, reference: str) -> HttpResponse:
    rows = Thread.objects.select_related("connection", "assistant").defer("raw")
    thread = one(rows.annotate(is_scratch=threads.is_scratch()), reference)
    if not request.htmx:
        threads.hasten_if_stale(thread)
    return _thread(request, thread)


def _thread(request: PersonRequest, thread: Thread, status: int = 200, **typed: forms.Form) -> HttpResponse:
    before = request.GET.get("before", "")
    if key := request.GET.get("message"):
        before = _around(thread, key)
    context: dict[str, Any] = {
        "thread": thread,
        "connection": thread.connection,
        "timeline": timeline.of(thread, after=request.GET.get("after", ""), before=before),
        "message_form": PostMessage(thread=thread, initial={"assistant": thread.assistant_id}),
        "run_form": StartRun(thread=thread, initial={"assistant": thread.assistant_id}),
        "topics": events.thread_topic(thread.pk),
        **typed,
    }
    return page_or_piece(request, "threads/show.html", PIECES, context, status)


def _around(thread: Thread, key: str) -> str:
    """The cursor of the page that begins with a message."""
    found = Message.objects.filter(thread=thread, pk=int(key)).first() if key.isdecimal() and len(key) < 19 else None
    return lists.cursor_before(found, "created_at") if found else ""


@require_GET
@least(Role.VIEWER)
def raw(request: PersonRequest, reference: str) -> HttpResponse:
    return raw_object(request, one(Thread.objects.only("raw", "remote_id"), reference), "thread")


@require_POST
@least(Role.OPERATOR)
def post_message(request: PersonRequest, reference: str) -> HttpResponse:
    thread = one(Thread.objects.select_related("connection", "assistant"), reference)
    form = PostMessage(request.POST, thread=thread)
    if not form.is_valid():
        return _thread(request, thread, 422, message_form=form)
    once, assistant = form.cleaned_data["once"], form.cleaned_data["assistant"]
    messages.post(thread=thread, text=form.cleaned_data["text"], by=request.user, once=once, answered_by=assistant)
    return see_other(thread)


@require_POST
@least(Role.OPERATOR)
def start_run(request: PersonRequest, reference: str) -> HttpResponse:
    thread = one(Thread.objects.select_related("connection", "assistant"), reference)
    form = StartRun(request.POST, thread=thread)
    if not form.is_valid():
        kept = PostMessage(thread=thread, initial={"text": request.POST.get("text", "")})
        return _thread(request, thread, 422, run_form=form, message_form=kept)
    assistant, once = form.cleaned_data["assistant"], form.cleaned_data["once"]
    runs.start(thread=thread, assistant=assistant, by=request.user, once=once)
    return see_other(thread)


@require_POST
@least(Role.VIEWER)
def refresh(request: PersonRequest, reference: str) -> HttpResponse:
    thread = one(Thread.objects.all(), reference)
    threads.hasten(thread)
    return see_other(thread)


@require_http_methods(["GET", "POST"])
@least(Role.OPERATOR)
def metadata(request: PersonRequest, reference: str) -> HttpResponse:
    thread = one(Thread.objects.select_related("connection"), reference)
    act = _act(thread, _("Metadata of the thread"), "modifyThread", _("The metadata is saved."))
    return acts.edit_metadata(request, act, lambda pairs: threads.modify(thread=thread, metadata=pairs))


@require_http_methods(["GET", "POST"])
@least(Role.OPERATOR)
def delete(request: PersonRequest, reference: str) -> HttpResponse:
    thread = one(Thread.objects.select_related("connection"), reference)
    act = _act(thread, _("Delete thread"), "deleteThread", _("The thread is deleted."))
    means = [
        _("The server deletes the thread with all its messages and runs, for good."),
        _("A run that is at work or waits for answers ends with it."),
        _("Files and vector stores stay where they are."),
        acts.kept_here(),
    ]
    return acts.delete(request, act, means, lambda: threads.delete(thread=thread))


def _act(thread: Thread, title: str, operation: str, done: str) -> acts.Act:
    crumbs = [(reverse("threads"), _("Threads")), (thread.get_absolute_url(), thread.title[:60])]
    return acts.Act(title, thread, thread.connection, operation, thread.get_absolute_url(), crumbs, done)
