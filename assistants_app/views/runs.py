"""A run: its steps, and while it waits the form that answers it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages as notices
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assistants_app.api.errors import ApiError
from assistants_app.forms.drafts import page_of, typed_by_call
from assistants_app.forms.runs import CancelRun
from assistants_app.forms.tool_calls import (
    AnsweringForm,
    Answers,
    Approvals,
    as_typed,
    initial,
    refused,
    restored,
)
from assistants_app.models import AnswerTemplate, Operation, Run, ToolCall, Verdict
from assistants_app.models.people import Role
from assistants_app.models.runs import APPROVALS
from assistants_app.services import (
    answer_templates,
    answers,
    comparisons,
    course,
    drafts,
    events,
    exact,
    first_steps,
    memory,
    operations,
    output_schemas,
    replays,
    rulings,
    runs,
    tool_calls,
    typed_answers,
    versions,
)
from assistants_app.services.output_schemas import Returns
from assistants_app.services.references import one
from assistants_app.views import acts, claims
from assistants_app.views.pieces import PLAIN, page_or_piece, raw_object, see_other
from assistants_app.views.rights import PersonRequest, least

PIECES = {
    "run-head": "runs/_head.html",
    "run-answers": "runs/_answers.html",
    "run-conversation": "runs/_conversation.html",
    "run-steps": "runs/_steps.html",
}


def _run(reference: str) -> Run:
    found: Run = one(Run.objects.select_related("connection", "thread", "assistant", "version"), reference)
    return found


@require_GET
@least(Role.VIEWER)
def show(request: PersonRequest, reference: str) -> HttpResponse:
    run = _run(reference)
    first_steps.saw(request.user, run)
    return _page(request, run)


def _page(request: PersonRequest, run: Run, form: AnsweringForm | None = None, **more: Any) -> HttpResponse:
    status = more.pop("status", 200)
    return page_or_piece(request, "runs/show.html", PIECES, {**shown(request, run, form), **more}, status)


def shown(request: PersonRequest, run: Run, form: AnsweringForm | None = None) -> dict[str, Any]:
    """What the page of a run shows, or another page that has the form for its answers."""
    waiting = tool_calls.waiting_calls(run)
    operation = tool_calls.last_submission(run, waiting)
    declared = output_schemas.declarations(run)
    returns = output_schemas.of(run, [call.name for call in waiting])
    begun = _begun(run, waiting, operation, returns)
    is_fresh = form is None
    form = form or _filled(run, waiting, returns, begun.fields)
    return {
        "run": run,
        "thread": run.thread,
        "connection": run.connection,
        "assistant": run.assistant,
        "form": form,
        # Nobody typed into it since it was filled in.
        "is_fresh": is_fresh,
        "calls": form.rows(declared),
        "required_action": json.dumps(run.object.get("required_action")) if not run.asks else "",
        "calls_key": tool_calls.calls_key(run, waiting) if waiting else "",
        "offered": begun.offered,
        "confirms": begun.confirms,
        "ruling": next((verdict.ruling for call in waiting if (verdict := rulings.of(call))), None),
        "remembered": SimpleLazyObject(lambda: memory.of(waiting, connection=run.connection_id)),
        "templates": SimpleLazyObject(lambda: answer_templates.of(waiting, connection=run.connection_id)),
        "answered": _answered(run, waiting),
        "under_way": tool_calls.under_way(run),
        "operation": operation,
        "cancel": runs.last_cancel(run),
        "again": None if run.is_active else replays.last(run),
        "can_start": replays.can_start(run),
        "course": SimpleLazyObject(lambda: course.of(run, runs.steps(run))),
        "conversation": runs.conversation(run),
        "provenance": SimpleLazyObject(lambda: _provenance(run)),
        "next_waiting": tool_calls.next_waiting(besides=run, by=request.user),
        # Opened before anybody asks who is at it.
        "page_number": claims.opened(request, run),
        **claims.holder(run),
        "draft_topic": events.draft_topic(run.pk),
        "thread_topic": events.thread_topic(run.thread_id),
    }


def _provenance(run: Run) -> dict[str, Any]:
    """The version that produced a run, and what differs from that and from the run before."""
    found = versions.provenance(run)
    if found is None:
        return {}
    return {
        "version": found.version,
        "before": found.before,
        "own": comparisons.between(found.as_version, found.own) if found.own else [],
        "since": comparisons.between(found.then, found.now) if found.before else [],
    }


@dataclass(frozen=True)
class _Begun:
    """What the form begins with: its fields, and which of them are filled in from a run before or by rules."""

    fields: dict[str, str]
    offered: dict[int, replays.Kept]
    confirms: dict[int, Verdict]


def _begun(run: Run, calls: list[ToolCall], operation: Operation | None, returns: Mapping[str, Returns]) -> _Begun:
    """What was drafted; else what the server refused; else what rules answered; else what is kept of the run before."""
    was_refused = operation if operation and operation.state == Operation.State.REFUSED else None
    drafted, sent = drafts.begun(calls, besides=was_refused), refused(operation, calls)
    kept = replays.offered(run, calls) if calls else {}
    proposed = rulings.proposed(calls)
    fields: dict[str, str] = {}
    offered: dict[int, replays.Kept] = {}
    confirms: dict[int, Verdict] = {}
    for call in calls:
        said, before = returns.get(call.name), kept.get(call.pk)
        if call.pk in drafted:
            mine = restored(call, drafted[call.pk], said=said, shown=call.draft.text)
        elif call.pk in sent:
            mine = initial(call, sent[call.pk], said=said)
        elif call.pk in proposed:
            mine, confirms[call.pk] = initial(call, proposed[call.pk].output or "", said=said), proposed[call.pk]
        else:
            mine = _as_kept(call, before, said) if before else {}
        fields |= mine
        if before and call.pk not in confirms and _is_as_kept(call, mine, before, said):
            offered[call.pk] = before
    return _Begun(fields, offered, confirms)


def _as_kept(call: ToolCall, kept: replays.Kept, said: Returns | None) -> dict[str, str]:
    if kept.fields is None:
        return initial(call, kept.text, said=said)
    return restored(call, kept.fields, said=said, shown=kept.text)


def _is_as_kept(call: ToolCall, fields: dict[str, str], kept: replays.Kept, said: Returns | None) -> bool:
    same = _as_kept(call, kept, said)
    return fields == same or answers.written(call, fields, said) == answers.written(call, same, said) != ""


def _filled(run: Run, calls: list[ToolCall], returns: Mapping[str, Returns], fields: dict[str, str]) -> AnsweringForm:
    """The form with something in it that nobody sent."""
    if run.asks == APPROVALS:
        return Approvals(calls=calls, initial=fields)
    return Answers(calls=calls, returns=returns, initial=fields)


def with_conflicts(request: PersonRequest, run: Run, conflicts: set[int]) -> HttpResponse:
    """The page with what was typed, beside the drafts of other people that it would have written over."""
    waiting = tool_calls.waiting_calls(run)
    fields = _Typed(request.POST, waiting, run).fields
    form = _filled(run, waiting, output_schemas.of(run, [call.name for call in waiting]), fields)
    return _page(request, run, form, conflicts=conflicts, kept=[] if waiting else _kept(run, request), status=409)


def _kept(run: Run, request: PersonRequest) -> list[tuple[str, str]]:
    """What was typed, with the names of the functions."""
    calls = list(run.calls.all())
    outputs = as_typed(request.POST, calls=calls, returns=output_schemas.of(run, [call.name for call in calls]))
    names = {call.pk: call.name for call in calls}
    return [(names.get(key, ""), text) for key, text in outputs.items()]


def _answered(run: Run, waiting: list[ToolCall]) -> list[dict[str, Any]]:
    """The calls that no longer wait, each with the answer that was sent to it and not taken, or else its draft."""
    # An answer may arrive between the two looks: no call is shown twice.
    known = run.calls.filter(waiting=False).exclude(pk__in=[call.pk for call in waiting])
    calls = list(known.select_related("operation__by", "draft__by", "verdict"))
    is_kept = not run.is_active and any(call.operation_id is None for call in calls)
    kept = {key: each for key, each in replays.kept(run).items() if each.fields is None} if is_kept else {}
    return [{"call": call, "kept": kept.get(call.pk) if call.operation_id is None else None} for call in calls]


@require_POST
@least(Role.OPERATOR)
def answer(request: PersonRequest, reference: str) -> HttpResponse:
    """Takes the answers to all calls. What was typed is shown again with whatever is wrong with it."""
    run = _run(reference)
    calls = tool_calls.waiting_calls(run)
    key = request.POST.get("calls", "")
    if not calls or not run.asks or key != tool_calls.calls_key(run, calls):
        return _not_taken(request, run, tool_calls.standing(run=run, key=key))
    act, _colon, what = request.POST.get("act", "").partition(" ")
    returns = output_schemas.of(run, [each.name for each in calls])
    if act in CHANGES and (run.asks != APPROVALS or act == THEIRS):
        fields = CHANGES[act](_Typed(request.POST, calls, run), what)
        return _looked_at(request, run, _filled(run, calls, returns, fields), besides=what if act == THEIRS else "")
    form = _bound(request, run, calls, returns)
    if not form.is_valid():
        return _looked_at(request, run, form, status=422)
    if act == "preview":
        return _looked_at(request, run, form, preview=json.dumps(tool_calls.body_for(run, calls, form.outputs())))
    return _sent(request, run, form, key)


def _looked_at(
    request: PersonRequest, run: Run, form: AnsweringForm, *, besides: str = "", **more: Any
) -> HttpResponse:
    """The page of what was typed and not sent: its drafts are saved, and those of others that it would have written
    over are shown, but for that of the call with the key `besides`."""
    typed = [each for each in typed_by_call(request.POST) if str(each.call) != besides]
    conflicts = drafts.save(run=run, typed=typed, by=request.user, page=page_of(request.POST))
    return _page(request, run, form, conflicts=conflicts, **more)


def _sent(request: PersonRequest, run: Run, form: AnsweringForm, key: str) -> HttpResponse:
    try:
        submission = tool_calls.submit(run=run, outputs=form.outputs(), by=request.user)
    except tool_calls.CallsChanged:
        return _not_taken(request, _run(run.reference), tool_calls.standing(run=run, key=key))
    if not submission.is_new:
        return _not_taken(request, run, submission.operation)
    return _taken(request, run)


def _bound(request: PersonRequest, run: Run, calls: list[ToolCall], returns: Mapping[str, Returns]) -> AnsweringForm:
    if run.asks == APPROVALS:
        return Approvals(request.POST, calls=calls)
    return Answers(request.POST, calls=calls, returns=returns)


# ---- What changes the form and sends nothing


@dataclass(frozen=True)
class _Typed:
    """What was typed so far, by the fields' names."""

    posted: QueryDict
    calls: list[ToolCall]
    run: Run

    @property
    def fields(self) -> dict[str, str]:
        return {name: str(values[-1]) for name, values in self.posted.lists() if values}


def _tidied(typed: _Typed, field: str) -> dict[str, str]:
    """The JSON of an answer with line breaks; what is none stays as it is."""
    try:
        return typed.fields | {field: exact.tidy(typed.fields[field])}
    except (KeyError, ValueError, RecursionError):
        return typed.fields


def _used(typed: _Typed, which: str) -> dict[str, str]:
    """An answer that was given before, for one of the calls: its key and that of the call that was answered."""
    keys = which.split()
    if len(keys) != 2 or not all(key.isascii() and key.isdigit() and len(key) < 19 for key in keys):
        return typed.fields
    call = next((each for each in typed.calls if each.pk == int(keys[0])), None)
    before = ToolCall.objects.filter(pk=int(keys[1]), run__connection=typed.run.connection_id).first()
    if call is None or before is None or before.name != call.name or before.output is None:
        return typed.fields
    said = output_schemas.of(typed.run, [call.name]).get(call.name)
    return {**typed.fields, call.field: "", **initial(call, before.output, said=said)}


def _from_template(typed: _Typed, which: str) -> dict[str, str]:
    """A template for one of the calls, with its arguments: the call's key and that of the template."""
    keys = which.split()
    if len(keys) != 2 or not all(key.isascii() and key.isdigit() and len(key) < 19 for key in keys):
        return typed.fields
    call = next((each for each in typed.calls if each.pk == int(keys[0])), None)
    template = AnswerTemplate.objects.filter(pk=int(keys[1]), connection=typed.run.connection_id).first()
    if call is None or template is None or template.function != call.name:
        return typed.fields
    text = answer_templates.offered(template, call).text
    return {**typed.fields, call.field: text, call.format_field: template.format}


def _theirs(typed: _Typed, key: str) -> dict[str, str]:
    """The draft that somebody else saved of the answer to a call, in place of what was typed."""
    call = next((each for each in typed.calls if str(each.pk) == key), None)
    draft = drafts.of(call) if call else None
    if call is None or draft is None:
        return typed.fields
    own = {name for each in typed_by_call(typed.posted) if each.call == call.pk for name in each.fields}
    said = output_schemas.of(typed.run, [call.name]).get(call.name)
    rest = {name: text for name, text in typed.fields.items() if name not in own}
    return rest | restored(call, draft.values, said=said, shown=draft.text)


THEIRS = "theirs"
CHANGES: dict[str, Callable[[_Typed, str], dict[str, str]]] = {
    "tidy": _tidied,
    "more": lambda typed, name: typed_answers.with_one_more(typed.fields, name),
    "less": lambda typed, name: typed_answers.without(typed.fields, name),
    "use": _used,
    "template": _from_template,
    THEIRS: _theirs,
}


def _taken(request: PersonRequest, run: Run) -> HttpResponse:
    return _page(request, run) if request.htmx else see_other(run)


def _not_taken(request: PersonRequest, run: Run, winner: Operation | None) -> HttpResponse:
    """Who was first, if anybody, and what was typed. The very same answers of the same person are no conflict."""
    calls = list(run.calls.all())
    outputs = as_typed(request.POST, calls=calls, returns=output_schemas.of(run, [call.name for call in calls]))
    if winner and winner.by_id == request.user.pk and tool_calls.are_outputs(winner, run=run, outputs=outputs):
        return _taken(request, run)
    # It cannot be sent any more, but it is somebody's work: the draft keeps it beyond this page.
    drafts.save(run=run, typed=typed_by_call(request.POST), by=request.user, page=page_of(request.POST))
    return _page(request, run, winner=winner, kept=_kept(run, request), status=409)


@require_POST
@least(Role.OPERATOR)
def cancel(request: PersonRequest, reference: str) -> HttpResponse:
    run = _run(reference)
    form = CancelRun(request.POST)
    if not form.is_valid():
        return _page(request, run, cancel_form=form, status=422)
    runs.cancel(run=run, by=request.user, reason=form.cleaned_data["reason"])
    return see_other(run)


@require_POST
@least(Role.OPERATOR)
def again(request: PersonRequest, reference: str) -> HttpResponse:
    """A new run on the thread in place of one that ended; what was answered before is offered in it."""
    run = _run(reference)
    if not replays.can_start(run):
        notices.error(request, _("This run cannot be started again: it goes on, is done, or its assistant is unknown."))
        return see_other(run)
    operation = operations.awaited(replays.start(run=run, by=request.user))
    return see_other(operation.run or run)


@require_POST
@least(Role.VIEWER)
def refresh(request: PersonRequest, reference: str) -> HttpResponse:
    run = _run(reference)
    runs.follow_again(run)
    return see_other(run)


@require_http_methods(["GET", "POST"])
@least(Role.OPERATOR)
def metadata(request: PersonRequest, reference: str) -> HttpResponse:
    run = _run(reference)
    here, thread = run.get_absolute_url(), run.thread
    crumbs = [(reverse("threads"), _("Threads")), (thread.get_absolute_url(), thread.title[:60]), (here, _("Run"))]
    words = _("Metadata of the run"), _("The metadata is saved.")
    act = acts.Act(words[0], run, run.connection, "modifyRun", here, crumbs, words[1])
    return acts.edit_metadata(request, act, lambda pairs: runs.modify(run=run, metadata=pairs))


@require_POST
@least(Role.VIEWER)
def refresh_step(request: PersonRequest, reference: str, key: int) -> HttpResponse:
    """Reads one step again, at once."""
    run = _run(reference)
    step = get_object_or_404(run.steps, pk=key)
    try:
        runs.refresh_step(run=run, step=step)
    except ApiError as error:
        notices.error(request, _("The server gave no good answer: %(words)s") % {"words": error.message})
    return see_other(f"{run.get_absolute_url()}#step-{step.pk}")


@require_GET
@least(Role.VIEWER)
def raw(request: PersonRequest, reference: str) -> HttpResponse:
    return raw_object(request, _run(reference), "run")


@require_GET
@least(Role.VIEWER)
def step_raw(request: PersonRequest, reference: str, key: int) -> HttpResponse:
    return raw_object(request, get_object_or_404(_run(reference).steps, pk=key), "step")


@require_GET
@least(Role.VIEWER)
def call(request: PersonRequest, reference: str, key: int, part: str) -> HttpResponse:
    """The whole arguments or output of a call, to the letter."""
    found = get_object_or_404(_run(reference).calls, pk=key)
    text = {"arguments": found.arguments, "output": found.output}.get(part)
    if text is None:
        raise Http404("This call has no such text.")
    return HttpResponse(text, content_type=PLAIN)
