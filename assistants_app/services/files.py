"""Files of a server: lists and one of them, from the mirror; uploading, downloading and deleting one."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from assistants_app.api import errors, objects
from assistants_app.api.pages import every
from assistants_app.models import Connection, File, Listing, Operation, Upload
from assistants_app.services import connections, events, lists, mirror, operations
from assistants_app.services.asking import asking, deleted

LARGEST = 32 * 1024 * 1024  # bytes of one upload; an answer, and so a download, may have as many
MOST = 20_000  # files of one server that are kept in mind
# What an image that a page may show begins with. Nothing in these can hold a script.
IMAGES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}


def page(*, words: str = "", connection: Connection | None = None, after: str = "", before: str = "") -> lists.Page:
    """A page of files (of a connection), newest first, whose name or id contains the words."""
    rows = File.objects.filter(gone_at=None).select_related("connection").defer("raw", *connections.HEAVY)
    if connection:
        rows = rows.filter(connection=connection)
    if words := words.replace("\x00", " ").strip():
        rows = rows.filter(Q(filename__icontains=words) | Q(remote_id=words))
    return lists.keyset(rows, moment="created_at", after=after, before=before)


def newest(connection: Connection, *, most: int = 100) -> list[File]:
    """The newest files of a server, to choose from."""
    found = File.objects.filter(connection=connection, gone_at=None).only("remote_id", "filename", "purpose")
    return list(found.order_by("-created_at", "-pk")[:most])


def names(connection: Connection) -> dict[str, str]:
    """What the newest files of a server are called, by their ids."""
    return {each.remote_id: each.title for each in newest(connection, most=500)}


def refresh(*, listing: Listing) -> None:
    """Reads all files of a server (listFiles); those that it no longer has get a tombstone. Raises ApiError."""
    connection = listing.connection
    # No limit is asked for: older servers know none, and send all.
    listed = every(connections.for_background(connection).files.list, limit=None)
    seen = list(islice(listed, MOST))
    changed = mirror.files(connection, seen)
    if len(seen) < MOST:
        known = {each.id for each in seen}
        there = File.objects.filter(connection=connection, gone_at=None).values_list("pk", "remote_id")
        lost = [key for key, remote_id in there if remote_id not in known]
        changed = bool(File.objects.filter(pk__in=lost[:MOST]).update(gone_at=timezone.now())) or changed
    if changed:
        events.tell([events.FILES])


def refresh_one(*, file: File) -> None:
    """Reads what a server says of one file (retrieveFile); one that it no longer has gets a tombstone. Raises ApiError
    for anything else."""
    try:
        with asking(file.connection, "retrieveFile") as client:
            mirror.files(file.connection, [client.files.get(file.remote_id)])
    except errors.NotFound:
        _gone(file)
    events.tell([events.FILES])


def upload(
    *, connection: Connection, filename: str, content: bytes, media_type: str, purpose: str, by: User, once: UUID
) -> Operation:
    """Has a file uploaded (createFile), once for `once`. Its content is kept until that is settled."""
    body = {"filename": filename, "purpose": purpose, "media_type": media_type, "bytes": len(content)}
    with transaction.atomic():
        operation, is_new = operations.record(
            kind=Operation.Kind.CREATE_FILE, key=f"file:{once}", connection=connection, by=by, body=body
        )
        if is_new:
            Upload.objects.create(operation=operation, content=content)
    return operation


def under_way(connection: Connection | None) -> list[Operation]:
    """Uploads that are not settled, and those that were refused within the hour."""
    found = Operation.objects.filter(kind=Operation.Kind.CREATE_FILE).exclude(state=Operation.State.ACCEPTED)
    found = found.filter(made_at__gte=timezone.now() - timedelta(hours=1)).select_related("by", "connection")
    rows: Any = (found.filter(connection=connection) if connection else found).order_by("-pk")[:10]
    return list(rows)


def delete(*, file: File) -> None:
    """Deletes a file on its server (deleteFile). One that is gone already is none the less deleted. Raises ApiError."""
    try:
        with asking(file.connection, "deleteFile") as client:
            deleted(client.files.delete(file.remote_id))
    except errors.NotFound:
        pass
    _gone(file)


def _gone(file: File) -> None:
    File.objects.filter(pk=file.pk, gone_at=None).update(gone_at=timezone.now())
    events.tell([events.FILES])


def content(*, connection: Connection, file_id: str) -> objects.Content:
    """What is in a file (downloadFile), at most LARGEST. Raises ApiError."""
    with asking(connection, "downloadFile") as client:
        return client.files.content(file_id)


def name_of(*, connection: Connection, file_id: str) -> str:
    """What a file is called: as far as we know, else as its server says, else its id."""
    file = File.objects.filter(connection=connection, remote_id=file_id.replace("\x00", "")).first()
    if file is None:
        try:
            with asking(connection, "retrieveFile") as client:
                seen = client.files.get(file_id)
            mirror.files(connection, [seen])
            return seen.filename or file_id
        except errors.ApiError:
            return file_id
    return file.title


def image_type(content: bytes) -> str | None:
    """The media type of an image that a page may show, by what it begins with; None for anything else, whatever its
    server says of it."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for beginning, kind in IMAGES.items() if content.startswith(beginning)), None)
