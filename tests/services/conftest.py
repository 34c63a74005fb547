"""What open pages are told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from celery import current_app
from kombu.entity import Queue
from kombu.messaging import Consumer

from assistants_app.services import events
from testing.http_desk import until


@pytest.fixture
def told() -> Iterator[list[Any]]:
    """What open pages are told, from now on: lists of topics, and dictionaries of what is being written."""
    found: list[Any] = []
    with current_app.connection_for_read() as link:
        mine = Queue(exchange=events.EXCHANGE, exclusive=True, auto_delete=True, durable=False)
        with Consumer(link.default_channel, [mine], callbacks=[lambda body, _: found.append(body)], no_ack=True):
            stopping = threading.Event()
            listening = threading.Thread(target=listen, args=(link, stopping))
            listening.start()

            def hear() -> list[Any] | None:
                events.tell(["hello"])
                return found or None

            until(hear, what="the first event")
            yield found
            stopping.set()
            listening.join()


def listen(link: Any, stopping: threading.Event) -> None:
    while not stopping.is_set():
        with suppress(TimeoutError):
            link.drain_events(timeout=0.1)
