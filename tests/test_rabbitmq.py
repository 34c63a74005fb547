"""The same code on RabbitMQ: ticks, hints and the events of open pages go over it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from kombu.connection import Connection as Link
from kombu.exceptions import OperationalError

from testing.api_actor import ApiActor
from testing.http_desk import HttpDesk, until
from testing.stack import start_stack

RABBITMQ = os.environ.get("TEST_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672//")


def is_there() -> bool:
    try:
        with Link(RABBITMQ, connect_timeout=2) as link:
            link.ensure_connection(max_retries=1, timeout=2)
    except (OperationalError, OSError):
        return False
    return True


@pytest.mark.skipif(not is_there(), reason=f"no RabbitMQ answers at {RABBITMQ.rpartition('@')[2]}")
@pytest.mark.slow
def test_a_waiting_run_is_told_to_open_pages_over_rabbitmq(tmp_path: Path) -> None:
    stack = start_stack(tmp_path, env={"BROKER_URL": RABBITMQ, "DEMONSTRATION": "0"})
    try:
        desk = HttpDesk(stack.url, stack.sign_in_url)
        assert desk.session.get(f"{stack.url}/healthz", timeout=30).json()["worker"] == "ok"
        with desk.session.get(f"{stack.url}/stream/?topic=queue", stream=True, timeout=60) as stream:
            lines = stream.iter_lines(chunk_size=1)
            until(lambda: next(lines) == b"event: hello" or None, what="the greeting")
            ApiActor(stack.local_api()).run([("get_weather", {})])
            until(lambda: next(lines) == b"data: queue" or None, what="the event")
    finally:
        stack.stop()
