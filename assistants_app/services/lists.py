"""Pages of long lists by keyset: as quick at the end as at the start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import F, Q, QuerySet

ROWS = 50


@dataclass(frozen=True)
class Page:
    """Rows newest first, and the cursors of the pages beside it ('' where there is none)."""

    rows: Sequence[Any]
    older: str = ""
    newer: str = ""


def cursor_of(row: Any, moment: str) -> str:
    """What stands for the place of a row in a list: its moment and key."""
    value = getattr(row, moment)
    return f"{value.isoformat() if value else ''}~{row.pk}"


def cursor_before(row: Any, moment: str) -> str:
    """The cursor whose newer page begins with this row."""
    value = getattr(row, moment)
    return f"{value.isoformat() if value else ''}~{row.pk - 1}"


def read_cursor(cursor: str) -> tuple[datetime | None, int] | None:
    """The place a cursor stands for; None for anything that is none."""
    stamp, _, key = cursor.rpartition("~")
    try:
        place = int(key)
        moment = datetime.fromisoformat(stamp) if stamp else None
        if moment is not None and moment.tzinfo is None:
            return None
        moment = moment.astimezone(UTC) if moment else None
    except (ValueError, OverflowError):
        return None
    if not 0 <= place < 2**63:
        return None
    return moment, place


def keyset(rows: QuerySet[Any], *, moment: str, after: str = "", before: str = "", size: int = ROWS) -> Page:
    """One page of rows, newest first: those after a cursor (older), before it (newer), or the newest. Rows without
    a moment come last."""
    newest = F(moment).desc(nulls_last=True) if _nullable(rows, moment) else F(moment).desc()
    oldest = F(moment).asc(nulls_first=True) if _nullable(rows, moment) else F(moment).asc()
    if place := read_cursor(before):
        found = rows.filter(_newer(moment, *place)).order_by(oldest, "pk")
        newer_rows = list(found[: size + 1])
        more, page = len(newer_rows) > size, newer_rows[:size][::-1]
        return _page(page, moment, older=True, newer=more)
    place = read_cursor(after)
    found = rows.filter(_older(rows, moment, *place)) if place else rows
    older_rows = list(found.order_by(newest, "-pk")[: size + 1])
    return _page(older_rows[:size], moment, older=len(older_rows) > size, newer=place is not None)


def _nullable(rows: QuerySet[Any], moment: str) -> bool:
    return bool(rows.model._meta.get_field(moment).null)


def _page(rows: Sequence[Any], moment: str, *, older: bool, newer: bool) -> Page:
    if not rows:
        return Page(rows)
    return Page(
        rows,
        older=cursor_of(rows[-1], moment) if older else "",
        newer=cursor_of(rows[0], moment) if newer else "",
    )


def _older(rows: QuerySet[Any], moment: str, value: datetime | None, key: int) -> Q:
    if value is None:
        return Q(**{f"{moment}__isnull": True, "pk__lt": key})
    same = Q(**{moment: value, "pk__lt": key})
    # The first condition alone lets the index find the place; the rest sorts out what shares its moment.
    found = Q(**{f"{moment}__lte": value}) & (Q(**{f"{moment}__lt": value}) | same)
    return found | Q(**{f"{moment}__isnull": True}) if _nullable(rows, moment) else found


def _newer(moment: str, value: datetime | None, key: int) -> Q:
    if value is None:
        return Q(**{f"{moment}__isnull": False}) | Q(**{f"{moment}__isnull": True, "pk__gt": key})
    same = Q(**{moment: value, "pk__gt": key})
    return Q(**{f"{moment}__gte": value}) & (Q(**{f"{moment}__gt": value}) | same)
