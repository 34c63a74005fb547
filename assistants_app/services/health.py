"""Whether the parts that a desk needs are there."""

from __future__ import annotations

from celery import current_app
from django.db import DatabaseError, connection
from kombu.exceptions import OperationalError

OK = "ok"
PATIENCE = 1.0


def check() -> dict[str, str]:
    """Each part's state by name: "ok", or in words what is wrong."""
    broker = _broker()
    return {
        "database": _database(),
        "broker": broker,
        "worker": _worker() if broker == OK else "not asked, because the broker does not answer",
    }


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM assistants_connection LIMIT 1")
    except DatabaseError as error:
        return f"does not answer ({type(error).__name__})"
    return OK


def _broker() -> str:
    try:
        with current_app.connection_for_write() as link:
            link.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=PATIENCE)
    except (OperationalError, OSError) as error:
        return f"does not answer ({type(error).__name__})"
    return OK


def _worker() -> str:
    try:
        # The first answer is enough: with one, this takes milliseconds.
        answers = current_app.control.broadcast("ping", reply=True, timeout=PATIENCE, limit=1)
    except (OperationalError, OSError) as error:
        return f"cannot be asked ({type(error).__name__})"
    return OK if answers else "none answers"
