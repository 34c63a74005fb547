"""What changed between two texts: lines first, then words within the lines that changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

# Beyond these a comparison would take longer than a page may.
MOST_LINES = 5_000  # of one text; what follows is compared as one piece
MOST_WORDS = 1_500  # of changed lines that stand together; beyond, they are shown as replaced
AROUND = 3  # unchanged lines shown beside a change

_WORDS = re.compile(r"\w+|\s+|[^\w\s]")


def diff(old: str, new: str) -> SafeString:
    """HTML of `new` with what was taken out of `old` in del and what came in ins; long unchanged stretches folded."""
    before, after = _lines(old), _lines(new)
    blocks = SequenceMatcher(None, before, after).get_opcodes()
    parts = [
        _same(before[start:end], first=not start, last=end == len(before))
        if kind == "equal"
        else _changed("".join(before[start:end]), "".join(after[begin:stop]))
        for kind, start, end, begin, stop in blocks
    ]
    frame = '<div class="code diff" tabindex="0" role="group" aria-label="{}">{}</div>'
    return mark_safe(frame.format(escape(gettext("Differences")), "".join(parts)))  # noqa: S308 (parts are escaped below)


def _lines(text: str) -> list[str]:
    lines = text.splitlines(keepends=True)
    return [*lines[:MOST_LINES], "".join(lines[MOST_LINES:])] if len(lines) > MOST_LINES else lines


def _same(lines: Sequence[str], *, first: bool, last: bool) -> str:
    """Unchanged lines: those next to a change, the others folded."""
    head = 0 if first else AROUND
    tail = len(lines) if last else max(0, len(lines) - AROUND)
    folded = lines[head:tail]
    if len(folded) <= AROUND:
        return escape("".join(lines))
    said = ngettext("%(count)s line as before", "%(count)s lines as before", len(folded)) % {"count": len(folded)}
    shown = f"<summary>{escape(said)}</summary>{escape(''.join(folded))}"
    return f"{escape(''.join(lines[:head]))}<details>{shown}</details>{escape(''.join(lines[tail:]))}"


def _changed(old: str, new: str) -> str:
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    if not before or not after or max(len(before), len(after)) > MOST_WORDS:
        return _out(old) + _in(new)
    return "".join(_words(before, after))


def _words(before: list[str], after: list[str]) -> Iterator[str]:
    for kind, start, end, begin, stop in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield escape("".join(before[start:end]))
        else:
            yield _out("".join(before[start:end])) + _in("".join(after[begin:stop]))


def _out(text: str) -> str:
    return f"<del>{escape(text)}</del>" if text else ""


def _in(text: str) -> str:
    return f"<ins>{escape(text)}</ins>" if text else ""
