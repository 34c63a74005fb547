"""JSON as a readable tree: one definition list a level, long strings and deep levels folded."""

from __future__ import annotations

import json
from typing import Any

from django.utils.formats import number_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

# Beyond these a value is folded, or shown as JSON text: a page stays light whatever a model wrote.
LONGEST_SHOWN = 32_768  # characters of one text; beyond, its beginning and a way to the whole
BEGINNING = 2_000
LONG_STRING = 400
MOST_ITEMS = 200
DEEPEST = 12
MOST_GROWTH = 8


def tree(text: str) -> SafeString:
    """HTML of a JSON object or array; any other text as it is, and of one too long for a page the beginning."""
    if len(text) > LONGEST_SHOWN:
        return format_html('<pre class="code"><code>{}…</code></pre>', sendable(text[:BEGINNING]))
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict | list) or not value:
        return format_html('<pre class="code" tabindex="0"><code>{}</code></pre>', text)
    return mark_safe(sendable(branch(value, 0)))  # noqa: S308 (every leaf and key is escaped below)


def indented(text: str) -> str:
    """JSON text with line breaks; any other text unchanged."""
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if not isinstance(value, dict | list):
        return text
    found = sendable(json.dumps(value, indent=2, ensure_ascii=False))
    # What is nested deeply is mostly indentation.
    return found if len(found) <= MOST_GROWTH * len(text) + MOST_ITEMS else sendable(text)


def sendable(text: str) -> str:
    """Text without lone surrogates: JSON may have them, but no page can be sent with one."""
    return text.encode("utf-8", "replace").decode()


def branch(value: dict[str, Any] | list[Any], depth: int) -> str:
    """One level: keys or positions with their values."""
    pairs = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    rows = [f"<dt>{escape(key)}</dt><dd>{node(item, depth + 1)}</dd>" for key, item in pairs[:MOST_ITEMS]]
    if len(pairs) > MOST_ITEMS:
        left = len(pairs) - MOST_ITEMS
        said = ngettext("%(count)s more, see the raw text", "%(count)s more, see the raw text", left)
        rows.append(
            f'<dt>…</dt><dd class="tree-none">{escape(said % {"count": number_format(left, force_grouping=True)})}</dd>'
        )
    return f'<dl class="tree">{"".join(rows)}</dl>'


def node(value: Any, depth: int) -> str:
    """A value: a level of its own, or a leaf coloured by its type."""
    if isinstance(value, dict | list):
        if not value:
            return f'<span class="tree-none">{"{}" if isinstance(value, dict) else "[]"}</span>'
        if depth >= DEEPEST:
            return escape(json.dumps(value, ensure_ascii=False))
        return branch(value, depth)
    if isinstance(value, str):
        return string(value)
    kind = "number" if isinstance(value, int | float) and not isinstance(value, bool) else "word"
    return f'<span class="tree-{kind}">{escape(json.dumps(value))}</span>'


def string(value: str) -> str:
    """A string without quotes; an empty one is named, a long one folded."""
    if not value:
        empty = gettext("empty")  # in an f-string, `make words` would find it from Python 3.12 on only
        return f'<span class="tree-none">{escape(empty)}</span>'
    if len(value) <= LONG_STRING:
        return f'<span class="tree-string">{escape(value)}</span>'
    start, rest = escape(value[:LONG_STRING]), escape(value[LONG_STRING:])
    said = ngettext("%(count)s character", "%(count)s characters", len(value))
    length = escape(said % {"count": number_format(len(value), force_grouping=True)})
    summary = f'<span class="tree-string">{start}</span>… {length}'
    folded = f'<span class="tree-string">{rest}</span>'
    return f'<details class="tree-more"><summary>{summary}</summary>{folded}</details>'


def branches(value: Any) -> SafeString:
    """HTML of what was JSON and is parsed already."""
    return tree(json.dumps(value))
