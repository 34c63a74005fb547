"""What a server offers, as values on its connection: pages ask here whether an operation can be done, and why not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assistants_app.api import errors
from assistants_app.api.operations import OPERATIONS
from assistants_app.models import Connection
from assistants_app.services import events

LIST_THREADS = "listThreads"  # in no specification
STREAM = "streamRuns"  # no operation of its own: `stream: true` in those that make or move a run
LONGEST_WORDS = 300
# Operations of ours that are not called as the specification calls them.
OTHERWISE_CALLED = {"submit_tool_outputs": "submitToolOuputsToRun"}


def lack(connection: Connection, operation: str) -> str:
    """Why an operation (by its name in the specification) cannot be done on this server, in words for people; "" where
    nothing speaks against it."""
    if connection.gone_at is not None:
        return _("This connection is an archive: its server is gone.")
    known = OPERATIONS.get(operation)
    if known is not None and connection.dialect not in known.dialects:
        return _("The dialect %(dialect)s has no such operation.") % {"dialect": connection.dialect}
    if operation == LIST_THREADS and connection.lists_threads is False:
        return _("This server does not list its threads.")
    if operation == STREAM and not connection.streaming:
        return _("It is switched off for this connection.")
    found = connection.lacking.get(operation)
    return _said(found) if isinstance(found, dict) else ""


def _said(found: Mapping[str, Any]) -> str:
    """Why an operation is off, in words for people: what the server answered, or how it behaved."""
    said = {"status": found.get("status"), "words": found.get("words") or ""}
    if said["status"] is None:
        return _("This server did not do it well: %(words)s") % said
    return _("This server does not offer it: it answered %(status)s, “%(words)s”.") % said


def note(connection: Connection, found: Mapping[str, errors.ApiError | None]) -> None:
    """Notes which operations a server lacks, each with its own words, and (None) which it offers."""
    with transaction.atomic():
        row = Connection.objects.select_for_update(of=("self",)).only("lacking").get(pk=connection.pk)
        lacking = {name: words for name, words in row.lacking.items() if found.get(name, words) is not None}
        now = timezone.now().isoformat()
        for name, error in found.items():
            if error is not None:
                lacking[name] = {"words": errors.cut(str(error), LONGEST_WORDS), "status": error.status, "at": now}
        connection.lacking = lacking
        if lacking == row.lacking:
            return
        Connection.objects.filter(pk=connection.pk).update(lacking=lacking)
    events.tell([events.CONNECTIONS, events.connection_topic(connection.pk)])


def lacking(connection: Connection) -> dict[str, str]:
    """The operations that this server was found to lack, each with the reason; an archive needs none."""
    if connection.gone_at is not None:
        return {}
    return {name: reason for name in sorted(connection.lacking) if (reason := lack(connection, name))}


def allow(connection: Connection, operation: str) -> None:
    """Turns an operation on again: the server is asked the next time somebody wants it."""
    note(connection, {operation: None})


def refused(connection: Connection, kind: str, error: errors.ApiError) -> None:
    """What a refusal of something that a person asked for tells of the server: 405 and 501 say that it lacks it. 404
    does not: the thread or run may be what is missing."""
    if isinstance(error, errors.NotOffered) and (name := called(kind)) in OPERATIONS:
        note(connection, {name: error})


def called(kind: str) -> str:
    """The specification's name of a kind of operation of ours: create_thread is createThread."""
    first, *rest = kind.split("_")
    return OTHERWISE_CALLED.get(kind) or "".join([first, *(word.capitalize() for word in rest)])
