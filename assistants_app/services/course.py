"""The course of a run: its steps on one scale of time, and what it spent its time on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from assistants_app.api import objects
from assistants_app.api.dialects import DIALECTS, tolerance
from assistants_app.models import Run, RunStep
from assistants_app.services import reasons

SCALE = 1000  # the width of the drawing
LEAST = 12  # so wide that a step of no time is seen
MOST_CALLS = 50
MOST_RESULTS = 20
PERSON, TOOL, MODEL = "person", "tool", "model"


@dataclass(frozen=True, slots=True)
class Bar:
    """A piece of the drawing, from 0 to SCALE."""

    kind: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call of a step: what went in and what came out, as far as the server tells."""

    type: str
    name: str
    input: str
    language: str
    output: str | None
    images: Sequence[str]
    results: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Row:
    """A step: what it was, when it began after the run did (seconds), how long it and the idle time before it took."""

    step: RunStep
    kind: str
    names: Sequence[str]
    calls: Sequence[Call]
    bars: Sequence[Bar]
    offset: float | None
    lasted: float | None
    idle: float
    is_open: bool
    usage: Mapping[str, int]
    reason: reasons.Reason | None


@dataclass(frozen=True, slots=True)
class Course:
    """All steps; the seconds that the run took, and those of them in which it waited for a person."""

    rows: Sequence[Row]
    total: float | None
    person: float
    usage: Mapping[str, int]
    is_open: bool


def of(run: Run, steps: Sequence[RunStep]) -> Course:
    """The course of a run, without queries: for any server's times, in whatever order they are."""
    read = DIALECTS[run.connection.dialect].read_step
    seen = [(step, read(step.object)) for step in steps]
    scale = _Scale(run, steps)
    rows = list(_rows(seen, scale))
    person = sum(row.lasted or 0.0 for row in rows if row.kind == PERSON)
    return Course(rows, scale.total, person, usage_in(run.object.get("usage")), scale.is_open)


class _Scale:
    """From moments to places. A run that goes on ends now."""

    def __init__(self, run: Run, steps: Sequence[RunStep]) -> None:
        self.is_open = run.is_active
        known = [step.created_at for step in steps] + [step.ended_at for step in steps]
        moments = [each for each in (run.created_at, run.started_at, *known) if each]
        self.start = min(moments, default=None)
        last = timezone.now() if run.is_active else run.ended_at
        self.end = max([*moments, *([last] if last else [])], default=None)

    @property
    def total(self) -> float | None:
        return (self.end - self.start).total_seconds() if self.start and self.end else None

    def offset(self, moment: datetime) -> float:
        assert self.start is not None
        return max(0.0, (moment - self.start).total_seconds())

    def bar(self, kind: str, start: float, end: float) -> Bar:
        whole = self.total or 1.0
        x = min(SCALE * start / whole, SCALE - LEAST)
        return Bar(kind, round(x, 1), round(max(LEAST, min(SCALE * end / whole, SCALE) - x), 1))


def _rows(seen: Sequence[tuple[RunStep, objects.RunStep]], scale: _Scale) -> Iterator[Row]:
    reached = 0.0
    for step, read in seen:
        row = _row(step, read, scale, reached)
        yield row
        reached = max(reached, (row.offset or 0.0) + (row.lasted or 0.0))


def _row(step: RunStep, read: objects.RunStep, scale: _Scale, reached: float) -> Row:
    """A step, after the run had got so far (seconds): what lies between is idle."""
    kind = _kind(read)
    calls = [_call(each) for each in read.calls[:MOST_CALLS]]
    is_open = scale.is_open and step.status == "in_progress"
    offset = scale.offset(step.created_at) if step.created_at else None
    end = step.ended_at or (scale.end if is_open else None)
    lasted = max(0.0, scale.offset(end) - offset) if offset is not None and end else None
    idle = max(0.0, offset - reached) if offset is not None else 0.0
    bars = [scale.bar("idle", reached, reached + idle)] if idle else []
    if offset is not None:
        bars.append(scale.bar(kind, offset, offset + (lasted or 0.0)))
    return Row(
        step=step,
        kind=kind,
        names=[call.name for call in calls],
        calls=calls,
        bars=bars,
        offset=offset,
        lasted=lasted,
        idle=idle,
        is_open=is_open,
        usage=usage_in(read.usage),
        reason=reasons.of_step(step, (read.last_error.code if read.last_error else "") or ""),
    )


def _kind(step: objects.RunStep) -> str:
    """Whose time it is: functions are answered by people, other tools by the server."""
    if step.type != "tool_calls":
        return MODEL
    return PERSON if any(call.type == "function" for call in step.calls) else TOOL


def _call(call: objects.ToolCall) -> Call:
    carried = tolerance.mapping(call.raw.get(call.type))
    images, logs = [], []
    for output in tolerance.objects(carried.get("outputs")):
        if image := tolerance.text(tolerance.mapping(output.get("image")).get("file_id")):
            images.append(image)
        if output.get("logs"):
            logs.append(tolerance.shown(output.get("logs")))
    results = [_result(each) for each in tolerance.objects(carried.get("results"))[:MOST_RESULTS]]
    written = tolerance.text(carried.get("input")) if call.type == "code_interpreter" else None
    has_output = call.type == "function"
    return Call(
        type=call.type,
        name=call.name,
        input=written if written is not None else "" if results or call.arguments == "{}" else call.arguments,
        language="python" if written is not None else "json",
        output=call.output if has_output else "\n".join(logs) or None,
        images=images[:MOST_RESULTS],
        results=results,
    )


def _result(found: Mapping[str, Any]) -> dict[str, Any]:
    """What a search found: the file, how well it fits, and its words where the server gives them."""
    texts = [tolerance.shown(each.get("text")) for each in tolerance.objects(found.get("content"))]
    score = found.get("score")
    return {
        "file": tolerance.shown(found.get("file_id")),
        "name": tolerance.shown(found.get("file_name")),
        "score": f"{score:.2f}" if isinstance(score, int | float) else "",
        "text": "\n".join(texts),
    }


def usage_in(value: object) -> dict[str, int]:
    """The tokens as far as they are numbers: prompt, completion, total."""
    given = tolerance.mapping(value)
    counts = {name: given.get(f"{name}_tokens") for name in ("prompt", "completion", "total")}
    return {name: count for name, count in counts.items() if isinstance(count, int) and not isinstance(count, bool)}
