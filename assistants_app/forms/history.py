"""What narrows the history."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assistants_app.forms.queue import LONGEST_LABEL, KeyField
from assistants_app.models import HistoryEntry
from assistants_app.services import people
from assistants_app.services.history import Narrowed

ALL, USUAL = "all", "7"
DAYS = [
    ("1", gettext_lazy("Last 24 hours")),
    ("7", gettext_lazy("Last 7 days")),
    ("30", gettext_lazy("Last 30 days")),
    ("90", gettext_lazy("Last 90 days")),
    (ALL, gettext_lazy("All time")),
]


def _people() -> list[tuple[Any, str]]:
    named = [(each.pk, Truncator(each.username).chars(LONGEST_LABEL)) for each in people.answering()]
    return [("", _("Anybody")), *named]


class HistoryFilter(forms.Form):
    """Narrows the history. Reading it asks no database; showing it does."""

    function = forms.CharField(required=False, max_length=200, label=gettext_lazy("Function"))
    person = KeyField(choices=_people, label=gettext_lazy("Person"))
    outcome = forms.ChoiceField(
        choices=[("", gettext_lazy("Any outcome")), *HistoryEntry.Outcome.choices],
        required=False,
        label=gettext_lazy("Outcome"),
    )
    days = forms.ChoiceField(choices=DAYS, required=False, initial=USUAL, label=gettext_lazy("Time"))

    def __init__(self, given: Any) -> None:
        # The usual time is shown as chosen, and is in no address.
        data = given.copy()
        data.setdefault("days", USUAL)
        super().__init__(data, label_suffix="")

    def narrowed(self, *, connection: int | None) -> Narrowed:
        """What is asked for; what is no choice is left out."""
        self.is_valid()
        given = self.cleaned_data
        days = given.get("days") or USUAL
        return Narrowed(
            connection=connection,
            person=given.get("person"),
            function=given.get("function", ""),
            outcome=given.get("outcome", ""),
            days=None if days == ALL else int(days),
        )

    @property
    def is_narrow(self) -> bool:
        """Whether anything but the time narrows it."""
        return any(self.cleaned_data.get(name) for name in ("function", "person", "outcome"))
