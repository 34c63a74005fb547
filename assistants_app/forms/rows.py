"""Rows of one kind in a form, as many as somebody needs: what is blank is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.forms.formsets import BaseFormSet, formset_factory
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _


def typed(form: forms.Form) -> dict[str, Any]:
    """What stands in the fields of a form, right or wrong; of files nothing."""
    if not form.is_bound:
        return {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    return {
        name: field.widget.value_from_datadict(form.data, MultiValueDict(), form.add_prefix(name))
        for name, field in form.fields.items()
    }


class Row(forms.Form):
    """One of them. `number` counts from one, as people do."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place = (self.prefix or "").rpartition("-")[2]
        self.number = int(place) + 1 if place.isdecimal() else 0
        for field in self.fields.values():
            field.required = False

    def is_blank(self) -> bool:
        """Nothing was typed that somebody has to type."""
        said = typed(self)
        return not any(said.get(name) for name in self.needs())

    def needs(self) -> Sequence[str]:
        """The fields of which a row that counts has one filled in."""
        return list(self.fields)


class BaseRows(BaseFormSet):  # type: ignore[type-arg]
    """All of them. A set that was sent has the rows that it was sent with."""

    most = 0

    def filled(self) -> list[Any]:
        """The rows in which something stands."""
        return [form for form in self.forms if not form.is_blank()]

    def clean(self) -> None:
        if self.most and (too_many := len(self.filled()) - self.most) > 0:
            words = _("There may be at most %(most)s of these: clear %(number)s.")
            raise forms.ValidationError(words % {"most": self.most, "number": too_many})

    def blank_copy(self, **given: Any) -> Any:
        """A set of the same kind that was not sent."""
        return type(self)(prefix=self.prefix, form_kwargs=self.form_kwargs, **given)

    def add_fields(self, form: Any, index: int | None) -> None:
        """None beside those of a row: blank rows are left out, so nothing has to be ticked to take one away."""


def rows_of(form: type[Row], *, most: int = 0, blank: int = 1) -> type[BaseRows]:
    """The class of sets of such rows: at most so many filled in, with so many blank ones to begin with."""
    factory: Any = formset_factory(form, formset=BaseRows, extra=blank, absolute_max=500, max_num=500)
    made: type[BaseRows] = type(f"{form.__name__}s", (factory,), {"most": most})
    return made


def with_more(rows: BaseRows, *, added: Sequence[Mapping[str, Any]] = (), blank: int = 1) -> BaseRows:
    """The same rows as they were typed, none of them checked, with these after them and so many blank ones."""
    fresh: BaseRows = rows.blank_copy(initial=[*(typed(form) for form in rows.filled()), *added])
    fresh.extra = blank
    return fresh
