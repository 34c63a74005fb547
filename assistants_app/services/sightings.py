"""What a server said of a run when nobody polled it: written as the poller would write it, and told to open pages."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from assistants_app.api import objects
from assistants_app.models import Run, Thread
from assistants_app.services import events, mirror, polling

# While the server tells what happens to a run, the poll is put off by so long, each time that long after the last time.
PUT_OFF_SECONDS = 5.0
# A server that falls silent is believed to go on telling for so long.
FOLLOWED_SECONDS = 15.0


def of_run(thread: Thread, seen: objects.Run, *, asked_at: datetime, is_followed: bool = False) -> Run | None:
    """Writes a run and what its thread shows of it; gives its row, None where its id cannot be stored. Where somebody
    listens to what the server tells of it (`is_followed`), the poll is put off."""
    with transaction.atomic():
        mirror.runs(thread, [seen], asked_at=asked_at)
        run = Run.objects.filter(connection=thread.connection_id, remote_id=seen.id).first()
        if run is not None and is_followed and run.is_active:
            put_off(run)
    if run is not None:
        Thread.objects.filter(pk=thread.pk).update(status=run.status, assistant=run.assistant, active_at=timezone.now())
        events.tell([events.QUEUE, events.THREADS, events.run_topic(run.pk), events.thread_topic(thread.pk)])
    return run


def put_off(run: Run) -> None:
    """The server tells what happens to it: the poll can wait, unless it is under way. One that waits for a person is
    looked at as any that does."""
    now = timezone.now()
    mine = Run.objects.filter(pk=run.pk)
    mine.update(streamed_until=now + timedelta(seconds=FOLLOWED_SECONDS))
    wait = polling.pace_of(run, now=now) if run.is_waiting else PUT_OFF_SECONDS
    mine.filter(holder="").exclude(due_at=None).update(due_at=now + timedelta(seconds=wait))
