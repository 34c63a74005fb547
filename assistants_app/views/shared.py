"""What the pages of many people ask alike, done once: a change is told to all of them in the same moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

Found = TypeVar("Found")


class Together(Generic[Found]):
    """Looks, one after the other. Who asks while one goes on gets the next one, as do all who wait for it, so what is
    found is never older than the question."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._lock = threading.Lock()
        self._next: dict[Hashable, Future[Found]] = {}

    def look(self, key: Hashable, look: Callable[[], Found]) -> Found:
        """What `look` finds from now on, or that of somebody else with the same key. Raises what that raises."""
        with self._lock:
            mine = key not in self._next
            found = self._next.setdefault(key, Future())
        if not mine:
            return found.result()
        with self._turn:
            with self._lock:
                del self._next[key]
            try:
                found.set_result(look())
            except BaseException as error:
                found.set_exception(error)
        return found.result()


class Shared:
    """The newest texts of this process by what they are of, each for a moment. Who asks while one is being made waits
    for it."""

    def __init__(self, *, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._lock = threading.Lock()
        self._made: dict[Hashable, tuple[float, Future[str | None]]] = {}

    def text(self, key: Hashable, make: Callable[[], tuple[str, bool]]) -> str:
        """What was made for the key a moment ago, or is made now: `make` gives a text, and whether it is of that key.
        Where it is not, only who made it gets it. Raises what `make` raises."""
        with self._lock:
            self._forget()
            found, mine = self._made.get(key), Future[str | None]()
            if not found:
                self._made[key] = (time.monotonic(), mine)
        if found:
            text = found[1].result()
            return make()[0] if text is None else text
        try:
            text, is_shared = make()
        except BaseException as error:
            self._drop(key, mine)
            mine.set_exception(error)
            raise
        if not is_shared:
            self._drop(key, mine)
        mine.set_result(text if is_shared else None)
        return text

    def _drop(self, key: Hashable, mine: Future[str | None]) -> None:
        with self._lock:
            if key in self._made and self._made[key][1] is mine:
                del self._made[key]

    def _forget(self) -> None:
        old = time.monotonic() - self._seconds
        for key in [key for key, (at, _) in self._made.items() if at < old]:
            del self._made[key]
        while len(self._made) >= self._most:
            del self._made[next(iter(self._made))]
