"""Asks a worker to take up work at once. Only a hint: the row is due anyway and the next tick finds it."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def ask(name: str, *ids: int) -> None:
    """Sends the task of that name with these ids after the transaction; without a broker the next tick does it."""
    transaction.on_commit(lambda: _send(name, ids))


def get_stale_time(seconds: float | None = None) -> datetime:
    """The moment before which a reading is stale: so many seconds ago, by default the setting STALE_SECONDS."""
    return timezone.now() - timedelta(seconds=settings.STALE_SECONDS if seconds is None else seconds)


def _send(name: str, ids: tuple[int, ...]) -> None:
    try:
        current_app.send_task(f"assistants_app.tasks.{name}", args=ids, ignore_result=True, retry=False, expires=60)
    except (OperationalError, OSError) as error:
        log.warning("No broker for %s, the next tick will find it: %s", name, type(error).__name__)
