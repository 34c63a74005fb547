"""Fields with ids of files or vector stores: what is chosen in them, what could be, and what is made for them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assistants_app.forms.fields import OnceField
from assistants_app.forms.uploads import OfferingField, UploadField
from assistants_app.models import Connection
from assistants_app.services import capabilities, events, resources
from assistants_app.services.resources import PLACES, Chosen, Place

PURPOSE = "assistants"
MOST_WORDS = 200


@dataclass(frozen=True)
class Picker:
    """What stands beside one such field."""

    name: str
    place: Place
    connection: Connection
    chosen: Sequence[Chosen]
    offered: Sequence[Any]
    words: str

    @property
    def topic(self) -> str:
        return events.FILES if self.place.kind == "files" else events.VECTOR_STORES

    @property
    def version(self) -> str:
        """By it a page knows whether it shows this already."""
        rows = [(each.id, each.row and (each.row.raw, each.row.gone_at)) for each in self.chosen]
        shown = [rows, [each.raw for each in self.offered], self.words, str(self.lack)]
        return hashlib.blake2b(repr(shown).encode(errors="surrogatepass"), digest_size=8).hexdigest()

    @property
    def is_at_work(self) -> bool:
        return any(each.is_at_work for each in self.chosen)

    @property
    def lack(self) -> str:
        """Why none can be made here, if so."""
        return capabilities.lack(self.connection, "createFile" if self.place.kind == "files" else "createVectorStore")

    @property
    def is_replaced(self) -> bool:
        """There is room for one only, and it is taken."""
        return self.place.most == 1 and bool(self.chosen)


def picker(connection: Connection, name: str, text: str, *, words: str = "") -> Picker:
    """What stands beside the field of that name with that text."""
    place, ids, words = PLACES[name], resources.ids_in(text), words[:MOST_WORDS]
    found = resources.chosen(connection, place.kind, ids)
    return Picker(
        name, place, connection, found, resources.offered(connection, place.kind, words=words, but=ids), words
    )


def pickers(form: Any, *, connection: Connection, is_wanted: bool) -> dict[str, Picker]:
    """Those of a form's fields, by their names. With `is_wanted` the lists of the server are read soon."""
    names = [name for name in PLACES if name in form.fields]
    if names and is_wanted:
        resources.want(connection)
    made = {name: picker(connection, name, str(form[name].value() or "")) for name in names}
    if "vector_store_ids" in made:
        made["store_files"] = picker(connection, "store_files", "")
    return made


class PickedUpload(forms.Form):
    """A file that is to be chosen in a field once the server has it."""

    connection = OfferingField(operation="createFile")
    field = forms.ChoiceField(choices=[(name, name) for name, place in PLACES.items() if place.kind == "files"])
    file = UploadField(error_messages={"required": _("Choose a file first.")})
    once = OnceField()
