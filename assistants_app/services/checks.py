"""Looks at what a server offers, operation by operation, and changes nothing there: it only reads, and what cannot be
tried by reading is not tried. Done by a worker; the row is filled in as it goes."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from assistants_app.api import errors
from assistants_app.api.client import Client
from assistants_app.api.operations import OPERATIONS, Operation
from assistants_app.models import Connection, ConnectionCheck, Thread
from assistants_app.models import Operation as Sent
from assistants_app.services import archive, capabilities, connections, events, work
from assistants_app.services.capabilities import LIST_THREADS

# Longer than any one request takes; renewed before each.
LEASE_SECONDS = 60.0
LONGEST_WORDS = 300
# What the answer to a list holds: the id that stands for {…} in the paths of others.
IDS = {
    "listAssistants": "assistant_id",
    LIST_THREADS: "thread_id",
    "listMessages": "message_id",
    "listRuns": "run_id",
    "listRunSteps": "step_id",
    "listAssistantFiles": "file_id",
    "listMessageFiles": "file_id",
    "listFiles": "file_id",
    "listVectorStores": "vector_store_id",
    "listVectorStoreFiles": "file_id",
}
# A file belongs to what its path begins with: the list that it is from.
FILES = {
    "/assistants/": "listAssistantFiles",
    "/threads/": "listMessageFiles",
    "/files/": "listFiles",
    "/vector_stores/": "listVectorStoreFiles",
}
# After so many requests without an answer the others are not tried.
MOST_UNANSWERED = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """What is known of an operation. `state`: offered, lacking, refused (the key may not), failed, unclear, untried
    (it would change something), nothing (there is nothing to try it with), unreached (no server to try it at) or
    waiting (its turn comes)."""

    name: str
    method: str
    path: str
    state: str = "waiting"
    milliseconds: int | None = None
    status: int | None = None
    words: str = ""


def steps(dialect: str) -> list[Operation]:
    """The operations of a dialect in the order in which they are looked at; listing threads, which no specification
    has, comes after listing assistants."""
    listed = Operation(LIST_THREADS, "GET", "/threads", "threads.list")
    found = [each for each in OPERATIONS.values() if dialect in each.dialects and each.name != "downloadFile"]
    place = next(number for number, each in enumerate(found) if each.path.startswith("/threads"))
    return [*found[:place], listed, *found[place:]]


def ask(connection: Connection, *, by: User | None) -> ConnectionCheck:
    """Has a worker look at a connection. What was found before gives way to what is found now."""
    check = _begun(connection, by=by, due_at=timezone.now(), holder="")
    work.ask("check_connection", check.pk)
    events.tell([events.connection_topic(connection.pk)])
    return check


def at_once(connection: Connection) -> list[Finding]:
    """Looks at a connection here and now, for who has no page to wait on."""
    holder = uuid4().hex
    check = _begun(connection, by=None, due_at=timezone.now() + timedelta(seconds=LEASE_SECONDS), holder=holder)
    look(check.pk, holder)
    return findings(ConnectionCheck.objects.get(pk=check.pk))


def _begun(connection: Connection, *, by: User | None, due_at: datetime, holder: str) -> ConnectionCheck:
    blank = [asdict(Finding(each.name, each.method, each.path)) for each in steps(connection.dialect)]
    fresh = {"by": by, "asked_at": timezone.now(), "finished_at": None, "findings": json.dumps(blank)}
    leased = {"due_at": due_at, "holder": holder, "failures": 0}
    check, _ = ConnectionCheck.objects.update_or_create(connection=connection, defaults=fresh | leased)
    return check


def run(*, key: int) -> None:
    """Does one check now, unless another worker is at it."""
    holder = uuid4().hex
    if ConnectionCheck.objects.filter(pk=key).claim(limit=1, holder=holder, seconds=LEASE_SECONDS):
        look(key, holder)


def look(key: int, holder: str) -> None:
    """Does a check that is held; from the start again if its worker had been killed."""
    check = ConnectionCheck.objects.select_related("connection").get(pk=key)
    _Look(check, holder).work()


def findings(check: ConnectionCheck) -> list[Finding]:
    """What a check found, with what is known of operations that it does not try: that they were done from here."""
    used = _used(check.connection) if check.finished_at else {}
    return [
        Finding(**{**row, "state": "offered", "words": used[row["name"]]})
        if row["state"] == "untried" and row["name"] in used
        else Finding(**row)
        for row in check.rows
    ]


def _used(connection: Connection) -> dict[str, str]:
    """The operations that this server accepted from here, each with the moment of the last time (ISO)."""
    accepted = Sent.objects.filter(connection=connection, state=Sent.State.ACCEPTED).order_by("settled_at")
    moments = accepted.values_list("kind", "settled_at")
    return {capabilities.called(kind): moment.isoformat() for kind, moment in moments if moment is not None}


def looked_at(check: ConnectionCheck) -> int:
    """How many operations the check has come past."""
    return sum(1 for row in check.rows if row["state"] != "waiting")


def used_at(finding: Finding) -> Any:
    """When an operation that is not tried was last done from here; None where its words are the server's."""
    is_moment = finding.state == "offered" and finding.method != "GET"
    return parse_datetime(finding.words) if is_moment else None


class _Look:
    def __init__(self, check: ConnectionCheck, holder: str) -> None:
        self.check = check
        self.connection = check.connection
        self.holder = holder
        self.steps = steps(self.connection.dialect)
        self.ids: dict[str, str] = {}
        self.from_mirror = False
        self.unanswered = 0
        self.settings_error: errors.ApiError | None = None

    def work(self) -> None:
        found: list[Finding] = []
        client: Client | None = None
        try:
            client = connections.for_people(self.connection)
        except errors.ApiError as error:
            self.settings_error = error
        for step in self.steps:
            found.append(self._tried(client, step))
            if not self._kept(found):
                return  # somebody else holds it: it was asked for anew
        found = self._unclear(found)
        self._learn(found)
        ended = {"finished_at": timezone.now(), "due_at": None, "holder": ""}
        self._held().update(findings=self._text(found), **ended)
        events.tell([events.CONNECTIONS, events.connection_topic(self.connection.pk)])

    def _held(self) -> Any:
        return ConnectionCheck.objects.held_by(self.holder).filter(pk=self.check.pk)

    def _text(self, found: list[Finding]) -> str:
        blank = [Finding(each.name, each.method, each.path) for each in self.steps[len(found) :]]
        return json.dumps([asdict(each) for each in (*found, *blank)])

    def _kept(self, found: list[Finding]) -> bool:
        until = timezone.now() + timedelta(seconds=LEASE_SECONDS)
        kept = self._held().update(findings=self._text(found), due_at=until)
        events.tell([events.connection_topic(self.connection.pk)])
        return bool(kept)

    def _tried(self, client: Client | None, step: Operation) -> Finding:
        blank = Finding(step.name, step.method, step.path)
        if step.method != "GET":
            return replace(blank, state="untried")
        if self.settings_error is not None and step is self.steps[0]:
            return self._failed(blank, self.settings_error, None)
        if client is None or self.unanswered >= MOST_UNANSWERED:
            return replace(blank, state="unreached")
        segments = self._segments(step)
        return replace(blank, state="nothing") if segments is None else self._read(client, step, segments, blank)

    def _read(self, client: Client, step: Operation, segments: list[str], blank: Finding) -> Finding:
        begun = time.monotonic()
        try:
            answer = client.read(*segments, query={"limit": "1"} if step.name in IDS else None)
        except errors.ApiError as error:
            return self._failed(blank, error, _since(begun))
        self.unanswered = 0
        if not isinstance(answer, Mapping | list):
            return replace(blank, state="failed", milliseconds=_since(begun), words="The answer is no object")
        self._remember(step, answer)
        return replace(blank, state="offered", milliseconds=_since(begun), status=200)

    def _failed(self, blank: Finding, error: errors.ApiError, milliseconds: int | None) -> Finding:
        state = "failed"
        if isinstance(error, errors.NotFound | errors.NotOffered):
            state = "lacking"
        elif isinstance(error, errors.Unauthenticated | errors.Forbidden):
            state = "refused"
        elif isinstance(error, errors.ConnectFailed):
            self.unanswered = MOST_UNANSWERED
        elif isinstance(error, errors.Unreachable):
            self.unanswered += 1
        words = errors.cut(str(error), LONGEST_WORDS)
        return replace(blank, state=state, milliseconds=milliseconds, status=error.status, words=words)

    def _segments(self, step: Operation) -> list[str] | None:
        """The path with ids that the server gave, or that are known from it; None where there is none."""
        if "{thread_id}" in step.path and "thread_id" not in self.ids:
            self._known_thread()
        wanted = [part for part in step.path.split("/") if part]
        files = next((source for start, source in FILES.items() if step.path.startswith(start)), "")
        found = []
        for part in wanted:
            name = part.strip("{}")
            key = f"{files}:file_id" if name == "file_id" else name
            if part.startswith("{") and key not in self.ids:
                return None
            found.append(self.ids[key] if part.startswith("{") else part)
        return found

    def _known_thread(self) -> None:
        newest = Thread.objects.filter(connection=self.connection, gone_at=None).order_by("-active_at")
        if (known := newest.values_list("remote_id", flat=True).first()) is not None:
            self.ids["thread_id"], self.from_mirror = known, True

    def _remember(self, step: Operation, answer: Any) -> None:
        if (name := IDS.get(step.name)) is None:
            return
        if name == "file_id":
            name = f"{step.name}:file_id"
        rows = answer.get("data") if isinstance(answer, Mapping) else answer
        first = rows[0] if isinstance(rows, list) and rows else None
        made = first.get("id") if isinstance(first, Mapping) else None
        if isinstance(made, str) and made:
            self.ids[name] = made

    def _unclear(self, found: list[Finding]) -> list[Finding]:
        """A thread that only we remember may be gone: then that it is not found says nothing of the server."""
        of_thread = [each for each in found if each.method == "GET" and "{thread_id}" in each.path]
        if not self.from_mirror or any(each.state == "offered" for each in of_thread):
            return found
        return [replace(each, state="unclear") if each in of_thread and each.status == 404 else each for each in found]

    def _learn(self, found: list[Finding]) -> None:
        """Writes what the connection's pages and workers go by."""
        states = {each.name: each for each in found}
        told = {each.name: each for each in found if each.state in {"offered", "lacking"}}
        capabilities.note(
            self.connection,
            {
                name: errors.ApiError(each.words, status=each.status) if each.state == "lacking" else None
                for name, each in told.items()
            },
        )
        rows = Connection.objects.filter(pk=self.connection.pk)
        if LIST_THREADS in told:
            lists = told[LIST_THREADS].state == "offered"
            # null: they are then read to the end once.
            rows.exclude(lists_threads=lists).update(lists_threads=None if lists else False)
        first = states["listAssistants"]
        if first.state == "offered":
            archive.take_up(self.connection, since=self.check.asked_at)
            rows.update(paused_until=None)
            connections.heard(self.connection)
            rows.filter(gone_at=None).update(due_at=timezone.now(), failures=0)
        elif first.state == "lacking" and first.status == 404 and self.connection.last_answer_at is not None:
            archive.close(self.connection, f"GET /assistants: 404 “{first.words}”")
        elif first.words:
            rows.filter(gone_at=None).update(last_error=first.words)


def _since(begun: float) -> int:
    return round((time.monotonic() - begun) * 1000)
