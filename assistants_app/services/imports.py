"""Assistants that somebody read from a file and has not made yet: kept like anything that was typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User

from assistants_app.models import Assistant, Connection, FormDraft
from assistants_app.services import carrying, exchange, form_drafts

FORM = "import"


def keep(entries: list[exchange.Entry], *, by: User) -> FormDraft:
    """Keeps what was read, for the form in which it is made."""
    return form_drafts.save(by=by, form=FORM, uuid=None, version=0, fields={"entries": exchange.kept(entries)})


def entries(uuid: str, *, by: User) -> list[exchange.Entry]:
    """What this person read; nothing where it is not kept any more."""
    try:
        kept = form_drafts.one(by=by, form=FORM, uuid=UUID(uuid))
    except ValueError:
        return []
    return exchange.again(kept.fields["entries"]) if kept else []


def carried(entry: exchange.Entry, *, connection: Connection) -> carrying.Carried:
    """An entry as an assistant of a connection can have it. Its files are that server's own where the assistant is
    known there by its id."""
    known = Assistant.objects.filter(connection=connection, remote_id=entry.assistant)
    whole: Mapping[str, Any] = {**entry.configuration, **entry.others}
    return carrying.carried(whole, connection=connection, is_home=bool(entry.assistant) and known.exists())
