"""Who is at which waiting run: told to others, so that two people do not answer the same one by accident."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from assistants_app.models import Claim, Run
from assistants_app.models.claims import LAPSE_SECONDS
from assistants_app.services import events, history


def standing(run: Run) -> Claim | None:
    """Who is at a run; None where nobody is, or it waits for nobody."""
    return Claim.objects.standing().select_related("by").filter(run=run).first() if run.is_waiting else None


def hold(*, run: Run, by: User, page: UUID) -> bool:
    """Claims a run for somebody who has it open on a page, or says that they still have; False where another person
    is at it. Unique by a conditional update: of two who come at once one has it."""
    now = timezone.now()
    if Claim.objects.standing(now).filter(run=run, by=by).update(page=page, seen_at=now):
        return True
    taken = {"by": by, "page": page, "since": now, "seen_at": now}
    lapsed = Claim.objects.filter(run=run, seen_at__lte=now - timedelta(seconds=LAPSE_SECONDS))
    if lapsed.update(**taken) or _made(run, taken):
        history.claimed(run, by=by.pk)
        _tell(run)
        return True
    return False


def _made(run: Run, taken: dict[str, Any]) -> bool:
    if Claim.objects.filter(run=run).exists():
        return False
    try:
        with transaction.atomic():
            Claim.objects.create(run=run, **taken)
    except IntegrityError:
        return False
    return True


def take_over(*, run: Run, by: User, page: UUID, holder: int) -> bool:
    """Takes a run from the person of the key `holder`; False where meanwhile somebody else is at it."""
    now = timezone.now()
    if Claim.objects.filter(run=run, by=holder).update(by=by, page=page, since=now, seen_at=now):
        _tell(run)
        return True
    return hold(run=run, by=by, page=page)


def release(*, run: Run, by: User, page: UUID) -> None:
    """The page is left. Where the same person has another one, that was heard of last, they keep the run."""
    if Claim.objects.filter(run=run, by=by, page=page).delete()[0]:
        _tell(run)


def _tell(run: Run) -> None:
    events.tell([events.CLAIMS, events.claim_topic(run.pk)])
