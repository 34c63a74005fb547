"""What a person may choose for themselves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from assistants_app.models import Preferences
from assistants_app.services import preferences

LANGUAGES = [(Preferences.BROWSER, _("As my browser says")), *settings.LANGUAGES]
AREAS = {
    "Africa": _("Africa"),
    "America": _("America"),
    "Antarctica": _("Antarctica"),
    "Arctic": _("Arctic"),
    "Asia": _("Asia"),
    "Atlantic": _("Atlantic"),
    "Australia": _("Australia"),
    "Europe": _("Europe"),
    "Indian": _("Indian Ocean"),
    "Pacific": _("Pacific"),
}


def time_zones() -> list[tuple[Any, Any]]:
    """UTC, the browser's, and named ones by continents and oceans."""
    areas = [
        (AREAS[area], [(name, name.partition("/")[2].replace("_", " ")) for name in names])
        for area, names in preferences.zones_by_area(AREAS).items()
    ]
    return [(Preferences.BROWSER, _("As my browser says")), ("UTC", "UTC"), *areas]


class Choices(forms.Form):
    """The page of settings: everything at once."""

    theme = forms.ChoiceField(choices=Preferences.Theme.choices, widget=forms.RadioSelect, label=_("Theme"))
    density = forms.ChoiceField(
        choices=Preferences.Density.choices,
        widget=forms.RadioSelect,
        label=_("Density"),
        help_text=_("How high the rows of tables are."),
    )
    time_zone = forms.ChoiceField(
        choices=time_zones,
        label=_("Time zone"),
        help_text=_("Exact times are shown in it. Times like “3m ago” are the same everywhere."),
    )
    language = forms.ChoiceField(choices=LANGUAGES, label=_("Language"))
    single_keys = forms.BooleanField(
        required=False,
        label=_("Single keys work"),
        help_text=_(
            "Switch them off if you speak to your computer, or press keys by accident. Ctrl ↵ and Ctrl K always work."
        ),
    )
    notifications = forms.BooleanField(
        required=False,
        label=_("Tell me on the desktop when a run needs action"),
        help_text=_(
            "Only while no tab of Switchboard is in front, once a run, and never with what the run asks. "
            "Your browser asks you once whether it may."
        ),
    )
    sound = forms.BooleanField(
        required=False,
        label=_("Play a sound when a run needs action"),
        help_text=_("Also only while no tab is in front. Browsers let a page sound once you have clicked in it."),
    )


class OneChoice(forms.Form):
    """A choice that is made in passing: the theme in the menu, the single keys in the list of shortcuts."""

    theme = forms.ChoiceField(choices=Preferences.Theme.choices, required=False)
    single_keys = forms.ChoiceField(choices=[("on", "on"), ("off", "off")], required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not any(cleaned.values()):
            raise forms.ValidationError(_("Nothing was chosen."))
        return cleaned

    def changes(self) -> dict[str, Any]:
        """What was chosen, as it is stored."""
        chosen = {name: value for name, value in self.cleaned_data.items() if value}
        if "single_keys" in chosen:
            chosen["single_keys"] = chosen["single_keys"] == "on"
        return chosen
