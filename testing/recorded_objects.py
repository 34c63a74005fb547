"""Rows of the mirror from objects that a server once sent, where the traffic itself is not what a test is about."""

from __future__ import annotations

import json
import re
import time
from functools import cache
from typing import Any
from uuid import uuid4

from django.utils import timezone

from assistants_app.api.dialects import v2
from assistants_app.models import Connection, Run, Thread
from assistants_app.services import mirror, threads
from testing.backing_services import ROOT

FOLDER = ROOT / "tests" / "recorded"
ID = re.compile(r"\b(asst|thread|msg|run|step|call)_\w{20,}")
MOMENT = re.compile(r'("\w+_at": )(\d{10})')


def store_waiting_run(connection: Connection) -> Run:
    """A run that waits for get_weather and get_tide, with its assistant, thread, message and step.

    Each call gives it ids of its own, and has it created now. The server of the connection does not know it.
    """
    seen = read_objects("waiting_run")
    asked_at = timezone.now()
    mirror.assistants(connection, [v2.read_assistant(seen["assistant"])], asked_at=asked_at)
    mirror.threads(connection, [v2.read_thread(seen["thread"])])
    thread = Thread.objects.get(connection=connection, remote_id=seen["thread"]["id"])
    mirror.messages(thread, [v2.read_message(each) for each in seen["messages"]])
    mirror.runs(thread, [v2.read_run(seen["run"])], asked_at=asked_at)
    run = Run.objects.get(thread=thread)
    mirror.steps(run, [v2.read_step(each) for each in seen["steps"]])
    Run.objects.filter(pk=run.pk).update(steps_stale=False)
    threads.update_summary(thread)
    Thread.objects.filter(pk=thread.pk).update(due_at=None, refreshed_at=asked_at)
    return Run.objects.select_related("thread", "connection").get(pk=run.pk)


def read_objects(name: str) -> dict[str, Any]:
    """The recorded objects of that file, with new ids and moments that begin now."""
    ids: dict[str, str] = {}
    text = ID.sub(lambda match: ids.setdefault(match[0], f"{match[1]}_{uuid4().hex[:24]}"), _read(name))
    moved = int(time.time()) - min(int(moment) for _, moment in MOMENT.findall(text))
    found: dict[str, Any] = json.loads(MOMENT.sub(lambda match: f"{match[1]}{int(match[2]) + moved}", text))
    return found


@cache
def _read(name: str) -> str:
    return (FOLDER / f"{name}.json").read_text(encoding="utf-8")
