"""Connections in pages: what kind one is, whether it answers, what a check found, and what a server lacks."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assistants_app.forms.connections import ACCESS, KINDS
from assistants_app.models import Connection
from assistants_app.services import capabilities, checks, connections
from assistants_app.templatetags.components import act, button
from assistants_app.templatetags.switchboard import badge

register = template.Library()
register.filter("lack", capabilities.lack)
register.filter("used_at", checks.used_at)

LONGEST_REASON = 200

# state of a finding: (word shown, look, icon)
STATES: dict[str, tuple[str | Promise, str, str]] = {
    "offered": (gettext_lazy("Offered"), "completed", "check"),
    "lacking": (gettext_lazy("Not offered"), "incomplete", "ban"),
    "refused": (gettext_lazy("Refused"), "failed", "lock"),
    "failed": (gettext_lazy("No good answer"), "failed", "octagon-alert"),
    "unclear": (gettext_lazy("Unclear"), "", "circle-help"),
    "untried": (gettext_lazy("Not tried"), "", "hand"),
    "nothing": (gettext_lazy("Not tried"), "", "circle-help"),
    "unreached": (gettext_lazy("Not tried"), "", "plug"),
    "waiting": (gettext_lazy("To come"), "queued", "clock"),
}


@register.filter
def finding_badge(state: str) -> SafeString:
    """What a check found of an operation, as a badge."""
    word, kind, icon = STATES.get(state, STATES["unclear"])
    return badge(str(word), kind=kind, icon=icon)


@register.filter
def standing(connection: Connection) -> SafeString:
    """How things stand with a connection, as a badge."""
    if connection.gone_at:
        return badge(_("Archive"), icon="lock")
    if connections.has_expired(connection):
        return badge(_("Token has ended"), kind="expired", icon="hourglass")
    if connection.last_error:
        return badge(_("No good answer"), kind="failed", icon="octagon-alert")
    if connection.last_answer_at:
        return badge(_("Answers"), kind="completed", icon="check")
    return badge(_("Not heard yet"), kind="queued", icon="clock")


@register.filter
def kind_name(name: str) -> str:
    """A kind of endpoint in words; one that is not known in its own."""
    return str(KINDS[name][0]) if name in KINDS else name


@register.filter
def kind_help(name: str) -> str:
    return str(KINDS[name][1]) if name in KINDS else ""


@register.filter
def access_name(name: str) -> str:
    return str(ACCESS.get(name, name))


@register.filter
def is_open_to_all(connection: Connection) -> bool:
    """Whether the key goes over the network for everybody between to read: no TLS, and not to this machine itself."""
    return bool(connection.encrypted_key) and connections.is_unencrypted(connection)


@register.simple_tag
def way(text: str, url: str, connection: Connection, operation: str, **given: Any) -> SafeString:
    """A link to where an operation is done, turned off with the reason where the server lacks it. Takes what `button`
    takes."""
    why = capabilities.lack(connection, operation)
    return _turned_off(text, why, given) if why else button(text, href=url, **given)


@register.simple_tag(takes_context=True)
def way_act(context: Context, text: str, url: str, connection: Connection, operation: str, **given: Any) -> SafeString:
    """A form that is one button for an operation, turned off in the same way."""
    why = capabilities.lack(connection, operation)
    return _turned_off(text, why, given) if why else act(context, text, url, **given)


def _turned_off(text: str, why: str, given: dict[str, Any]) -> SafeString:
    shown = why[:LONGEST_REASON]
    off = button(text, **{**given, "type": "button", "disabled": True, "title": shown})
    return format_html('{}<span class="visually-hidden">{}</span>', off, shown)
