"""A million messages in fifty thousand threads, with runs and tool calls, in the dashboard's own tables: made once for
a database and kept. `python -m benchmarks.pages.fill MESSAGES`."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402  settings must be there first
from django.db import connection as database  # noqa: E402
from django.utils import timezone  # noqa: E402

from assistants_app.models import Assistant, Connection, Message, Run, Thread, ToolCall  # noqa: E402
from assistants_app.services import connections, rendering  # noqa: E402

IN_A_THREAD = 20
LONG_THREAD = 5000
PAGE = 50
BATCH = 2000
WORDS = [
    *("room", "booking", "guest", "night", "refund", "order", "flight", "window", "late", "please", "thanks", "check"),
    *("the", "a", "of", "and", "our", "can", "will", "would", "with", "today", "**quite**", "`code`", "price", "total"),
]


def fill(messages: int) -> None:
    """Leaves so many messages, 20 a thread; the first thread has 5,000 of them with a run for each two, the second
    50 with a run for each two, the third 50 and no run. Does nothing where they are there."""
    call_command("migrate", interactive=False, verbosity=0)
    wanted = messages // IN_A_THREAD
    if Thread.objects.count() >= wanted and ToolCall.objects.exists():
        return
    connection = connections.set_up(name="Benchmark", base_url="http://127.0.0.1:1/v1", key="local")
    Connection.objects.update(due_at=None)
    assistants = [
        Assistant(connection=connection, remote_id=f"asst_{number}", name=f"Assistant {number}", model="gpt-4o")
        for number in range(12)
    ]
    Assistant.objects.bulk_create(assistants)
    sizes = [LONG_THREAD, PAGE, PAGE] + [IN_A_THREAD] * (wanted - 3)
    began = timezone.now() - timedelta(seconds=60 * wanted)
    _insert(Thread, _threads(wanted, connection, assistants, began))
    keys = list(Thread.objects.order_by("pk").values_list("pk", flat=True))
    _insert(Message, _messages(keys, sizes, began))
    _insert(Run, _runs(keys, sizes, connection, assistants, began))
    _insert(ToolCall, _calls())
    with database.cursor() as cursor:
        cursor.execute("ANALYZE")


def _insert(model: Any, rows: Iterator[Any]) -> None:
    while batch := list(islice(rows, BATCH)):
        model.objects.bulk_create(batch)


def _threads(count: int, connection: Connection, assistants: list[Assistant], began: datetime) -> Iterator[Thread]:
    for number in range(count):
        at = began + timedelta(seconds=60 * number)
        yield Thread(
            connection=connection,
            remote_id=f"thread_{number:024}",
            raw=json.dumps({"id": f"thread_{number:024}", "object": "thread", "metadata": {}}),
            created_at=at,
            active_at=at + timedelta(seconds=50),
            refreshed_at=timezone.now() + timedelta(days=3650),  # nobody reads it again
            assistant=assistants[number % len(assistants)],
            status="completed",
            preview=_text(number)[:200],
        )


def _messages(keys: list[int], sizes: list[int], began: datetime) -> Iterator[Message]:
    texts = [_text(number) for number in range(500)]
    rendered = [rendering.markdown(text) for text in texts]
    number = 0
    for thread, (key, size) in enumerate(zip(keys, sizes, strict=True)):
        at = began + timedelta(seconds=60 * thread)
        for place in range(size):
            number += 1
            text, role = number % len(texts), ("user", "assistant")[place % 2]
            remote_id = f"msg_{number:024}"
            replies = role == "assistant" and _has_run(thread, place - 1, size)
            yield Message(
                thread_id=key,
                remote_id=remote_id,
                raw=json.dumps({"id": remote_id, "object": "thread.message", "content": [{"text": texts[text]}]}),
                created_at=at + timedelta(seconds=place),
                role=role,
                status="completed",
                run_remote_id=f"run_{thread}_{place - 1}" if replies else "",
                assistant_remote_id=f"asst_{thread % 12}" if role == "assistant" else "",
                text=texts[text],
                html=rendered[text],
            )


def _has_run(thread: int, place: int, size: int) -> bool:
    """Whether the user's message at that place got a run: all of the first two threads, the last one of the rest."""
    return place % 2 == 0 and (thread < 2 or (thread > 2 and place == size - 2))


def _runs(
    keys: list[int], sizes: list[int], connection: Connection, assistants: list[Assistant], began: datetime
) -> Iterator[Run]:
    for thread, (key, size) in enumerate(zip(keys, sizes, strict=True)):
        assistant = assistants[thread % len(assistants)]
        for place in range(size):
            if _has_run(thread, place, size):
                at = began + timedelta(seconds=60 * thread + place)
                yield Run(
                    connection=connection,
                    thread_id=key,
                    assistant=assistant,
                    assistant_remote_id=assistant.remote_id,
                    remote_id=f"run_{thread}_{place}",
                    status="completed",
                    created_at=at,
                    ended_at=at + timedelta(seconds=1),
                    steps_stale=False,
                )


def _calls() -> Iterator[ToolCall]:
    """Every fifth run has called a function."""
    arguments, output = json.dumps({"room": "sea view", "nights": 3}), json.dumps({"free": True, "price": 420})
    for key in Run.objects.order_by("pk").values_list("pk", flat=True)[::5]:
        yield ToolCall(run_id=key, remote_id=f"call_{key}", name="find_room", arguments=arguments, output=output)


def _text(number: int) -> str:
    return " ".join(random.Random(number).choices(WORDS, k=25))


if __name__ == "__main__":
    fill(int(sys.argv[1]))
