"""Colours code: spans of a few classes, whose colours static/css/code.css takes from the tokens."""

from __future__ import annotations

import time
from collections.abc import Iterable
from html import escape
from itertools import groupby

from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String, _TokenType

LONGEST = 16_384  # characters of one block; more stays plain
LONGEST_LINE = 1_000  # what takes a lexer long is one line, nearly always
SECONDS = 0.25  # lexers are regular expressions, and some texts are slow for them

# Names by which models call languages. Guessing one from the code would colour prose.
_NAMES = """
    bash sh shell zsh powershell c cpp c++ csharp c# css diff dockerfile docker elixir go graphql html http
    java javascript js json jsx kotlin lua makefile nginx perl php python py r ruby rb rust rs scala scss sql
    postgresql swift toml typescript ts tsx xml yaml yml
"""
LANGUAGES = frozenset(_NAMES.split())
_KINDS = {
    Comment: "hl-comment",
    Comment.Preproc: "hl-keyword",
    Keyword: "hl-keyword",
    Keyword.Constant: "hl-number",
    Operator.Word: "hl-keyword",
    String: "hl-string",
    Number: "hl-number",
    Name.Function: "hl-name",
    Name.Class: "hl-name",
    Name.Decorator: "hl-name",
    Name.Attribute: "hl-name",
    Name.Tag: "hl-keyword",
    Name.Builtin: "hl-builtin",
    Generic.Inserted: "hl-added",
    Generic.Deleted: "hl-removed",
    Generic.Heading: "hl-keyword",
    Generic.Subheading: "hl-keyword",
}
CLASSES = frozenset(_KINDS.values())


def code(text: str, language: str, attributes: str = "") -> str:
    """Code as escaped HTML with spans; "" where it stays plain: the language is unknown, the code long or slow."""
    name = language.lower()
    if name not in LANGUAGES or len(text) > LONGEST or max(map(len, text.split("\n"))) > LONGEST_LINE:
        return ""
    lexer = get_lexer_by_name(name, stripnl=False, ensurenl=False)
    ends = time.thread_time() + SECONDS
    pieces: list[tuple[str, str]] = []
    for kind, value in lexer.get_tokens(text):
        if time.thread_time() > ends:
            return ""
        # White space has no colour: it joins what it stands in.
        pieces.append((pieces[-1][0] if pieces and value.isspace() else _class_of(kind), value))
    return "".join(_spans(pieces))


def _class_of(kind: _TokenType) -> str:
    while kind.parent is not None:
        if kind in _KINDS:
            return _KINDS[kind]
        kind = kind.parent
    return ""


def _spans(pieces: Iterable[tuple[str, str]]) -> Iterable[str]:
    for kind, group in groupby(pieces, key=lambda piece: piece[0]):
        text = escape("".join(value for _, value in group), quote=False)
        yield f'<span class="{kind}">{text}</span>' if kind else text
