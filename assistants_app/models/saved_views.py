"""A way to look at the queue that somebody gave a name."""

from __future__ import annotations

from django.conf import settings
from django.db import models

LONGEST_NAME = 60
LONGEST_QUERY = 2000


class SavedView(models.Model):
    """The query string of a narrowed queue: whoever follows its link sees the same."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=LONGEST_NAME)
    query = models.CharField(max_length=LONGEST_QUERY, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="one_view_a_name")]

    def __str__(self) -> str:
        return self.name
