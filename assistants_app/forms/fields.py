"""Fields for text that must arrive to the letter."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assistants_app.services import exact


class LetterField(forms.CharField):
    """Text as it was typed: not stripped, and with the line breaks of the keyboard (browsers post CRLF)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strip=False, **kwargs)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return text.replace("\r\n", "\n") if isinstance(text, str) else text


class OnceField(forms.UUIDField):
    """The number of a form: however often it is sent, what it asks for is done once. A form that comes back for want
    of a proper one has a new one."""

    def __init__(self, **kwargs: Any) -> None:
        words = _("This form was not whole. Send it again.")
        messages = {"required": words, "invalid": words}
        super().__init__(widget=forms.HiddenInput, initial=uuid4, error_messages=messages, **kwargs)

    def bound_data(self, data: Any, initial: Any) -> Any:
        try:
            return UUID(data)
        except (ValueError, TypeError, AttributeError):
            return uuid4()


class JsonField(LetterField):
    """JSON as somebody writes it, with what is wrong at its line and column; an empty one is None. `note` is what there
    is to say of what a button did to it."""

    widget = forms.Textarea
    note = ""

    def __init__(self, *, rows: int = 8, **kwargs: Any) -> None:
        attributes = {"rows": rows, "spellcheck": "false", "class": "mono"}
        super().__init__(required=False, widget=forms.Textarea(attrs=attributes), **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text.strip():
            return None
        try:
            return exact.plain(text)
        except json.JSONDecodeError as error:
            place = {"problem": exact.said(error), "line": error.lineno, "column": error.colno}
            words = gettext("This is not JSON: %(problem)s (line %(line)s, column %(column)s).")
            raise forms.ValidationError(words % place) from error
        except RecursionError as error:
            raise forms.ValidationError(gettext("This is nested too deep.")) from error
        except ValueError as error:
            words = gettext("This is not JSON that every program reads alike: %(problem)s.")
            raise forms.ValidationError(words % {"problem": error}) from error


class NumberField(forms.FloatField):
    """A number within limits, with a point or a comma; an empty one is None."""

    def __init__(self, *, low: float, high: float, whole: bool = False, **kwargs: Any) -> None:
        self.whole = whole
        widget = forms.TextInput(attrs={"inputmode": "decimal", "class": "number", "autocomplete": "off"})
        super().__init__(required=False, min_value=low, max_value=high, widget=widget, **kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {}

    def to_python(self, value: Any) -> Any:
        number = super().to_python(value.replace(",", ".") if isinstance(value, str) else value)
        if number is None or not number.is_integer():
            if self.whole and number is not None:
                raise forms.ValidationError(_("This is not a whole number."))
            return number
        return int(number)
