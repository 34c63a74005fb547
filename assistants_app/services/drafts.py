"""Answers that were begun: kept beside their call, whoever began them, until a server has taken the answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from assistants_app.models import Draft, Operation, Run, ToolCall
from assistants_app.models.claims import NO_PAGE
from assistants_app.models.drafts import filled
from assistants_app.services import answers, events, history, output_schemas


@dataclass(frozen=True)
class Typed:
    """What stands in the part of a form that answers one call, and the version of the draft that it began from."""

    call: int
    fields: Mapping[str, Sequence[str]]
    version: int


def of(call: ToolCall) -> Draft | None:
    """The draft of a call that came with it (`select_related("draft__by")`), or is read now."""
    return call.draft if hasattr(call, "draft") else None


def begun(calls: Iterable[ToolCall], *, besides: Operation | None = None) -> dict[int, dict[str, str]]:
    """What was drafted of the answers to calls: fields by their names, by the calls' keys. A draft older than the
    operation `besides`, which was refused, gives way to what that sent."""
    found = [draft for call in calls if (draft := of(call)) and not (besides and draft.saved_at < besides.made_at)]
    return {draft.call_id: draft.values for draft in found}


def save(*, run: Run, typed: Sequence[Typed], by: User, page: UUID) -> set[int]:
    """Keeps what was typed for calls of a run, waiting or not; gives the keys of the calls of which somebody saved
    other words since that version: theirs stay."""
    calls = {
        call.pk: call for call in run.calls.select_related("draft__by").filter(pk__in=[each.call for each in typed])
    }
    known = [each for each in typed if each.call in calls]
    saved = {each.call: _save(calls[each.call], each, by, page) for each in known}
    if any(saved.values()):
        events.tell([events.draft_topic(run.pk)])
    return {key for key, outcome in saved.items() if outcome is None}


def _save(call: ToolCall, typed: Typed, by: User, page: UUID) -> bool | None:
    """True where it was saved, False where there was nothing to save, None where others wrote meanwhile."""
    fields = {name: list(values) for name, values in typed.fields.items()}
    known = of(call)
    if known is None:
        return _first(call, fields, typed.version, by, page)
    if known.fields == fields:
        return False
    # A page knows what it wrote itself, also where the answer to that was lost.
    own = Q(page=page) & ~Q(page=NO_PAGE)
    rows = Draft.objects.filter(Q(version=typed.version) | own, call=call)
    content = Draft.written(fields)
    changed = rows.update(content=content, version=F("version") + 1, by=by, page=page, saved_at=timezone.now())
    return True if changed else None


def _first(call: ToolCall, fields: dict[str, list[str]], version: int, by: User, page: UUID) -> bool | None:
    draft = Draft(call=call, content=Draft.written(fields), version=version + 1, by=by, page=page)
    draft.saved_at = timezone.now()
    if not filled(fields) or (call.answer is not None and _is_answer(draft)):
        # Nothing yet; or the call was answered with that while it was on its way here.
        return False
    try:
        with transaction.atomic():
            draft.save(force_insert=True)
    except IntegrityError:
        return None
    history.drafted(call)
    return True


def accepted(*, calls: Sequence[ToolCall], by: int | None) -> None:
    """The server took the answers to these calls, sent by the person of that key or by nobody: their drafts have done
    their work, and so has any that says the very same. What another person had begun stays beside the call."""
    for draft in Draft.objects.filter(call__in=calls).select_related("call__run__assistant"):
        if draft.by_id == by or _is_answer(draft):
            ToolCall.objects.filter(pk=draft.call_id).update(draft_saved_at=draft.saved_at)
            draft.delete()


def _is_answer(draft: Draft) -> bool:
    """Whether a draft says what its call was answered with."""
    call = draft.call
    said = output_schemas.of(call.run, [call.name]).get(call.name)
    return answers.written(call, draft.values, said) == call.answer
