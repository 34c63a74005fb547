"""One web process on a listening socket that the supervisor holds and hands over as standard input.

The socket outlives the process: while one is started again, browsers wait instead of being refused,
and several processes share one port.
"""

import os
import socket

import uvicorn


def main() -> None:
    """Serve until told to stop; open streams get two seconds then."""
    # Not uvicorn's own --fd: it takes the socket for a unix one and leaves out TCP_NODELAY.
    listener = socket.socket(fileno=os.dup(0))
    config = uvicorn.Config(
        "dashboard.asgi:application",
        timeout_graceful_shutdown=2,
        access_log=False,
        server_header=False,
        log_level="warning",
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
