"""Connections whose server is gone: nothing is asked of it any more, and all that was seen of it stays readable."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from assistants_app.api import errors
from assistants_app.models import Assistant, Connection, File, Message, Operation, Run, Thread, VectorStore
from assistants_app.services import events

# So often must GET /assistants be answered 404, running, before a server counts as gone.
ABSENCES = 3


def absent(connection: Connection, error: errors.NotFound) -> bool:
    """Notes a 404 on GET /assistants. True where that makes an archive of it: it used to answer, and no longer does."""
    rows = Connection.objects.filter(pk=connection.pk)
    rows.update(absences=F("absences") + 1)
    if connection.last_answer_at is None or connection.absences + 1 < ABSENCES:
        return False
    close(connection, f"GET /assistants: 404 “{errors.cut(str(error), 300)}”")
    return True


def close(connection: Connection, because: str) -> None:
    """Makes an archive of a connection: polling, reading and sending stop."""
    now = timezone.now()
    with transaction.atomic():
        rows = Connection.objects.filter(pk=connection.pk, gone_at=None)
        rows.update(gone_at=now, gone_because=because, due_at=None, holder="", last_error="")
        # A server that goes answers 404 to everything: that was no word about single threads and runs.
        since = connection.last_answer_at
        if since is not None:
            for gone in (Thread.objects, Run.objects):
                gone.filter(connection=connection, gone_at__gt=since).update(gone_at=None, due_at=now)
    _tell(connection)


def take_up(connection: Connection, *, since: datetime) -> None:
    """Makes a connection of an archive again, unless it became one after `since`: its server answers."""
    now = timezone.now()
    rows = Connection.objects.filter(pk=connection.pk, gone_at__lte=since)
    ours = {"gone_at": None, "gone_because": "", "absences": 0, "assistants_at": None}
    if rows.update(due_at=now, holder="", failures=0, **ours):
        _tell(connection)


def holdings(connection: Connection) -> dict[str, int]:
    """How much was seen of a server, by noun; nothing of that is ever removed."""
    return {
        "assistants": Assistant.objects.filter(connection=connection).count(),
        "threads": Thread.objects.filter(connection=connection).count(),
        "messages": Message.objects.filter(thread__connection=connection).count(),
        "runs": Run.objects.filter(connection=connection).count(),
        "files": File.objects.filter(connection=connection).count(),
        "vector_stores": VectorStore.objects.filter(connection=connection).count(),
        "operations": Operation.objects.filter(connection=connection).count(),
    }


def remove(connection: Connection) -> bool:
    """Removes a connection of which nothing was ever seen; False where there is something to keep."""
    with transaction.atomic():
        if any(holdings(connection).values()):
            return False
        connection.delete()
    events.tell([events.CONNECTIONS])
    return True


def _tell(connection: Connection) -> None:
    threads = Thread.objects.filter(connection=connection).order_by("-active_at").values_list("pk", flat=True)[:50]
    shown = [events.connection_topic(connection.pk), *map(events.thread_topic, threads)]
    events.tell([events.CONNECTIONS, events.QUEUE, events.THREADS, events.ASSISTANTS, *shown])
