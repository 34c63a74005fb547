"""The connection under a request, for those who want to see it cut."""

import asyncio
from dataclasses import dataclass
from typing import cast

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


@dataclass
class Connection:
    """One TCP connection; `lost` once it is closed."""

    transport: asyncio.Transport
    lost: bool = False


class OpenProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol, which also tells the application its connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.connection = Connection(transport)
        self.app_state = {**self.app_state, "connection": self.connection}

    def connection_lost(self, exc: Exception | None) -> None:
        self.connection.lost = True
        super().connection_lost(exc)


def connection_of(scope: Scope) -> Connection:
    """The connection by which a request came."""
    return cast(Connection, scope["state"]["connection"])
