"""What stands beside the fields for files and vector stores in the form of an assistant, and what is made there."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from assistants_app.forms.resources import PURPOSE, PickedUpload, picker
from assistants_app.forms.vector_stores import CreateVectorStore
from assistants_app.models import Connection, Operation
from assistants_app.models.people import Role
from assistants_app.services import events, files, operations, resources, vector_stores
from assistants_app.views.pieces import as_piece, has_seen
from assistants_app.views.rights import PersonRequest, least

LONGEST_TEXT = 20_000
MADE = (Operation.Kind.CREATE_FILE, Operation.Kind.CREATE_VECTOR_STORE)


@require_GET
@least(Role.EDITOR)
def show(request: PersonRequest) -> HttpResponse:
    """What is chosen in a field, by its text, and what could be."""
    name, key = request.GET.get("field", ""), request.GET.get("connection", "")
    if name not in resources.PLACES or not (key.isascii() and key.isdigit() and len(key) < 19):
        raise Http404("The address names no field.")
    connection = get_object_or_404(Connection, pk=int(key))
    made = picker(connection, name, request.GET.get("ids", "")[:LONGEST_TEXT], words=request.GET.get("q", ""))
    if has_seen(request, made.version):
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return render(request, "assistants/_picker.html", {"picker": made})


@require_POST
@least(Role.OPERATOR)
def upload(request: PersonRequest) -> HttpResponse:
    """A file from a person's disk, once for its number."""
    form = PickedUpload(request.POST, request.FILES)
    if not form.is_valid():
        return _refused(request, form)
    sent = form.cleaned_data["file"]
    operation = files.upload(
        connection=form.cleaned_data["connection"],
        filename=sent.name,
        content=sent.read(),
        media_type=sent.content_type or "",
        purpose=PURPOSE,
        by=request.user,
        once=form.cleaned_data["once"],
    )
    return _act(request, operations.awaited(operation), form.cleaned_data["field"])


@require_POST
@least(Role.OPERATOR)
def create_store(request: PersonRequest) -> HttpResponse:
    """A vector store of files that the server has."""
    form = CreateVectorStore(request.POST)
    if not form.is_valid():
        return _refused(request, form)
    operation = vector_stores.create(**form.cleaned_data, metadata={}, by=request.user)
    return _act(request, operations.awaited(operation), "vector_store_ids")


@require_GET
@least(Role.EDITOR)
def act(request: PersonRequest, uuid: UUID, field: str) -> HttpResponse:
    """What came of it."""
    operation = get_object_or_404(Operation, uuid=uuid, kind__in=MADE)
    if field not in resources.PLACES:
        raise Http404("There is no such field.")
    return _act(request, operation, field)


def _refused(request: PersonRequest, form: Any) -> HttpResponse:
    words = " ".join(dict.fromkeys(str(error) for errors in form.errors.values() for error in errors))
    return render(request, "assistants/_resource_act.html", {"words": words}, status=422)


def _act(request: PersonRequest, operation: Operation, field: str) -> HttpResponse:
    context = {
        "operation": operation,
        "field": field,
        "made": resources.made_by(operation),
        "name": operation.payload.get("filename") or operation.payload.get("name") or "",
        "topic": events.FILES if operation.kind == Operation.Kind.CREATE_FILE else events.VECTOR_STORES,
    }
    return as_piece(request, render(request, "assistants/_resource_act.html", context).content.decode())
