"""Databases and a broker for measuring: never those that somebody works with."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from psycopg import sql

from testing import backing_services


@contextmanager
def fresh(postgres: str = "") -> Iterator[dict[str, str]]:
    """The variables of an empty database, on that server or in a file, and of an empty broker."""
    with tempfile.TemporaryDirectory(prefix="switchboard-benchmark-") as folder:
        environ = {
            "DATA_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "dashboard.settings",
            "BROKER_URL": backing_services.start_broker(Path(folder)),
            "DATABASE_URL": backing_services.claim_postgres(postgres) if postgres else "",
        }
        yield environ


def kept(folder: Path, name: str, postgres: str = "") -> dict[str, str]:
    """The variables of a database of that name that stays from one run to the next."""
    folder = folder / name
    folder.mkdir(parents=True, exist_ok=True)
    url = _made(postgres, f"switchboard_{name}".replace("-", "_")) if postgres else ""
    return {"DATA_DIR": str(folder), "DATABASE_URL": url}


def _made(url: str, name: str) -> str:
    with backing_services.connect_postgres(url) as connection:
        if not connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
