"""What reading told of a request whose answer was lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from enum import Enum
from itertools import islice
from typing import Any

from assistants_app.models import Operation
from assistants_app.models.operations import OPERATION_KEY

# So many of the newest objects are looked through for a made one, and further back to when it can have been made.
LOOKED_THROUGH = 100
MOST_LOOKED_THROUGH = 2000
CLOCKS_DIFFER = timedelta(minutes=5)


class Found(Enum):
    """Those with a sentence end it as refused."""

    ARRIVED = "it had arrived"
    MOVED_ON = "the run went on, and nothing says with whose outputs"
    ABSENT = "it had not arrived"
    ELSEWHERE = "The run was answered elsewhere first, with other outputs."
    IMPOSSIBLE = "No answer came, and the run ended before these answers arrived."
    ENDED = "No answer came, and the run ended by itself."
    UNKNOWABLE = "No answer came. It may have been made; this server cannot tell."
    HALF = "The thread was made, but there is no run in it. It can be started there."
    UNTOLD = "No answer came, and the run has ended. These answers may have arrived; this server cannot tell."
    OVERTAKEN = "Not saved: the assistant was changed elsewhere meanwhile."
    DELETE_OVERTAKEN = "Not deleted: the assistant was changed elsewhere meanwhile."
    NOT_DELETED = "The server says that it did not delete it."


def made_by(operation: Operation, newest: Iterator[Any]) -> Any:
    """The object that an operation made, among those that can be it: the newest ones, back to a while before it was
    sent. None where it is not there."""
    assert operation.sent_at is not None
    earliest = operation.sent_at - CLOCKS_DIFFER
    for number, each in enumerate(islice(newest, MOST_LOOKED_THROUGH), 1):
        if each.metadata.get(OPERATION_KEY) == str(operation.uuid):
            return each
        if number >= LOOKED_THROUGH and each.created_at is not None and each.created_at < earliest:
            break
    return None
