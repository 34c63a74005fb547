"""Tells people that runs wait: once a run, stage, recipient and channel, by rows that are claimed before anything goes
out. It looks at rows alone, so that nobody who polls ever waits for a mail server."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from smtplib import SMTPException
from uuid import uuid4

from cryptography.fernet import InvalidToken
from django.core.mail import EmailMessage
from django.db.models import Exists, Min, OuterRef, Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from assistants_app.api.errors import ApiError
from assistants_app.models import Notification, Operation, Recipient, Run, ToolCall
from assistants_app.models.notifications import Channel, Stage
from assistants_app.services import connections, events, recipients, webhooks, wording, work

log = logging.getLogger(__name__)

AT_ONCE = 8
MOST_RUNS = 500  # looked at in one tick, least time left first
# Longer than any one message takes.
LEASE_SECONDS = 120.0
# Seconds until a message that failed is tried again. A run waits ten minutes.
BACK_OFF = (5.0, 15.0, 45.0, 120.0)
LONGEST_ERROR = 300
State = Notification.State
_one_at_a_time = threading.Lock()


def notify_due() -> int:
    """Finds out who is to be told, and tells them; gives how many messages were tried. One thread of a process does
    this: however slow a mail server is, the others go on polling."""
    if not _one_at_a_time.acquire(blocking=False):
        return 0
    try:
        gather()
        return _send_due()
    finally:
        _one_at_a_time.release()


# ---- Who is to be told


def gather() -> int:
    """Makes the rows of messages that are due and were not made yet; gives how many may be new. Of two workers that
    look at once one makes each: the rows are unique."""
    now = timezone.now()
    wanting = [each for each in Recipient.objects.reachable() if not recipients.is_quiet(each, now)]
    waiting = list(_waiting()[:MOST_RUNS]) if wanting else []
    if not waiting:
        return 0
    made = Notification.objects.filter(run__in=waiting, recipient__in=wanting)
    known = set(made.values_list("run", "stage", "recipient", "channel"))
    found = [each for recipient in wanting for run in waiting for each in _lacking(recipient, run, known, now)]
    Notification.objects.bulk_create(found, ignore_conflicts=True)
    return len(found)


def _waiting() -> QuerySet[Run]:
    """The runs that nobody has answered yet, with the moment since when they wait."""
    under_way = Operation.objects.filter(run=OuterRef("pk"), kind=Operation.Kind.SUBMIT, state__in=Operation.OPEN)
    since = Min("calls__asked_at", filter=Q(calls__waiting=True))
    rows: QuerySet[Run] = Run.objects.waiting().filter(~Exists(under_way)).annotate(since=since)
    return rows.only("pk", "expires_at", "changed_at")


def _lacking(
    recipient: Recipient, run: Run, known: set[tuple[int, str, int, str]], now: datetime
) -> Iterator[Notification]:
    since = getattr(run, "since", None) or run.changed_at
    if since < recipient.since:
        return
    stages = [Stage.START]
    if run.expires_at is not None and now >= since + (run.expires_at - since) / 2:
        stages.append(Stage.HALF)
    for channel in recipients.channels(recipient):
        lacking = [
            stage
            for stage in stages
            if recipient.wants(stage) and (run.pk, stage.value, recipient.pk, channel.value) not in known
        ]
        for stage in lacking:
            # Who comes to both at once, after being left in peace, needs one.
            is_last = stage is lacking[-1]
            yield Notification(
                recipient=recipient,
                run=run,
                stage=stage,
                channel=channel,
                state=State.WAITING if is_last else State.DROPPED,
                due_at=now if is_last else None,
            )


def test(recipient: Recipient) -> list[Notification]:
    """Has a test message sent on every channel of a recipient, also while they are left in peace."""
    now = timezone.now()
    made = [
        Notification.objects.create(recipient=recipient, stage=Stage.TEST, channel=channel, due_at=now)
        for channel in recipients.channels(recipient)
    ]
    work.ask("notify_due")
    events.tell([events.recipient_topic(recipient.pk)])
    return made


# ---- Telling them


@dataclass(frozen=True)
class _Letter:
    """All that is needed to send one message without the database."""

    notification: Notification
    message: wording.Message

    def send(self) -> str:
        """Sends it; gives what went wrong, or ''."""
        recipient = self.notification.recipient
        try:
            if self.notification.channel == Channel.EMAIL:
                EmailMessage(self.message.subject, self.message.text, to=recipient.addresses).send()
            else:
                _post(recipient, self.message)
        except (SMTPException, OSError, ApiError, InvalidToken) as error:
            with translation.override(recipients.language(recipient)):
                return _words(recipient, error)
        except Exception as error:
            log.exception("%s failed", self.notification)
            return type(error).__name__
        return ""


def _post(recipient: Recipient, message: wording.Message) -> None:
    url = recipient.webhook
    webhooks.check(url)
    webhooks.post(url, message.body)


def _words(recipient: Recipient, error: Exception) -> str:
    if isinstance(error, InvalidToken):
        return _("The address cannot be read: ENCRYPTION_KEYS has changed. Write it anew.")
    if isinstance(error, ApiError):
        return webhooks.failure(recipient.webhook, error)
    return f"{type(error).__name__}: {error}"


def _send_due() -> int:
    """Sends what is due, a batch at a time, until nothing is."""
    count = 0
    while letters := _claimed():
        held = [each for each in letters if each.notification.may_go]
        for each in letters:
            if each not in held:
                _settle(each.notification, State.DROPPED)
        for each, error in zip(held, _threads().map(_Letter.send, held), strict=True):
            _heard(each.notification, error)
        count += len(letters)
    return count


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="notify")


def _claimed() -> list[_Letter]:
    rows = Notification.objects.all()
    holder = uuid4().hex
    keys = rows.claim(limit=AT_ONCE, holder=holder, seconds=LEASE_SECONDS) if rows.due().exists() else []
    related = ("recipient__user__preferences", "run__thread", "run__assistant", "run__connection")
    heavy = ("run__raw", "run__thread__raw", "run__assistant__raw", "run__assistant__instructions")
    hidden = [f"run__{name}" for name in connections.HEAVY]
    found = list(rows.filter(pk__in=keys).select_related(*related).defer(*heavy, *hidden)) if keys else []
    calls: dict[int | None, list[ToolCall]] = {each.run_id: [] for each in found}
    for call in ToolCall.objects.filter(run__in=[key for key in calls if key], waiting=True) if found else ():
        calls[call.run_id].append(call)
    return [_letter(each, calls[each.run_id]) for each in found]


def _letter(notification: Notification, calls: list[ToolCall]) -> _Letter:
    recipient = notification.recipient
    with translation.override(recipients.language(recipient)):
        return _Letter(notification, wording.message(notification, calls, zone=recipients.zone(recipient)))


def _heard(notification: Notification, error: str) -> None:
    """What came of sending: it is done, or it is tried again, a few times. Whatever else waits for the same address
    then waits too."""
    column = f"{notification.channel}_failure"
    recipient = Recipient.objects.filter(pk=notification.recipient_id)
    error = error[:LONGEST_ERROR].replace("\x00", "\ufffd")
    recipient.exclude(**{column: error}).update(**{column: error})
    if not error:
        _settle(notification, State.SENT)
        return
    is_over = notification.failures >= len(BACK_OFF) or notification.stage == Stage.TEST
    if is_over:
        _settle(notification, State.FAILED, error=error)
        return
    due_at = timezone.now() + timedelta(seconds=BACK_OFF[notification.failures])
    mine = Notification.objects.held_by(notification.holder).filter(pk=notification.pk)
    mine.update(due_at=due_at, holder="", failures=notification.failures + 1, error=error)
    same = Notification.objects.filter(recipient=notification.recipient_id, channel=notification.channel)
    same.due().exclude(pk=notification.pk).exclude(stage=Stage.TEST).update(due_at=due_at)
    events.tell([events.recipient_topic(notification.recipient_id)])


def _settle(notification: Notification, state: Notification.State, *, error: str = "") -> None:
    mine = Notification.objects.held_by(notification.holder).filter(pk=notification.pk)
    mine.update(state=state, settled_at=timezone.now(), due_at=None, holder="", error=error)
    events.tell([events.recipient_topic(notification.recipient_id)])
