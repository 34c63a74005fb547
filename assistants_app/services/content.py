"""What a message says, as safe HTML: its parts in their order, footnotes for its citations, its files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import Any

from assistants_app.api import objects
from assistants_app.services.rendering import CUT, LONGEST_MARKDOWN, Mark, markdown, place

MOST_PARTS = 200
MOST_NOTES = 200
LONGEST_QUOTE = 600
FEWEST_LETTERS = 4  # shorter words stand in a text by chance


def html(seen: objects.Message) -> str:
    """The HTML of a message, made once when it is mirrored. What needs icons, words or addresses of pages is a
    place (see rendering.place), filled where it is shown."""
    notes = _Notes(seen.id)
    left = LONGEST_MARKDOWN
    made: list[str] = []
    for part in seen.parts[:MOST_PARTS]:
        if left <= 0:
            break
        made.append(_part(part, notes, left))
        left -= len(part.text or "")
    if len(seen.parts) > len(made):
        made.append(CUT)
    files = [{"file": each.file_id, "tools": list(each.tools[:4])} for each in seen.attachments[:MOST_PARTS]]
    if notes.found:
        made.append(place("notes", key=notes.key, notes=notes.found))
    if files:
        made.append(place("attachments", files=files))
    if seen.incomplete_reason:
        made.append(place("incomplete", reason=seen.incomplete_reason[:200]))
    return "".join(made)


class _Notes:
    """The footnotes of one message: the same file and quote has one number."""

    def __init__(self, message_id: str) -> None:
        self.key = blake2b(message_id.encode("utf-8", "replace"), digest_size=5).hexdigest()
        self.found: list[dict[str, Any]] = []
        self._numbers: dict[tuple[str, str], int] = {}

    def number(self, file_id: str, quote: str) -> int:
        """The number of the note; 0 where there are too many."""
        known = self._numbers.get((file_id, quote))
        if known is None and len(self.found) < MOST_NOTES:
            known = self._numbers[file_id, quote] = len(self.found) + 1
            self.found.append({"number": known, "file": file_id, "quote": quote[:LONGEST_QUOTE]})
        return known or 0


def _part(part: objects.Part, notes: _Notes, left: int) -> str:
    if part.text is not None:
        text = part.text[:left]
        said = markdown(text, list(_marks(text, part.annotations, notes)))
        said += CUT if len(text) < len(part.text) else ""
        return place("refusal") + said if part.kind == "refusal" else said
    if part.kind == "image_file" and part.refers_to:
        return place("image", file=part.refers_to)
    if part.kind == "image_url" and part.refers_to:
        return place("address", url=part.refers_to)
    return place("other", kind=part.kind[:120], refers_to=(part.refers_to or "")[:500])


def _marks(text: str, annotations: Sequence[objects.Annotation], notes: _Notes) -> Iterator[Mark]:
    """The annotated pieces of a text in their order. What cannot be found in it has a footnote all the same."""
    at = 0
    for each in sorted(annotations[:MOST_PARTS], key=lambda each: each.start or 0):
        mark = _mark(each, notes)
        found = _found(text, each, at)
        if mark is not None and found is not None:
            mark.start, mark.end = found
            at = mark.end
            yield mark


def _mark(annotation: objects.Annotation, notes: _Notes) -> Mark | None:
    if annotation.kind == "file_citation":
        number = notes.number(annotation.file_id or "", annotation.quote or "")
        return Mark(0, 0, "cite", {"key": notes.key, "number": number}) if number else None
    if annotation.kind == "file_path":
        name = annotation.text.rpartition("/")[2]
        return Mark(0, 0, "file", {"file": annotation.file_id or "", "label": "", "name": name[:200]})
    return None


def _found(text: str, annotation: objects.Annotation, after: int) -> tuple[int, int] | None:
    """Where the annotated words stand, not before `after`: as its indices say, or, servers count differently, the
    next place that has them."""
    start, end, words = annotation.start, annotation.end, annotation.text
    is_inside = start is not None and end is not None and after <= start < end <= len(text)
    if is_inside and (not words or text[start:end] == words):
        return start, end  # type: ignore[return-value]
    if len(words) < FEWEST_LETTERS:
        return None
    place_of = text.find(words, after)
    return (place_of, place_of + len(words)) if place_of >= 0 else None
