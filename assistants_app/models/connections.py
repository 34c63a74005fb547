"""A server that speaks the Assistants API, as an admin set it up, and what a check of it found."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models
from django.urls import reverse

from assistants_app.models.due import Due, DueQuerySet

HIDDEN = "••••"  # stands for a secret, before what is shown of it
LONG_ENOUGH = 12  # characters of a secret whose last four may be shown


def cipher() -> MultiFernet:
    """The cipher of the API keys: the first of ENCRYPTION_KEYS writes, all of them read."""
    keys = (sha256(word.encode()).digest() for word in settings.ENCRYPTION_KEYS)
    return MultiFernet([Fernet(urlsafe_b64encode(key)) for key in keys])


def masked(secret: str) -> str:
    """What may be shown of a secret: that there is one, and of a long one the last four characters."""
    return f"{HIDDEN}{secret[-4:] if len(secret) >= LONG_ENOUGH else ''}" if secret else ""


class ConnectionQuerySet(DueQuerySet["Connection"]):
    def answering(self) -> ConnectionQuerySet:
        """Those whose server still exists."""
        return self.filter(gone_at=None)


class Connection(Due):
    """Where a server is, how it is addressed, what it offers, and how many requests it may be asked."""

    class Verify(models.TextChoices):
        SYSTEM = "system"
        OWN = "own"
        OFF = "off"

    name = models.CharField(max_length=100, unique=True)
    endpoint = models.CharField(max_length=40, default="openai")
    dialect = models.CharField(max_length=10, default="v2")
    base_url = models.CharField(max_length=500)

    # What is shown at the door: a name of api.endpoints.Access.
    access = models.CharField(max_length=10, default="key")
    # The key, the token, or the secret of the application.
    encrypted_key = models.TextField(default="", blank=True)
    # Of a token that was pasted.
    key_expires_at = models.DateTimeField(null=True, blank=True)
    # Of an application of Entra.
    tenant_id = models.CharField(max_length=200, default="", blank=True)
    client_id = models.CharField(max_length=200, default="", blank=True)
    # null: as the kind of endpoint has it.
    key_header = models.CharField(max_length=100, null=True, blank=True)
    key_prefix = models.CharField(max_length=40, null=True, blank=True)

    organization = models.CharField(max_length=200, default="", blank=True)
    project = models.CharField(max_length=200, default="", blank=True)
    # Any of them may be a secret.
    encrypted_headers = models.TextField(default="", blank=True)
    query = models.JSONField(default=dict, blank=True)

    verify = models.CharField(max_length=10, choices=Verify.choices, default=Verify.SYSTEM)
    certificates = models.TextField(default="", blank=True)

    # All in seconds. For a connection to come about, between two pieces of an answer, for a whole answer.
    connect_seconds = models.FloatField(default=5.0)
    read_seconds = models.FloatField(default=20.0)
    total_seconds = models.FloatField(default=30.0)
    poll_seconds = models.FloatField(default=1.0)
    refresh_seconds = models.FloatField(default=5.0)
    # Requests a minute that the server allows; null: no limit is known.
    requests_per_minute = models.PositiveIntegerField(null=True, blank=True)
    # What is left of the budget, and when that was counted.
    tokens = models.FloatField(default=0)
    tokens_at = models.DateTimeField(null=True, blank=True)
    # The server asked for silence until then (Retry-After), or refuses our key.
    paused_until = models.DateTimeField(null=True, blank=True)

    # null: not known yet.
    lists_threads = models.BooleanField(null=True, blank=True)
    # Whether runs are followed by what the server tells while they go on; how many such streams in a row were no use.
    streaming = models.BooleanField(default=True)
    stream_breaks = models.PositiveSmallIntegerField(default=0)
    # What the server was found to lack, by the name of the operation: its words, its status, when.
    lacking = models.JSONField(default=dict, blank=True)
    last_error = models.TextField(default="", blank=True)
    last_answer_at = models.DateTimeField(null=True, blank=True)
    assistants_at = models.DateTimeField(null=True, blank=True)
    # How often running GET /assistants was answered 404.
    absences = models.PositiveSmallIntegerField(default=0)
    # Since then it is an archive: nothing is asked of it any more.
    gone_at = models.DateTimeField(null=True, blank=True)
    gone_because = models.TextField(default="", blank=True)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("connection", args=[self.pk])

    @property
    def key(self) -> str:
        """The API key in clear. Only the client may see it. Raises InvalidToken if it was locked with another key."""
        return cipher().decrypt(self.encrypted_key.encode()).decode() if self.encrypted_key else ""

    @key.setter
    def key(self, clear: str) -> None:
        self.encrypted_key = cipher().encrypt(clear.encode()).decode() if clear else ""

    @property
    def key_shown(self) -> str:
        """What people see of the key; None of it where it cannot be read."""
        try:
            return masked(self.key)
        except InvalidToken:
            return HIDDEN

    @property
    def headers(self) -> dict[str, str]:
        """The further headers in clear. Only the client may see them. Raises InvalidToken like the key."""
        if not self.encrypted_headers:
            return {}
        return dict(json.loads(cipher().decrypt(self.encrypted_headers.encode())))

    @headers.setter
    def headers(self, clear: dict[str, str]) -> None:
        self.encrypted_headers = cipher().encrypt(json.dumps(clear).encode()).decode() if clear else ""

    @property
    def headers_shown(self) -> dict[str, str]:
        """What people see of the further headers."""
        try:
            return {name: masked(value) for name, value in self.headers.items()}
        except InvalidToken:
            return {}


class ConnectionCheck(Due):
    """The latest look at what a server offers: one row a connection, filled in by a worker operation by operation."""

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="latest_check")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    findings = models.TextField(default="[]")

    objects = DueQuerySet["ConnectionCheck"].as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="check_due", condition=models.Q(due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"check of {self.connection_id}"

    @property
    def rows(self) -> list[dict[str, Any]]:
        """What was found so far, an operation a row."""
        return list(json.loads(self.findings))
