"""A file that is attached to an assistant of the first dialect."""

from __future__ import annotations

from django.db import models

from assistants_app.models.assistants import Assistant
from assistants_app.models.mirrored import Mirrored


class AssistantFile(Mirrored):
    assistant = models.ForeignKey(Assistant, on_delete=models.CASCADE, related_name="files")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["assistant", "remote_id"], name="one_assistant_file_an_id")]
