"""The data folder and the ports: taken before anything is started."""

import errno
import fcntl
import os
import socket
from pathlib import Path

from launcher.locations import Refusal
from launcher.options import Options


def claim(folder: Path) -> int:
    """Make the folder and take its lock; the lock lasts while the returned descriptor is open anywhere.

    Raises Refusal where the folder cannot be written or another start has it.
    """
    try:
        for part in (folder / "logs", folder / "run", folder / "broker"):
            part.mkdir(parents=True, exist_ok=True)
        (folder / "run").chmod(0o700)
        lock = os.open(folder / "run" / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Refusal(
            f"Switchboard already runs on the folder {folder}: stop it, or set DATA_DIR to another folder."
        ) from None
    except OSError as error:
        raise Refusal(
            f"The folder {folder} cannot be written ({reason(error)}): set DATA_DIR to another folder."
        ) from None
    return lock


def check_ports(options: Options) -> None:
    """Raise Refusal where a port cannot be listened on."""
    check_port("PORT", options.host, options.port)
    if options.local_api:
        check_port("LOCAL_API_PORT", "127.0.0.1", options.local_api_port)


def check_port(variable: str, host: str, port: int) -> None:
    """Listen for a moment, as the server will."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Refusal(f"Port {port} is taken: set {variable} to a free port.") from None
            raise Refusal(f"Port {port} of {host} cannot be used ({reason(error)}): set {variable} or HOST.") from None


def reason(error: OSError) -> str:
    """The system's words, without the path."""
    return (error.strerror or str(error)).lower()
