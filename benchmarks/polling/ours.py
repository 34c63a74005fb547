"""Ours: the service that the worker's tick calls, called in a loop as the ticks do, in a process of its own.

`python -m benchmarks.polling.ours prepare RUNS URL PER_MINUTE` fills the database that DATABASE_URL names,
`... follow` follows its runs until it is killed, `... written` prints when each run was last seen to change.
"""

from __future__ import annotations

import json
import sys

import django

django.setup()

from django.conf import settings  # noqa: E402  settings must be there first
from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from assistants_app.models import Connection, Run, Thread  # noqa: E402
from assistants_app.services import connections, polling  # noqa: E402


def prepare(runs: int, url: str, per_minute: int) -> None:
    """Leaves a connection to that server with that many active runs, all due now."""
    call_command("migrate", interactive=False, verbosity=0)
    Thread.objects.all().delete()
    connection = connections.set_up(name="Benchmark", base_url=url, key="local", requests_per_minute=per_minute or None)
    Connection.objects.update(due_at=None, tokens_at=None)
    now = timezone.now()
    threads = [
        Thread(connection=connection, remote_id=f"thread_{number:024}", created_at=now, active_at=now)
        for number in range(runs)
    ]
    Thread.objects.bulk_create(threads, batch_size=1000)
    active = [
        Run(
            connection=connection,
            thread=thread,
            remote_id=f"run_{number:024}",
            status="queued",
            created_at=now,
            due_at=now,
        )
        for number, thread in enumerate(threads)
    ]
    Run.objects.bulk_create(active, batch_size=1000)


def follow() -> None:
    print("following", flush=True)
    while True:
        polling.poll_due(seconds=settings.TICK_SECONDS)


def written() -> None:
    rows = Run.objects.values_list("remote_id", "changed_at")
    print(json.dumps({remote_id: changed_at.timestamp() for remote_id, changed_at in rows}), flush=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["prepare", runs, url, per_minute]:
            prepare(int(runs), url, int(per_minute))
        case ["follow"]:
            follow()
        case ["written"]:
            written()
