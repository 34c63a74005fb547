"""What people say about being told: where, of what, and when not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assistants_app.forms.connections import Key, Moment
from assistants_app.forms.queue import KeyField
from assistants_app.forms.settings import time_zones
from assistants_app.models import Preferences, Recipient
from assistants_app.models.notifications import LONGEST_NAME, host_shown
from assistants_app.services import recipients, webhooks

MOST_ADDRESSES = 10
MORNING = 8  # o'clock


class Hour(forms.TimeField):
    """A time of the day."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
        super().__init__(widget=widget, required=False, **kwargs)


class RecipientForm(forms.Form):
    """What holds for a person and a team alike."""

    emails = forms.CharField(label=gettext_lazy("E-mail"), required=False, max_length=320)
    webhook = Key(label=gettext_lazy("Webhook"), required=False)
    drop_webhook = forms.BooleanField(label=gettext_lazy("Remove the webhook"), required=False)
    at_start = forms.BooleanField(label=gettext_lazy("When a run begins to wait"), required=False)
    at_half = forms.BooleanField(
        label=gettext_lazy("Again when half of its time is over and nobody has answered"), required=False
    )
    with_arguments = forms.BooleanField(
        label=gettext_lazy("Put the arguments of the calls into messages"),
        required=False,
        help_text=gettext_lazy("They may hold what customers said. Whoever reads the mailbox or channel reads them."),
    )
    quiet_from = Hour(label=gettext_lazy("Do not disturb from"))
    quiet_to = Hour(
        label=gettext_lazy("Do not disturb until"),
        help_text=gettext_lazy("Every day, also over midnight. What still waits at the end of it is told then."),
    )

    def __init__(self, data: Any = None, *, recipient: Recipient, held: str) -> None:
        """`held` is a webhook that was typed before and that a page cannot show again."""
        self.recipient, self.held = recipient, held
        own = {
            name: getattr(recipient, name)
            for name in self.base_fields
            if name != "webhook" and hasattr(recipient, name)
        }
        super().__init__(data, initial=own, label_suffix="")
        if not recipient.encrypted_webhook:
            del self.fields["drop_webhook"]
        if not recipients.can_mail():
            self.fields["emails"].help_text = _("No mail server is set up here: an administrator sets EMAIL_HOST.")
        self.fields["webhook"].help_text = self._webhook_help()

    def _webhook_help(self) -> str:
        if self.held:
            words = _("%(shown)s, which you typed, is kept until this form is right; type another to replace it.")
            return words % {"shown": host_shown(self.held)}
        if self.recipient.encrypted_webhook:
            return _("Empty: %(shown)s stays.") % {"shown": self.recipient.webhook_shown}
        return _("JSON is posted there as Slack takes it. Stored encrypted, and never shown again.")

    def clean_emails(self) -> str:
        return "\n".join(_checked(str(self.cleaned_data["emails"]), most=1))

    def clean_webhook(self) -> str:
        url: str = self.cleaned_data["webhook"] or self.held
        try:
            if url:
                webhooks.check(url)
        except webhooks.NotAWebhook:
            raise ValidationError(_("A webhook looks like https://hooks.example.com/path.")) from None
        except PermissionError:
            raise ValidationError(
                _("This address is not allowed here: see PRIVATE_ADDRESSES in the documentation.")
            ) from None
        return url

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for one, other in (("quiet_from", "quiet_to"), ("quiet_to", "quiet_from")):
            if cleaned.get(one) is None and cleaned.get(other) is not None and one not in self.errors:
                self.add_error(one, _("Give both times, or none."))
        return cleaned

    def hold(self) -> str:
        """The webhook that was typed, to be held while the form is mended."""
        self.held = str(self.data.get("webhook", "")).strip() or self.held
        self["webhook"].help_text = self._webhook_help()
        return self.held

    def save(self) -> Recipient:
        """Stores what was chosen."""
        values = dict(self.cleaned_data)
        is_dropped = values.pop("drop_webhook", False)
        if not values["webhook"] and not is_dropped:
            del values["webhook"]
        return recipients.save(self.recipient, **values)


def _checked(text: str, *, most: int) -> list[str]:
    found = list(dict.fromkeys(text.replace(",", " ").replace(";", " ").split()))
    if len(found) > most:
        raise ValidationError(_("At most %(most)d addresses.") % {"most": most} if most > 1 else _("One address."))
    for each in found:
        try:
            validate_email(each)
        except ValidationError:
            raise ValidationError(_("“%(text)s” is no e-mail address.") % {"text": each[:80]}) from None
    return found


class TeamForm(RecipientForm):
    """A team: a name beside it, several addresses, and a time zone."""

    team = forms.CharField(label=gettext_lazy("Name of the team"), max_length=LONGEST_NAME)
    emails = forms.CharField(
        label=gettext_lazy("E-mail"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text=gettext_lazy("One address a line."),
    )
    time_zone = forms.ChoiceField(
        choices=time_zones, label=gettext_lazy("Time zone"), help_text=gettext_lazy("Of the hours above.")
    )
    field_order = ("team", "emails", "webhook", "drop_webhook")

    def __init__(self, data: Any = None, *, recipient: Recipient, held: str) -> None:
        super().__init__(data, recipient=recipient, held=held)
        zones: Any = self.fields["time_zone"]
        zones.choices = [each for each in time_zones() if each[0] != Preferences.BROWSER]

    def clean_emails(self) -> str:
        return "\n".join(_checked(str(self.cleaned_data["emails"]), most=MOST_ADDRESSES))

    def clean_team(self) -> str:
        name: str = self.cleaned_data["team"]
        if Recipient.objects.teams().filter(team=name).exclude(pk=self.recipient.pk).exists():
            raise ValidationError(_("There is a team of this name already."))
        return name


class Silence(forms.Form):
    """Until when somebody is left in peace: some hours, tomorrow morning, a moment, or no longer."""

    CHOICES = (
        ("1", gettext_lazy("For an hour")),
        ("4", gettext_lazy("For four hours")),
        ("morning", gettext_lazy("Until tomorrow, 8 o'clock")),
    )
    OFF = "off"
    choice = forms.ChoiceField(choices=[*CHOICES, (OFF, OFF)], required=False)
    moment = Moment(label=gettext_lazy("Until a time"))
    team = KeyField(choices=list)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("choice") and not cleaned.get("moment"):
            self.add_error("moment", _("Say until when."))
        moment = cleaned.get("moment")
        if moment is not None and moment <= timezone.now():
            self.add_error("moment", _("This time is past."))
        return cleaned

    def until(self) -> datetime | None:
        """The moment that was chosen, in the time zone that holds now; None for no longer."""
        given: Mapping[str, Any] = self.cleaned_data
        chosen, now = given.get("choice"), timezone.localtime()
        if chosen == self.OFF:
            return None
        if chosen == "morning":
            tomorrow = now.replace(tzinfo=None) + timedelta(days=1)
            return timezone.make_aware(tomorrow.replace(hour=MORNING, minute=0, second=0, microsecond=0))
        moment: datetime = given["moment"] if not chosen else now + timedelta(hours=int(chosen))
        return moment


class OfTeam(forms.Form):
    """Whose: a team by its key, or one's own."""

    team = KeyField(choices=list)
