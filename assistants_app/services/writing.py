"""Puts what assistants are writing before open pages, as it is written: straight to them, past the database."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from functools import cache

from assistants_app.api import objects
from assistants_app.services import events
from assistants_app.services.rendering import markdown

log = logging.getLogger(__name__)

# Between two looks of all that is being written; longer where making it takes long, so that it never fills a processor.
PACE_SECONDS = 0.1
PATIENCE = 4


class Writing:
    """A message while it is being written: its words so far, by parts. One thread adds, another one shows."""

    def __init__(self, *, topic: str, run: int, message_id: str) -> None:
        self.topic, self.run, self.message_id = topic, run, message_id
        self._parts: dict[int, str] = {}
        self._lock = threading.Lock()

    def add(self, words: Sequence[objects.Words]) -> None:
        with self._lock:
            for each in words:
                self._parts[each.place] = self._parts.get(each.place, "") + each.text
        _press().show(self)

    def finish(self, message: objects.Message) -> None:
        """The whole message, whatever of it was missed."""
        with self._lock:
            self._parts = {place: part.text for place, part in enumerate(message.parts) if part.text is not None}
        _press().show(self)

    @property
    def html(self) -> str:
        """All that was said, as safe HTML. What pages fill in themselves comes with the whole message."""
        with self._lock:
            parts = [self._parts[place] for place in sorted(self._parts)]
        return "".join(markdown(part) for part in parts)


class _Press:
    """One thread that shows what has changed, each message whole: a page that comes late misses nothing."""

    def __init__(self) -> None:
        self._changed: dict[Writing, None] = {}
        self._news = threading.Condition()
        threading.Thread(target=self._work, name="writing", daemon=True).start()

    def show(self, writing: Writing) -> None:
        with self._news:
            self._changed[writing] = None
            self._news.notify()

    def _work(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._changed)
                shown, self._changed = list(self._changed), {}
            began = time.monotonic()
            for writing in shown:
                try:
                    events.write(writing.topic, run=writing.run, message=writing.message_id, html=writing.html)
                except Exception:
                    log.exception("What run %d writes could not be shown", writing.run)
            time.sleep(max(PACE_SECONDS, PATIENCE * (time.monotonic() - began)))


@cache
def _press() -> _Press:
    return _Press()
