"""Server-sent events out of the bytes that a server sends, each as soon as its last byte is there.

`requests.iter_lines` would hold a line back until the next one comes, and splits JSON at U+2028.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from assistants_app.api.errors import AnswerTooLarge

LONGEST_EVENT = 8 * 1024 * 1024  # bytes
_LINE_END = re.compile(rb"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Block:
    """One event as it was sent: its name, `message` where it has none, and its data."""

    name: str
    data: str


def blocks(pieces: Iterable[bytes]) -> Iterator[Block]:
    """The events in a stream of bytes, cut anywhere. One that the end cuts short comes too: whether it is whole, its
    data tells. Raises AnswerTooLarge for one of more than LONGEST_EVENT bytes."""
    name, data = b"", list[bytes]()
    for line in _lines(pieces):
        if not line:
            if data:
                yield _block(name, data)
            name, data = b"", []
            continue
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"event":
            name = value
        elif field == b"data":
            data.append(value)
            if sum(map(len, data)) > LONGEST_EVENT:
                raise AnswerTooLarge(f"An event is larger than {LONGEST_EVENT:,} bytes", effect="unknown")
    if data:
        yield _block(name, data)


def _block(name: bytes, data: list[bytes]) -> Block:
    return Block(name.decode("utf-8", "replace") or "message", b"\n".join(data).decode("utf-8", "replace"))


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Lines without their ends: LF, CR LF or CR, and nothing else, whatever Unicode calls one."""
    rest, is_first = b"", True
    for piece in pieces:
        rest += piece
        # A CR that ends a piece may be half of an end.
        whole = len(rest) - 1 if rest.endswith(b"\r") else len(rest)
        at = 0
        while found := _LINE_END.search(rest, at, whole):
            line = rest[at : found.start()]
            yield line.removeprefix(b"\xef\xbb\xbf") if is_first else line
            at, is_first = found.end(), False
        rest = rest[at:]
        if len(rest) > LONGEST_EVENT:
            raise AnswerTooLarge(f"An event is larger than {LONGEST_EVENT:,} bytes", effect="unknown")
    if rest:
        yield rest.rstrip(b"\r")
