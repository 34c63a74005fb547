"""The models of a server: their names, to choose from."""

from __future__ import annotations

import json

from assistants_app.models import Assistant, Connection, Listing
from assistants_app.services import connections, listings

FRESH_SECONDS = 3_600.0
MOST = 500
LONGEST_NAME = 256


def names(connection: Connection) -> list[str]:
    """The names that are known, and those in use, sorted; they are read again where that was not done for an hour."""
    known = listed(connection)
    used = (
        Assistant.objects.filter(connection=connection, gone_at=None).exclude(model="").values_list("model", flat=True)
    )
    return sorted(known.union(used.distinct()[:MOST]))[:MOST]


def listed(connection: Connection) -> set[str]:
    """The names that a server listed when it was asked last; none where it has no such list or was not asked yet."""
    listing = listings.want(connection, listings.MODELS, fresh_seconds=FRESH_SECONDS)
    return {each for each in listing.found if isinstance(each, str)} if listing else set()


def refresh(*, listing: Listing) -> None:
    """Reads the models of a server (listModels). Raises ApiError."""
    seen = connections.for_background(listing.connection).models.list().data
    found = sorted({each.id for each in seen if 0 < len(each.id) <= LONGEST_NAME})[:MOST]
    Listing.objects.filter(pk=listing.pk).update(content=json.dumps(found))
