"""How many requests a server may be asked: one token bucket a connection, kept in its row, shared by all processes."""

from __future__ import annotations

import time
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from assistants_app.models import Connection

# The bucket holds one second's worth, so that any minute sees at most the allowed number.
SECONDS_HELD = 1.0
LONGEST_WAIT = 20.0


def rate(connection: Connection) -> float | None:
    """Requests a second that fill the bucket; None without a limit."""
    if connection.requests_per_minute is None:
        return None
    return connection.requests_per_minute / 60 * (1 - SECONDS_HELD / 60)


def available(connection: Connection, now: datetime) -> float:
    """Tokens in the bucket now; may be below zero after people's requests, which are never held back."""
    a_second = rate(connection)
    if a_second is None:
        return float("inf")
    most = max(1.0, a_second * SECONDS_HELD)
    if connection.tokens_at is None:
        return most
    passed = max(0.0, (now - connection.tokens_at).total_seconds())
    return min(most, connection.tokens + passed * a_second)


def locked(connection: Connection) -> Connection:
    """The connection's row for writing, inside a transaction."""
    return Connection.objects.select_for_update(of=("self",)).get(pk=connection.pk)


def take_from(connection: Connection, tokens: float) -> None:
    """Takes tokens out of a locked row's bucket."""
    now = timezone.now()
    left = available(connection, now) - tokens
    Connection.objects.filter(pk=connection.pk).update(tokens=left, tokens_at=now)


def spend(connection: Connection) -> None:
    """Counts one request of a person; it is not held back."""
    Connection.objects.filter(pk=connection.pk, tokens_at__isnull=False).update(tokens=F("tokens") - 1)


def await_one(connection: Connection) -> None:
    """Takes one token for a request in the background, waiting for it; gives up waiting after LONGEST_WAIT."""
    ends = time.monotonic() + LONGEST_WAIT
    while True:
        with transaction.atomic():
            row = locked(connection)
            left = available(row, timezone.now())
            if left >= 1 or time.monotonic() >= ends:
                take_from(row, 1)
                return
        time.sleep(min(1.0, max(0.02, (1 - left) / (rate(row) or 1))))
