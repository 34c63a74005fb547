"""A list that a server is asked for only when somebody wants it: its files, models or vector stores."""

from __future__ import annotations

import json
from typing import Any

from django.db import models

from assistants_app.models.connections import Connection
from assistants_app.models.due import Due, DueQuerySet


class Listing(Due):
    """Due while it is to be read. `content` is what has no rows of its own, as JSON."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="listings")
    # The operation that reads it, by its name in the specification.
    name = models.CharField(max_length=64)
    read_at = models.DateTimeField(null=True, blank=True)
    # Why the last reading went wrong, in the server's words.
    error = models.TextField(default="", blank=True)
    content = models.TextField(default="[]")

    objects = DueQuerySet["Listing"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "name"], name="one_listing_a_name")]
        indexes = [models.Index(fields=["due_at"], name="listing_due", condition=models.Q(due_at__isnull=False))]

    def __str__(self) -> str:
        return f"{self.name} of {self.connection_id}"

    @property
    def found(self) -> list[Any]:
        """What it holds, parsed."""
        return list(json.loads(self.content))
