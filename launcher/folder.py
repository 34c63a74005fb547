"""The data folder and the ports: taken before anything is started."""

import errno
import fcntl
import hashlib
import os
import re
import socket
import tempfile
from pathlib import Path

from launcher.options import Options, Refusal


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


def broker_url(sockets: Path) -> str:
    """The address of the embedded broker that listens in this folder for sockets."""
    return f"redis+socket://{sockets / 'broker.sock'}"


def sockets(folder: Path) -> Path:
    """A folder for unix sockets: inside the data folder, or a private one where that path would not do.

    The kernel takes about 107 bytes, and a broker's URL takes no odd characters.
    """
    inside = folder / "run"
    if re.fullmatch(r"[\w/.+-]{1,80}", str(inside), re.ASCII):
        return inside
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    private = Path(tempfile.gettempdir()) / f"switchboard-{os.getuid()}-{digest}"
    private.mkdir(mode=0o700, exist_ok=True)
    state = private.lstat()
    if state.st_uid != os.getuid() or state.st_mode & 0o077:
        raise Refusal(f"The folder {private} is open to others: delete it, or set DATA_DIR to a shorter path.")
    return private


def reason(error: OSError) -> str:
    """The system's words, without the path."""
    return (error.strerror or str(error)).lower()
