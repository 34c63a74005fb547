"""What somebody typed into a long form and has not sent yet: of one person, one form and one page."""

from __future__ import annotations

import json
from uuid import uuid4

from django.conf import settings
from django.db import models

from assistants_app.models.operations import Operation


class FormDraft(models.Model):
    """The fields of a form by name, as they were typed: JSON in ASCII, which any database takes to the letter. Saves
    count in `version`. Once sent, it waits for what comes of the operation: taken, it is done with; refused, it is
    there to be mended."""

    uuid = models.UUIDField(default=uuid4, primary_key=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="form_drafts")
    # Which form: "assistant 12", or "connection 3" for an assistant that is to be made there.
    form = models.CharField(max_length=64)
    content = models.TextField(default="{}")
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()
    operation = models.ForeignKey(Operation, on_delete=models.SET_NULL, null=True, blank=True, related_name="drafts")

    class Meta:
        indexes = [models.Index(fields=["by", "form", "-saved_at"], name="form_draft_of_form")]

    def __str__(self) -> str:
        return f"draft {self.uuid}"

    @staticmethod
    def written(fields: dict[str, str]) -> str:
        """These fields as `content` holds them."""
        return json.dumps(fields)

    @property
    def fields(self) -> dict[str, str]:
        """What was typed, by the names of the fields."""
        return dict(json.loads(self.content))
