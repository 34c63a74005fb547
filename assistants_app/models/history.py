"""What became of the calls that people were asked for: a row an answer, and a row a call that got none."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from assistants_app.models.connections import Connection
from assistants_app.models.operations import Operation
from assistants_app.models.tool_calls import ToolCall

LONGEST_NAME = 256


class HistoryEntry(models.Model):
    """Written once, when it happened. Times of the call are copied, so that lists and figures need no other table."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        AUTOMATIC = "automatic", _("Automatic")
        REFUSED = "refused", _("Refused")
        EXPIRED = "expired", _("Expired")
        CANCELLED = "cancelled", _("Cancelled")
        # Another program answered, or the run asked for something else instead.
        ELSEWHERE = "elsewhere", _("Answered elsewhere")
        FAILED = "failed", _("Run failed")

    # The server took what was answered.
    ANSWERED = (Outcome.ACCEPTED, Outcome.AUTOMATIC)

    call = models.ForeignKey(ToolCall, on_delete=models.CASCADE, related_name="history")
    # null: the call ended without an answer from here.
    operation = models.ForeignKey(Operation, on_delete=models.CASCADE, null=True, blank=True, related_name="history")
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="history")
    # The function's name, as far as an index takes it.
    function = models.CharField(max_length=LONGEST_NAME, default="", blank=True)
    # Who answered or cancelled; of a call that expired, who had opened it first.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="history"
    )
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    asked_at = models.DateTimeField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    # When a draft of it was saved first and last.
    drafted_at = models.DateTimeField(null=True, blank=True)
    draft_saved_at = models.DateTimeField(null=True, blank=True)
    # When somebody sent the answer, or the call ended without one.
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "history entries"
        constraints = [
            models.UniqueConstraint(fields=["call", "operation"], name="one_entry_an_answer"),
            models.UniqueConstraint(
                fields=["call"], condition=models.Q(operation=None), name="one_entry_without_answer"
            ),
        ]
        indexes = [
            models.Index(fields=["-at", "-id"], name="history_newest"),
            models.Index(fields=["by", "-at", "-id"], name="history_by_person"),
            models.Index(fields=["connection", "-at", "-id"], name="history_by_connection"),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} call {self.call_id}"

    @property
    def waited(self) -> float | None:
        """Seconds from the asking to the end."""
        return self._until(self.at)

    @property
    def until_claimed(self) -> float | None:
        """Seconds from the asking until somebody opened the run."""
        return self._until(self.claimed_at)

    @property
    def until_drafts(self) -> list[float]:
        """Seconds from the asking until a draft was saved first, and last."""
        found = [self._until(moment) for moment in (self.drafted_at, self.draft_saved_at)]
        return list(dict.fromkeys(seconds for seconds in found if seconds is not None))

    def _until(self, moment: datetime | None) -> float | None:
        if self.asked_at is None or moment is None:
            return None
        return max(0.0, (moment - self.asked_at).total_seconds())
