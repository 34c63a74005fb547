"""Vector stores: all of them, one with the files in it, and what people do with it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assistants_app.api.dialects import tolerance
from assistants_app.api.errors import ApiError
from assistants_app.forms.metadata import Metadata
from assistants_app.forms.rows import typed, with_more
from assistants_app.forms.vector_stores import AddFile, CreateVectorStore
from assistants_app.models import VectorStore, VectorStoreFile
from assistants_app.models.operations import OPERATION_KEY
from assistants_app.models.people import Role
from assistants_app.services import events, files, listings, lists, operations, vector_stores
from assistants_app.services.references import one
from assistants_app.views import acts
from assistants_app.views.pieces import page_or_piece, raw_object, see_other
from assistants_app.views.rights import PersonRequest, least
from assistants_app.views.switch import Switch


@require_GET
@least(Role.VIEWER)
def index(request: PersonRequest) -> HttpResponse:
    words, switch = request.GET.get("q", "").strip(), Switch(request)
    # A piece is fetched because something changed: that must not have everything read again.
    listed = listings.of(switch.answering, listings.VECTOR_STORES, is_wanted=not request.htmx)
    context = {
        "page": vector_stores.page(
            words=words,
            connection=switch.chosen,
            after=request.GET.get("after", ""),
            before=request.GET.get("before", ""),
        ),
        "under_way": vector_stores.under_way(switch.chosen),
        "listings": listed,
        "is_read": all(each.read_at for each in listed),
        "q": words,
        "switch": switch,
        "topics": events.VECTOR_STORES,
    }
    pieces = {"vector-stores-list": "vector_stores/_list.html"}
    return page_or_piece(request, "vector_stores/list.html", pieces, context)


@require_http_methods(["GET", "POST"])
@least(Role.OPERATOR)
def create(request: PersonRequest) -> HttpResponse:
    """A new one, with its files and metadata."""
    # The mark of the operation takes one of the sixteen.
    kept = {OPERATION_KEY: ""}
    if request.method != "POST":
        begun = {"connection": request.GET.get("connection", "")}
        return _form(request, CreateVectorStore(initial=begun, label_suffix=""), Metadata(kept=kept))
    form, metadata = CreateVectorStore(request.POST, label_suffix=""), Metadata(request.POST, kept=kept)
    if request.POST.get("act") == "more":
        return _form(request, CreateVectorStore(initial=typed(form), label_suffix=""), with_more(metadata))
    is_right = form.is_valid()
    if not metadata.is_valid() or not is_right:
        return _form(request, form, metadata, 422)
    operation = vector_stores.create(**form.cleaned_data, metadata=metadata.pairs(), by=request.user)
    operation = operations.awaited(operation)
    if operation.state == operation.State.REFUSED:
        return _form(request, form, metadata, acts.REFUSED, operation=operation)
    made = VectorStore.objects.filter(connection=operation.connection, remote_id=operation.result_remote_id or None)
    if (store := made.first()) is not None:
        return see_other(store)
    notices.info(request, _("The vector store is being made; it appears here once the server has it."))
    return see_other("vector_stores")


def _form(request: PersonRequest, form: Any, metadata: Any, status: int = 200, **more: Any) -> HttpResponse:
    context = {"form": form, "metadata": metadata, "switch": Switch(request), **more}
    return render(request, "vector_stores/new.html", context, status=status)


def _store(reference: str) -> VectorStore:
    found: VectorStore = one(VectorStore.objects.select_related("connection"), reference)
    return found


@require_GET
@least(Role.VIEWER)
def show(request: PersonRequest, reference: str) -> HttpResponse:
    store = _store(reference)
    if not request.htmx:
        vector_stores.hasten_if_stale(store)
    return _show(request, store)


def _show(request: PersonRequest, store: VectorStore, status: int = 200, **more: Any) -> HttpResponse:
    inside = VectorStoreFile.objects.filter(vector_store=store, gone_at=None).defer("raw")
    context = {
        "store": store,
        "connection": store.connection,
        "metadata": tolerance.strings(store.object.get("metadata")),
        "page": lists.keyset(
            inside, moment="created_at", after=request.GET.get("after", ""), before=request.GET.get("before", "")
        ),
        "names": files.names(store.connection),
        "form": AddFile(),
        "topics": events.vector_store_topic(store.pk),
        **more,
    }
    pieces = {"vector-store-head": "vector_stores/_head.html", "vector-store-files": "vector_stores/_files.html"}
    return page_or_piece(request, "vector_stores/show.html", pieces, context, status)


@require_GET
@least(Role.VIEWER)
def raw(request: PersonRequest, reference: str) -> HttpResponse:
    return raw_object(request, _store(reference), "vector store")


@require_POST
@least(Role.VIEWER)
def refresh(request: PersonRequest, reference: str) -> HttpResponse:
    store = _store(reference)
    vector_stores.hasten(store)
    return see_other(store)


@require_http_methods(["GET", "POST"])
@least(Role.OPERATOR)
def delete(request: PersonRequest, reference: str) -> HttpResponse:
    store = _store(reference)
    act = _act(store, _("Delete vector store"), "deleteVectorStore", _("The vector store is deleted."))
    means = [
        _("The server deletes the vector store, for good: whoever searches in it finds nothing any more."),
        _("The files in it stay."),
        acts.kept_here(),
    ]
    return acts.delete(request, act, means, lambda: vector_stores.delete(store=store))


@require_POST
@least(Role.OPERATOR)
def add_file(request: PersonRequest, reference: str) -> HttpResponse:
    store, form = _store(reference), AddFile(request.POST)
    if not form.is_valid():
        return _show(request, store, 422, form=form)
    try:
        vector_stores.add_file(store=store, file_id=form.cleaned_data["file"])
    except ApiError as error:
        form.add_error("file", error.message)
        return _show(request, store, acts.REFUSED, form=form)
    return see_other(store)


@require_POST
@least(Role.VIEWER)
def refresh_file(request: PersonRequest, reference: str, key: int) -> HttpResponse:
    """Reads how far the server is with one file, at once."""
    store = _store(reference)
    try:
        vector_stores.refresh_file(file=_file(store, key))
    except ApiError as error:
        notices.error(request, _("The server gave no good answer: %(words)s") % {"words": error.message})
    return see_other(store)


@require_http_methods(["GET", "POST"])
@least(Role.OPERATOR)
def remove_file(request: PersonRequest, reference: str, key: int) -> HttpResponse:
    store = _store(reference)
    file = _file(store, key)
    act = _act(store, _("Take the file out"), "deleteVectorStoreFile", _("The file is taken out."))
    means = [
        _("Searches in this vector store no longer find what is in %(file)s.") % {"file": file.remote_id},
        _("The file itself stays, and can be put in again."),
    ]
    return acts.delete(request, act, means, lambda: vector_stores.remove_file(file=file))


def _file(store: VectorStore, key: int) -> VectorStoreFile:
    found = get_object_or_404(VectorStoreFile.objects.filter(vector_store=store), pk=key)
    found.vector_store = store
    return found


def _act(store: VectorStore, title: str, operation: str, done: str) -> acts.Act:
    here = store.get_absolute_url()
    crumbs = [(reverse("vector_stores"), _("Vector stores")), (here, store.title[:60])]
    return acts.Act(title, store, store.connection, operation, here, crumbs, done)
