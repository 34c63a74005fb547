"""Assistants out of a file, or out of what was pasted."""

from __future__ import annotations

from typing import Any

from django import forms
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assistants_app.forms.fields import LetterField
from assistants_app.services import exchange

LARGEST = exchange.LONGEST_JSON


class ImportForm(forms.Form):
    """One of both; once it is valid, `entries` are the assistants in it."""

    text = LetterField(
        label=gettext_lazy("JSON or YAML"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "false", "class": "mono"}),
        help_text=gettext_lazy("As it was exported here, or as the API gives it; one assistant, or a list of them."),
    )
    file = forms.FileField(label=gettext_lazy("Or a file"), required=False, allow_empty_file=True, max_length=255)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entries: list[exchange.Entry] = []

    def clean_file(self) -> str:
        """What is in the file."""
        given = self.cleaned_data["file"]
        if not given:
            return ""
        if given.size > LARGEST:
            sizes = {"size": filesizeformat(given.size), "most": filesizeformat(LARGEST)}
            raise forms.ValidationError(_("This file has %(size)s, at most %(most)s are taken.") % sizes)
        try:
            return str(given.read().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise forms.ValidationError(_("This file is no text in UTF-8.")) from error

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        given = {name: cleaned.get(name) or "" for name in ("text", "file")}
        filled = [name for name, text in given.items() if text.strip()]
        if self.errors:
            return cleaned
        if len(filled) != 1:
            both = _("Either paste something, or choose a file, not both.")
            self.add_error("text", both if filled else _("Paste something, or choose a file."))
            return cleaned
        try:
            self.entries = exchange.read(given[filled[0]])
        except exchange.Unreadable as error:
            self.add_error(filled[0], str(error))
        return cleaned
