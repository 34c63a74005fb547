"""What people type to try an assistant: a message, and what it is tried with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assistants_app.forms.assistants import AssistantForm
from assistants_app.forms.fields import LetterField, OnceField
from assistants_app.forms.threads import LONGEST_MESSAGE
from assistants_app.models import Assistant, AssistantVersion
from assistants_app.services import versions

PREFIX = "trial"  # its fields go along with those of the form of an assistant
UNSAVED = "form"  # in an address: what stands in that form, in place of the number of a version
MOST_VERSIONS = 200


class Say(forms.Form):
    """A message that is to be answered."""

    text = LetterField(
        label=_("Message"),
        max_length=LONGEST_MESSAGE,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write a message first.")},
    )
    once = OnceField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs |= {"prefix": PREFIX, "label_suffix": "", "use_required_attribute": False}
        super().__init__(*args, **kwargs)

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if not text.strip():
            raise forms.ValidationError(gettext("Write a message first."))
        return text


class Sides(forms.Form):
    """Which two are tried side by side."""

    left = forms.ChoiceField(label=_("Left"))
    right = forms.ChoiceField(label=_("Right"))

    def __init__(self, *args: Any, assistant: Assistant, has_unsaved: bool, **kwargs: Any) -> None:
        kwargs |= {"label_suffix": "", "use_required_attribute": False}
        super().__init__(*args, **kwargs)
        numbers = versions.every(assistant).values_list("number", flat=True)[:MOST_VERSIONS]
        saved = [(str(each), gettext("Version %(number)s") % {"number": each}) for each in numbers]
        unsaved = [(UNSAVED, gettext("What stands in the form, not saved"))] if has_unsaved else []
        for field in self.fields.values():
            field.choices = [*unsaved, *saved]  # type: ignore[attr-defined]


def filled(assistant: Assistant, base: AssistantVersion, fields: Mapping[str, str]) -> AssistantForm:
    """The form of an assistant as somebody filled it in."""
    return AssistantForm(fields, connection=assistant.connection, base=base.settings)
