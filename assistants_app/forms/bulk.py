"""What is to be done to many assistants at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assistants_app.forms.assistants import LONGEST, LONGEST_NOTE
from assistants_app.forms.fields import LetterField, OnceField
from assistants_app.forms.metadata import Metadata
from assistants_app.models import BulkChange
from assistants_app.models.operations import OPERATION_KEY
from assistants_app.services.bulk import Change

Kind = BulkChange.Kind
# Beside what every kind has.
FIELDS: Mapping[str, Sequence[str]] = {Kind.MODEL: ("model",), Kind.METADATA: ("removed",), Kind.DELETE: ("number",)}
MOST_REMOVED = 100


class BulkForm(forms.Form):
    """The values of one kind of change, and why. A deletion is confirmed by how many go."""

    model = forms.CharField(
        label=gettext_lazy("New model"),
        validators=[MaxLengthValidator(LONGEST["model"])],
        widget=forms.TextInput(attrs={"list": "models", "autocomplete": "off", "class": "mono"}),
        error_messages={"required": gettext_lazy("Name the model that they are to have.")},
    )
    removed = LetterField(
        label=gettext_lazy("Keys to take away"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text=gettext_lazy("One a line. Keys that are named neither here nor above stay as they are."),
    )
    number = forms.IntegerField(
        label=gettext_lazy("How many are to be deleted"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "number"}),
        help_text=gettext_lazy("Type the number to confirm it."),
        error_messages={"required": gettext_lazy("Type how many are to be deleted.")},
    )
    reason = LetterField(
        label=gettext_lazy("Why"),
        required=False,
        validators=[MaxLengthValidator(LONGEST_NOTE)],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Kept with each of them, for whoever reads their history."),
    )
    once = OnceField()

    def __init__(self, data: Any = None, *, kind: str, **kwargs: Any) -> None:
        super().__init__(data, label_suffix="", use_required_attribute=False, **kwargs)
        self.kind = kind
        for name in [each for names in FIELDS.values() for each in names if each not in FIELDS[kind]]:
            del self.fields[name]

    def clean_removed(self) -> list[str]:
        keys = list(dict.fromkeys(filter(None, (each.strip() for each in self.cleaned_data["removed"].split("\n")))))
        if OPERATION_KEY in keys:
            raise forms.ValidationError(_("“%(key)s” is Switchboard's own.") % {"key": OPERATION_KEY})
        if len(keys) > MOST_REMOVED:
            raise forms.ValidationError(_("At most %(most)s keys.") % {"most": MOST_REMOVED})
        return keys

    def confirm(self, number: int) -> None:
        """Adds an error unless the number that was typed is this one."""
        if self.kind == Kind.DELETE and "number" in self.cleaned_data and self.cleaned_data["number"] != number:
            words = _("%(number)s would be deleted: type that number, or choose others.")
            self.add_error("number", words % {"number": number})


def change_of(form: BulkForm, metadata: Metadata) -> Change | None:
    """What was typed as a change; None, with the errors beside their fields, where it is none."""
    is_right = form.is_valid()
    if form.kind == Kind.DELETE:
        return Change(Kind.DELETE)
    if form.kind == Kind.MODEL:
        return Change(Kind.MODEL, form.cleaned_data["model"]) if "model" in form.cleaned_data else None
    if not metadata.is_valid() or not is_right:
        return None
    pairs, removed = metadata.pairs(), form.cleaned_data["removed"]
    if both := [key for key in removed if key in pairs]:
        form.add_error("removed", _("“%(key)s” is set above.") % {"key": both[0][:64]})
    elif not pairs and not removed:
        form.add_error(None, _("Set a key, or take one away."))
    else:
        return Change(Kind.METADATA, pairs=pairs, removed=removed)
    return None
