"""A vector store: files that are searched together."""

from __future__ import annotations

from django.db import models

from assistants_app.models.connections import Connection
from assistants_app.models.due import Due, DueQuerySet
from assistants_app.models.mirrored import Mirrored


class VectorStore(Mirrored, Due):
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="vector_stores")
    name = models.TextField(default="", blank=True)
    status = models.CharField(max_length=64, default="", blank=True)
    size = models.BigIntegerField(null=True, blank=True)  # bytes
    file_count = models.BigIntegerField(null=True, blank=True)
    last_active_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    # When it and the files in it were last read.
    refreshed_at = models.DateTimeField(null=True, blank=True)
    # Why that went wrong the last time, in the server's words.
    error = models.TextField(default="", blank=True)

    objects = DueQuerySet["VectorStore"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "remote_id"], name="one_vector_store_an_id"),
        ]
        indexes = [
            models.Index(fields=["remote_id"], name="vector_store_by_id"),
            models.Index(fields=["-created_at", "-id"], name="vector_store_newest"),
            models.Index(fields=["connection", "-created_at", "-id"], name="vector_store_by_connection"),
            models.Index(fields=["due_at"], name="vector_store_due", condition=models.Q(due_at__isnull=False)),
        ]

    def get_absolute_url(self) -> str:
        return self.address("vector_store")

    @property
    def title(self) -> str:
        """Its name, or its id where it has none."""
        return self.name or self.remote_id


class VectorStoreFile(Mirrored):
    """A file in a vector store, under the file's id."""

    vector_store = models.ForeignKey(VectorStore, on_delete=models.CASCADE, related_name="files")
    status = models.CharField(max_length=64, default="", blank=True)
    size = models.BigIntegerField(null=True, blank=True)  # bytes
    error_message = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vector_store", "remote_id"], name="one_file_a_vector_store"),
        ]
