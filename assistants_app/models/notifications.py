"""Who is told that a run needs action, how, and when not; and what they were told."""

from __future__ import annotations

from urllib.parse import urlsplit

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assistants_app.models.connections import HIDDEN, cipher
from assistants_app.models.due import Due, DueQuerySet
from assistants_app.models.people import Role
from assistants_app.models.runs import Run

LONGEST_NAME = 60


def host_shown(url: str) -> str:
    """What may be shown of the address of a webhook: its host."""
    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = None
    return f"{host}/{HIDDEN}" if host else HIDDEN


class Channel(models.TextChoices):
    EMAIL = "email", _("E-mail")
    WEBHOOK = "webhook", _("Webhook")


class Stage(models.TextChoices):
    START = "start", _("Needs action")
    HALF = "half", _("Half of the time is over")
    TEST = "test", _("Test")


class RecipientQuerySet(models.QuerySet["Recipient"]):
    def reachable(self) -> RecipientQuerySet:
        """Those with an address; a person only while they may see runs."""
        roles = [role.group for role in Role if role is not Role.NONE]
        may = Q(user=None) | Q(user__is_superuser=True) | Q(user__groups__name__in=roles)
        rows = self.exclude(emails="", encrypted_webhook="").filter(may).exclude(user__is_active=False)
        return rows.select_related("user__preferences").distinct()

    def teams(self) -> RecipientQuerySet:
        """Those that are no person, by name."""
        return self.filter(user=None).order_by("team", "pk")


class Recipient(models.Model):
    """A person, or a team with a name: where to tell them, of what, and when to leave them in peace."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="recipient"
    )
    team = models.CharField(max_length=LONGEST_NAME, default="", blank=True)
    # A line an address.
    emails = models.TextField(default="", blank=True)
    # Whoever knows the address of a webhook can write there.
    encrypted_webhook = models.TextField(default="", blank=True)
    at_start = models.BooleanField(default=True)
    at_half = models.BooleanField(default=True)
    with_arguments = models.BooleanField(default=False)
    # Every day from one hour to the other, by the clock of time_zone; and until a moment.
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_to = models.TimeField(null=True, blank=True)
    silent_until = models.DateTimeField(null=True, blank=True)
    # Of a person who leaves that to their browser: what it last said.
    time_zone = models.CharField(max_length=64, default="UTC")
    language = models.CharField(max_length=16, default="en")
    # What waited before is no news.
    since = models.DateTimeField()
    # Why the last message did not arrive; '' once one does.
    email_failure = models.TextField(default="", blank=True)
    webhook_failure = models.TextField(default="", blank=True)

    objects = RecipientQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team"], condition=Q(user=None), name="one_team_a_name"),
        ]

    def __str__(self) -> str:
        return self.team or f"person {self.user_id}"

    @property
    def addresses(self) -> list[str]:
        """The e-mail addresses."""
        return self.emails.split()

    @property
    def webhook(self) -> str:
        """The webhook's address in clear. Only what posts there may see it. Raises InvalidToken if it was locked with
        another key."""
        return cipher().decrypt(self.encrypted_webhook.encode()).decode() if self.encrypted_webhook else ""

    @webhook.setter
    def webhook(self, clear: str) -> None:
        self.encrypted_webhook = cipher().encrypt(clear.encode()).decode() if clear else ""

    @property
    def webhook_shown(self) -> str:
        """What people see of the webhook: its host."""
        if not self.encrypted_webhook:
            return ""
        try:
            return host_shown(self.webhook)
        except InvalidToken:
            return HIDDEN

    @property
    def channels(self) -> list[Channel]:
        """How they can be told."""
        has = {Channel.EMAIL: self.emails, Channel.WEBHOOK: self.encrypted_webhook}
        return [channel for channel, where in has.items() if where]

    @property
    def failures(self) -> dict[str, str]:
        """What fails now, by the channel's name for people."""
        said = {Channel.EMAIL: self.email_failure, Channel.WEBHOOK: self.webhook_failure}
        return {str(channel.label): words for channel, words in said.items() if words}

    def wants(self, stage: Stage) -> bool:
        """Whether they chose to be told at this stage."""
        return self.at_start if stage is Stage.START else self.at_half


class Notification(Due):
    """One message: unique for the run, stage, recipient and channel, however many workers look."""

    class State(models.TextChoices):
        WAITING = "waiting", _("On its way")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        # The run was answered or over before it went out.
        DROPPED = "dropped", _("No longer needed")

    recipient = models.ForeignKey(Recipient, on_delete=models.CASCADE, related_name="notifications")
    # null: a test.
    run = models.ForeignKey(Run, on_delete=models.CASCADE, null=True, blank=True, related_name="notifications")
    stage = models.CharField(max_length=10, choices=Stage.choices)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    made_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    # What the last try came to.
    error = models.TextField(default="", blank=True)

    objects = DueQuerySet["Notification"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "stage", "recipient", "channel"], name="one_notification_a_stage"),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="notification_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["recipient", "-id"], name="notification_of_recipient"),
        ]

    def __str__(self) -> str:
        return f"{self.stage} notification {self.pk}"

    @property
    def may_go(self) -> bool:
        """Whether there is still something to tell."""
        return self.run is None or self.run.is_waiting
