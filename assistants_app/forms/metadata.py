"""Metadata as rows of a key and a value, within the limits of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assistants_app.forms.fields import LetterField
from assistants_app.forms.rows import Row, rows_of
from assistants_app.models.operations import MOST_PAIRS, OPERATION_KEY

LONGEST_KEY, LONGEST_VALUE = 64, 512


class PairRow(Row):
    """One pair. Its errors name the row, so that they can be found among sixteen."""

    key = LetterField(label=gettext_lazy("Key"), widget=forms.TextInput(attrs={"autocomplete": "off"}))
    value = LetterField(label=gettext_lazy("Value"), widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        key, value = cleaned.get("key", ""), cleaned.get("value", "")
        if value and not key:
            self.add_error("key", _("Row %(row)s has a value and no key.") % {"row": self.number})
        self._check_length("key", key, LONGEST_KEY)
        self._check_length("value", value, LONGEST_VALUE)
        if key == OPERATION_KEY:
            self.add_error("key", _("Row %(row)s: this key is Switchboard's own.") % {"row": self.number})
        return cleaned

    def _check_length(self, field: str, text: str, most: int) -> None:
        if len(text) > most:
            told = {"row": self.number, "length": len(text), "most": most}
            if field == "key":
                words = _("Row %(row)s: the key has %(length)s characters, at most %(most)s are allowed.") % told
            else:
                words = _("Row %(row)s: the value has %(length)s characters, at most %(most)s are allowed.") % told
            self.add_error(field, words)


class Metadata(rows_of(PairRow, blank=2)):  # type: ignore[misc]
    """The pairs of one object. `kept` is what nobody edits: how Switchboard finds again what it made."""

    def __init__(self, *args: Any, kept: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        self.kept = dict(kept or {})
        self.most = MOST_PAIRS - len(self.kept)
        super().__init__(*args, **{"prefix": "metadata", **kwargs})

    def blank_copy(self, **given: Any) -> Metadata:
        return Metadata(kept=self.kept, **given)

    def clean(self) -> None:
        super().clean()
        seen: dict[str, int] = {}
        for row in self.filled():
            key = row.cleaned_data.get("key", "")
            if key in seen and key:
                words = _("Row %(row)s has the same key as row %(first)s.") % {"row": row.number, "first": seen[key]}
                row.add_error("key", words)
            seen.setdefault(key, row.number)

    def pairs(self) -> dict[str, str]:
        """What was typed, checked."""
        return {row.cleaned_data["key"]: row.cleaned_data["value"] for row in self.filled()}

    def whole(self) -> dict[str, str]:
        """The same with what is kept."""
        return self.pairs() | self.kept


def editing(found: Mapping[str, str], data: Any = None) -> Metadata:
    """The rows of an object that is there."""
    kept = {key: value for key, value in found.items() if key == OPERATION_KEY}
    initial = [{"key": key, "value": value} for key, value in found.items() if key not in kept]
    return Metadata(data, kept=kept) if data is not None else Metadata(initial=initial, kept=kept)
