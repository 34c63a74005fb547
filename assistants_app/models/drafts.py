"""An answer that somebody began: of a call, and so of the whole team."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.db import models

from assistants_app.models.claims import NO_PAGE
from assistants_app.models.tool_calls import ToolCall


class Draft(models.Model):
    """The fields of a call's part of the form, by name, as they were typed: JSON in ASCII, which any database takes to
    the letter. `version` grows with each save, so that nobody writes over what they have not seen."""

    call = models.OneToOneField(ToolCall, on_delete=models.CASCADE, primary_key=True, related_name="draft")
    content = models.TextField(default="{}")
    version = models.PositiveIntegerField(default=1)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="drafts")
    # The page that saved it last: it knows what it wrote, also where it did not hear that it was saved.
    page = models.UUIDField(default=NO_PAGE)
    saved_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"draft of call {self.call_id}"

    @staticmethod
    def written(fields: Mapping[str, Sequence[str]]) -> str:
        """These fields as `content` holds them."""
        return json.dumps(dict(fields))

    @property
    def fields(self) -> dict[str, list[str]]:
        """What was typed: the values by the names of the fields."""
        return dict(json.loads(self.content))

    @property
    def values(self) -> dict[str, str]:
        """What was typed, with one value a field."""
        return {name: values[-1] for name, values in self.fields.items() if values}

    @property
    def text(self) -> str:
        """What was typed, to be read: the answer where that is one text, else each field with its name."""
        if not (typed := filled(self.fields)):
            return ""
        if [*typed] in ([self.call.field], [f"{self.call.field}:"]):
            return "\n".join(*typed.values())
        own = re.compile(rf"^[a-z_]+-{self.call_id}(?:-|:/?)?")
        return "\n".join(f"{own.sub('', name) or name}: {', '.join(values)}" for name, values in typed.items())


def filled(fields: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """The fields that somebody typed into: not blank, and neither how an answer is written nor how long a list is
    (which always have a value)."""
    return {
        name: values
        for name, values in fields.items()
        if not name.startswith("format-") and not name.endswith("/-") and any(value.strip() for value in values)
    }
