"""Finds whatever has an id."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Model, QuerySet, Value

from assistants_app.models import Assistant, File, Message, Run, RunStep, Thread, ToolCall, VectorStore

MOST = 20
KINDS: dict[str, type[Model]] = {
    "assistant": Assistant,
    "thread": Thread,
    "run": Run,
    "message": Message,
    "run step": RunStep,
    "tool call": ToolCall,
    "file": File,
    "vector store": VectorStore,
}


@dataclass(frozen=True)
class Hit:
    """An object with that id, and the page that shows it."""

    kind: str
    title: str
    url: str
    connection: str


def by_id(wanted: str) -> list[Hit]:
    """Every assistant, thread, message, run, step, call, file and vector store of exactly that id, over all
    connections."""
    wanted = wanted.strip().replace("\x00", "")
    return list(_hits(wanted)) if wanted else []


def _hits(wanted: str) -> Iterator[Hit]:
    kinds = _kinds(wanted)

    def rows(kind: str, related: str) -> list[Any]:
        found = KINDS[kind].objects.filter(remote_id=wanted).select_related(related)  # type: ignore[attr-defined]
        return _apart(found) if kind in kinds else []

    for kind in ("assistant", "thread", "file", "vector store"):
        for row in rows(kind, "connection"):
            yield Hit(kind, row.title, row.get_absolute_url(), row.connection.name)
    for run in rows("run", "connection"):
        yield Hit("run", run.remote_id, run.get_absolute_url(), run.connection.name)
    for message in rows("message", "thread__connection"):
        message.thread.has_namesakes = message.has_namesakes
        url = f"{message.thread.get_absolute_url()}?message={message.pk}#message-{message.pk}"
        yield Hit("message", message.thread.title, url, message.thread.connection.name)
    for step in rows("run step", "run__connection"):
        step.run.has_namesakes = step.has_namesakes
        yield Hit("run step", step.run.remote_id, step.run.get_absolute_url(), step.run.connection.name)
    for call in rows("tool call", "run__connection"):
        call.run.has_namesakes = getattr(call, "has_namesakes", False)
        yield Hit("tool call", call.name, f"{call.run.get_absolute_url()}#call-{call.pk}", call.run.connection.name)


def _kinds(wanted: str) -> set[str]:
    """Of which kinds something has that id: one query, where looking for each would take eight."""
    first, *others = (
        model.objects.filter(remote_id=wanted)  # type: ignore[attr-defined]
        .order_by()
        .annotate(kind=Value(kind, CharField()))
        .values_list("kind", flat=True)
        for kind, model in KINDS.items()
    )
    return set(first.union(*others))


def _apart(rows: QuerySet[Any]) -> list[Any]:
    """The rows, each to be addressed by our key where there are several."""
    found = list(rows.order_by("pk")[:MOST])
    for row in found:
        row.has_namesakes = len(found) > 1
    return found
