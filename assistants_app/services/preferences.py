"""How a person likes to work: what they chose, and which time zone holds for them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, tzinfo
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ObjectDoesNotExist

from assistants_app.models import Preferences


def of(user: User | AnonymousUser) -> Preferences:
    """What somebody chose, which came with the user; the defaults for whoever chose nothing, and for strangers."""
    try:
        found: Preferences = user.preferences  # type: ignore[union-attr]
    except (ObjectDoesNotExist, AttributeError):
        return Preferences()
    return found


def change(*, user: User, **changes: Any) -> None:
    """Stores what a person chose; all else stays."""
    if not Preferences.objects.filter(user=user).update(**changes):
        Preferences.objects.update_or_create(user=user, defaults=changes)


@cache
def zones() -> frozenset[str]:
    """The names of time zones that this machine knows."""
    return frozenset({"UTC", *available_timezones()})


def zones_by_area(areas: Collection[str]) -> dict[str, list[str]]:
    """The zones of these continents and oceans, as their names begin."""
    found: dict[str, list[str]] = {}
    for name in sorted(zones()):
        area = name.partition("/")[0]
        if area in areas and area != name:
            found.setdefault(area, []).append(name)
    return found


def zone(chosen: Preferences, *, browser: str) -> tzinfo:
    """The time zone in which somebody reads exact times; `browser` is what their browser says its own is."""
    name = browser if chosen.time_zone == Preferences.BROWSER else chosen.time_zone
    return ZoneInfo(name) if name in zones() and name != "UTC" else UTC


def language(chosen: Preferences, *, browser: str) -> str:
    """The language in which somebody reads; `browser` is the one of ours that their browser likes best."""
    return chosen.language if chosen.language in dict(settings.LANGUAGES) else browser
