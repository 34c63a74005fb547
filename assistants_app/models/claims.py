"""Who is at a run that waits, so that no two people answer it without knowing of each other."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils import timezone

from assistants_app.models.runs import Run

# A page that holds a run says so every 20 seconds; one that has been silent for that long has left.
LAPSE_SECONDS = 90.0
NO_PAGE = UUID(int=0)


class ClaimQuerySet(models.QuerySet["Claim"]):
    def standing(self, now: datetime | None = None) -> ClaimQuerySet:
        """Those whose holder was heard of lately."""
        return self.filter(seen_at__gt=(now or timezone.now()) - timedelta(seconds=LAPSE_SECONDS))


class Claim(models.Model):
    """One row a run: the person who opened it, since when, and the page of theirs that was heard of last. It keeps
    nobody from answering: it tells."""

    run = models.OneToOneField(Run, on_delete=models.CASCADE, primary_key=True, related_name="claim")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="claims")
    page = models.UUIDField(default=NO_PAGE)
    since = models.DateTimeField()
    seen_at = models.DateTimeField()

    objects = ClaimQuerySet.as_manager()

    def __str__(self) -> str:
        return f"claim of run {self.run_id}"

    @property
    def lapses_at(self) -> datetime:
        """When it ends, unless its holder is heard of again."""
        return self.seen_at + timedelta(seconds=LAPSE_SECONDS)
