"""A file that a server keeps, and one that is on its way there."""

from __future__ import annotations

from django.db import models

from assistants_app.models.connections import Connection
from assistants_app.models.mirrored import Mirrored
from assistants_app.models.operations import Operation


class File(Mirrored):
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="files")
    filename = models.TextField(default="", blank=True)
    purpose = models.CharField(max_length=64, default="", blank=True)
    status = models.CharField(max_length=64, default="", blank=True)
    size = models.BigIntegerField(null=True, blank=True)  # bytes
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "remote_id"], name="one_file_an_id"),
        ]
        indexes = [
            models.Index(fields=["remote_id"], name="file_by_id"),
            models.Index(fields=["-created_at", "-id"], name="file_newest"),
            models.Index(fields=["connection", "-created_at", "-id"], name="file_by_connection"),
        ]

    def get_absolute_url(self) -> str:
        return self.address("file")

    @property
    def title(self) -> str:
        """Its name, or its id where it has none."""
        return self.filename or self.remote_id


class Upload(models.Model):
    """What is in a file that an operation uploads: kept until that is settled."""

    operation = models.OneToOneField(Operation, on_delete=models.CASCADE, primary_key=True, related_name="upload")
    content = models.BinaryField()

    def __str__(self) -> str:
        return f"upload of {self.operation_id}"
