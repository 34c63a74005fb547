"""What a notification says: for people as text, for programs as fields. Nothing of what a run asks but the names of its
functions, unless somebody chose the arguments too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assistants_app.models import Notification, Run, ToolCall
from assistants_app.models.notifications import Stage

MOST_CALLS = 20
LONGEST_NAME = 80
LONGEST_ARGUMENTS = 2_000
EVENTS = {Stage.START: "requires_action", Stage.HALF: "half_of_window", Stage.TEST: "test"}


@dataclass(frozen=True)
class Message:
    """A subject in one line, lines of text, the arguments that go with it, and the same as fields."""

    subject: str
    lines: Sequence[str]
    arguments: Sequence[str] = ()
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """All of it for a mail."""
        return "\n\n".join([*self.lines, *self.arguments])

    @property
    def body(self) -> dict[str, Any]:
        """The body of a webhook, as Slack takes it: what anybody else named cannot mean anything there."""
        escaped = "\n".join([self.subject, *self.lines, *self.arguments])
        for sign, meant in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
            escaped = escaped.replace(sign, meant)
        return {"text": escaped, **self.fields}


def message(notification: Notification, calls: Sequence[ToolCall], *, zone: tzinfo) -> Message:
    """What a notification says, in the language that holds now. Its run comes with thread, assistant and connection."""
    if notification.run is None:
        return _test()
    run, stage = notification.run, Stage(notification.stage)
    name = line(run.assistant.title) if run.assistant else _("An assistant")
    words = (
        _("Half of the time is over: %(name)s needs an answer")
        if stage is Stage.HALF
        else _("%(name)s needs an answer")
    )
    shown = calls[:MOST_CALLS]
    asked = ", ".join(line(call.name or call.type) for call in shown)
    lines = (
        [ngettext("It asks for: %(asked)s", "It asks for: %(asked)s", len(shown)) % {"asked": asked}] if shown else []
    )
    lines += [_left(run, zone)] if run.expires_at else []
    given = (
        [(call, call.arguments[:LONGEST_ARGUMENTS]) for call in shown] if notification.recipient.with_arguments else []
    )
    return Message(
        subject=words % {"name": name},
        lines=[*lines, address(run.get_absolute_url())],
        arguments=[f"{line(call.name or call.type)}: {text}" for call, text in given],
        fields=_fields(run, stage, shown, dict(given)),
    )


def _test() -> Message:
    words = _("This is a test. Messages like this one tell you of runs that need action.")
    fields = {"event": EVENTS[Stage.TEST], "url": address(reverse("notifications"))}
    return Message(subject=_("A test of Switchboard"), lines=[words, fields["url"]], fields=fields)


def _left(run: Run, zone: tzinfo) -> str:
    assert run.expires_at is not None
    minutes = max(1, round((run.expires_at - timezone.now()).total_seconds() / 60))
    left = ngettext("%(number)d minute left", "%(number)d minutes left", minutes) % {"number": minutes}
    return _("%(left)s, until %(time)s") % {
        "left": left,
        "time": run.expires_at.astimezone(zone).strftime("%H:%M:%S %Z"),
    }


def _fields(run: Run, stage: Stage, calls: Sequence[ToolCall], given: dict[ToolCall, str]) -> dict[str, Any]:
    return {
        "event": EVENTS[stage],
        "url": address(run.get_absolute_url()),
        "run": {"id": run.remote_id, "expires_at": _moment(run.expires_at)},
        "thread": {"id": run.thread.remote_id, "url": address(run.thread.get_absolute_url())},
        "assistant": {"id": run.assistant_remote_id, "name": line(run.assistant.title) if run.assistant else ""},
        "connection": run.connection.name,
        "calls": [
            {"id": call.remote_id, "function": call.name, **({"arguments": given[call]} if call in given else {})}
            for call in calls
        ],
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def address(path: str) -> str:
    """The address of a page for whoever is not on it."""
    return f"{settings.PUBLIC_URL}{path}"


def line(text: str) -> str:
    """A name in one line, not too long."""
    name = " ".join(text.split())
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
