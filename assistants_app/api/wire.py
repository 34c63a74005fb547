"""Sockets that keep a deadline, for the connection pools of `requests`.

A read time-out bounds the silence between two pieces, so a server that drips one byte at a time holds a
thread for as long as it likes. Here every connect, send and receive gets what is left until the deadline
of the attempt that the thread is in, and never more. (Looking up a host's name is the system's:
resolv.conf bounds it.)
"""

import io
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPResponse
from time import monotonic
from typing import Any, cast

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NameResolutionError, NewConnectionError
from urllib3.util.connection import allowed_gai_family, create_connection

PIECE = 64 * 1024  # bytes sent under one time-out
FRESH = 1.0  # seconds


@dataclass(slots=True)
class Attempt:
    """One request on the wire. `until` is a reading of time.monotonic, `silence` seconds, `allow_address`
    raises OSError for an address that must not be connected to, `sent` turns true with the first byte that
    may have left."""

    until: float
    silence: float
    allow_address: Callable[[str], None] | None = None
    sent: bool = False
    answer: HTTPResponse | None = None  # what is read from, once there is something to read

    def close_answer(self) -> None:
        # Not the file below it: Python 3.14 reports an answer that is collected while only its file is closed.
        if self.answer is not None:
            self.answer.close()

    def left(self) -> float:
        """Seconds until the deadline, and never none: a time-out of zero would mean something else."""
        return max(self.until - monotonic(), 0.001)

    def patience(self) -> float:
        """Seconds the next step may take. Raises TimeoutError when none are left."""
        left = self.until - monotonic()
        if left <= 0:
            raise TimeoutError("the time for the whole answer is over")
        return min(left, self.silence)


class _Thread(threading.local):
    attempt: Attempt


_thread = _Thread()


@contextmanager
def attempting(attempt: Attempt) -> Iterator[None]:
    """Connections used by this thread, inside, keep the attempt's deadline."""
    _thread.attempt = attempt
    try:
        yield
    finally:
        del _thread.attempt


class _TimedFile(io.RawIOBase):
    """What the server sends: each receive is given what is left."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._file = sock.makefile("rb", buffering=0)
        self._attempt = _thread.attempt
        self.within_head = True

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._attempt.patience())
        received = self._file.readinto(buffer)
        if received == 0 and self.within_head:  # http.client takes this for the end of the headers
            raise ConnectionResetError("closed before the end of the headers")
        return received

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


class _TimedSocket:
    """The one method of a socket that http.client reads answers with."""

    def __init__(self, file: _TimedFile) -> None:
        self._file = file

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self._file)


class _TimedResponse(HTTPResponse):
    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        self._file = _TimedFile(sock)
        super().__init__(_TimedSocket(self._file), *arguments, **options)  # type: ignore[arg-type]
        _thread.attempt.answer = self

    def begin(self) -> None:
        super().begin()
        self._file.within_head = False


class TimedConnection(HTTPConnection):
    response_class = _TimedResponse
    used_at = 0.0

    def _new_conn(self) -> socket.socket:
        """All addresses of a host share the connect time-out, and the TLS handshake has what they leave of
        it."""
        until = min(_thread.attempt.until, monotonic() + float(self.timeout or 0))
        try:
            found = socket.getaddrinfo(self._dns_host, self.port, allowed_gai_family(), socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise NameResolutionError(self.host, self, error) from error  # type: ignore[arg-type]
        failure: OSError = TimeoutError("timed out")
        for ahead, (*_, address) in zip(range(len(found), 0, -1), found, strict=True):
            try:
                return self._connected(str(address[0]), (until - monotonic()) / ahead, until)
            except OSError as error:
                failure = error
        raise NewConnectionError(self, f"Failed to establish a new connection: {failure}") from failure

    def _connected(self, address: str, seconds: float, until: float) -> socket.socket:
        # Here and not by the host's name: what a name stands for may change from one look to the next.
        if _thread.attempt.allow_address is not None:
            _thread.attempt.allow_address(address)
        if seconds <= 0:
            raise TimeoutError("timed out")
        sock = create_connection((address, self.port), seconds, socket_options=self.socket_options)
        sock.settimeout(max(until - monotonic(), 0.001))
        return sock

    def request(self, method: str, *arguments: Any, **options: Any) -> None:
        """A request that must not be repeated leaves on a connection in recent use, or on a new one: a
        server may just be closing an idle one, and then nobody could tell whether the request arrived."""
        if method != "GET" and self.sock is not None and monotonic() - self.used_at > FRESH:
            self.close()
        super().request(method, *arguments, **options)

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        _thread.attempt.sent = True
        view = memoryview(data)
        for start in range(0, len(view), PIECE):
            self.sock.settimeout(_thread.attempt.patience())
            super().send(view[start : start + PIECE])

    def getresponse(self) -> Any:
        try:
            answer = super().getresponse()
        except BaseException:
            _thread.attempt.close_answer()  # urllib3 forgets the answer it refuses (two lengths, for one)
            raise
        self.used_at = monotonic()
        return answer

    def answer(self) -> HTTPResponse:
        """The same, as http.client reads it, to a GET."""
        answer = _TimedResponse(self.sock, method="GET")
        answer.begin()
        self.used_at = monotonic()
        return answer


class TimedTlsConnection(TimedConnection, HTTPSConnection):
    """The same over TLS."""


class TimedPool(HTTPConnectionPool):
    """Keeps connections open. `answering` is the one way around `urlopen`, which costs twice as much a call."""

    ConnectionCls = TimedConnection

    @contextmanager
    def answering(self, head: str, seconds: float) -> Iterator[tuple[TimedConnection, HTTPResponse]]:
        """Sends a GET that is written out already; the connection it went over, and the beginning answer.

        `seconds` are for connecting. The connection is kept if, at the end, the answer is read to its end.
        """
        connection = cast(TimedConnection, self._get_conn())  # closed and made anew where the server hung up
        kept = False
        try:
            connection.timeout = seconds
            self._validate_conn(connection)
            connection.send(head.encode("latin-1"))
            answer = connection.answer()
            try:
                yield connection, answer
            finally:
                kept = answer.isclosed() and not answer.will_close
        finally:
            if not kept:
                connection.close()
                _thread.attempt.close_answer()
            self._put_conn(connection)


class TimedTlsPool(HTTPSConnectionPool, TimedPool):
    ConnectionCls = TimedTlsConnection


class TimedAdapter(HTTPAdapter):
    """A transport adapter for `requests` whose connections keep the deadline of `attempting`."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": TimedPool, "https": TimedTlsPool}
