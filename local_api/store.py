"""The store: objects as JSON documents in SQLite, in the order in which they were made."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_api.fields import dump
from local_api.objects import Document

_SCHEMA = """
create table if not exists objects (
    sequence integer primary key autoincrement,
    id text not null unique,
    kind text not null,
    parent text not null,
    run text,
    body text not null
);
create index if not exists objects_in_order on objects (kind, parent, sequence);
create index if not exists objects_of_a_run on objects (run, sequence) where run is not null;
create table if not exists work (
    thread_id text primary key,
    run_id text not null,
    next_at real not null,
    plan text not null
);
create index if not exists work_due on work (next_at);
create table if not exists contents (
    id text primary key,
    content blob not null
);
create table if not exists scripts (
    position integer primary key autoincrement,
    id text not null unique,
    body text not null
);
"""


@dataclass(frozen=True)
class Work:
    """The active run of a thread: when something happens to it next, and what it has planned."""

    thread_id: str
    run_id: str
    next_at: float
    plan: Document


class Store:
    """One connection, used by one event loop. What a transaction wrote survives a kill of the process."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(folder / "store.sqlite3", isolation_level=None, timeout=5)
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = normal")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing of what is written inside."""
        self._connection.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._connection.execute("rollback")
            raise
        self._connection.execute("commit")

    def _one(self, question: str, *values: object) -> Any:
        row = self._connection.execute(question, values).fetchone()
        return None if row is None else row[0]

    def add(self, kind: str, document: Document, *, parent: str = "", key: str | None = None) -> None:
        """Keep a new object. `parent` is the id of what it belongs to: a thread's, or for steps a run's; `key` what
        it is known by, where that is not its own id."""
        run = document.get("run_id") if kind == "message" else None
        self._connection.execute(
            "insert into objects (id, kind, parent, run, body) values (?, ?, ?, ?, ?)",
            (key or document["id"], kind, parent, run, dump(document)),
        )

    def replace(self, document: Document) -> None:
        self._connection.execute("update objects set body = ? where id = ?", (dump(document), document["id"]))

    def body(self, kind: str, identifier: str, *, parent: str = "") -> str | None:
        """The JSON text of an object, ready to be sent; None where there is none."""
        body: str | None = self._one(
            "select body from objects where id = ? and kind = ? and parent = ?", identifier, kind, parent
        )
        return body

    def exists(self, kind: str, identifier: str, *, parent: str = "") -> bool:
        return self.sequence(kind, identifier, parent=parent) is not None

    def sequence(self, kind: str, identifier: str, *, parent: str = "") -> int | None:
        """Where an object stands among all that were made."""
        found: int | None = self._one(
            "select sequence from objects where id = ? and kind = ? and parent = ?", identifier, kind, parent
        )
        return found

    def page(
        self,
        kind: str,
        *,
        parent: str,
        count: int,
        newest_first: bool,
        above: int | None,
        below: int | None,
        run: str | None = None,
    ) -> list[tuple[str, str]]:
        """Up to `count` pairs of id and body, of sequences strictly between `above` and `below`."""
        question = "select id, body from objects where kind = ? and parent = ?"
        values: list[object] = [kind, parent]
        for condition, value in (("sequence > ?", above), ("sequence < ?", below), ("run = ?", run)):
            if value is not None:
                question += f" and {condition}"
                values.append(value)
        question += f" order by sequence {'desc' if newest_first else 'asc'} limit ?"
        return self._connection.execute(question, [*values, count]).fetchall()

    def documents(self, kind: str, *, parent: str) -> list[Document]:
        """All objects of one parent, oldest first."""
        rows = self._connection.execute(
            "select body from objects where kind = ? and parent = ? order by sequence", (kind, parent)
        )
        return [json.loads(body) for (body,) in rows]

    def remove(self, identifier: str) -> None:
        self._connection.execute("delete from objects where id = ?", (identifier,))

    def remove_children(self, parent: str) -> None:
        self._connection.execute("delete from objects where parent = ?", (parent,))

    def remove_file(self, identifier: str) -> None:
        """Remove a file with what is in it, from all vector stores as well."""
        self._connection.execute("delete from contents where id = ?", (identifier,))
        self._connection.execute(
            "delete from objects where kind in ('file', 'vector_store.file') and json_extract(body, '$.id') = ?",
            (identifier,),
        )

    def keep_content(self, identifier: str, content: bytes) -> None:
        """Keep what is in a file."""
        self._connection.execute("insert or replace into contents (id, content) values (?, ?)", (identifier, content))

    def content(self, identifier: str) -> bytes:
        found: bytes | None = self._one("select content from contents where id = ?", identifier)
        return found or b""

    def remove_thread(self, thread_id: str) -> None:
        """Remove a thread with its messages, runs, steps and work."""
        parts = "select id from objects where parent = ?"
        self._connection.execute(f"delete from objects where parent in ({parts})", (thread_id,))  # noqa: S608
        self._connection.execute("delete from objects where parent = ? or id = ?", (thread_id, thread_id))
        self.end_work(thread_id)

    def work(self, thread_id: str) -> Work | None:
        """The active run of a thread, if it has one."""
        row = self._connection.execute(
            "select thread_id, run_id, next_at, plan from work where thread_id = ?", (thread_id,)
        ).fetchone()
        return None if row is None else Work(row[0], row[1], row[2], json.loads(row[3]))

    def is_due(self, thread_id: str, now: float) -> bool:
        return bool(self._one("select 1 from work where thread_id = ? and next_at <= ?", thread_id, now))

    def plan_work(self, work: Work) -> None:
        self._connection.execute(
            "insert or replace into work (thread_id, run_id, next_at, plan) values (?, ?, ?, ?)",
            (work.thread_id, work.run_id, work.next_at, dump(work.plan)),
        )

    def end_work(self, thread_id: str) -> None:
        self._connection.execute("delete from work where thread_id = ?", (thread_id,))

    def keep_script(self, script: Document) -> None:
        """Keep a script; one of the same id takes the place of the old."""
        self._connection.execute(
            "insert into scripts (id, body) values (?, ?) on conflict (id) do update set body = excluded.body",
            (script["id"], dump(script)),
        )

    def scripts(self) -> list[Document]:
        """All scripts in the order in which they were loaded."""
        rows = self._connection.execute("select body from scripts order by position")
        return [json.loads(body) for (body,) in rows]
