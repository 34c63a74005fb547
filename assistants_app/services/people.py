"""Who somebody is and what they may do."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Group, User
from django.db.models import Case, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from sesame.backends import SesameBackendMixin
from sesame.utils import get_query_string

from assistants_app.models.people import Role
from assistants_app.services import tool_calls

ROLES = [role for role in Role if role is not Role.NONE]


class PeopleBackend(ModelBackend):
    """Fetches a user together with what every page asks of them, the highest role of their groups, what they chose
    and how many runs wait: one query, not five."""

    def get_user(self, user_id: Any) -> Any:
        """The active user of that key with `role_number` and `waiting_count`, or None."""
        user = _users().filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None


@cache
def _users() -> QuerySet[User]:
    """Built once, because building it takes longer than the database does; every use of it is a query of its own."""
    ranks = [When(name=role.group, then=Value(role.value)) for role in ROLES]
    rank = Case(*ranks, default=Value(0), output_field=IntegerField())
    highest = Group.objects.filter(user=OuterRef("pk")).annotate(rank=rank).order_by("-rank").values("rank")[:1]
    known = User.objects.select_related("preferences", "recipient")
    return known.annotate(role_number=Coalesce(Subquery(highest), 0), waiting_count=tool_calls.counted())


class LinkBackend(SesameBackendMixin, PeopleBackend):  # type: ignore[misc]
    """Lets in who holds a sign-in link that was not used yet."""


def role_of(user: AbstractBaseUser | AnonymousUser) -> Role:
    """The highest role of a user; a superuser is an admin, a stranger has none."""
    if not user.is_authenticated:
        return Role.NONE
    if getattr(user, "is_superuser", False):
        return Role.ADMIN
    known = getattr(user, "role_number", None)
    if known is not None:
        return Role(known)
    names = set(Group.objects.filter(user=user.pk).values_list("name", flat=True))
    return max((role for role in ROLES if role.group in names), default=Role.NONE)


def answering() -> list[User]:
    """Who may answer, by name."""
    roles = [role.group for role in ROLES if role >= Role.OPERATOR]
    may = Q(groups__name__in=roles) | Q(is_superuser=True)
    return list(User.objects.filter(may, is_active=True).only("pk", "username").order_by("username").distinct())


def ensure_admin(*, username: str = "admin") -> User:
    """The first admin, made if there is none of that name; a role somebody gave it since then stays."""
    return User.objects.filter(username=username).first() or ensure(username=username, role=Role.ADMIN)


def ensure(*, username: str, role: Role) -> User:
    """A person of that name with exactly this role. A new one has no password: a sign-in link lets them in.

    Raises ValidationError for a name that cannot be stored.
    """
    User(username=username).clean_fields(exclude=["password"])
    user, made = User.objects.get_or_create(username=username)
    if made:
        user.set_unusable_password()
        user.save()
    user.groups.remove(*Group.objects.filter(name__in=[each.group for each in ROLES]))
    user.groups.add(Group.objects.get(name=role.group))
    return user


def sign_in_query(*, user: User) -> str:
    """The query string of a sign-in link for this user: it works once, for a day."""
    return str(get_query_string(user))
