"""Finds words in messages with the database's own index: FTS5 in SQLite, a text search index in PostgreSQL."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

# The newest matches that are looked at: a common word has more than anybody pages through.
MOST_MATCHES = 20_000


def threads_with(
    rows: QuerySet[Any], words: str, *, unfinished: bool = False, most: int = MOST_MATCHES
) -> QuerySet[Any]:
    """The threads with a message that has all of these words (the newest `most` messages with them); the last word may
    be `unfinished`."""
    if connection.vendor == "postgresql":
        # The text of a query of words is a query again: what it ends with gets the mark of a beginning.
        matching = RawSQL(
            "SELECT thread_id FROM assistants_message WHERE to_tsvector('simple', left(text, 200000)) @@ "
            "(nullif(plainto_tsquery('simple', %s)::text, '') || %s)::tsquery ORDER BY id DESC LIMIT %s",
            [words, ":*" if unfinished else "", most],
        )
    else:
        matching = RawSQL(
            "SELECT thread_id FROM assistants_message WHERE id IN (SELECT rowid FROM assistants_message_words "
            "WHERE assistants_message_words MATCH %s ORDER BY rowid DESC LIMIT %s)",
            [_quoted(words) + ("*" if unfinished else ""), most],
        )
    return rows.filter(pk__in=matching)


def _quoted(words: str) -> str:
    """Each word as a string of FTS5's language, so that nothing in it is an operator."""
    return " ".join('"' + word.replace('"', '""') + '"' for word in words.split())
