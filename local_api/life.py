"""The life of a run: what happens to it by itself, and what clients do to it.

Nothing runs in the background. The store knows when something is next due in a thread, and whoever asks for
anything in that thread first makes happen what is due, at the times at which it was due.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from local_api import errors, objects, speech
from local_api.call import Desk
from local_api.fields import dump
from local_api.objects import Document
from local_api.settings import Pace
from local_api.store import Store, Work

_ENDED = {"completed": "completed_at", "failed": "failed_at", "cancelled": "cancelled_at"}
_STEP_ENDED = {
    "completed": "completed_at",
    "failed": "failed_at",
    "cancelled": "cancelled_at",
    "expired": "expired_at",
}
_CHARACTERS_A_TOKEN = 4


@dataclass
class Life:
    """One active run with its work, about to change at the time `at`."""

    desk: Desk
    work: Work
    run: Document
    at: float

    @property
    def store(self) -> Store:
        return self.desk.store

    @property
    def pace(self) -> Pace:
        return self.desk.settings.pace

    @property
    def is_heard(self) -> bool:
        """Whether somebody listens, so that a reply is worth telling in pieces."""
        return self.desk.hearing.is_heard(self.run["id"])

    def tell(self, event: str, document: Document) -> None:
        self.desk.hearing.tell(self.run["id"], event, document)

    def keep(self, status: str, *, stay: float | None, **changes: object) -> None:
        """Put the run in a state that it leaves by itself after `stay` seconds, or at its end (None)."""
        self.run.update(status=status, **changes)
        self.store.replace(self.run)
        self.rest(stay)
        self.tell(f"thread.run.{status}", self.run)

    def rest(self, stay: float | None) -> None:
        """Nothing happens for `stay` seconds, or until the run expires (None)."""
        expiry: float = self.work.plan["expires_at"]
        due = expiry if stay is None else self.at + stay
        if self.run["status"] != "cancelling":
            due = min(due, expiry)
        self.work = replace(self.work, next_at=due)
        self.store.plan_work(self.work)

    def end(self, status: str, **changes: object) -> None:
        """Bring the run to its end, and what it is in the midst of with it."""
        speech.break_off(self, status)
        self._end_step(status)
        spent: int = self.work.plan["spent"]
        usage = objects.usage(self.work.plan["prompt_tokens"], spent)
        self.run.update(status=status, required_action=None, expires_at=None, usage=usage, **changes)
        if status in _ENDED:
            self.run[_ENDED[status]] = int(self.at)
        self.store.replace(self.run)
        self.store.end_work(self.work.thread_id)
        self.tell(f"thread.run.{status}", self.run)

    def _end_step(self, status: str) -> None:
        if step := self.open_step():
            self.finish(step, status, usage=objects.usage(0, 0))

    def finish(self, step: Document, status: str, **changes: object) -> None:
        """Bring a step to its end."""
        step.update({"status": status, _STEP_ENDED[status]: int(self.at)}, **changes)
        self.store.replace(step)
        self.tell(f"thread.run.step.{status}", step)

    def add_step(self, step: Document, *, told: Document | None = None) -> None:
        """Keep a new step of the run; `told` is what listeners hear of it, if not all."""
        self.store.add("step", step, parent=self.run["id"])
        self.tell("thread.run.step.created", told or step)
        self.tell("thread.run.step.in_progress", told or step)

    def open_step(self) -> Document | None:
        """The step whose calls are waited for, if any."""
        step_id = self.work.plan.get("open_step")
        body = self.store.body("step", step_id, parent=self.run["id"]) if step_id else None
        return None if body is None else json.loads(body)


def begin(desk: Desk, run: Document, plan: Document, *, now: float, expires_after: float) -> None:
    """Keep a new queued run, with what its script plans for it."""
    desk.store.add("run", run, parent=run["thread_id"])
    plan = {**plan, "spent": 0, "expires_at": now + expires_after}
    life = Life(desk, Work(run["thread_id"], run["id"], now, plan), run, now)
    life.tell("thread.run.created", run)
    life.keep("queued", stay=life.pace.queued)


def tokens(*texts: str) -> int:
    """About how many tokens these texts are: a quarter of their characters."""
    return sum(len(text) for text in texts) // _CHARACTERS_A_TOKEN


def advance(desk: Desk, thread_id: str, *, now: float) -> None:
    """Make happen in a thread what is due by now (unix seconds)."""
    while (life := _active(desk, thread_id)) and life.work.next_at <= now:
        life.at = life.work.next_at
        _happen(life)


def _active(desk: Desk, thread_id: str) -> Life | None:
    work = desk.store.work(thread_id)
    if work is None:
        return None
    body = desk.store.body("run", work.run_id, parent=thread_id)
    assert body is not None
    return Life(desk, work, json.loads(body), work.next_at)


def _happen(life: Life) -> None:
    status = life.run["status"]
    if status == "cancelling":
        life.end("cancelled")
    elif life.at >= life.work.plan["expires_at"]:
        life.end("expired")
    elif status == "queued":
        started = life.run["started_at"] or int(life.at)
        life.keep("in_progress", stay=life.pace.in_progress, started_at=started)
    else:
        _work(life)


def _work(life: Life) -> None:
    plan, limit = life.work.plan, life.run["max_prompt_tokens"]
    if plan.get("saying"):
        _say_on(life)
    elif limit is not None and plan["prompt_tokens"] > limit:
        life.end("incomplete", incomplete_details={"reason": "max_prompt_tokens"})
    elif plan["rounds"] and life.run["tool_choice"] != "none":
        _take_up(life, plan["rounds"].pop(0))
    elif plan["error"]:
        life.end("failed", last_error=plan["error"])
    else:
        _reply(life)


def _take_up(life: Life, played: list[Document]) -> None:
    if any("type" in each for each in played):
        _use_tools(life, [objects.built_in_call(each) for each in played])
    else:
        _ask(life, played)


def _use_tools(life: Life, calls: list[Document]) -> None:
    """A round of the server's own tools: nobody is asked, and the run goes on."""
    step = _told_calls(life, calls)
    written = tokens(*(dump(call[call["type"]]) for call in calls))
    life.work.plan["spent"] += written
    life.finish(step, "completed", usage=objects.usage(life.work.plan["prompt_tokens"], written))
    life.rest(life.pace.in_progress)


def _ask(life: Life, played: list[Document]) -> None:
    plan, calls = life.work.plan, [_call(each) for each in played]
    step = _told_calls(life, calls)
    plan["spent"] += tokens(*(each["arguments"] for each in played))
    plan["open_step"] = step["id"]
    # What comes of approved calls: nobody but this server makes them.
    plan["results"] = {call["id"]: each.get("output") for call, each in zip(calls, played, strict=True)}
    life.keep("requires_action", stay=None, required_action=objects.required_action(calls))


def _call(planned: Document) -> Document:
    if label := planned.get("server_label"):
        return objects.foreign_call(planned["name"], planned["arguments"], label)
    return objects.call(planned["name"], planned["arguments"])


def _told_calls(life: Life, calls: list[Document]) -> Document:
    """Keep the step of these calls. Listeners hear of an empty step, and then of what is in it."""
    step = objects.calls_step(life.run, calls, now=life.at)
    life.add_step(step, told={**step, "step_details": {"type": "tool_calls", "tool_calls": []}})
    life.tell("thread.run.step.delta", objects.calls_delta(step))
    return step


def _reply(life: Life) -> None:
    plan, limit = life.work.plan, life.run["max_completion_tokens"]
    text: str | None = plan["reply"]
    if text is None:
        life.end("completed")
        return
    room = None if limit is None else max(0, limit - plan["spent"])
    cut = room is not None and tokens(text) > room
    # Plans made before there were annotations have none.
    annotations = plan.get("annotations", [])
    speech.begin(life, text[: (room or 0) * _CHARACTERS_A_TOKEN] if cut else text, annotations, cut=cut)
    _say_on(life)


def _say_on(life: Life) -> None:
    """Another piece of the reply, and at its last the end of the run."""
    said = speech.go_on(life)
    if said is None:
        life.rest(life.pace.piece)
        return
    life.work.plan["spent"] += tokens(said.text)
    step = said.step
    life.finish(step, "completed", usage=objects.usage(life.work.plan["prompt_tokens"], tokens(said.text)))
    if said.cut:
        life.end("incomplete", incomplete_details={"reason": "max_completion_tokens"})
    else:
        life.end("completed")


def check_outputs(run: Document, outputs: list[tuple[str, str]]) -> None:
    """Raises `ApiError` (400) unless these are the outputs of all calls that a run waits for."""
    expected = _expected(run, "submit_tool_outputs")
    got = [call_id for call_id, _ in outputs]
    if sorted(expected) != sorted(got):
        raise errors.wrong_outputs(expected, got)


def check_approvals(run: Document, approvals: list[tuple[str, bool]]) -> None:
    """Raises `ApiError` (400) unless these are the decisions on all calls that a run wants consent to."""
    expected = _expected(run, "submit_tool_approval")
    got = [call_id for call_id, _ in approvals]
    if sorted(expected) != sorted(got):
        raise errors.wrong_approvals(expected, got)


def _expected(run: Document, wanted: str) -> list[str]:
    if run["status"] != "requires_action":
        raise errors.no_outputs_wanted(run["status"])
    asked = run["required_action"]
    if asked["type"] != wanted:
        raise errors.other_action_wanted(asked["type"])
    return [call["id"] for call in asked[wanted]["tool_calls"]]


def approve(desk: Desk, run: Document, approvals: list[tuple[str, bool]], *, now: float) -> Document:
    """Take decisions that were checked; the run is queued again."""
    life = _active(desk, run["thread_id"])
    assert life is not None
    results = life.work.plan["results"]
    return _go_on(desk, run, {key: (results[key] or "") if approved else None for key, approved in approvals}, now=now)


def submit(desk: Desk, run: Document, outputs: list[tuple[str, str]], *, now: float) -> Document:
    """Take outputs that were checked; the run is queued again."""
    return _go_on(desk, run, dict(outputs), now=now)


def _go_on(desk: Desk, run: Document, outputs: Mapping[str, str | None], *, now: float) -> Document:
    life = _active(desk, run["thread_id"])
    assert life is not None
    life.at = now
    _fill(life, outputs)
    life.keep("queued", stay=life.pace.queued, required_action=None)
    return life.run


def _fill(life: Life, outputs: Mapping[str, str | None]) -> None:
    step, plan = life.open_step(), life.work.plan
    assert step is not None
    arguments = []
    for call in step["step_details"]["tool_calls"]:
        carried = call.get("function", call)
        carried["output"] = outputs[call["id"]]
        arguments.append(carried["arguments"])
    usage = objects.usage(plan["prompt_tokens"], tokens(*arguments))
    life.finish(step, "completed", usage=usage)
    plan["prompt_tokens"] += tokens(*(output or "" for output in outputs.values()))
    plan["open_step"] = None


def cancel(desk: Desk, run: Document, *, now: float) -> Document:
    """Begin to cancel an active run. Raises `ApiError` (400) where it cannot be cancelled any more."""
    if run["status"] not in ("queued", "in_progress", "requires_action"):
        raise errors.cannot_cancel(run["status"])
    life = _active(desk, run["thread_id"])
    assert life is not None
    life.at = now
    life.keep("cancelling", stay=life.pace.cancelling, required_action=None)
    return life.run


def prompt_tokens(run: Document, messages: list[Document]) -> int:
    """About how many tokens a run reads before it says anything."""
    texts = [objects.text_of(message) for message in messages]
    return tokens(run["instructions"] or "", dump(run["tools"]), *texts)
