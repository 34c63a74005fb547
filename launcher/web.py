"""One web process: on HOST and PORT, or with --inherit on the listening socket that is its standard input.

A supervisor that holds the socket lets it outlive the process: while that is started again, browsers
wait instead of being refused, and several processes share one port.
"""

import os
import socket
import sys

import uvicorn

from launcher import options
from launcher.locations import Refusal


def main() -> None:
    """Serve until told to stop; open streams get two seconds then."""
    try:
        chosen = options.read(os.environ)
    except Refusal as refusal:
        sys.exit(str(refusal))
    config = uvicorn.Config(
        "dashboard.asgi:application",
        host=chosen.host,
        port=chosen.port,
        timeout_graceful_shutdown=2,
        access_log=False,
        server_header=False,
        log_level="warning",
    )
    # Not uvicorn's own --fd: it takes the socket for a unix one and leaves out TCP_NODELAY.
    listener = socket.socket(fileno=os.dup(0)) if "--inherit" in sys.argv else config.bind_socket()
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
