"""The form that answers a run: all its calls together."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assistants_app.forms.fields import LetterField
from assistants_app.models import Operation, ToolCall
from assistants_app.models.operations import APPROVE, DENY
from assistants_app.services import exact, schemas, typed_answers
from assistants_app.services.answers import EMPTY, ERROR, FORM, JSON, TEXT, error_in, sent_as
from assistants_app.services.output_schemas import Returns
from assistants_app.services.typed_answers import Place

FORMATS = [(FORM, _("Form")), (TEXT, _("Text")), (JSON, "JSON"), (EMPTY, _("Empty")), (ERROR, _("Error"))]
MISSING = _("Every call needs an answer: the API takes all of them at once. If the answer is nothing, choose Empty.")
NOT_EMPTY = _("You chose Empty, but there is text here. Clear it, or choose Text.")
UNDECIDED = _("Approve or deny this call: the API takes all decisions at once.")
MOST_SHOWN = 5  # problems of one answer that are told


@dataclass(frozen=True)
class Problem:
    """What is wrong with an answer, and the id of the field where that is."""

    id: str
    words: str


@dataclass(frozen=True)
class AnswerRow:
    """A call with its fields, the declaration of its function if there is one, and what that returns if known."""

    call: ToolCall
    field: forms.BoundField
    format_field: forms.BoundField | None
    declaration: dict[str, Any] | None
    returns: Returns | None
    place: Place | None
    problems: Sequence[Problem]


class AnsweringForm(Protocol):
    """What both forms can do."""

    def is_valid(self) -> bool: ...

    def outputs(self) -> dict[int, str]: ...

    def rows(self, declarations: dict[str, dict[str, Any]]) -> list[AnswerRow]: ...


class Answers(forms.Form):
    """One output for each call of a run. All of them go out together, so none may be missing; nothing at all is an
    answer only where somebody says so.

    A call whose function is known to return something particular has fields for it; its text can be used as well."""

    def __init__(
        self, *args: Any, calls: Sequence[ToolCall], returns: Mapping[str, Returns] | None = None, **kwargs: Any
    ) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.calls = calls
        self.returns = returns or {}
        self.places: dict[int, Place | None] = {}
        self.texts: dict[int, str] = {}
        for call in calls:
            self._add(call)

    def _add(self, call: ToolCall) -> None:
        said = self.returns.get(call.name)
        filled = self.data if self.is_bound else self.initial
        place = typed_answers.draw(said.schema, name=call.field, filled=filled) if said else None
        self.places[call.pk] = place
        usual = FORM if place else JSON if said else TEXT
        self.fields[call.field] = LetterField(
            label=gettext("Answer to %(name)s") % {"name": call.name or call.remote_id},
            widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
            required=False,
        )
        self.fields[call.format_field] = forms.ChoiceField(
            choices=[each for each in FORMATS if place or each[0] != FORM],
            initial=usual,
            required=False,
            widget=forms.RadioSelect,
            label=_("Format"),
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for call in self.calls:
            name = call.format_field
            # One that is no longer offered: what the function returns was changed meanwhile.
            self.errors.pop(name, None)
            chosen = cleaned.get(name) or TEXT
            if call.field in cleaned and (wrong := self._read(call, cleaned[call.field], chosen)):
                self.add_error(call.field, wrong)
        return cleaned

    def _read(self, call: ToolCall, text: str, chosen: str) -> str | list[str] | None:
        """Keeps what is to be sent for a call, or says what is wrong with it."""
        place, said = self.places[call.pk], self.returns.get(call.name)
        if chosen == FORM and place:
            self.texts[call.pk] = typed_answers.written(place)
            wrong = [f"{each.label}: {words}" if each.label else words for each, words in _wrong_in(place)]
            return wrong[:MOST_SHOWN] or None
        if wrong_text := wrong_with(text, chosen):
            return wrong_text
        if chosen == JSON and said and (misfits := misfits_of(said.schema, text)):
            return misfits
        self.texts[call.pk] = sent_as(text, chosen)
        return None

    def outputs(self) -> dict[int, str]:
        """The checked texts by the calls' keys."""
        return {call.pk: self.texts[call.pk] for call in self.calls}

    def rows(self, declarations: dict[str, dict[str, Any]]) -> list[AnswerRow]:
        """The calls with their fields, in order."""
        return [
            AnswerRow(
                call,
                self[call.field],
                self[call.format_field],
                declarations.get(call.name),
                self.returns.get(call.name),
                self.places[call.pk],
                self._problems(call),
            )
            for call in self.calls
        ]

    def _problems(self, call: ToolCall) -> list[Problem]:
        if not self.is_bound or call.field not in self.errors:
            return []
        place = self.places[call.pk]
        if place and (wrong := _wrong_in(place)):
            found = [Problem(each.id, f"{each.label}: {words}" if each.label else words) for each, words in wrong]
            return found[:MOST_SHOWN]
        return [Problem(self[call.field].id_for_label, str(words)) for words in self.errors[call.field]]


class Approvals(forms.Form):
    """For each call of a run whether it may be made. All decisions go out together."""

    def __init__(self, *args: Any, calls: Sequence[ToolCall], **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.calls = calls
        for call in calls:
            self.fields[call.field] = forms.ChoiceField(
                label=gettext("Decision on %(name)s") % {"name": call.name or call.remote_id},
                choices=[(APPROVE, _("Approve")), (DENY, _("Deny"))],
                widget=forms.RadioSelect,
                error_messages={"required": UNDECIDED, "invalid_choice": UNDECIDED},
            )

    def outputs(self) -> dict[int, str]:
        """The decisions by the calls' keys."""
        return {call.pk: self.cleaned_data[call.field] for call in self.calls}

    def rows(self, declarations: dict[str, dict[str, Any]]) -> list[AnswerRow]:
        """The calls with their fields, in order."""
        return [
            AnswerRow(call, self[call.field], None, declarations.get(call.name), None, None, self._problems(call))
            for call in self.calls
        ]

    def _problems(self, call: ToolCall) -> list[Problem]:
        errors: Sequence[Any] = self.errors.get(call.field, []) if self.is_bound else []
        return [Problem(f"{self[call.field].auto_id}_0", str(words)) for words in errors]


def typed(posted: Mapping[str, str]) -> dict[int, str]:
    """The texts of a form that was sent, by the calls' keys, whatever calls are waited for now."""
    names = {name: name.removeprefix("output-") for name in posted if name.startswith("output-")}
    keys = {name: int(key) for name, key in names.items() if key.isascii() and key.isdigit() and len(key) < 19}
    return {key: str(LetterField(required=False).to_python(posted[name])) for name, key in keys.items()}


def as_typed(posted: Mapping[str, str], *, calls: Sequence[ToolCall], returns: Mapping[str, Returns]) -> dict[int, str]:
    """What a form that cannot be sent any more would have sent, as far as it was filled in."""
    form = Answers(posted, calls=calls, returns=returns)
    form.is_valid()
    return typed(posted) | {key: text for key, text in form.texts.items() if text}


def initial(call: ToolCall, text: str, *, said: Returns | None) -> dict[str, str]:
    """The fields of a call filled in with an answer: those for what its function returns where they fit, else text."""
    wrong = error_in(text)
    if wrong is not None:
        return {call.field: wrong, call.format_field: ERROR}
    filled = typed_answers.filled_with(said.schema, text, name=call.field) if said else None
    if filled is not None:
        return {**filled, call.format_field: FORM}
    is_json = text[:1] in {"{", "["} and json_error(text) is None
    return {call.field: text, call.format_field: JSON if is_json else TEXT if text else EMPTY}


def restored(call: ToolCall, fields: Mapping[str, str], *, said: Returns | None, shown: str) -> dict[str, str]:
    """The fields of a call as they were typed before. Where what the function returns is known no longer, and with it
    those fields, `shown` stands in their place."""
    place = typed_answers.draw(said.schema, name=call.field, filled=fields) if said else None
    if fields.get(call.format_field) == FORM and place is None:
        return {call.field: shown, call.format_field: TEXT}
    return dict(fields)


def refused(operation: Operation | None, calls: Sequence[ToolCall]) -> dict[int, str]:
    """What the server refused, to be mended: answers by the calls' keys."""
    if operation is None or operation.state != Operation.State.REFUSED:
        return {}
    sent = operation.answers
    return {call.pk: sent[call.remote_id] for call in calls if call.remote_id in sent}


def wrong_with(text: str, format_chosen: str) -> str | None:
    """What is wrong with an answer in the format that was chosen for it; None where nothing is."""
    if format_chosen == EMPTY:
        return str(NOT_EMPTY) if text.strip() else None
    if not text.strip():
        return str(MISSING)
    return json_error(text) if format_chosen == JSON else None


def json_error(text: str) -> str | None:
    """What keeps a text from being JSON, with the place; None where nothing does."""
    try:
        json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        place = {"line": error.lineno, "column": error.colno, "problem": exact.said(error)}
        words = gettext("This is not JSON: %(problem)s (line %(line)s, column %(column)s). Mend it, or choose Text.")
        return words % place
    except (ValueError, RecursionError) as error:
        words = gettext("This is not JSON that every program can read: %(problem)s. Mend it, or choose Text.")
        return words % {"problem": error}
    return None


def misfits_of(schema: schemas.Schema, text: str) -> list[str]:
    """What keeps a JSON text from being what a function returns, with the places."""
    found = schemas.problems(schema, exact.parse(text))
    return [f"{'/'.join(map(str, each.path))}: {each.words}" if each.path else each.words for each in found][
        :MOST_SHOWN
    ]


def _wrong_in(place: Place) -> list[tuple[Place, str]]:
    return [(each, words) for each in place.every() for words in each.errors]


def _refuse(word: str) -> None:
    raise ValueError(gettext("%(word)s is not a JSON value") % {"word": word})
