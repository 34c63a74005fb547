"""What an assistant was set to, each time it was seen to be set otherwise. The API keeps no history: this is it."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse

from assistants_app.models.assistants import Assistant


class AssistantVersion(models.Model):
    """A configuration (services/configurations.py) of an assistant, numbered from one. Equal ones have equal digests:
    who goes back makes a new version equal to an old one."""

    assistant = models.ForeignKey(Assistant, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    # Of the part that runs tell of themselves.
    producing = models.CharField(max_length=64)
    configuration = models.TextField(default="{}")
    seen_at = models.DateTimeField()
    # Who changed it here; nobody: changed elsewhere, or as it was when it was first seen.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    note = models.TextField(default="", blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["assistant", "number"], name="one_version_a_number"),
        ]

    def __str__(self) -> str:
        return f"version {self.number} of {self.assistant_id}"

    def get_absolute_url(self) -> str:
        return f"{reverse('assistant_versions', args=[self.assistant.reference])}?new={self.number}"

    @property
    def settings(self) -> dict[str, Any]:
        """The configuration, parsed."""
        return dict(json.loads(self.configuration))
