"""What is to be done with the calls of a function without asking anybody, and what was done."""

from __future__ import annotations

import json

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from assistants_app.models.assistants import Assistant
from assistants_app.models.connections import HIDDEN, Connection, cipher, masked
from assistants_app.models.due import Due, DueQuerySet
from assistants_app.models.operations import Operation
from assistants_app.models.runs import Run
from assistants_app.models.tool_calls import ToolCall


class Rule(models.Model):
    """Off until somebody switches it on. Of several that fit a call the first one counts: by `place`, then by age."""

    class Act(models.TextChoices):
        ANSWER = "answer", _("Answer this")
        CALL = "call", _("Ask an endpoint")
        DENY = "deny", _("Deny")
        PERSON = "person", _("Leave it to people")

    title = models.CharField(max_length=100)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="rules")
    # null: any assistant of the connection.
    assistant = models.ForeignKey(Assistant, on_delete=models.CASCADE, null=True, blank=True, related_name="rules")
    function = models.CharField(max_length=256)
    place = models.PositiveSmallIntegerField(default=10)
    # What must hold for the arguments, all of it (services/conditions.py).
    conditions = models.JSONField(default=list, blank=True)
    act = models.CharField(max_length=10, choices=Act.choices, default=Act.ANSWER)
    # Of an answer: how it is written, and its text with placeholders. Of a denial: the reason.
    format = models.CharField(max_length=10, default="text", blank=True)
    text = models.TextField(default="", blank=True)
    # Of an endpoint. The secret signs what is sent.
    url = models.CharField(max_length=1000, default="", blank=True)
    encrypted_secret = models.TextField(default="", blank=True)
    seconds = models.FloatField(default=10.0)
    retries = models.PositiveSmallIntegerField(default=2)
    most_an_hour = models.PositiveIntegerField(default=60)

    is_on = models.BooleanField(default=False)
    # Grows with each change, so that nobody switches on what they have not tried.
    version = models.PositiveIntegerField(default=1)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)
    # Whoever switched it on answers for what it does.
    on_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    on_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["place", "pk"]
        indexes = [models.Index(fields=["connection", "function"], name="rule_on", condition=models.Q(is_on=True))]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("rule", args=[self.pk])

    @property
    def secret(self) -> str:
        """The secret in clear. Only what signs may see it. Raises InvalidToken if it was locked with another key."""
        return cipher().decrypt(self.encrypted_secret.encode()).decode() if self.encrypted_secret else ""

    @secret.setter
    def secret(self, clear: str) -> None:
        self.encrypted_secret = cipher().encrypt(clear.encode()).decode() if clear else ""

    @property
    def secret_shown(self) -> str:
        """What people see of the secret; none of it where it cannot be read."""
        try:
            return masked(self.secret)
        except InvalidToken:
            return HIDDEN


class Ruling(Due):
    """What rules make of the calls that a run waits for: one row for a run and its set of calls, worked on by one
    worker at a time."""

    class State(models.TextChoices):
        UNDER_WAY = "under_way"
        SENT = "sent"  # every call had an answer: they went out
        PROPOSED = "proposed"  # some had: they stand in the form for a person to confirm
        LEFT = "left"  # none had

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="rulings")
    # As the operation that sends the answers has it.
    key = models.CharField(max_length=128, unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.UNDER_WAY)
    # Why everything is left to people although every call had an answer.
    reason = models.TextField(default="", blank=True)
    operation = models.ForeignKey(Operation, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    objects = DueQuerySet["Ruling"].as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="ruling_due", condition=models.Q(due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.key


class Verdict(models.Model):
    """What a rule makes of one call. `title` and `act` are the rule's of that time; all empty where none fits."""

    class State(models.TextChoices):
        BEGUN = "begun"  # counted, and the endpoint may have been asked
        ANSWERED = "answered"
        FAILED = "failed"
        STOPPED = "stopped"  # the rule had answered often enough
        PERSON = "person"  # no rule fits, or it says so

    COUNTED = (State.BEGUN, State.ANSWERED, State.FAILED)

    call = models.OneToOneField(ToolCall, on_delete=models.CASCADE, primary_key=True, related_name="verdict")
    ruling = models.ForeignKey(Ruling, on_delete=models.CASCADE, related_name="verdicts")
    rule = models.ForeignKey(Rule, on_delete=models.SET_NULL, null=True, blank=True, related_name="verdicts")
    title = models.CharField(max_length=100, default="", blank=True)
    act = models.CharField(max_length=10, default="", blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.BEGUN)
    # JSON in ASCII, which any database takes to the letter; null until there is one.
    content = models.TextField(null=True, blank=True)
    # Why there is none, in words for people.
    reason = models.TextField(default="", blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["rule", "made_at"], name="verdict_of_rule")]

    def __str__(self) -> str:
        return f"verdict on call {self.call_id}"

    @property
    def output(self) -> str | None:
        """The answer to the call, to the letter."""
        return None if self.content is None else str(json.loads(self.content))

    @staticmethod
    def written(output: str) -> str:
        """This answer as `content` holds it."""
        return json.dumps(output)
