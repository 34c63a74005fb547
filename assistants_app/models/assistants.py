"""An assistant: a model with instructions and tools."""

from __future__ import annotations

from typing import Any

from django.db import models

from assistants_app.models.connections import Connection
from assistants_app.models.mirrored import Mirrored


class Assistant(Mirrored):
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="assistants")
    name = models.TextField(default="", blank=True)
    description = models.TextField(default="", blank=True)
    model = models.TextField(default="", blank=True)
    instructions = models.TextField(default="", blank=True)
    # When the newest answer about it was asked for: one asked for earlier is old news.
    asked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "remote_id"], name="one_assistant_an_id"),
        ]
        indexes = [
            models.Index(fields=["remote_id"], name="assistant_by_id"),
            models.Index(fields=["-created_at", "-id"], name="assistant_newest"),
            models.Index(fields=["connection", "-created_at", "-id"], name="assistant_by_connection"),
        ]

    def get_absolute_url(self) -> str:
        return self.address("assistant")

    @property
    def title(self) -> str:
        """Its name, or its id where it has none."""
        return self.name or self.remote_id

    @property
    def tools(self) -> list[dict[str, Any]]:
        """Its tools as the server gave them; what is not an object is left out."""
        return tools_in(self.object)

    @property
    def declarations(self) -> dict[str, dict[str, Any]]:
        """What it says of its functions, by their names."""
        return declarations_in(self.object)


def tools_in(given: dict[str, Any]) -> list[dict[str, Any]]:
    """The tools of an assistant or a run; what is not an object is left out."""
    tools = given.get("tools")
    return [tool for tool in tools if isinstance(tool, dict)] if isinstance(tools, list) else []


def declarations_in(given: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What an assistant or a run says of its functions, by their names."""
    found = [tool.get("function") for tool in tools_in(given) if tool.get("type") == "function"]
    named = [each for each in found if isinstance(each, dict) and isinstance(each.get("name"), str)]
    return {each["name"]: each for each in named}
