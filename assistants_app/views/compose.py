"""Writing with all that the API takes: a message and a run on a thread, or a new thread that begins with them."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4, uuid5

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from assistants_app.forms import compose as forms
from assistants_app.forms.compose import Composition, files_in
from assistants_app.models import Connection, Operation, Thread
from assistants_app.models.people import Role
from assistants_app.services import files, listings, messages, models, operations, runs, threads, vector_stores
from assistants_app.services.references import one
from assistants_app.views.pieces import see_other
from assistants_app.views.rights import PersonRequest, least
from assistants_app.views.switch import Switch

# Seconds that a person waits for an upload, before the page says that it is on its way.
LONGEST_UPLOAD = 10.0
MORE = "more "  # before the kind of rows of which there shall be another


@require_http_methods(["GET", "POST"])
@least(Role.OPERATOR)
def on_thread(request: PersonRequest, reference: str) -> HttpResponse:
    """A message, a run, or both. What was typed into the short form of the thread's page comes along."""
    thread = one(Thread.objects.select_related("connection", "assistant").defer("raw"), reference)
    context = {"thread": thread, "connection": thread.connection}
    if "act" not in request.POST:
        begun = {"text": request.POST.get("text", ""), "assistant": request.POST.get("assistant", thread.assistant_id)}
        return _page(request, Composition(connection=thread.connection, is_new_thread=False, initial=begun), context)
    form = _sent(request, thread.connection, is_new_thread=False)
    if (looked_at := _changed(request, form)) or not form.is_valid():
        return _page(request, form, context, 200 if looked_at else 422)
    _write(request, thread, form)
    return see_other(thread)


def _write(request: PersonRequest, thread: Thread, form: Composition) -> None:
    given = form.main.cleaned_data
    assistant, once, overrides = given["assistant"], given["once"], form.overrides()
    if form.act == forms.RUN:
        runs.start(thread=thread, assistant=assistant, by=request.user, once=once, overrides=overrides)
        return
    messages.post(
        thread=thread,
        text=given["text"],
        by=request.user,
        once=once,
        answered_by=assistant if form.act == forms.SEND_AND_RUN else None,
        role=given["role"],
        metadata=form.metadata.pairs(),
        overrides=overrides,
        **files_in(form.attachments),
    )


@require_http_methods(["GET", "POST"])
@least(Role.OPERATOR)
def new_thread(request: PersonRequest) -> HttpResponse:
    """A thread with what it begins with; with an assistant, a run on it in the same act."""
    switch = Switch(request)
    connection = switch.chosen or (switch.every[0] if len(switch.every) == 1 else None)
    if connection is None or connection.gone_at is not None:
        return render(request, "threads/where.html", {"switch": switch, "connections": switch.answering})
    connection = Connection.objects.get(pk=connection.pk)
    context: dict[str, Any] = {"connection": connection, "switch": switch}
    if request.method != "POST":
        return _page(request, Composition(connection=connection, is_new_thread=True), context)
    form = _sent(request, connection, is_new_thread=True)
    if (looked_at := _changed(request, form)) or not form.is_valid():
        return _page(request, form, context, 200 if looked_at else 422)
    if refused := _refused(request):
        return _page(request, form, {**context, "operation": refused}, 502)
    operation = operations.awaited(_begin(request, connection, form))
    if operation.thread is not None:
        return see_other(operation.run or operation.thread)
    # The same form, with its number: sent again, it leads to what was made, and makes nothing twice.
    return _page(request, form, {**context, "operation": operation}, 202 if operation.is_open else 502)


def _refused(request: PersonRequest) -> Operation | None:
    """What a form asked for that was sent again only to look what became of it, if it was refused meanwhile. It is not
    sent anew before somebody has been told: it may have been done all the same."""
    key = request.POST.get("looks_for", "")
    if not (key.isascii() and key.isdigit() and len(key) < 19):
        return None
    return Operation.objects.filter(pk=int(key), by=request.user, state=Operation.State.REFUSED).first()


def _begin(request: PersonRequest, connection: Connection, form: Composition) -> Operation:
    given = form.main.cleaned_data
    begins_with: dict[str, Any] = {
        "messages": form.first_messages(),
        "resources": form.main.resources(),
        "metadata": form.metadata.pairs(),
    }
    asked: dict[str, Any] = {"connection": connection, "by": request.user, "once": given["once"], **begins_with}
    if form.act == forms.CREATE_AND_RUN:
        return threads.create_and_run(assistant=given["assistant"], overrides=form.overrides(), **asked)
    return threads.create(**asked)


def _sent(request: PersonRequest, connection: Connection, *, is_new_thread: bool) -> Composition:
    return Composition(connection=connection, is_new_thread=is_new_thread, data=request.POST, files=request.FILES)


def _changed(request: PersonRequest, form: Composition) -> bool:
    """Does what changes the form and sends nothing of it: another row, a file uploaded. False for any other act."""
    if form.act.startswith(MORE):
        form.more(form.act.removeprefix(MORE))
    elif form.act == "upload":
        _upload(request, form)
    elif form.act not in {forms.SEND, forms.SEND_AND_RUN, forms.RUN, forms.CREATE, forms.CREATE_AND_RUN}:
        form.more("")
    else:
        return False
    return True


def _upload(request: PersonRequest, form: Composition) -> None:
    """Uploads a file at once, so that it can go along with what is being written."""
    if not form.upload.is_valid():
        wrong = form.upload
        form.more("")
        form.upload = wrong
        return
    sent, purpose = form.upload.cleaned_data["file"], form.upload.cleaned_data["purpose"]
    # A second click is the same upload, another file is another one.
    once = uuid5(_number(request), f"{len(form.attachments.filled())} {sent.size} {sent.name}")
    operation = files.upload(
        connection=form.connection,
        filename=sent.name,
        content=sent.read(),
        media_type=sent.content_type or "",
        purpose=purpose,
        by=request.user,
        once=once,
    )
    operation = operations.awaited(operation, seconds=LONGEST_UPLOAD)
    if operation.state == Operation.State.ACCEPTED:
        use = forms.IMAGE if purpose == "vision" else ""
        form.more("attachments", added=[{"file": operation.result_remote_id, "use": use}])
        return
    form.more("")
    if operation.is_open:
        notices.info(request, _("The file is on its way. Once the server has it, you can choose it here."))
    else:
        notices.error(request, _("The server refused the file: %(words)s") % {"words": operation.error})


def _number(request: PersonRequest) -> UUID:
    try:
        return UUID(request.POST.get("once", ""))
    except ValueError:
        return uuid4()


def _page(request: PersonRequest, form: Composition, context: dict[str, Any], status: int = 200) -> HttpResponse:
    connection = form.connection
    listings.want(connection, listings.FILES)
    if form.is_new_thread:
        listings.want(connection, listings.VECTOR_STORES)
    known = {
        "form": form,
        "files": files.newest(connection),
        "models": models.names(connection),
        "stores": SimpleLazyObject(lambda: vector_stores.newest(connection)),
    }
    template = "threads/new.html" if form.is_new_thread else "threads/compose.html"
    return render(request, template, {**context, **known}, status=status)
