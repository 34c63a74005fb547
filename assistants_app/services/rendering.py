"""Makes safe HTML of what people and models write."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from assistants_app.services import highlighting

# So much of a message stands on a page: more would hold up the mirror and every browser.
LONGEST_MARKDOWN = 32_768
# Noncharacters round the number of a mark: no text needs them.
OPEN, CLOSE = "\ufdd0", "\ufdd1"
_MARK = re.compile(f"{OPEN}(\\d+){CLOSE}")
_MARK_IN_ADDRESS = re.compile(f"{quote(OPEN)}(\\d+){quote(CLOSE)}")
_TAG_OR_MARK = re.compile(f"<[^>]*>|{_MARK.pattern}")
_CODE = re.compile(r'<pre><code(?: class="language-([^"]+)")?>')

_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True, "highlight": highlighting.code})
_markdown.enable(["table", "strikethrough"])
# A picture would tell its server who reads; as a link it can be seen that there is one.
_markdown.disable("image")
_TAGS = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "code", "em", "strong", "s"),
    *("ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "a", "span"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_CLASSES = {"span": set(highlighting.CLASSES), "code": {f"language-{name}" for name in highlighting.LANGUAGES}}


def place(kind: str, /, **values: Any) -> str:
    """A comment where a page puts what needs icons, words or addresses of its own. No text can forge one:
    whatever sanitised HTML has of `<` is a tag."""
    # Two hyphens would end a comment.
    return f"<!--{kind} {quote(json.dumps(values), safe='').replace('-', '%2D')}-->"


CUT = place("cut")


@dataclass(slots=True)
class Mark:
    """A piece of a text, from start to end, in whose place something else stands. One of a file stands for the
    whole link where it is the address of one, and then has the link's words for a label."""

    start: int
    end: int
    kind: str
    values: dict[str, Any] = field(default_factory=dict)
    letters: str = ""

    @property
    def place(self) -> str:
        return place(self.kind, **self.values)


def markdown(text: str, marks: Sequence[Mark] = ()) -> str:
    """Markdown as HTML made of a small set of harmless elements, and of places; links open apart and reveal nothing
    of us. What is longer than LONGEST_MARKDOWN has CUT at its end. Marks are given in order and do not overlap."""
    if len(text) > LONGEST_MARKDOWN:
        return markdown(text[:LONGEST_MARKDOWN], [each for each in marks if each.end <= LONGEST_MARKDOWN]) + CUT
    try:
        tokens = _markdown.parse(_marked(text, marks))
    except RecursionError:
        return plain(text)
    if marks:
        _settle(tokens, marks)
    clean = nh3.clean(
        _markdown.renderer.render(tokens, _markdown.options, {}),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        allowed_classes=_CLASSES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    clean = _CODE.sub(lambda found: f"{place('code', language=found[1] or '')}<pre><code>", clean)
    return _placed(clean, marks)


def is_cut(html: str) -> bool:
    """Whether HTML made here is only the beginning of its text."""
    return CUT in html


def plain(text: str) -> str:
    """Text as it is, in one preformatted element."""
    return f"<pre>{nh3.clean_text(text)}</pre>"


def _marked(text: str, marks: Sequence[Mark]) -> str:
    """The text with a number in place of each marked piece."""
    text = text.replace(OPEN, "\ufffd").replace(CLOSE, "\ufffd")
    pieces, at = [], 0
    for number, mark in enumerate(marks):
        mark.letters = text[mark.start : mark.end]
        pieces += [text[at : mark.start], f"{OPEN}{number}{CLOSE}"]
        at = mark.end
    return "".join([*pieces, text[at:]])


def _settle(tokens: list[Token], marks: Sequence[Mark]) -> None:
    """Leaves marks in running text only: code keeps its letters, and a link to a file becomes its mark."""

    def letters(text: str) -> str:
        return _MARK.sub(lambda found: _mark(marks, found).letters, text)

    for token in tokens:
        if token.type in {"fence", "code_block", "code_inline"}:
            token.content, token.info = letters(token.content), letters(token.info)
        for name, value in token.attrs.items():
            known = _MARK_IN_ADDRESS.sub(lambda found: quote(_mark(marks, found).letters, safe="/:"), str(value))
            token.attrs[name] = letters(known)
        if token.children:
            token.children = _without_links_to_files(token.children, marks)
            _settle(token.children, marks)


def _mark(marks: Sequence[Mark], found: re.Match[str]) -> Mark:
    return marks[int(found[1])]


def _without_links_to_files(children: list[Token], marks: Sequence[Mark]) -> list[Token]:
    kept: list[Token] = []
    inside: Mark | None = None
    for token in children:
        found = _MARK_IN_ADDRESS.search(str(token.attrGet("href") or "")) if token.type == "link_open" else None
        if found and _mark(marks, found).kind == "file":
            inside = _mark(marks, found)
            kept.append(Token("text", "", 0, content=f"{OPEN}{found[1]}{CLOSE}"))
        elif inside is not None and token.type == "link_close":
            inside = None
        elif inside is not None:
            label = str(inside.values.get("label", "")) + _MARK.sub("", token.content)
            inside.values["label"] = label[:200]
        else:
            kept.append(token)
    return kept


def _placed(clean: str, marks: Sequence[Mark]) -> str:
    """Sanitised HTML with the places of its marks. In tags there are none: their `>` are escaped, so that each is
    matched as a whole and left alone."""
    if not marks:
        return clean
    return _TAG_OR_MARK.sub(lambda found: _mark(marks, found).place if found[1] else found[0], clean)
