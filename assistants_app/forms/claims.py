"""Whom somebody wants to take a run from."""

from __future__ import annotations

from django import forms


class TakeOver(forms.Form):
    """The key of the person that the page showed as its holder."""

    holder = forms.IntegerField(min_value=1, max_value=2**31 - 1)
