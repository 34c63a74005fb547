"""What a page of a run sends of answers that are still being written."""

from __future__ import annotations

import re
from uuid import UUID

from django.http import QueryDict

from assistants_app.forms.fields import LetterField
from assistants_app.models.claims import NO_PAGE
from assistants_app.services.drafts import Typed

# The fields that answer call 12 are called word-12, or word-12:anything where one answer has several.
FIELD = re.compile(r"[a-z_]+-([0-9]{1,18})(?:[-:].*)?", re.DOTALL)
VERSION = re.compile(r"version-([0-9]{1,18})")
HIGHEST = 2**31 - 1


def page_of(posted: QueryDict) -> UUID:
    """The number of the page that sent this; NO_PAGE where it has none."""
    try:
        return UUID(posted.get("page", ""))
    except ValueError:
        return NO_PAGE


def typed_by_call(posted: QueryDict) -> list[Typed]:
    """The fields of each call to the letter, line breaks as on the keyboard, with the version that they began from."""
    letters = LetterField(required=False)
    fields: dict[int, dict[str, list[str]]] = {}
    versions: dict[int, int] = {}
    for name, values in posted.lists():
        if found := VERSION.fullmatch(name):
            versions[int(found[1])] = _version(values[-1])
        elif found := FIELD.fullmatch(name):
            fields.setdefault(int(found[1]), {})[name] = [str(letters.to_python(each)) for each in values]
    return [Typed(key, given, versions.get(key, 0)) for key, given in fields.items()]


def _version(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 11 and int(text) < HIGHEST else 0
