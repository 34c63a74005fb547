"""Fills the places of what messages say (services/rendering.py) with icons, words and addresses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from assistants_app.models import Connection
from assistants_app.services import capabilities, reasons
from assistants_app.templatetags.icons import icon

PLACE = re.compile(r"<!--(\w+) ([^-]*)-->")
DOWNLOAD = "downloadFile"
# A line of prose holds about so many characters; more lines than MOST_LINES are folded.
LINE = 90
MOST_LINES = 60
ROWS = re.compile(r"<(?:p|li|tr|br|h[1-6]|pre)\b|\n")


def dressed(html: str, connection: Connection | None = None) -> SafeString:
    """Stored HTML as a page shows it, with the files of that connection."""

    def fill(found: re.Match[str]) -> SafeString:
        return FILLED[found[1]]({**json.loads(unquote(found[2])), "connection": connection})

    filled = PLACE.sub(fill, html)
    # What scrolls sideways must be reached by keyboard.
    filled = filled.replace("<pre>", '<pre tabindex="0">').replace("<table>", '<table tabindex="0">')
    return mark_safe(filled)  # noqa: S308  sanitised, and escaped below


def is_tall(html: str) -> bool:
    """Whether this is about longer than two screens, so that it is folded."""
    return len(ROWS.findall(html)) > MOST_LINES or len(html) > LINE * MOST_LINES


def content_of(connection: Connection, file_id: str, *, is_image: bool = False) -> str:
    """The address of what is in a file of that connection."""
    name = "file_image" if is_image else "file_content"
    return f"{reverse(name)}?{urlencode({'connection': connection.pk, 'id': file_id})}"


def chip(file_id: str | None, *, symbol: str, label: str = "", connection: Connection | None = None) -> SafeString:
    """A file: what it is, its id, and a button that copies it. It can be downloaded where its connection is told and
    that server can still give it."""
    file_id = file_id or ""
    why = capabilities.lack(connection, DOWNLOAD) if connection else ""
    words: SafeString | str = label
    if connection and file_id and not why:
        named = {"file": label or file_id}
        title = gettext("Download {file}").format(**named)
        # Whether its server gives it is for that to say: nobody should follow it just to see.
        where = content_of(connection, file_id)
        words = format_html('<a href="{}" rel="nofollow" title="{}">{}</a>', where, title, label or title)
    return format_html(
        '<span class="chip"{}>{}<span>{}</span><code>{}</code>'
        '<button class="copy" type="button" data-copy="{}" aria-label="{}">{}</button></span>',
        format_html(' title="{}"', why[:200]) if why else "",
        icon(symbol),
        words,
        file_id or gettext("no id"),
        file_id,
        gettext("Copy the id of the file {id}").format(id=file_id),
        icon("copy"),
    )


def picture(file_id: str | None, *, connection: Connection | None = None) -> SafeString:
    """An image that a server keeps: shown where it can be had, and a file like any other."""
    file = chip(file_id, symbol="image", label=gettext("Image"), connection=connection)
    if not connection or not file_id or capabilities.lack(connection, DOWNLOAD):
        return format_html('<p class="figure">{}</p>', file)
    return format_html(
        '<p class="figure"><img src="{}" alt="{}" loading="lazy">{}</p>',
        content_of(connection, file_id, is_image=True),
        gettext("Image {id}").format(id=file_id),
        file,
    )


def _file(values: Mapping[str, Any]) -> SafeString:
    label = values["label"] or values["name"] or gettext("File")
    return chip(values["file"], symbol="file-text", label=label, connection=values["connection"])


def _address(values: Mapping[str, Any]) -> SafeString:
    """An image elsewhere: shown, it would tell its server who reads."""
    url = values["url"]
    try:
        is_web = urlsplit(url).scheme.lower() in {"http", "https"}
    except ValueError:
        is_web = False
    if not is_web:
        return format_html(
            '<p class="figure"><span class="chip">{}<span>{}</span><code>{}</code></span></p>',
            icon("image"),
            gettext("Image"),
            url,
        )
    return format_html(
        '<p class="figure"><a class="chip" href="{}" target="_blank" rel="noopener noreferrer nofollow" '
        'title="{}">{}<span>{}</span><code>{}</code></a></p>',
        url,
        gettext("Opens the image at its own server; nothing is asked of it before"),
        icon("image"),
        gettext("Image"),
        url,
    )


def _other(values: Mapping[str, Any]) -> SafeString:
    words = " ".join(filter(None, (values["kind"], values["refers_to"])))
    return format_html(
        '<p class="figure"><span class="chip">{}<code>[{}]</code></span></p>', icon("circle-help"), words
    )


def _code(values: Mapping[str, Any]) -> SafeString:
    name = values["language"]
    return format_html(
        '<div class="code-label code-top"><span>{}</span>'
        '<button class="copy" type="button" aria-label="{}">{}</button></div>',
        name,
        gettext("Copy the code"),
        icon("copy"),
    )


def _cite(values: Mapping[str, Any]) -> SafeString:
    key, number = values["key"], values["number"]
    label = gettext("Footnote {number}").format(number=number)
    return format_html(
        '<sup class="cite"><a href="#note-{}-{}" aria-label="{}">{}</a></sup>', key, number, label, number
    )


def _notes(values: Mapping[str, Any]) -> SafeString:
    key = values["key"]
    notes = format_html_join(
        "",
        '<li id="note-{}-{}" value="{}">{}{}</li>',
        (
            (
                key,
                each["number"],
                each["number"],
                chip(each["file"], symbol="file-text", label=gettext("Source"), connection=values["connection"]),
                format_html("<q>{}</q>", each["quote"]) if each["quote"] else "",
            )
            for each in values["notes"]
        ),
    )
    return format_html('<ol class="notes" aria-label="{}">{}</ol>', gettext("Footnotes"), notes)


def _attachments(values: Mapping[str, Any]) -> SafeString:
    chips = format_html_join(
        "",
        "<li>{}{}</li>",
        (
            (
                chip(each["file"], symbol="paperclip", label=gettext("Attached"), connection=values["connection"]),
                format_html(
                    '<span class="faint">{}</span>', gettext("for {tools}").format(tools=", ".join(each["tools"])[:120])
                )
                if each["tools"]
                else "",
            )
            for each in values["files"]
        ),
    )
    return format_html('<ul class="attachments" aria-label="{}">{}</ul>', gettext("Attached files"), chips)


def _incomplete(values: Mapping[str, Any]) -> SafeString:
    why = reasons.of_message(values["reason"])
    return format_html(
        '<p class="stopped">{}<span><strong>{}</strong> {}</span></p>', icon("circle-half"), why.what, why.next
    )


FILLED: dict[str, Callable[[Mapping[str, Any]], SafeString]] = {
    "address": _address,
    "attachments": _attachments,
    "cite": _cite,
    "code": _code,
    "cut": lambda values: mark_safe("<p>[…]</p>"),
    "file": _file,
    "image": lambda values: picture(values["file"], connection=values["connection"]),
    "incomplete": _incomplete,
    "notes": _notes,
    "other": _other,
    "refusal": lambda values: format_html('<p class="label">{}{}</p>', icon("ban"), gettext("Refusal")),
}
