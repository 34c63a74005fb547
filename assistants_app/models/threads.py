"""A thread: a conversation of messages, with the runs that answered them."""

from __future__ import annotations

from django.db import models

from assistants_app.models.assistants import Assistant
from assistants_app.models.connections import Connection
from assistants_app.models.due import Due, DueQuerySet
from assistants_app.models.mirrored import Mirrored


class Thread(Mirrored, Due):
    """The latest run's status and assistant stand here too, so that lists need no other table."""

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="threads")
    assistant = models.ForeignKey(Assistant, on_delete=models.SET_NULL, null=True, blank=True, related_name="threads")
    status = models.CharField(max_length=64, default="", blank=True)
    preview = models.CharField(max_length=200, default="", blank=True)
    active_at = models.DateTimeField()
    refreshed_at = models.DateTimeField(null=True, blank=True)

    objects = DueQuerySet["Thread"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "remote_id"], name="one_thread_an_id"),
        ]
        indexes = [
            models.Index(fields=["remote_id"], name="thread_by_id"),
            models.Index(fields=["-active_at", "-id"], name="thread_newest"),
            models.Index(fields=["status", "-active_at", "-id"], name="thread_by_status"),
            models.Index(fields=["assistant", "-active_at", "-id"], name="thread_by_assistant"),
            models.Index(fields=["connection", "-active_at", "-id"], name="thread_by_connection"),
            models.Index(fields=["connection", "due_at"], name="thread_due", condition=models.Q(due_at__isnull=False)),
        ]

    def get_absolute_url(self) -> str:
        return self.address("thread")

    @property
    def title(self) -> str:
        """What the thread is about: its first words, or its id."""
        return self.preview or self.remote_id
