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
        self._made: dict[Hashable, tuple[float, Future[str]]] = {}

    def text(self, key: Hashable, make: Callable[[], str]) -> str:
        """What was made for the key a moment ago, or is made now. Raises what `make` raises."""
        with self._lock:
            self._forget()
            found, mine = self._made.get(key), Future[str]()
            if not found:
                self._made[key] = (time.monotonic(), mine)
        if found:
            return found[1].result()
        try:
            mine.set_result(make())
        except BaseException as error:
            with self._lock:
                self._made.pop(key, None)
            mine.set_exception(error)
        return mine.result()

    def _forget(self) -> None:
        old = time.monotonic() - self._seconds
        for key in [key for key, (at, _) in self._made.items() if at < old]:
            del self._made[key]
        while len(self._made) >= self._most:
            del self._made[next(iter(self._made))]
