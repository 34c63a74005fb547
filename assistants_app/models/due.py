"""Rows that want work done at a time: claimed by one worker, for a while, by a conditional update."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db import connection, models
from django.utils import timezone

DueModel = TypeVar("DueModel", bound="Due")


class DueQuerySet(models.QuerySet[DueModel], Generic[DueModel]):
    def due(self, now: datetime | None = None) -> Any:
        """Rows whose time has come and that no worker holds (a lease is a due time in the future)."""
        return self.filter(due_at__lte=now or timezone.now())

    def claim(self, *, limit: int, holder: str, seconds: float) -> list[int]:
        """Leases up to `limit` due rows, longest-waiting first, to `holder` for `seconds`; gives their keys.

        While leased a row is not due; when the lease ends without a release it is due again by itself.
        """
        now = timezone.now()
        table = connection.ops.quote_name(self.model._meta.db_table)
        chosen, values = self.due(now).order_by("due_at").values("pk")[:limit].query.sql_with_params()
        if connection.features.has_select_for_update_skip_locked:
            chosen += f" FOR UPDATE OF {table} SKIP LOCKED"
        due_at: Any = self.model._meta.get_field("due_at")
        until = due_at.get_db_prep_save(now + timedelta(seconds=seconds), connection)
        # One statement instead of four: the poller claims many times a second.
        # Materialised, so that no plan looks twice and takes more rows than the limit.
        claim = (  # names only, no values
            f"WITH chosen(id) AS MATERIALIZED ({chosen}) UPDATE {table} SET due_at = %s, holder = %s "  # noqa: S608
            "WHERE id IN (SELECT id FROM chosen) RETURNING id"
        )
        with connection.cursor() as cursor:
            cursor.execute(claim, [*values, until, holder])
            return [key for (key,) in cursor.fetchall()]

    def held_by(self, holder: str) -> Any:
        """Rows that this holder may still write."""
        return self.filter(holder=holder)

    def hasten(self) -> int:
        """Makes rows due now. A worker that has one under way loses it: what it read is old news."""
        return self.update(due_at=timezone.now(), holder="", failures=0, parked_at=None, parked_because="")


class Due(models.Model):
    """A row with a due time (null: nothing to do), a holder while it is leased, and a count of failures."""

    due_at = models.DateTimeField(null=True, blank=True)
    holder = models.CharField(max_length=64, default="", blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    parked_at = models.DateTimeField(null=True, blank=True)
    parked_because = models.TextField(default="", blank=True)

    class Meta:
        abstract = True
