"""What people say of a run."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from assistants_app.forms.fields import LetterField

LONGEST_REASON = 1_000


class CancelRun(forms.Form):
    """Why a run is cancelled, if anybody says."""

    reason = LetterField(label=_("Reason"), required=False, max_length=LONGEST_REASON)

    def clean_reason(self) -> str:
        reason: str = self.cleaned_data["reason"]
        return reason.strip()
