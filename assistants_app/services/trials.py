"""Trying an assistant out: scratch threads, ordinary ones that say so in their metadata, whose runs are made with one
of its versions or with what nobody has saved yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User

from assistants_app.models import Assistant, AssistantVersion, Connection, Message, Operation, Run, Thread
from assistants_app.services import (
    capabilities,
    configurations,
    connections,
    course,
    messages,
    threads,
    timeline,
    versions,
)
from assistants_app.services.comparisons import FIELDS
from assistants_app.services.configurations import Configuration

LONGEST_VALUE = 512  # characters of a value of metadata
# What a run can be given in place of its assistant's, as far as its dialect has it.
APPLIED = ("model", "instructions", "tools", "response_format", "reasoning_effort", "temperature", "top_p")
BOTH_AT_ONCE, RUN_ALONE = "createThreadAndRun", "createRun"
STARTS_RUNS = (Operation.Kind.CREATE_THREAD_AND_RUN, Operation.Kind.CREATE_RUN)


@dataclass(frozen=True)
class Setup:
    """What a run is tried with: a configuration, and the version that it is or began from."""

    version: AssistantVersion
    configuration: Configuration

    @classmethod
    def of(cls, version: AssistantVersion) -> Setup:
        """A version as it was saved."""
        return cls(version, version.settings)


@dataclass(frozen=True)
class MadeWith:
    """What a run was made with: a version by its number, and the fields that were not saved, by their names."""

    number: int
    unsaved: Sequence[str] = ()


@dataclass(frozen=True)
class Trial:
    """A scratch thread as far as it is there: what made it, its timeline, and its newest run."""

    operation: Operation
    thread: Thread | None = None
    timeline: timeline.Timeline | None = None
    run: Run | None = None

    @property
    def waiting(self) -> Run | None:
        """The run that waits for a person."""
        return self.run if self.run is not None and self.run.is_waiting else None

    @property
    def is_busy(self) -> bool:
        """Nothing can be added now: a run is at work, or is on its way."""
        return self.operation.is_open or self.is_starting or (self.run is not None and self.run.is_active)

    @property
    def is_starting(self) -> bool:
        """The thread is there, and its first run is on its way."""
        return self.run is None and any(each.is_open for each in self.operation.followers.all())

    @property
    def usage(self) -> Mapping[str, int]:
        """The tokens of the newest run, as far as its server tells them."""
        return course.usage_in(self.run.object.get("usage")) if self.run is not None else {}

    @property
    def reply(self) -> str:
        """What the newest run wrote; "" until it has ended."""
        if self.run is None or self.run.is_active:
            return ""
        wrote = Message.objects.filter(thread=self.run.thread_id, run_remote_id=self.run.remote_id, gone_at=None)
        wrote = wrote.exclude(role="user").order_by("created_at", "pk")
        return "\n\n".join(wrote.values_list("text", flat=True))


def applied(connection: Connection) -> list[str]:
    """The fields of an assistant that a run on this connection can be given instead."""
    known = connections.dialect(connection).fields[RUN_ALONE]
    return [name for name in APPLIED if name in known]


def left_out(connection: Connection) -> list[str]:
    """Those that no run can be given here, for people."""
    known = connections.dialect(connection).fields["createAssistant"] - {*applied(connection)}
    return [str(words) for name, words in FIELDS.items() if name in known]


def overrides(assistant: Assistant, setup: Setup) -> Configuration:
    """The fields that a run must be given to be made with this setup: those in which it differs from what the assistant
    is set to. A number that is unset cannot be: it stays as the assistant has it."""
    differing = configurations.to_send(versions.latest(assistant).settings, setup.configuration)
    allowed = applied(assistant.connection)
    return {name: value for name, value in differing.items() if name in allowed and value is not None}


def lack(connection: Connection) -> str:
    """Why nothing can be tried on this connection; "" where nothing speaks against it."""
    alone = capabilities.lack(connection, "createThread") or capabilities.lack(connection, RUN_ALONE)
    return alone if capabilities.lack(connection, BOTH_AT_ONCE) else ""


def begin(*, assistant: Assistant, setup: Setup, text: str, by: User, once: UUID) -> Operation:
    """Has a scratch thread made with a message, and a run started on it, once for `once`: in one act where that takes
    all that the run is given, else in two. Gives the operation that makes the thread."""
    connection = assistant.connection
    given = overrides(assistant, setup)
    begins_with: dict[str, Any] = {
        "messages": [connections.dialect(connection).message("user", text)],
        "metadata": {threads.SCRATCH: assistant.remote_id[:LONGEST_VALUE]},
    }
    takes_all = given.keys() <= connections.dialect(connection).fields[BOTH_AT_ONCE]
    is_one_act = takes_all and not capabilities.lack(connection, BOTH_AT_ONCE)
    make = threads.create_and_run if is_one_act else threads.create_then_run
    who: dict[str, Any] = {"connection": connection, "assistant": assistant, "by": by, "once": once}
    return make(overrides=given, base=setup.version, **who, **begins_with)


def go_on(*, assistant: Assistant, thread: Thread, setup: Setup, text: str, by: User, once: UUID) -> Operation:
    """Has a further message posted to a scratch thread and answered, once for `once`."""
    given = overrides(assistant, setup)
    return messages.post(
        thread=thread, text=text, by=by, once=once, answered_by=assistant, overrides=given, base=setup.version
    )


def find(assistant: Assistant, once: UUID | None) -> Trial | None:
    """The trial of an assistant that was begun with this number."""
    mine = Operation.objects.filter(key=f"thread:{once}", base__assistant=assistant).select_related("by", "base")
    operation = mine.select_related("thread__connection", "thread__assistant").order_by("-pk").first() if once else None
    if operation is None or operation.thread is None:
        return Trial(operation) if operation else None
    thread = operation.thread
    thread.has_namesakes = assistant.has_namesakes
    shown, known = timeline.of(thread), made_with(thread)
    entries = [replace(each, tried=known.get(each.run.pk)) if each.run else each for each in shown.entries]
    runs = Run.objects.filter(thread=thread).select_related("connection", "thread", "assistant", "version")
    run = runs.order_by("-created_at", "-pk").first()
    if run is not None:
        run.has_namesakes = run.thread.has_namesakes = assistant.has_namesakes
    return Trial(operation, thread, replace(shown, entries=entries), run)


def said_first(operation: Operation) -> str:
    """The message that a trial was to begin with."""
    body = operation.payload
    first = body.get("thread", body).get("messages") or [{}]
    return str(first[0].get("content") or "")


def made_with(thread: Thread) -> dict[int, MadeWith]:
    """What the runs of a scratch thread were made with, by their keys."""
    rows = Operation.objects.filter(thread=thread, kind__in=STARTS_RUNS, run__isnull=False, base__isnull=False)
    return {row.run_id: told(row) for row in rows.select_related("base") if row.run_id}


def told(operation: Operation) -> MadeWith:
    """The version that an operation tries, and what it gives the run that this version does not have."""
    assert operation.base is not None
    sent, saved = operation.payload, operation.base.settings
    unsaved = [
        str(FIELDS[name])
        for name in APPLIED
        if name in sent and not configurations.same(sent[name], saved.get(name, configurations.EMPTY.get(name)))
    ]
    return MadeWith(operation.base.number, unsaved)
