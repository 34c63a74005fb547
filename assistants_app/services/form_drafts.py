"""What people typed into long forms and have not sent: kept on the server while they type, each person's own."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import F
from django.utils import timezone

from assistants_app.models import FormDraft, Operation

MOST_KEPT = 20  # of one person and form; older ones give way


def latest(*, by: User, form: str) -> FormDraft | None:
    """What a person typed last into a form and that is not on its way to a server."""
    mine = FormDraft.objects.filter(by=by, form=form).select_related("operation").order_by("-saved_at")
    return next((each for each in mine if each.operation is None or not each.operation.is_open), None)


def one(*, by: User, form: str, uuid: UUID) -> FormDraft | None:
    """A draft by its number."""
    return FormDraft.objects.filter(by=by, form=form, uuid=uuid).select_related("operation").first()


def save(*, by: User, form: str, uuid: UUID | None, version: int, fields: Mapping[str, str]) -> FormDraft:
    """Keeps what was typed. Where another window of the same person went on with this draft meanwhile, what that has
    stays, and this becomes a draft of its own."""
    content, now = FormDraft.written(dict(fields)), timezone.now()
    if uuid is not None:
        rows = FormDraft.objects.filter(uuid=uuid, by=by, form=form, version=version)
        if rows.update(content=content, version=F("version") + 1, saved_at=now, operation=None):
            return rows.model.objects.get(uuid=uuid)
    made = FormDraft.objects.create(by=by, form=form, content=content, saved_at=now)
    kept = FormDraft.objects.filter(by=by, form=form).order_by("-saved_at").values("pk")[:MOST_KEPT]
    FormDraft.objects.filter(by=by, form=form, operation=None).exclude(
        pk__in=list(kept.values_list("pk", flat=True))
    ).delete()
    return made


def sent(draft: FormDraft, operation: Operation) -> None:
    """A draft is on its way: it stays until the server has taken it."""
    FormDraft.objects.filter(pk=draft.pk).update(operation=operation)


def done(operation: Operation) -> None:
    """The server took it."""
    FormDraft.objects.filter(operation=operation).delete()


def discard(*, by: User, form: str) -> None:
    """Throws away what a person typed into a form."""
    FormDraft.objects.filter(by=by, form=form).delete()
