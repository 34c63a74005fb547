"""Asks a server for something that one person wants now: reading one object, or changing what can be changed twice
alike. What makes something is stored first instead (services/operations.py)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from assistants_app.api import errors, objects
from assistants_app.api.client import Client
from assistants_app.models import Connection
from assistants_app.services import capabilities, connections

# What a server says of one request, and not of itself.
OF_THE_REQUEST = (errors.BadRequest, errors.NotFound, errors.NotOffered, errors.Conflict)


@contextmanager
def asking(connection: Connection, operation: str) -> Iterator[Client]:
    """A client for one operation, by its name in the specification. Raises ApiError: NotOffered, without asking, for
    what this server is known to lack. What it says of itself is noted."""
    if reason := capabilities.lack(connection, operation):
        raise errors.NotOffered(reason)
    try:
        yield connections.for_people(connection)
    except errors.ApiError as error:
        if not isinstance(error, OF_THE_REQUEST):
            connections.refused(connection, error)
        capabilities.refused(connection, operation, error)
        raise
    connections.heard(connection)


def deleted(answer: objects.Deleted) -> None:
    """Takes a server at its word. Raises Refused where it says that it did not delete."""
    if answer.raw.get("deleted") is False:
        raise errors.Refused("The server answered that it was not deleted.")
