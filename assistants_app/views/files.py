"""Files: all of them, one, and what is in it."""

from __future__ import annotations

import unicodedata
from typing import Any

from django.contrib import messages as notices
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assistants_app.api.errors import ApiError
from assistants_app.forms.uploads import Upload
from assistants_app.models import Connection, File
from assistants_app.models.people import Role
from assistants_app.services import events, files, listings, operations
from assistants_app.services.references import one
from assistants_app.views import acts
from assistants_app.views.pieces import page_or_piece, raw_object, see_other
from assistants_app.views.rights import PersonRequest, least
from assistants_app.views.switch import Switch

LONGEST_NAME = 150


@require_GET
@least(Role.VIEWER)
def index(request: PersonRequest) -> HttpResponse:
    return _list(request)


def _list(request: PersonRequest, status: int = 200, **more: Any) -> HttpResponse:
    words, switch = request.GET.get("q", "").strip(), Switch(request)
    # A piece is fetched because something changed: that must not have everything read again.
    listed = listings.of(switch.answering, listings.FILES, is_wanted=not request.htmx)
    context = {
        "page": files.page(
            words=words,
            connection=switch.chosen,
            after=request.GET.get("after", ""),
            before=request.GET.get("before", ""),
        ),
        "under_way": files.under_way(switch.chosen),
        "listings": listed,
        "is_read": all(each.read_at for each in listed),
        "q": words,
        "switch": switch,
        "form": Upload(initial={"connection": switch.chosen}, label_suffix=""),
        "topics": events.FILES,
        **more,
    }
    return page_or_piece(request, "files/list.html", {"files-list": "files/_list.html"}, context, status)


@require_POST
@least(Role.OPERATOR)
def upload(request: PersonRequest) -> HttpResponse:
    form = Upload(request.POST, request.FILES, label_suffix="")
    if not form.is_valid():
        return _list(request, 422, form=form)
    sent = form.cleaned_data["file"]
    operation = files.upload(
        connection=form.cleaned_data["connection"],
        filename=sent.name,
        content=sent.read(),
        media_type=sent.content_type or "",
        purpose=form.cleaned_data["purpose"],
        by=request.user,
        once=form.cleaned_data["once"],
    )
    operation = operations.awaited(operation)
    if operation.is_open:
        notices.info(request, _("The file is on its way; it appears here once the server has it."))
    return see_other("files")


def _file(reference: str) -> File:
    found: File = one(File.objects.select_related("connection"), reference)
    return found


@require_GET
@least(Role.VIEWER)
def show(request: PersonRequest, reference: str) -> HttpResponse:
    file = _file(reference)
    context = {"file": file, "connection": file.connection, "topics": events.FILES}
    return page_or_piece(request, "files/show.html", {"file-head": "files/_head.html"}, context)


@require_GET
@least(Role.VIEWER)
def raw(request: PersonRequest, reference: str) -> HttpResponse:
    return raw_object(request, _file(reference), "file")


@require_POST
@least(Role.VIEWER)
def refresh(request: PersonRequest, reference: str) -> HttpResponse:
    """Reads again what the server says of it, at once."""
    file = _file(reference)
    try:
        files.refresh_one(file=file)
    except ApiError as error:
        notices.error(request, _("The server gave no good answer: %(words)s") % {"words": error.message})
    return see_other(file.get_absolute_url())


@require_http_methods(["GET", "POST"])
@least(Role.OPERATOR)
def delete(request: PersonRequest, reference: str) -> HttpResponse:
    file = _file(reference)
    crumbs = [(reverse("files"), _("Files")), (file.get_absolute_url(), file.title[:60])]
    words = _("Delete file"), _("The file is deleted.")
    act = acts.Act(words[0], file, file.connection, "deleteFile", file.get_absolute_url(), crumbs, words[1])
    means = [
        _("The server deletes the file, for good: whatever refers to it can no longer use it."),
        _("Vector stores that it is in may go on finding its words for a while."),
        _("Switchboard has no copy of it. Download it first if you may need it."),
    ]
    return acts.delete(request, act, means, lambda: files.delete(file=file), then="files")


@require_GET
@least(Role.VIEWER)
def content(request: PersonRequest) -> HttpResponse:
    """What is in a file, to be saved and never shown: whatever its server says that it is, it is no page of ours."""
    connection, file_id = _named(request)
    found = files.content(connection=connection, file_id=file_id)
    response = HttpResponse(found.body, content_type="application/octet-stream")
    name = safe_name(files.name_of(connection=connection, file_id=file_id))
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


@require_GET
@least(Role.VIEWER)
def image(request: PersonRequest) -> HttpResponse:
    """An image to be shown: of a few kinds, told by what is in it."""
    connection, file_id = _named(request)
    # What is in a file never changes.
    etag = quote_etag(f"{connection.pk}-{file_id.encode('utf-8', 'replace').hex()[:200]}")
    if (known := get_conditional_response(request, etag=etag)) is not None and known.status_code == 304:
        return known
    found = files.content(connection=connection, file_id=file_id)
    kind = files.image_type(found.body)
    if kind is None:
        raise Http404("This file is no image that can be shown.")
    response = HttpResponse(found.body, content_type=kind)
    response["ETag"] = etag
    return response


def _named(request: PersonRequest) -> tuple[Connection, str]:
    """The connection and the id that the address names. An id may be of any shape: it stands in no path."""
    key, file_id = request.GET.get("connection", ""), request.GET.get("id", "")
    if not (key.isascii() and key.isdigit() and len(key) < 19 and file_id):
        raise Http404("The address names no file.")
    return get_object_or_404(Connection, pk=int(key)), file_id


def safe_name(name: str) -> str:
    """A name that a browser may save a file under: no folders, nothing that hides how it ends."""
    shown = "".join(each for each in name if not unicodedata.category(each).startswith(("C", "Z")) or each == " ")
    last = shown.replace("\\", "/").rpartition("/")[2].strip(" .")
    stem, dot, ending = last.rpartition(".")
    if len(last) > LONGEST_NAME and dot:
        return f"{stem[: LONGEST_NAME - 20]}.{ending[:16]}"
    return last[:LONGEST_NAME] or "file"
