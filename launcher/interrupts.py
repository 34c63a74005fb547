"""Being told to stop: Ctrl-C, SIGTERM, or the terminal going away."""

import os
import select
import signal
import socket
import time
from collections.abc import Callable
from types import FrameType


class Stopped(Exception):
    """Somebody asked for an orderly stop."""


class Interrupts:
    """Waits that end at once when a stop is asked for.

    After a second Ctrl-C, `at_once` is called from the signal handler.
    """

    def __init__(self, at_once: Callable[[], None]) -> None:
        self.asked = False
        self.asked_at = 0.0
        self.at_once = at_once
        self.awake, self.alarm = socket.socketpair()
        self.alarm.setblocking(False)
        signal.set_wakeup_fd(self.alarm.fileno())
        for sent in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sent, self.handle)
        # Without a handler the end of a child would not end a wait.
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Remember the first; a second Ctrl-C means at once.

        What comes within half a second is the first one again: `timeout` and `make` pass on what the
        whole process group has got already.
        """
        if not self.asked:
            self.asked = True
            self.asked_at = time.monotonic()
        elif number == signal.SIGINT and time.monotonic() - self.asked_at > 0.5:
            self.at_once()

    def pause(self, seconds: float) -> None:
        """Wait that long, or until a child ends. Raises Stopped when a stop was asked for."""
        if self.asked:
            raise Stopped
        self.rest(seconds)
        if self.asked:
            raise Stopped

    def rest(self, seconds: float) -> None:
        """Wait that long, or until any signal, whether or not a stop was asked for."""
        if select.select([self.awake], [], [], seconds)[0]:
            os.read(self.awake.fileno(), 512)
