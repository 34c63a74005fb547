"""A run: an assistant at work on a thread; and its steps."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils import timezone

from assistants_app.models.assistants import Assistant
from assistants_app.models.connections import Connection
from assistants_app.models.due import Due, DueQuerySet
from assistants_app.models.mirrored import Mirrored
from assistants_app.models.threads import Thread
from assistants_app.models.versions import AssistantVersion

# What runs wait for that people can give (required_action.type): outputs of functions, and consent to calls of others.
OUTPUTS, APPROVALS = "submit_tool_outputs", "submit_tool_approval"
ENDED = frozenset({"completed", "failed", "cancelled", "expired", "incomplete"})
WAITING = "requires_action"


class RunQuerySet(DueQuerySet["Run"]):
    def waiting(self) -> RunQuerySet:
        """Runs that wait for a person, least time left first; those without a known end come last. Nobody can answer
        one of an archive."""
        waiting = self.filter(status=WAITING, gone_at=None, connection__gone_at=None)
        return waiting.order_by(models.F("expires_at").asc(nulls_last=True), "id")


class Run(Mirrored, Due):
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="runs")
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="runs")
    assistant = models.ForeignKey(Assistant, on_delete=models.SET_NULL, null=True, blank=True, related_name="runs")
    assistant_remote_id = models.CharField(max_length=512, default="", blank=True)
    # The one that produced it: with its model, instructions and tools, or else the one of its time.
    version = models.ForeignKey(AssistantVersion, on_delete=models.SET_NULL, null=True, blank=True, related_name="runs")
    # The digest of those, as far as the server tells them of a run.
    producing = models.CharField(max_length=64, default="", blank=True)
    status = models.CharField(max_length=64, default="", blank=True)
    model = models.TextField(default="", blank=True)
    required_type = models.CharField(max_length=64, default="", blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    error_code = models.TextField(default="", blank=True)
    error_message = models.TextField(default="", blank=True)
    # Of the last answer read: its digest, and when it was asked for (an answer asked for earlier is old news).
    digest = models.CharField(max_length=64, default="", blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(auto_now_add=True)
    # Its server tells what happens to it, and was last heard not long before that.
    streamed_until = models.DateTimeField(null=True, blank=True)
    # Its steps were not read since it last changed.
    steps_stale = models.BooleanField(default=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "remote_id"], name="one_run_an_id"),
        ]
        indexes = [
            models.Index(fields=["remote_id"], name="run_by_id"),
            models.Index(fields=["thread", "created_at", "id"], name="run_in_order"),
            models.Index(fields=["expires_at", "id"], name="run_waiting", condition=models.Q(status=WAITING)),
            models.Index(fields=["connection", "due_at"], name="run_due", condition=models.Q(due_at__isnull=False)),
        ]

    def get_absolute_url(self) -> str:
        return self.address("run")

    @property
    def is_waiting(self) -> bool:
        return self.status == WAITING and self.gone_at is None

    @property
    def asks(self) -> str:
        """OUTPUTS, APPROVALS, or "" for what nobody can give here. A server that does not say means outputs."""
        asked = self.required_type or OUTPUTS
        return asked if asked in {OUTPUTS, APPROVALS} else ""

    @property
    def is_active(self) -> bool:
        """It holds its thread: not ended, as far as is known. An unknown status counts as active."""
        return self.status not in ENDED and self.gone_at is None

    @property
    def is_streamed(self) -> bool:
        """Pages are shown what it writes while it writes it."""
        return self.streamed_until is not None and self.streamed_until > timezone.now()

    def seconds_left(self, now: datetime) -> float | None:
        """Seconds until it expires, never below zero; None where no end is known."""
        return max(0.0, (self.expires_at - now).total_seconds()) if self.expires_at else None


class RunStep(Mirrored):
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="steps")
    type = models.CharField(max_length=64, default="", blank=True)
    status = models.CharField(max_length=64, default="", blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    message_remote_id = models.CharField(max_length=512, default="", blank=True)
    error_message = models.TextField(default="", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "remote_id"], name="one_step_an_id")]
        indexes = [
            models.Index(fields=["remote_id"], name="step_by_id"),
            models.Index(fields=["run", "created_at", "id"], name="step_in_order"),
        ]
