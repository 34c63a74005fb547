"""Answers that are not one JSON object."""

from dataclasses import dataclass

from local_api.hearing import Ears


@dataclass(frozen=True)
class Blob:
    """What is in a file."""

    content: bytes
    filename: str


@dataclass(frozen=True)
class Stream:
    """The events of a run, from now on until it waits or ends."""

    thread_id: str
    ears: Ears
