"""The real services that tests talk to: as a pytest plugin, loaded before Django's settings.

Without BROKER_URL the tests get an embedded broker of their own; their data folder is a temporary one.
"""

import atexit
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent


def prepare_session() -> None:
    """Give this test session a data folder and a broker."""
    folder = Path(tempfile.mkdtemp(prefix="switchboard-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["DATA_DIR"] = str(folder)
    # Threads of the worker under test must not hold on to the test database.
    os.environ["DATABASE_MAX_AGE"] = "0"
    broker = os.environ.get("BROKER_URL", "")
    if not broker:
        os.environ["BROKER_URL"] = embedded_broker(folder)
    elif broker.startswith("redis://") and "PYTEST_XDIST_WORKER" in os.environ:
        os.environ["BROKER_URL"] = claim_redis(broker) or broker


def embedded_broker(folder: Path) -> str:
    """Start a broker that ends with this process. Returns its URL."""
    path = folder / "broker.sock"
    command = [
        "launcher.broker",
        "--port",
        "0",
        "--save",
        "",
        "--unixsocket",
        str(path),
        "--dir",
        str(folder),
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "launcher.leash", "KILL", sys.executable, "-m", *command],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    atexit.register(process.wait)
    atexit.register(process.terminate)
    url = f"unix://{path}"
    until = time.monotonic() + 60
    while not answers(url):
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError("The embedded broker did not start.")
        time.sleep(0.02)
    return f"redis+socket://{path}"


def answers(redis_url: str) -> bool:
    """Whether a Redis answers there."""
    try:
        with redis.Redis.from_url(redis_url, socket_connect_timeout=2, socket_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def claim_redis(url: str) -> str | None:
    """The URL of an empty database of that Redis, ours until this process ends; None where none is empty.

    Only what was empty is used, and only that is emptied again: the Redis may be somebody's.
    """
    for number in range(15, 0, -1):
        claimed = urlunsplit(urlsplit(url)._replace(path=f"/{number}"))
        with redis.Redis.from_url(claimed) as client:
            if client.dbsize() == 0 and client.set("switchboard-tests", os.getpid(), nx=True):
                atexit.register(empty_redis, claimed)
                return claimed
    return None


def empty_redis(claimed: str) -> None:
    """Give a claimed database back."""
    with redis.Redis.from_url(claimed) as client:
        client.flushdb()


def claim_postgres(url: str, name: str = "") -> str:
    """The URL of a database of that PostgreSQL, made if absent and dropped when this process ends."""
    name = name or f"switchboard_{secrets.token_hex(6)}"
    with server(url) as connection:
        known = connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone()
        if not known:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
            atexit.register(drop_postgres, url, name)
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def drop_postgres(url: str, name: str) -> None:
    """Drop a claimed database, whoever is still connected."""
    with server(url) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def server(url: str) -> psycopg.Connection:
    """A connection to the server's own database."""
    return psycopg.connect(urlunsplit(urlsplit(url)._replace(path="/postgres")), autocommit=True, connect_timeout=3)


if "pytest" in sys.modules:
    prepare_session()
