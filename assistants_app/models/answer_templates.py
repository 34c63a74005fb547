"""Answers to a function that somebody here wrote for everybody who answers, with placeholders for its arguments."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from assistants_app.models.connections import Connection


class AnswerTemplate(models.Model):
    """One of a function of a connection. `format` is how the answer is written (services/answers.py), `text` was
    checked before."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="answer_templates")
    function = models.CharField(max_length=256)
    title = models.CharField(max_length=100)
    format = models.CharField(max_length=10)
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "function", "title"], name="one_template_a_title"),
        ]
        ordering = ["function", "title", "pk"]

    def __str__(self) -> str:
        return self.title
