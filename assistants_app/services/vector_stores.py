"""Vector stores of a server: lists and one of them, from the mirror; making, filling and deleting one."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.db.models import Q
from django.utils import timezone

from assistants_app.api import errors
from assistants_app.api.pages import every
from assistants_app.models import Connection, Listing, Operation, VectorStore, VectorStoreFile
from assistants_app.services import connections, events, lists, mirror, operations, work
from assistants_app.services.asking import asking, deleted

MOST = 5_000  # vector stores of one server, and files of one, that are kept in mind


def page(*, words: str = "", connection: Connection | None = None, after: str = "", before: str = "") -> lists.Page:
    """A page of vector stores (of a connection), newest first, whose name or id contains the words."""
    rows = VectorStore.objects.filter(gone_at=None).select_related("connection").defer("raw", *connections.HEAVY)
    if connection:
        rows = rows.filter(connection=connection)
    if words := words.replace("\x00", " ").strip():
        rows = rows.filter(Q(name__icontains=words) | Q(remote_id=words))
    return lists.keyset(rows, moment="created_at", after=after, before=before)


def newest(connection: Connection, *, most: int = 100) -> list[VectorStore]:
    """The newest vector stores of a server, to choose from."""
    found = VectorStore.objects.filter(connection=connection, gone_at=None).only("remote_id", "name")
    return list(found.order_by("-created_at", "-pk")[:most])


def refresh(*, listing: Listing) -> None:
    """Reads all vector stores of a server (listVectorStores); those that it no longer has get a tombstone. Raises
    ApiError."""
    connection = listing.connection
    seen = list(islice(every(connections.for_background(connection).vector_stores.list), MOST))
    mirror.vector_stores(connection, seen)
    if len(seen) < MOST:
        known = {each.id for each in seen}
        there = VectorStore.objects.filter(connection=connection, gone_at=None).values_list("pk", "remote_id")
        lost = [key for key, remote_id in there if remote_id not in known]
        VectorStore.objects.filter(pk__in=lost).update(gone_at=timezone.now())
    events.tell([events.VECTOR_STORES])


def hasten_if_stale(store: VectorStore, *, fresh_seconds: float | None = None) -> None:
    """Has a vector store that somebody looks at read again if that was not done lately."""
    fresh = work.get_stale_time(fresh_seconds)
    if store.gone_at is None and store.due_at is None and (store.refreshed_at is None or store.refreshed_at < fresh):
        hasten(store)


def hasten(store: VectorStore) -> None:
    """Has a vector store read at once."""
    VectorStore.objects.filter(pk=store.pk).hasten()
    work.ask("read_vector_store", store.pk)


def refresh_one(*, store: VectorStore) -> None:
    """Reads one vector store and what is in it (getVectorStore, listVectorStoreFiles); one that its server no longer
    has gets a tombstone. Raises ApiError for anything else."""
    client = connections.for_background(store.connection)
    try:
        mirror.vector_stores(store.connection, [client.vector_stores.get(store.remote_id)])
        seen = list(islice(every(client.vector_stores.files.list, store.remote_id), MOST))
    except errors.NotFound:
        _gone(store)
        return
    mirror.vector_store_files(store, seen)
    if len(seen) < MOST:
        known = [each.id for each in seen]
        lost = [each.pk for each in store.files.filter(gone_at=None) if each.remote_id not in known]
        store.files.filter(pk__in=lost).update(gone_at=timezone.now())
    VectorStore.objects.filter(pk=store.pk).update(refreshed_at=timezone.now(), error="")
    _tell(store)


def create(
    *,
    connection: Connection,
    name: str,
    file_ids: list[str],
    metadata: dict[str, str],
    by: User,
    once: UUID,
    days: int | None = None,
) -> Operation:
    """Has a vector store made of these files (createVectorStore), once for `once`; it expires that many days after it
    was last used."""
    uuid = uuid4()
    body: dict[str, Any] = {"metadata": metadata | operations.metadata(uuid)}
    body |= {"name": name} if name else {}
    body |= {"file_ids": file_ids} if file_ids else {}
    body |= {"expires_after": {"anchor": "last_active_at", "days": days}} if days else {}
    operation, _ = operations.record(
        kind=Operation.Kind.CREATE_VECTOR_STORE,
        key=f"vector_store:{once}",
        uuid=uuid,
        connection=connection,
        by=by,
        body=body,
    )
    return operation


def under_way(connection: Connection | None) -> list[Operation]:
    """Vector stores that are being made, and those that were refused within the hour."""
    found = Operation.objects.filter(kind=Operation.Kind.CREATE_VECTOR_STORE).exclude(state=Operation.State.ACCEPTED)
    found = found.filter(made_at__gte=timezone.now() - timedelta(hours=1)).select_related("by", "connection")
    rows: Any = (found.filter(connection=connection) if connection else found).order_by("-pk")[:10]
    return list(rows)


def delete(*, store: VectorStore) -> None:
    """Deletes a vector store on its server (deleteVectorStore); the files stay. One that is gone already is none the
    less deleted. Raises ApiError."""
    try:
        with asking(store.connection, "deleteVectorStore") as client:
            deleted(client.vector_stores.delete(store.remote_id))
    except errors.NotFound:
        pass
    _gone(store)


def add_file(*, store: VectorStore, file_id: str) -> None:
    """Puts a file into a vector store (createVectorStoreFile); one that is in it already is none the less. Raises
    ApiError."""
    with asking(store.connection, "createVectorStoreFile") as client:
        seen = client.vector_stores.files.create(store.remote_id, {"file_id": file_id})
    mirror.vector_store_files(store, [seen])
    hasten(store)


def refresh_file(*, file: VectorStoreFile) -> None:
    """Reads how far a server is with one file (getVectorStoreFile). Raises ApiError."""
    store = file.vector_store
    with asking(store.connection, "getVectorStoreFile") as client:
        mirror.vector_store_files(store, [client.vector_stores.files.get(store.remote_id, file.remote_id)])
    _tell(store)


def remove_file(*, file: VectorStoreFile) -> None:
    """Takes a file out of a vector store (deleteVectorStoreFile); the file itself stays. Raises ApiError."""
    store = file.vector_store
    try:
        with asking(store.connection, "deleteVectorStoreFile") as client:
            deleted(client.vector_stores.files.delete(store.remote_id, file.remote_id))
    except errors.NotFound:
        pass
    VectorStoreFile.objects.filter(pk=file.pk, gone_at=None).update(gone_at=timezone.now())
    hasten(store)


def _gone(store: VectorStore) -> None:
    VectorStore.objects.filter(pk=store.pk, gone_at=None).update(gone_at=timezone.now(), due_at=None)
    _tell(store)


def _tell(store: VectorStore) -> None:
    events.tell([events.VECTOR_STORES, events.vector_store_topic(store.pk)])
