"""From what stands in an address to the object: the server's id, or ~ and our key."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from assistants_app.models.mirrored import Mirrored


class Ambiguous(Exception):
    """Several connections have an object of this id."""

    def __init__(self, remote_id: str) -> None:
        super().__init__(remote_id)
        self.remote_id = remote_id


def one(rows: QuerySet[Any], reference: str) -> Any:
    """The row that a reference stands for. Raises Http404 for none, Ambiguous for several."""
    by_key = reference.startswith("~") and reference[1:].isascii() and reference[1:].isdigit() and len(reference) < 20
    if by_key:
        found = list(rows.filter(pk=int(reference[1:]))[:1])
    else:
        found = list(rows.filter(remote_id=reference.replace("\x00", ""))[:2])
    if not found:
        raise Http404(f"There is nothing here with the id {reference[:80]}.")
    if len(found) > 1:
        raise Ambiguous(reference)
    # Whoever came by our key goes on by it: the links and forms of the page must not lead back to a choice.
    found[0].has_namesakes = by_key
    for related in found[0]._state.fields_cache.values():
        if isinstance(related, Mirrored):
            related.has_namesakes = by_key
    return found[0]
