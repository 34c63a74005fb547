"""Runs: one of them with all that belongs to it; starting and cancelling one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.utils import timezone

from assistants_app.api import errors
from assistants_app.api.client import Client
from assistants_app.models import Assistant, AssistantVersion, Message, Operation, Run, RunStep, Thread
from assistants_app.models.assistants import tools_in
from assistants_app.services import connections, events, mirror, operations, work
from assistants_app.services.asking import asking

Read = TypeVar("Read")


def steps(run: Run) -> list[RunStep]:
    """The steps of a run in their order."""
    return list(run.steps.order_by("created_at", "pk"))


def conversation(run: Run) -> list[Message]:
    """What the user said last before the run, and what the run replied."""
    said = Message.objects.filter(thread=run.thread_id, role="user").defer("raw", "text")
    if run.created_at:
        said = said.filter(created_at__lte=run.created_at)
    last = said.order_by("-created_at", "-pk").first()
    replies = Message.objects.filter(thread=run.thread_id, run_remote_id=run.remote_id).defer("raw", "text")
    if run.is_streamed:  # what is being written is shown as it comes
        replies = replies.exclude(status="in_progress")
    return [*([last] if last else []), *replies.order_by("created_at", "pk")]


def start(
    *,
    thread: Thread,
    assistant: Assistant,
    by: User,
    once: UUID | str,
    after: Operation | None = None,
    replays: Run | None = None,
    overrides: Mapping[str, Any] | None = None,
    base: AssistantVersion | None = None,
) -> Operation:
    """Has a run started (createRun) on a thread with an assistant, once for `once`, after another one if given.

    `overrides` are further fields of the operation, in the API's own shape; `base` is the version that is tried with
    them, if it is to be told. With `replays` the answers that were given or kept for that run are offered in this
    one."""
    dialect = connections.dialect(thread.connection)
    uuid = uuid4()
    operation, _ = operations.record(
        kind=Operation.Kind.CREATE_RUN,
        key=f"run:{once}",
        replays=replays,
        uuid=uuid,
        connection=thread.connection,
        thread=thread,
        after=after,
        base=base,
        by=by,
        body=dialect.run(assistant.remote_id, operations.metadata(uuid), **(overrides or {})),
    )
    return operation


def cancel(*, run: Run, by: User, reason: str = "") -> Operation:
    """Has a run cancelled (cancelRun): one request, however often it is asked for. The reason stays here."""
    operation, _ = operations.record(
        kind=Operation.Kind.CANCEL_RUN,
        key=f"cancel:{run.pk}",
        connection=run.connection,
        thread=run.thread,
        run=run,
        by=by,
        reason=reason,
        body={},
    )
    return operation


def modify(*, run: Run, metadata: dict[str, str]) -> None:
    """Gives a run this metadata in place of what it has (modifyRun). Raises ApiError."""
    asked_at = timezone.now()
    with asking(run.connection, "modifyRun") as client:
        seen = client.threads.runs.modify(run.thread.remote_id, run.remote_id, {"metadata": metadata})
    mirror.runs(run.thread, [seen], asked_at=asked_at)
    events.tell([events.run_topic(run.pk), events.thread_topic(run.thread_id)])


def refresh_step(*, run: Run, step: RunStep) -> None:
    """Reads one step of a run again (getRunStep). Raises ApiError."""
    with asking(run.connection, "getRunStep") as client:
        ids = run.thread.remote_id, run.remote_id, step.remote_id
        seen = with_findings(client, run, lambda include: client.threads.runs.steps.get(*ids, include=include))
    mirror.steps(run, [seen], are_all=False)
    events.tell([events.run_topic(run.pk)])


def with_findings(client: Client, run: Run, read: Callable[[Sequence[str]], Read]) -> Read:
    """What `read` gives, asked for with the words that file searches found (include[]) where the run searched files;
    without them where its server does not take the question. Raises ApiError."""
    searches = any(tool.get("type") == "file_search" for tool in tools_in(run.object))
    include = client.dialect.includes if searches else ()
    if include:
        with suppress(errors.BadRequest, errors.ServerFault):
            return read(include)
    return read(())


def last_cancel(run: Run) -> Operation | None:
    """The latest wish to cancel a run."""
    return (
        Operation.objects.filter(run=run, kind=Operation.Kind.CANCEL_RUN).select_related("by").order_by("-pk").first()
    )


def follow_again(run: Run) -> None:
    """Has a run read at once and followed again, also one that was parked."""
    Run.objects.filter(pk=run.pk).hasten()
    work.ask("refresh_thread", run.thread_id)
    events.tell([events.run_topic(run.pk)])
