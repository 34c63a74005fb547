"""The first minutes of somebody who answers: three steps, each ticked off by what they really did."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.utils import timezone

from assistants_app.models import Operation, Run
from assistants_app.services import preferences


@dataclass(frozen=True)
class Step:
    """One of the three, in its order."""

    name: str
    is_done: bool
    is_next: bool


def of(user: User) -> list[Step]:
    """The steps of somebody who is still on the way; none for whoever is through, or wants no guide."""
    chosen = preferences.of(user)
    if chosen.guided_until is not None:
        return []
    opened = chosen.opened_run_at is not None
    done = [opened, opened and has_answered(user), chosen.saw_reply_at is not None]
    if all(done):
        over(user)
        return []
    following = done.index(False)
    names = ("open", "answer", "watch")
    return [Step(name, done[place], place == following) for place, name in enumerate(names)]


def has_answered(user: User, run: Run | None = None) -> bool:
    """Whether a server has taken answers of this person (for this run)."""
    sent = Operation.objects.filter(by=user, kind=Operation.Kind.SUBMIT, state=Operation.State.ACCEPTED)
    return (sent.filter(run=run) if run else sent).exists()


def saw(user: User, run: Run) -> None:
    """Notes that somebody has a run before them: one that waits, or one that came to its end by their answers."""
    chosen = preferences.of(user)
    if chosen.guided_until is not None:
        return
    if run.is_waiting and chosen.opened_run_at is None:
        preferences.change(user=user, opened_run_at=timezone.now())
    elif run.status == "completed" and chosen.saw_reply_at is None and has_answered(user, run):
        preferences.change(user=user, opened_run_at=chosen.opened_run_at or timezone.now(), saw_reply_at=timezone.now())


def over(user: User) -> None:
    """No more guiding, for good."""
    preferences.change(user=user, guided_until=timezone.now())
