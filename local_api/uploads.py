"""Forms of `multipart/form-data`: text fields, and files with their names."""

import re
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser

from local_api import errors

_MOST_PARTS = 100


@dataclass(frozen=True)
class Part:
    """One field of a form; `filename` is None for one that is no file."""

    content: bytes
    filename: str | None

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")


def read(content_type: str, body: bytes) -> dict[str, Part]:
    """The fields of a form by their names. Raises `ApiError` (400) for what is none."""
    form = Message()
    form["Content-Type"] = content_type
    boundary = form.get_boundary()
    if form.get_content_type() != "multipart/form-data" or not boundary:
        raise errors.not_a_form()
    mark = b"\r\n--" + boundary.encode("utf-8", "surrogateescape")
    pieces = (b"\r\n" + body).split(mark, _MOST_PARTS)
    if len(pieces) < 2 or not re.match(rb"--[ \t]*(\r\n|$)", pieces[-1]):
        raise errors.not_a_form()
    return dict(_part(piece) for piece in pieces[1:-1])


def _part(piece: bytes) -> tuple[str, Part]:
    head, between, content = piece.partition(b"\r\n\r\n")
    headers = HeaderParser().parsestr(head.decode("utf-8", "replace").strip("\r\n"))
    name = headers.get_param("name", header="content-disposition")
    if not between or not isinstance(name, str):
        raise errors.not_a_form()
    return name, Part(content, headers.get_filename())
