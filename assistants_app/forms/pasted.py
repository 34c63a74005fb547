"""What somebody pastes to have a function declared, and the rows that it becomes in the form of an assistant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assistants_app.api.dialects.tolerance import clean
from assistants_app.forms import assistant_texts
from assistants_app.forms.assistant_texts import FUNCTION, MOST_ROWS, Texts
from assistants_app.forms.fields import LetterField
from assistants_app.models import Assistant
from assistants_app.services import declarations_from, undeclared
from assistants_app.services.declarations_from import Drafted, Found, Unusable

PICK = re.compile(r"picked-[0-9]{1,3}")
DECLARE = re.compile(r"declare ([0-9]{1,18})")
MOST_OFFERED = 500
KINDS = {
    "": gettext_lazy("Find out"),
    declarations_from.PYTHON: gettext_lazy("Python: a signature with its docstring"),
    declarations_from.OPENAPI: gettext_lazy("OpenAPI 3: an operation or a document"),
    declarations_from.CALL: gettext_lazy("JSON: a sample call"),
}


class PasteForm(forms.Form):
    """A text with a function in it, and what kind of text that is."""

    pasted_kind = forms.ChoiceField(label=gettext_lazy("What it is"), required=False, choices=list(KINDS.items()))
    pasted = LetterField(
        label=gettext_lazy("A Python function, an OpenAPI operation, or a sample call"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "mono"}),
        help_text=gettext_lazy("It is read here: nothing of it is executed, fetched, or sent to the server."),
    )


@dataclass(frozen=True)
class Offer:
    """One of several functions in a text, to be chosen."""

    field: str
    key: str
    words: str
    is_picked: bool


@dataclass
class Pasted:
    """What came of a text: the form with what stands there now, all fields of the assistant's form, functions to choose
    from, the names of those that were added, and what could not be taken over."""

    form: PasteForm
    given: Texts
    offers: list[Offer] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return bool(self.offers or self.added or self.form.errors or self.form["pasted"].value())


def is_of_paste(name: str) -> bool:
    """Whether a field is one of these: kept as a draft, never a part of an assistant."""
    return name in PasteForm.base_fields or bool(PICK.fullmatch(name))


def untouched(given: Mapping[str, str]) -> Pasted:
    """What stands there, with nothing done to it."""
    return Pasted(PasteForm(initial={name: given.get(name, "") for name in PasteForm.base_fields}), dict(given))


def taken(given: Mapping[str, str]) -> Pasted:
    """What was pasted, as functions: added where it is one or some were chosen, else offered."""
    made = Pasted(PasteForm(data=given), dict(given))
    try:
        found = declarations_from.find(str(given.get("pasted", "")).replace("\r\n", "\n"), given.get("pasted_kind", ""))
        picked = (
            found if len(found) == 1 else [each for place, each in enumerate(found) if _is_picked(given, place, each)]
        )
        if not picked:
            made.offers = _offers(given, found)
            return made
        drafts = [each.draft() for each in picked]
        _add(made, drafts)
    except Unusable as error:
        made.form.add_error("pasted", str(error))
        return made
    made.given = {name: text for name, text in made.given.items() if not is_of_paste(name)}
    made.form = PasteForm()
    return made


def declared(given: Mapping[str, str], *, assistant: Assistant, call: int) -> Pasted:
    """The form with the function that a call (by its key) of the assistant's runs called."""
    made = untouched(given)
    try:
        _add(made, [undeclared.drafted(assistant=assistant, call=call)])
    except Unusable as error:
        made.form = PasteForm(data=given)
        made.form.add_error("pasted", str(error))
    return made


def _is_picked(given: Mapping[str, str], place: int, found: Found) -> bool:
    return given.get(f"picked-{place}") == clean(found.key)


def _offers(given: Mapping[str, str], found: list[Found]) -> list[Offer]:
    return [
        Offer(f"picked-{place}", clean(each.key), clean(each.words), _is_picked(given, place, each))
        for place, each in enumerate(found[:MOST_OFFERED])
    ]


def _add(made: Pasted, drafts: list[Drafted]) -> None:
    """Adds a row for each. Raises Unusable where there is no room."""
    rows = assistant_texts.rows(made.given, FUNCTION, "function-{}")
    place = max((place for place, _text in rows), default=-1) + 1
    if len(rows) + len(drafts) > MOST_ROWS or place + len(drafts) > 999:
        raise Unusable(_("There are too many functions in this form."))
    for number, each in enumerate(drafts):
        made.given[f"function-{place + number}"] = assistant_texts.written(each.declaration)
        made.added.append(each.declaration["name"])
        for words in each.left_out:
            made.left_out.append(f"{each.declaration['name']}: {words}" if len(drafts) > 1 else words)
