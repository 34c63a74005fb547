"""The small pieces that pages are made of."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, gettext_lazy

from assistants_app.services import highlighting, reasons
from assistants_app.services.rendering import is_cut
from assistants_app.templatetags.content import chip, content_of, dressed, is_tall, picture
from assistants_app.templatetags.icons import icon
from assistants_app.templatetags.nouns import copy_id_of, copy_raw_of, name_of, raw_of
from assistants_app.templatetags.tree import BEGINNING, LONGEST_SHOWN, branches, indented, tree

register = template.Library()
register.filter("tree", tree)
register.filter("branches", branches)
register.filter("indented", indented)
register.filter("is_cut", is_cut)
register.filter("dressed", dressed)
register.filter("content_of", lambda file: content_of(file.connection, file.remote_id))
register.filter("is_tall", is_tall)
register.filter("reason", reasons.of_run)
register.filter("name_of", name_of)
register.filter("copy_id_of", copy_id_of)
register.filter("raw_of", raw_of)
register.filter("copy_raw_of", copy_raw_of)
register.simple_tag(chip, name="file_chip")
register.simple_tag(picture, name="file_picture")
register.simple_tag(icon)

# status: (word shown, icon). Anything else is shown as the server wrote it.
STATUSES = {
    "requires_action": (gettext_lazy("Needs action"), "hand"),
    "queued": (gettext_lazy("Queued"), "clock"),
    "in_progress": (gettext_lazy("Running"), "loader"),
    "cancelling": (gettext_lazy("Cancelling"), "ban"),
    "cancelled": (gettext_lazy("Cancelled"), "ban"),
    "completed": (gettext_lazy("Completed"), "check"),
    "failed": (gettext_lazy("Failed"), "octagon-alert"),
    "incomplete": (gettext_lazy("Incomplete"), "circle-half"),
    "expired": (gettext_lazy("Expired"), "hourglass"),
}
# Seconds of a unit, greatest first: the time past in it. Scripts have the same words (shell/_words.html).
AGO = (
    (86_400, gettext_lazy("{number}d ago")),
    (3_600, gettext_lazy("{number}h ago")),
    (60, gettext_lazy("{number}m ago")),
    (1, gettext_lazy("{number}s ago")),
)


@register.simple_tag
def badge(text: str, kind: str = "", icon: str = "", title: str = "") -> SafeString:
    """A word that classifies: the component of that name."""
    # As it reads in the language of this page: what is kept must not change with the next one.
    return _badge(str(text), kind, icon, str(title))


# The same few badges stand in every row: each is made once a process.
@lru_cache(maxsize=256)
def _badge(text: str, kind: str, icon: str, title: str) -> SafeString:
    inputs = {"text": text, "kind": kind, "icon": icon, "title": title}
    return mark_safe(render_to_string("components/badge.html", inputs).strip())  # noqa: S308 (templates escape)


@register.simple_tag
def status(value: str | None) -> SafeString:
    """A badge: icon and word, never colour alone. A status nobody knows is shown in its own words."""
    if not value:
        return badge(gettext("No runs"))
    word, name = STATUSES.get(value, (value, "circle-help"))
    return badge(str(word), kind=value if value in STATUSES else "unknown", icon=name, title=value)


@register.simple_tag
def when(moment: datetime | None, *, alone: bool = False) -> SafeString:
    """How long ago, with the exact time in the person's time zone on hover and focus; the browser keeps it counting.
    One that stands alone, in no row or link, takes the focus itself."""
    if moment is None:
        return format_html('<span class="faint">{}</span>', gettext("unknown"))
    # Digits and a zone's letters, so nothing to escape: this stands in every row, and format_html takes four times as
    # long.
    here = moment.astimezone(timezone.get_current_timezone())
    exact = here.isoformat(timespec="seconds")
    passed = ago((timezone.now() - moment).total_seconds())
    title = f"{exact[:10]} {exact[11:19]} {here.tzname()}"
    focus = ' tabindex="0"' if alone else ""
    return mark_safe(f'<time datetime="{exact}" title="{title}" data-ago{focus}>{passed}</time>')  # noqa: S308


@register.simple_tag
def countdown(moment: datetime | None) -> SafeString:
    """The time left until a moment; the browser counts it down by the server's clock."""
    if moment is None:
        return format_html('<span class="countdown faint">{}</span>', gettext("no limit known"))
    now = timezone.now()
    left = (moment - now).total_seconds()
    urgency = "over" if left <= 0 else "soon" if left <= 60 else "near" if left <= 180 else "calm"
    return format_html(
        '<time class="countdown countdown-{}" datetime="{}" data-countdown data-now="{}">{}</time>',
        urgency,
        moment.isoformat(),
        now.isoformat(),
        duration(left) if left > 0 else gettext("expired"),
    )


@register.filter
def duration(seconds: float | None) -> str:
    """Seconds as 1m 04s."""
    if seconds is None:
        return ""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return gettext("{hours}h {minutes}m").format(hours=hours, minutes=f"{minutes:02d}")
    if minutes:
        return gettext("{minutes}m {seconds}s").format(minutes=minutes, seconds=f"{left:02d}")
    return gettext("{seconds}s").format(seconds=left)


@register.filter
def lasted(start: datetime, end: datetime) -> str:
    """The time from one moment to another as 1m 04s."""
    return duration((end - start).total_seconds())


@register.filter
def seconds_until(start: datetime, end: datetime) -> int:
    """Whole seconds from one moment to another, at least one."""
    return max(1, int((end - start).total_seconds()))


@register.filter
def seconds_left(moment: datetime) -> int:
    """Whole seconds from now to a moment, none where it is past."""
    return max(0, int((moment - timezone.now()).total_seconds()))


def ago(seconds: float) -> str:
    """Seconds as the largest unit that fits: just now, 5s ago, 3m ago, 2h ago, 4d ago."""
    if seconds < 1:
        return gettext("just now")
    size, words = next(each for each in AGO if seconds >= each[0])
    return str(words).format(number=int(seconds // size))


@register.filter
def coloured(text: str, language: str) -> SafeString:
    """Code with its colours; plain where it is long or its language unknown."""
    return mark_safe(highlighting.code(text, language) or escape(text))  # noqa: S308  escaped either way


@register.filter
def is_long(text: Any, most: int = LONGEST_SHOWN) -> bool:
    """Whether a text is too long for a page."""
    return len(str(text or "")) > most


@register.filter
def beginning(text: Any) -> str:
    """The first characters of a long text, its lines kept; a short one whole."""
    given = str(text or "")
    return f"{given[:BEGINNING]}…" if is_long(given) else given


@register.filter
def lines(text: Any) -> int:
    """How many lines a text has."""
    return len(str(text or "").splitlines()) or 1


@register.filter
def share(part: int, whole: int) -> str:
    """A count with its share of all: 3 (12 %)."""
    return gettext("{number} ({percent} %)").format(number=part, percent=round(100 * part / whole)) if part else "0"


@register.filter
def grouped(number: int) -> str:
    """A great number as people read it: 12,345."""
    return number_format(number, force_grouping=True)


@register.filter
def head(text: Any, length: int) -> str:
    """The first characters of a text on one line, with an ellipsis where it goes on."""
    line = " ".join(str(text or "")[: length * 2].split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"
