"""The form that /styleguide/ shows. Nobody sends it."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class Sample(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label=_("Name"), help_text=_("What people call it."))
    kind = forms.ChoiceField(label=_("Kind"), choices=[("a", _("One")), ("b", _("Another"))])
    format = forms.ChoiceField(
        label=_("What an answer is written in"),
        choices=[("text", _("Text")), ("json", _("JSON")), ("empty", _("Empty"))],
        widget=forms.RadioSelect,
        initial="text",
    )
    notes = forms.CharField(label=_("Notes"), widget=forms.Textarea(attrs={"rows": 2}), required=False)
