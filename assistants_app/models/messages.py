"""A message of a thread."""

from __future__ import annotations

import json
from typing import Any

from django.db import models

from assistants_app.models.mirrored import Mirrored
from assistants_app.models.threads import Thread


class Message(Mirrored):
    """Its text as markdown, and as HTML rendered and sanitised when it was mirrored. Rows are stored in the order
    in which the server lists them, so the key orders messages of one second."""

    # Never null, so that the index gives the order: when it was first seen, where the server does not say.
    created_at = models.DateTimeField()
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="messages")
    role = models.CharField(max_length=64, default="", blank=True)
    status = models.CharField(max_length=64, default="", blank=True)
    run_remote_id = models.CharField(max_length=512, default="", blank=True)
    assistant_remote_id = models.CharField(max_length=512, default="", blank=True)
    text = models.TextField(default="", blank=True)
    html = models.TextField(default="", blank=True)
    # What listMessageFiles told of its files, as JSON, where the dialect has that and somebody asked.
    files = models.TextField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["thread", "remote_id"], name="one_message_an_id"),
        ]
        indexes = [
            models.Index(fields=["remote_id"], name="message_by_id"),
            models.Index(fields=["thread", "created_at", "id"], name="message_in_order"),
        ]

    @property
    def attached(self) -> list[dict[str, Any]]:
        """The files of it that the server told of apart; what is no object is left out."""
        return [each for each in json.loads(self.files or "[]") if isinstance(each, dict)]
