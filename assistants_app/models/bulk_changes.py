"""One act over many assistants: what was asked for, and the operation of each."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from assistants_app.models.operations import Operation


class BulkChange(models.Model):
    """What one person did to many assistants at once. `content` has the values as they were sent, and whose they are
    to be: JSON in ASCII, which any database takes to the letter."""

    class Kind(models.TextChoices):
        METADATA = "metadata", _("Set metadata")
        MODEL = "model", _("Change model")
        DELETE = "delete", _("Delete")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    content = models.TextField(default="{}")
    reason = models.TextField(default="", blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="bulk_changes")
    made_at = models.DateTimeField(auto_now_add=True)
    # One for each assistant. A deletion that was on its way already belongs to both who asked for it.
    operations = models.ManyToManyField(Operation, related_name="bulk_changes")

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"

    def get_absolute_url(self) -> str:
        return reverse("bulk_change", args=[self.uuid])

    @property
    def what(self) -> dict[str, Any]:
        """The values, parsed."""
        return dict(json.loads(self.content))
