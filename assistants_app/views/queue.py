"""The queue of waiting calls, and the views of it that people keep."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages as notices
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from assistants_app.forms.queue import ChangeView, QueueFilter, SaveView, canonical
from assistants_app.models.people import Role
from assistants_app.services import events, first_steps, people, queue, recipients, saved_views, tool_calls
from assistants_app.views.pieces import as_piece, has_seen, page_or_piece, see_other, wanted_piece
from assistants_app.views.rights import HtmxHttpRequest, PersonRequest, least, public
from assistants_app.views.shared import Shared, Together
from assistants_app.views.switch import Switch

LIST = "queue/_list.html"
PIECES = {"queue-list": LIST, "first-steps": "queue/_first_steps.html"}
LONGEST_TITLE = 80  # characters of an assistant's name in a notification
# Of a change all open queues hear at once, and most of them show the same. A second: the list tells the time as well.
LISTS = Shared(most=16, seconds=1.0)
STATES = Together[queue.State]()


@require_GET
@public
def home(request: HtmxHttpRequest) -> HttpResponse:
    return redirect("queue")


@require_GET
@least(Role.VIEWER)
def show(request: PersonRequest) -> HttpResponse:
    """The waiting runs that fit the address, least time left first; 204 for a piece that would be as it was seen."""
    switch, form = Switch(request), QueueFilter(request.GET)
    narrowed = form.narrowed(connection=switch.key, user=request.user)
    if wanted_piece(request, PIECES) != LIST:
        return _page(request, switch, form, narrowed)
    state = STATES.look(narrowed, lambda: queue.state(narrowed))
    if has_seen(request, state.version):
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    # All that the list depends on, but for the time that has passed: who is at a run reads "You are at it".
    holder = request.user.pk if request.user.pk in state.holders else None
    shown_in = (get_language(), timezone.get_current_timezone_name())
    alike = (state.version, holder, request.GET.urlencode(), people.role_of(request.user), *shown_in)

    def make() -> tuple[str, bool]:
        context = _read_list(_context(request, switch, form, narrowed), narrowed, state.version)
        return render_to_string(LIST, context, request), bool(context["version"])

    return as_piece(request, LISTS.text(alike, make))


def _read_list(context: dict[str, Any], narrowed: queue.Narrowed, version: str) -> dict[str, Any]:
    """The context with the list read, and its version. Where the queue changed meanwhile, that is empty and the list is
    sent again at the next event: the queue may become what it was, and the page would keep what it was in between."""
    read = {"page": list(context["page"]), "connections": list(context["connections"])}
    is_current = queue.state(narrowed).version == version
    return {**context, **read, "version": version if is_current else ""}


def _page(
    request: PersonRequest, switch: Switch, form: QueueFilter, narrowed: queue.Narrowed, status: int = 200, **more: Any
) -> HttpResponse:
    context = _context(request, switch, form, narrowed, **more)
    if wanted_piece(request, PIECES) in {None, LIST}:
        context = _read_list(context, narrowed, queue.state(narrowed).version)
    return page_or_piece(request, "queue/list.html", PIECES, context, status)


def _context(
    request: PersonRequest, switch: Switch, form: QueueFilter, narrowed: queue.Narrowed, **more: Any
) -> dict[str, Any]:
    # The piece with the number alone, which every page asks for, does without all of this.
    return {
        "page": SimpleLazyObject(lambda: queue.page(narrowed)),
        "most_shown": queue.MOST_SHOWN,
        "switch": switch,
        "connections": SimpleLazyObject(lambda: switch.answering),
        "form": form,
        "functions": SimpleLazyObject(queue.functions),
        "is_filtered": narrowed != queue.Narrowed(connection=narrowed.connection),
        "query": canonical(request.GET),
        "views": SimpleLazyObject(lambda: saved_views.of(request.user)),
        "save_form": SaveView(),
        "failures": recipients.of(request.user).failures,
        "first_waiting": SimpleLazyObject(queue.first),
        "first_steps": SimpleLazyObject(lambda: first_steps.of(request.user) if may_answer(request) else []),
        "topics": f"{events.QUEUE} {events.CLAIMS}",
        **more,
    }


def _again(request: PersonRequest, **more: Any) -> HttpResponse:
    """The queue with a form that was sent and is not right yet."""
    switch, form = Switch(request), QueueFilter(request.GET)
    return _page(request, switch, form, form.narrowed(connection=switch.key, user=request.user), 422, **more)


@require_GET
@least(Role.VIEWER)
def waiting(request: PersonRequest) -> HttpResponse:
    """The waiting runs for whoever is told of them on their desktop: nothing of what they ask."""
    runs = [
        {
            "key": run.pk,
            "url": run.get_absolute_url(),
            "assistant": run.assistant.title[:LONGEST_TITLE] if run.assistant else "",
            "expires_at": run.expires_at.isoformat() if run.expires_at else None,
        }
        for run in tool_calls.waiting_runs()
    ]
    return JsonResponse({"runs": runs, "quiet": recipients.is_quiet(recipients.of(request.user))})


@require_POST
@least(Role.VIEWER)
def save_view(request: PersonRequest) -> HttpResponse:
    """Keeps what the queue is narrowed to under a name, and shows it."""
    form = SaveView(request.POST)
    if not form.is_valid():
        return _again(request, save_form=form)
    try:
        view = saved_views.save(user=request.user, **form.cleaned_data)
    except saved_views.TooMany:
        form.add_error("name", _("You have %(most)s views already: delete one first.") % {"most": saved_views.MOST})
        return _again(request, save_form=form)
    notices.success(request, _("The view is saved. Whoever has its address sees the same."))
    return _to(view.query)


@require_POST
@least(Role.VIEWER)
def rename_view(request: PersonRequest) -> HttpResponse:
    form = ChangeView(request.POST, user=request.user)
    if not form.is_valid() or not form.cleaned_data["name"]:
        notices.error(request, _("This view was not renamed: it needs a name, of at most 60 characters."))
        return _to("")
    view = form.cleaned_data["view"]
    try:
        saved_views.rename(view=view, name=form.cleaned_data["name"])
    except saved_views.NameTaken:
        notices.error(request, _("You have another view of that name: this one was not renamed."))
    return _to(view.query)


@require_POST
@least(Role.VIEWER)
def delete_view(request: PersonRequest) -> HttpResponse:
    form = ChangeView(request.POST, user=request.user)
    if form.is_valid():
        saved_views.delete(view=form.cleaned_data["view"])
        notices.success(request, _("The view is deleted. Its address still shows the same."))
    return _to("")


def _to(query: str) -> HttpResponse:
    return see_other(f"{reverse('queue')}?{query}" if query else "queue")


def may_answer(request: PersonRequest) -> bool:
    return people.role_of(request.user) >= Role.OPERATOR
