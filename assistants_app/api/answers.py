"""Answers read whole, within a limit, or told as errors."""

from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse

import urllib3
from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from assistants_app.api import errors, headers

REFUSAL_READ = 64 * 1024  # bytes of a refusal that are worth reading
CHUNK = 64 * 1024


class Secret(str):
    """What goes over the wire and into no repr."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


@dataclass(frozen=True, slots=True)
class Answer:
    """A success: status 200 to 299, headers by names in lower case, and the whole decoded body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reader:
    """`secret` is masked where a server echoes it; `largest_answer` is in decoded bytes."""

    secret: Secret
    largest_answer: int

    def read(self, method: str, response: BaseHTTPResponse) -> Answer:
        """Raises ApiError for all but a success within the limit."""
        self.check(method, response)
        return Answer(response.status, response.headers, self._whole(method, response))

    def check(self, method: str, response: BaseHTTPResponse) -> None:
        """Raises ApiError for all but a success, of which the body is left to read."""
        if 300 <= response.status < 400:
            raise self._redirected(method, response)
        if not 200 <= response.status < 300:
            raise errors.refusal(
                status=response.status,
                headers=response.headers,
                body=_beginning(response),
                method=method,
                secret=self.secret,
            )

    def read_bare(self, connection: HTTPConnection, answer: HTTPResponse) -> Answer:
        """The same for a GET without urllib3's wrapping, which is put on only where the answer is no plain
        success: `connection` is closed where reading on it cannot be trusted to begin anew."""
        plain = self._plain(answer)
        if plain is not None:
            return Answer(answer.status, plain, answer.read())
        wrapped = urllib3.HTTPResponse(
            body=answer,
            headers=urllib3.HTTPHeaderDict(answer.headers.items()),
            status=answer.status,
            preload_content=False,
            original_response=answer,
            connection=connection,
            request_method="GET",
        )
        return self.read("GET", wrapped)

    def _plain(self, answer: HTTPResponse) -> Mapping[str, str] | None:
        """The headers of a success within the limit that needs no decoding; else None."""
        if answer.status != 200 or answer.length is None or answer.length > self.largest_answer:
            return None
        found = {name.lower(): value for name, value in answer.headers.items()}
        said_once = len(found) == len(answer.headers)
        return found if said_once and "content-encoding" not in found else None

    def _whole(self, method: str, response: BaseHTTPResponse) -> bytes:
        pieces: list[bytes] = []
        size = response.length_remaining or 0  # what it claims, before a byte is read
        if size <= self.largest_answer:
            size = 0
            while size <= self.largest_answer and (piece := response.read1(CHUNK, decode_content=True)):
                pieces.append(piece)
                size += len(piece)
        if size > self.largest_answer:
            raise errors.AnswerTooLarge(
                f"The answer is larger than {self.largest_answer:,} bytes",
                status=response.status,
                request_id=headers.request_id(response.headers, self.secret),
                effect="none" if method == "GET" else "unknown",
            )
        return b"".join(pieces)

    def _redirected(self, method: str, response: BaseHTTPResponse) -> errors.ApiError:
        place = errors.printable(response.headers.get("location", ""), self.secret)
        return errors.Redirected(
            f"The server points elsewhere, which is not followed: {errors.cut(place or 'nowhere', 200)}",
            status=response.status,
            request_id=headers.request_id(response.headers, self.secret),
            effect="none" if method == "GET" else "unknown",
        )


def _beginning(response: BaseHTTPResponse) -> bytes:
    """The first 64 kB of a refusal; its status is told even when its words break off."""
    found = b""
    try:
        while len(found) < REFUSAL_READ and (piece := response.read1(CHUNK, decode_content=True)):
            found += piece
    except (HTTPError, HTTPException, OSError):
        pass
    return found[:REFUSAL_READ]
