"""Celery's door: an id in, one service call. Rows are the truth, so a task may be lost or run twice."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings

from assistants_app.services import (
    assistant_files,
    assistants,
    checks,
    notifications,
    polling,
    refreshing,
    rulings,
    sending,
)


@shared_task
def poll_due_runs() -> None:
    """A tick: polls due runs until the next tick is due."""
    polling.poll_due(seconds=settings.TICK_SECONDS)


@shared_task
def refresh_due() -> None:
    """A tick: reads due lists and threads until the next tick is due."""
    refreshing.refresh_due(seconds=settings.TICK_SECONDS)


@shared_task
def deliver_due() -> None:
    """A tick: delivers operations that nobody took up."""
    sending.deliver_due()


@shared_task
def notify_due() -> None:
    """A tick: tells people of runs that wait."""
    notifications.notify_due()


@shared_task
def rule_due() -> None:
    """A tick: has rules answer what waits, until the next tick is due."""
    rulings.rule_due(seconds=settings.TICK_SECONDS)


@shared_task(acks_late=True, reject_on_worker_lost=True)
def deliver(key: int) -> None:
    """Delivers one operation now."""
    sending.deliver(key=key)


@shared_task
def refresh_thread(key: int) -> None:
    """Reads one thread now."""
    refreshing.refresh_thread(key=key)


@shared_task
def check_connection(key: int) -> None:
    """Looks now at what a server offers."""
    checks.run(key=key)


@shared_task
def read_assistant(key: int) -> None:
    """Reads one assistant now."""
    assistants.read(key=key)


@shared_task
def read_assistant_files(key: int) -> None:
    """Reads the files of one assistant now."""
    assistant_files.read(key=key)


@shared_task
def read_listing(key: int) -> None:
    """Reads one list now."""
    refreshing.read_listing(key=key)


@shared_task
def read_vector_store(key: int) -> None:
    """Reads one vector store now."""
    refreshing.read_vector_store(key=key)
