"""Bodies to bytes and back: one encoding for what we send, one strict reading of what we are sent."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from urllib3.filepost import encode_multipart_formdata

from assistants_app.api import errors
from assistants_app.api.errors import Unreadable

DEEPEST = 100  # levels of JSON: what is read must be written again, and walked over


@dataclass(frozen=True, slots=True)
class Parcel:
    """The body of a request, and its Content-Type."""

    content: bytes
    kind: str = "application/json"


def encode(body: Mapping[str, Any]) -> Parcel:
    """The one encoding of JSON bodies: compact and pure ASCII, so that a lone surrogate cannot break it.

    Raises BadRequest for what JSON cannot carry (NaN, an object of ours).
    """
    try:
        return Parcel(json.dumps(body, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode("ascii"))
    except (ValueError, TypeError, RecursionError) as error:
        raise errors.BadRequest(f"The request cannot be written as JSON: {error}") from None


def encode_upload(fields: Mapping[str, str], *, filename: str, content: bytes, media_type: str) -> Parcel:
    """A form with one file, called `file`, at its end, as servers read it that take no field after a file."""
    parts: dict[str, Any] = {**fields, "file": (filename or "file", content, media_type)}
    try:
        return Parcel(*encode_multipart_formdata(parts))
    except (UnicodeEncodeError, TypeError, AttributeError) as error:
        raise errors.BadRequest(f"The file cannot be written as a form: {error}") from None


def decode(body: bytes) -> Any:
    """The parsed body. Raises Unreadable for what is not JSON in UTF-8, too deep (100 levels) or has
    absurd numbers."""
    try:
        parsed = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        shown = errors.printable(body[: errors.LONGEST_EXCERPT].decode("utf-8", "replace"))
        words = "The answer is not JSON" if body.strip() else "The answer is empty"
        raise Unreadable(words, body=shown) from None
    if _too_deep(parsed):
        raise Unreadable(f"The answer is nested deeper than {DEEPEST} levels")
    return parsed


def _too_deep(parsed: Any) -> bool:
    level = [parsed]
    for _ in range(DEEPEST):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node if isinstance(node, list) else ())
            if isinstance(child, dict | list)
        ]
    return bool(level)
