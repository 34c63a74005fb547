"""What people type about vector stores."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assistants_app.forms.fields import LetterField, OnceField
from assistants_app.forms.uploads import OfferingField
from assistants_app.models.mirrored import LONGEST_ID

MOST_FILES = 500


class CreateVectorStore(forms.Form):
    """A new vector store, with files or without."""

    connection = OfferingField(operation="createVectorStore")
    name = forms.CharField(label=_("Name"), max_length=256, required=False)
    file_ids = LetterField(
        label=_("Files"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_("Ids of files that the server has, one a line; at most 500."),
    )
    days = forms.IntegerField(
        label=_("Expires after so many days"),
        required=False,
        min_value=1,
        max_value=365,
        help_text=_("Days in which nobody used it; nothing: never."),
    )
    once = OnceField()

    def clean_file_ids(self) -> list[str]:
        found: list[str] = self.cleaned_data["file_ids"].replace(",", " ").split()
        if len(found) > MOST_FILES:
            raise forms.ValidationError(gettext("At most %(most)s files.") % {"most": MOST_FILES})
        return found


class AddFile(forms.Form):
    """A file that is to be in a vector store."""

    file = LetterField(
        label=_("File"),
        max_length=LONGEST_ID,
        widget=forms.TextInput(attrs={"list": "file-ids", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("The id of a file that the server has."),
        error_messages={"required": _("Name a file first.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", "use_required_attribute": False, **kwargs})

    def clean_file(self) -> str:
        name: str = self.cleaned_data["file"].strip()
        if not name:
            raise forms.ValidationError(gettext("Name a file first."))
        return name
