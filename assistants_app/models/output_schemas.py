"""What a function returns, where its declaration does not say: a JSON Schema that somebody here wrote."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models

from assistants_app.models.connections import Connection


class OutputSchema(models.Model):
    """One a function of a connection. `text` is as it was written: a schema that was checked before."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="output_schemas")
    name = models.CharField(max_length=256)
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "name"], name="one_schema_a_function")]
        ordering = ["name", "connection"]

    def __str__(self) -> str:
        return self.name

    @property
    def schema(self) -> dict[str, Any]:
        """The schema, parsed; its decimals are exact."""
        return dict(json.loads(self.text, parse_float=Decimal))
