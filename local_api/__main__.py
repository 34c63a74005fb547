"""`python -m local_api`: start the server, with settings from LOCAL_API_* (see docs/local-api.md)."""

import signal
import socket
import sqlite3
import sys
from types import FrameType

import uvicorn

from local_api.app import build
from local_api.connection import OpenProtocol
from local_api.settings import Settings, from_environment


def main() -> int:
    """Serve until SIGTERM or SIGINT. Returns the exit code: 1, and one sentence, where it cannot begin."""
    try:
        settings = from_environment()
        door = listen(settings)
        app, store = build(settings)
    except (ValueError, OSError, sqlite3.Error) as problem:
        print(explain(problem), file=sys.stderr)  # noqa: T201
        return 1
    host, port = door.getsockname()[:2]
    print(f"Local API: http://{host}:{port}/v1", flush=True)  # noqa: T201
    config = uvicorn.Config(
        app,
        http=OpenProtocol,
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=0.5,  # type: ignore[arg-type]  # seconds; halves work as well
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)  # uvicorn raises the signal again once it has shut down
    try:
        uvicorn.Server(config).run(sockets=[door])
    finally:
        store.close()
    return 0


def leave(number: int, frame: FrameType | None) -> None:
    """End the process in good order."""
    sys.exit(0)


def listen(settings: Settings) -> socket.socket:
    """A bound socket. Raises OSError with a sentence where the address is not to be had."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    door = socket.socket(family)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((settings.host, settings.port))
        door.listen(2048)
    except OSError as problem:
        door.close()
        raise OSError(
            f"The local API cannot listen on {settings.host}:{settings.port} ({problem.strerror}); "
            "set LOCAL_API_PORT to another port."
        ) from problem
    return door


def explain(problem: Exception) -> str:
    """One sentence about why the server cannot begin."""
    if isinstance(problem, sqlite3.Error) or (isinstance(problem, OSError) and problem.filename):
        return f"The local API cannot keep its store in the folder of LOCAL_API_DATA: {problem}."
    return str(problem)


if __name__ == "__main__":
    sys.exit(main())
