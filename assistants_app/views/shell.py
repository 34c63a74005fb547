"""What every page shows around itself."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from assistants_app.models.people import Role
from assistants_app.services import people, preferences


def shell(request: HttpRequest) -> dict[str, Any]:
    """The role of whoever looks, what they chose and the number of waiting runs: all came with the user."""
    user = getattr(request, "user", None)
    role = people.role_of(user) if user else Role.NONE
    return {
        "preferences": preferences.of(user or AnonymousUser()),
        "role": role,
        "may_operate": role >= Role.OPERATOR,
        "may_edit": role >= Role.EDITOR,
        "may_administer": role >= Role.ADMIN,
        "waiting_count": getattr(user, "waiting_count", None) or 0,
    }
