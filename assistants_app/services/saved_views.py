"""Ways to look at the queue that people gave names."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from assistants_app.models import SavedView

MOST = 100


class NameTaken(Exception):
    """The person has another view of that name."""


class TooMany(Exception):
    """The person has MOST views."""


def of(user: User) -> list[SavedView]:
    """A person's views by name."""
    return list(user.saved_views.all())


def save(*, user: User, name: str, query: str) -> SavedView:
    """Keeps what a query string narrows the queue to under a name; a view of that name now shows this.

    Raises TooMany.
    """
    if not user.saved_views.filter(name=name).exists() and user.saved_views.count() >= MOST:
        raise TooMany
    view, _ = SavedView.objects.update_or_create(user=user, name=name, defaults={"query": query})
    return view


def rename(*, view: SavedView, name: str) -> None:
    """Gives a view another name. Raises NameTaken."""
    view.name = name
    try:
        with transaction.atomic():
            view.save(update_fields=["name"])
    except IntegrityError as error:
        raise NameTaken from error


def delete(*, view: SavedView) -> None:
    """Forgets a view. Whoever has its address still sees the same."""
    view.delete()
