"""A message: its page, and what people do with it."""

from __future__ import annotations

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assistants_app.api.dialects import DIALECTS
from assistants_app.api.errors import ApiError
from assistants_app.models import Message, Run, Thread
from assistants_app.models.people import Role
from assistants_app.services import messages
from assistants_app.services.references import one
from assistants_app.views import acts
from assistants_app.views.pieces import PLAIN, raw_object, see_other
from assistants_app.views.rights import PersonRequest, least


def _message(reference: str, key: int) -> Message:
    """A message with its thread and connection."""
    thread = one(Thread.objects.select_related("connection").defer("raw"), reference)
    found = get_object_or_404(Message.objects.filter(thread=thread), pk=key)
    found.thread = thread
    return found


def _page(message: Message) -> str:
    return reverse("thread_message_details", args=[message.thread.reference, message.pk])


@require_GET
@least(Role.VIEWER)
def whole(request: PersonRequest, reference: str, key: int) -> HttpResponse:
    """The whole text of a message, to the letter."""
    return HttpResponse(_message(reference, key).text, content_type=PLAIN)


@require_GET
@least(Role.VIEWER)
def raw(request: PersonRequest, reference: str, key: int) -> HttpResponse:
    return raw_object(request, _message(reference, key), "message")


@require_GET
@least(Role.VIEWER)
def details(request: PersonRequest, reference: str, key: int) -> HttpResponse:
    """One message with all that is known of it."""
    message = _message(reference, key)
    seen = DIALECTS[message.thread.connection.dialect].read_message(message.object)
    run = Run.objects.filter(thread=message.thread, remote_id=message.run_remote_id or None).only("remote_id").first()
    context = {
        "message": message,
        "thread": message.thread,
        "connection": message.thread.connection,
        "metadata": seen.metadata,
        "attachments": seen.attachments,
        "run": run,
    }
    return render(request, "messages/show.html", context)


@require_POST
@least(Role.VIEWER)
def refresh(request: PersonRequest, reference: str, key: int) -> HttpResponse:
    """Reads it again, and its files where the dialect has those apart; with `file` only that one."""
    message = _message(reference, key)
    file_id = request.POST.get("file", "")
    try:
        if file_id:
            messages.refresh_file(message=message, file_id=file_id)
        else:
            messages.refresh(message=message)
    except ApiError as error:
        notices.error(request, _("The server gave no good answer: %(words)s") % {"words": error.message})
    return see_other(_page(message))


@require_http_methods(["GET", "POST"])
@least(Role.OPERATOR)
def metadata(request: PersonRequest, reference: str, key: int) -> HttpResponse:
    message = _message(reference, key)
    act = _act(message, _("Metadata of the message"), "modifyMessage", _("The metadata is saved."))
    return acts.edit_metadata(request, act, lambda pairs: messages.modify(message=message, metadata=pairs))


@require_http_methods(["GET", "POST"])
@least(Role.OPERATOR)
def delete(request: PersonRequest, reference: str, key: int) -> HttpResponse:
    message = _message(reference, key)
    act = _act(message, _("Delete message"), "deleteMessage", _("The message is deleted."))
    means = [
        _("The server takes the message out of the thread, for good: no later run reads it."),
        _("Files that are attached to it stay where they are."),
        acts.kept_here(),
    ]
    then = message.thread.get_absolute_url()
    return acts.delete(request, act, means, lambda: messages.delete(message=message), then=then)


def _act(message: Message, title: str, operation: str, done: str) -> acts.Act:
    back = _page(message)
    thread = message.thread
    crumbs = [(reverse("threads"), _("Threads")), (thread.get_absolute_url(), thread.title[:60]), (back, _("Message"))]
    return acts.Act(title, message, thread.connection, operation, back, crumbs, done)
