"""What happens to a run, told while it happens (`stream: true`)."""

from collections.abc import Iterator, Mapping
from typing import Any

from assistants_app.api import errors
from assistants_app.api.bodies import decode
from assistants_app.api.dialects import Dialect
from assistants_app.api.dialects.tolerance import shown
from assistants_app.api.events import Block, blocks
from assistants_app.api.objects import Event, Run
from assistants_app.api.resources.paths import as_object
from assistants_app.api.transport import Coming, Query, Transport

DONE = "[DONE]"


class RunStream:
    """Iterated over once, it gives what the server tells; to be closed, wherever that was left.

    `plain` is the run of a server that knows no streams and answered as if none had been asked for; then nothing is
    told. `is_whole` says, once it ended, that nothing was missing from it: all could be read, and it ended with a
    run that waits or has ended, or with [DONE].
    """

    def __init__(self, *, dialect: Dialect, coming: Coming | None = None, plain: Run | None = None) -> None:
        self.plain = plain
        self.is_whole = False
        self._dialect = dialect
        self._coming = coming
        self._told = self._events() if coming is not None else iter(())

    def __iter__(self) -> Iterator[Event]:
        return self._told

    def last(self, *, seconds: float, silence: float) -> None:
        """From now on it may take so long, and be silent for so long in between."""
        if self._coming is not None:
            self._coming.last(seconds=seconds, silence=silence)

    def close(self) -> None:
        if self._coming is not None:
            self._coming.close()

    def _events(self) -> Iterator[Event]:
        """Unknown events are left out, and so are those that cannot be read. Raises ApiError where the server says so,
        or the connection ends otherwise than by its end."""
        assert self._coming is not None
        is_unbroken = True
        for block in blocks(self._coming.pieces()):
            if block.name == "done" or block.data == DONE:
                self.is_whole = is_unbroken
                return
            raw = _read(block)
            if raw is None:
                is_unbroken = False
            elif block.name == "error":
                raise errors.ServerFault(_words(raw), effect="unknown")
            elif (read := self._dialect.events.get(block.name)) is not None:
                event = Event(name=block.name, told=read(raw))
                yield event
                # Some servers end here, and never say that it is done.
                self.is_whole = is_unbroken and isinstance(event.told, Run) and event.told.is_over


def open_stream(
    transport: Transport,
    dialect: Dialect,
    where: str,
    body: Mapping[str, Any],
    query: Query | None = None,
) -> RunStream:
    """Sends a POST that makes or moves a run. Raises ApiError."""
    answer = transport.stream(where, query=query, body={**body, "stream": True})
    if isinstance(answer, Coming):
        return RunStream(dialect=dialect, coming=answer)
    return RunStream(dialect=dialect, plain=dialect.read_run(as_object("POST", transport.parsed("POST", answer))))


def _read(block: Block) -> Mapping[str, Any] | None:
    try:
        found = decode(block.data.encode("utf-8", "replace"))
    except errors.Unreadable:
        return None
    return found if isinstance(found, Mapping) else None


def _words(raw: Mapping[str, Any]) -> str:
    said = raw.get("error") if isinstance(raw.get("error"), Mapping) else raw
    words = shown(said.get("message")) or shown(said.get("code"))  # type: ignore[union-attr]
    return errors.cut(words or "The server broke off", errors.LONGEST_MESSAGE)
