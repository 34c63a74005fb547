"""Who wants to be told that a run needs action: persons and teams, where, and when they are left in peace."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, tzinfo
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from assistants_app.models import Notification, Preferences, Recipient
from assistants_app.models.notifications import Channel
from assistants_app.services import preferences

MOST_SHOWN = 20


def can_mail() -> bool:
    """Whether a mail server is set up (EMAIL_HOST)."""
    return bool(settings.EMAIL_HOST)


def of(user: User | AnonymousUser) -> Recipient:
    """A person as a recipient, which came with the user; a new one for who chose nothing yet, and for strangers."""
    try:
        found: Recipient = user.recipient  # type: ignore[union-attr]
    except (ObjectDoesNotExist, AttributeError):
        return Recipient(user=user if isinstance(user, User) else None, since=timezone.now())
    return found


def save(recipient: Recipient, **values: Any) -> Recipient:
    """Changes these values of a recipient, `webhook` in clear, and stores it. A new address is told of what
    begins to wait from now on, and the failure of the old one is forgotten."""
    before = recipient.emails, recipient.encrypted_webhook
    for name, value in values.items():
        setattr(recipient, name, value)
    if (recipient.emails, recipient.encrypted_webhook) != before:
        recipient.since = timezone.now()
    if recipient.emails != before[0]:
        recipient.email_failure = ""
    if recipient.encrypted_webhook != before[1]:
        recipient.webhook_failure = ""
    recipient.language = translation.get_language() or settings.LANGUAGE_CODE
    if recipient.user is not None:
        recipient.time_zone = timezone.get_current_timezone_name()
    try:
        with transaction.atomic():
            recipient.save()
    except IntegrityError:
        if recipient.user is None:
            raise
        # A double click: the first one made the row.
        recipient.pk = Recipient.objects.values_list("pk", flat=True).get(user=recipient.user)
        recipient.save(force_update=True)
    return recipient


def silence(recipient: Recipient, until: datetime | None) -> None:
    """Leaves a recipient in peace until a moment; None: no longer."""
    recipient.silent_until = until
    save(recipient)


def is_quiet(recipient: Recipient, now: datetime | None = None) -> bool:
    """Whether they do not want to be disturbed now: by the switch, or by the hours of their own clock."""
    now = now or timezone.now()
    if recipient.silent_until is not None and now < recipient.silent_until:
        return True
    start, end = recipient.quiet_from, recipient.quiet_to
    if start is None or end is None:
        return False
    here = now.astimezone(zone(recipient)).time()
    return _is_within(here, start, end)


def _is_within(moment: time, start: time, end: time) -> bool:
    """Hours that begin after they end go over midnight."""
    return start <= moment < end if start <= end else moment >= start or moment < end


def zone(recipient: Recipient) -> tzinfo:
    """The time zone whose clock holds: the one a person chose, or what their browser said last."""
    chosen = preferences.of(recipient.user) if recipient.user else Preferences()
    return preferences.zone(chosen, browser=recipient.time_zone)


def language(recipient: Recipient) -> str:
    """The language in which they are told."""
    chosen = preferences.of(recipient.user) if recipient.user else Preferences()
    return preferences.language(chosen, browser=recipient.language)


def channels(recipient: Recipient) -> list[Channel]:
    """How they can be told here and now."""
    return [each for each in recipient.channels if each is not Channel.EMAIL or can_mail()]


def latest(recipient: Recipient) -> list[Notification]:
    """What they were told last, newest first."""
    if recipient.pk is None:
        return []
    return list(recipient.notifications.select_related("run").defer("run__raw").order_by("-pk")[:MOST_SHOWN])


def remove(recipient: Recipient) -> None:
    """Forgets a recipient and what it was told."""
    recipient.delete()


def teams() -> Iterable[Recipient]:
    """All teams by name."""
    return Recipient.objects.teams()


def team(key: int | None) -> Recipient | None:
    """The team of that key."""
    return Recipient.objects.teams().filter(pk=key).first() if key is not None else None
