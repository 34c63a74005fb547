"""Lists come in pages; a page knows its next cursor, and `every` walks over all of them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from assistants_app.api.errors import Unreadable


class HasId(Protocol):
    @property
    def id(self) -> str: ...


Item = TypeVar("Item", bound=HasId)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Item]):
    """`has_more` speaks of the direction of travel. Where a server leaves it out, a full page counts as
    having more."""

    data: tuple[Item, ...]
    first_id: str | None
    last_id: str | None
    has_more: bool

    @property
    def next_cursor(self) -> str | None:
        """What `after` must be for the page that follows; None where nothing can follow."""
        return self.last_id


def read_page(
    raw: Any,
    read_item: Callable[[Mapping[str, Any]], Item],
    limit: int,
    *,
    belongs: Callable[[Item], bool] = lambda item: True,
) -> Page[Item]:
    """A page from a list object, or from a bare list. Entries that are no objects, or do not belong, are left out.

    Raises Unreadable where there is no list at all: an empty page would say that everything is gone.
    """
    fields: Mapping[str, Any] = raw if isinstance(raw, Mapping) else {"data": raw}
    entries = fields.get("data", ...)
    if not isinstance(entries, list) and not (entries is None and isinstance(raw, Mapping)):
        raise Unreadable("The answer holds no list")
    found = [entry for entry in entries or [] if isinstance(entry, Mapping)]
    more = fields.get("has_more")
    items = tuple(map(read_item, found))
    return Page(
        data=tuple(filter(belongs, items)),
        first_id=_cursor(fields.get("first_id")),
        last_id=(_cursor(fields.get("last_id")) or items[-1].id or None) if items else None,
        has_more=more if isinstance(more, bool) else len(entries or []) >= limit,
    )


def _cursor(value: object) -> str | None:
    return value if isinstance(value, str) and value not in ("", "none") else None


def every(
    list_method: Callable[..., Page[Item]], *ids: str, limit: int | None = 100, **page_parameters: Any
) -> Iterator[Item]:
    """Every object of a list, page after page, none twice: `every(client.threads.messages.list, thread_id)`.

    Ends when the server says so, and also when it repeats a cursor or brings nothing new, as servers do
    that ignore `after`. Raises what the list method raises.
    """
    seen: set[str] = set()
    cursors = {page_parameters.pop("after", None)}
    (cursor,) = cursors
    while True:
        page = list_method(*ids, limit=limit, after=cursor, **page_parameters)
        fresh = [item for item in page.data if not item.id or item.id not in seen]
        seen.update(item.id for item in fresh)
        yield from fresh
        cursor = page.next_cursor
        brought_nothing = bool(page.data) and not fresh  # a page of what belongs elsewhere may be followed by ours
        if not page.has_more or brought_nothing or cursor is None or cursor in cursors:
            return
        cursors.add(cursor)
