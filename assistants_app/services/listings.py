"""Lists that are read only when somebody wants them: what is there is shown at once, with its age, and read anew by a
worker (services/refreshing.py)."""

from __future__ import annotations

from collections.abc import Sequence

from assistants_app.models import Connection, Listing
from assistants_app.services import capabilities, work

FILES, MODELS, VECTOR_STORES = "listFiles", "listModels", "listVectorStores"


def want(connection: Connection, name: str, *, fresh_seconds: float | None = None) -> Listing | None:
    """The listing of a server by the operation that reads it, which is done soon unless it was done lately. None where
    this server has no such list."""
    return next(iter(of([connection], name, fresh_seconds=fresh_seconds)), None)


def of(
    every: Sequence[Connection], name: str, *, is_wanted: bool = True, fresh_seconds: float | None = None
) -> list[Listing]:
    """The same for several connections, of those that have such a list. With `is_wanted` they are read soon, unless
    that was done lately."""
    offering = [each for each in every if not capabilities.lack(each, name)]
    known = {each.connection_id: each for each in Listing.objects.filter(connection__in=offering, name=name)}
    found = []
    for connection in offering:
        listing = known.get(connection.pk)
        if listing is None and is_wanted:
            listing, _made = Listing.objects.get_or_create(connection=connection, name=name)
        if listing is not None:
            listing.connection = connection
            found.append(listing)
            if is_wanted:
                _hasten_if_stale(listing, fresh_seconds)
    return found


def _hasten_if_stale(listing: Listing, fresh_seconds: float | None) -> None:
    fresh = work.get_stale_time(fresh_seconds)
    if listing.due_at is None and (listing.read_at is None or listing.read_at < fresh):
        hasten(listing)


def hasten(listing: Listing) -> None:
    """Has a listing read at once."""
    Listing.objects.filter(pk=listing.pk).hasten()
    work.ask("read_listing", listing.pk)
