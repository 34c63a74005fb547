"""What an assistant may use: files and vector stores of its server, chosen by their ids. Any id may be: what was never
seen here is told, and not refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from assistants_app.models import Connection, File, Operation, VectorStore
from assistants_app.models.mirrored import LONGEST_ID
from assistants_app.services import files, listings, vector_stores

Kind = Literal["files", "stores"]
MOST_OFFERED = 8
MOST_SHOWN = 50  # of the ids in a text; as many as that are wrong anyway
# Seconds after which a vector store that is at work is read again.
AT_WORK_SECONDS = 2.0
SETTLED = {"completed", "expired", "failed", "cancelled", ""}


@dataclass(frozen=True)
class Place:
    """Something that has ids: of what kind, and how many at most."""

    kind: Kind
    most: int


# By the fields of forms; the last one is of a vector store that is to be made.
PLACES = {
    "interpreter_files": Place("files", 20),
    "vector_store_ids": Place("stores", 1),
    "file_ids": Place("files", 20),
    "store_files": Place("files", 500),
}


def ids_in(text: str) -> list[str]:
    """The ids in a text, each once: parted by whitespace, commas or semicolons."""
    return list(dict.fromkeys(filter(None, re.split(r"[\s,;]+", text))))


@dataclass(frozen=True)
class Chosen:
    """An id, and what it stands for where that was seen."""

    id: str
    row: File | VectorStore | None

    @property
    def counts(self) -> dict[str, int]:
        """How many files of a vector store are how far."""
        given = self.row.object.get("file_counts") if isinstance(self.row, VectorStore) else None
        found = given.items() if isinstance(given, dict) else ()
        return {str(name): number for name, number in found if type(number) is int and number}

    @property
    def is_at_work(self) -> bool:
        return isinstance(self.row, VectorStore) and self.row.gone_at is None and self.row.status not in SETTLED


def chosen(connection: Connection, kind: Kind, ids: Sequence[str]) -> list[Chosen]:
    """These ids with what they stand for. A vector store that is at work is read again."""
    wanted = [each.replace("\x00", "") for each in ids[:MOST_SHOWN]]
    model: Any = File if kind == "files" else VectorStore
    askable = [each for each in wanted if len(each) <= LONGEST_ID]
    known = {each.remote_id: each for each in model.objects.filter(connection=connection, remote_id__in=askable)}
    found = [Chosen(each, known.get(each)) for each in wanted]
    for each in found:
        if isinstance(each.row, VectorStore) and each.is_at_work:
            vector_stores.hasten_if_stale(each.row, fresh_seconds=AT_WORK_SECONDS)
    return found


def offered(connection: Connection, kind: Kind, *, words: str = "", but: Sequence[str] = ()) -> Sequence[Any]:
    """The newest that the server has, whose name or id has the words, without those that are chosen."""
    of_kind = files if kind == "files" else vector_stores
    rows = of_kind.page(words=words, connection=connection).rows
    return [each for each in rows if each.remote_id not in but][:MOST_OFFERED]


def want(connection: Connection) -> None:
    """Has the lists of them read soon, of those that this server has, unless that was done lately."""
    listings.want(connection, listings.FILES)
    listings.want(connection, listings.VECTOR_STORES)


def made_by(operation: Operation) -> str:
    """The id of what an operation made; "" as long as that is not known."""
    return operation.result_remote_id if operation.state == Operation.State.ACCEPTED else ""
