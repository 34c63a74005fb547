"""What narrows the queue, and the names of views of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.models import User
from django.http import QueryDict
from django.utils.choices import BaseChoiceIterator
from django.utils.functional import cached_property
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assistants_app.models import SavedView
from assistants_app.models.saved_views import LONGEST_NAME, LONGEST_QUERY
from assistants_app.services import people, queue
from assistants_app.services.queue import Narrowed

NOBODY = "nobody"
LONGEST_LABEL = 100  # characters of a name among others
# What the address of a narrowed queue consists of, in this order.
PARAMETERS = ("connection", "assistant", "function", "holder", "mine")
Choices = Callable[[], list[tuple[Any, str]]]


def _assistants() -> list[tuple[Any, str]]:
    named = [(each.pk, Truncator(each.title).chars(LONGEST_LABEL)) for each in queue.assistants()]
    return [("", _("Any assistant")), *named]


def _holders() -> list[tuple[Any, str]]:
    named = [(each.pk, Truncator(each.username).chars(LONGEST_LABEL)) for each in people.answering()]
    return [("", _("Anybody or nobody")), (NOBODY, _("Nobody")), *named]


class Once(BaseChoiceIterator):
    """Choices that are read when they are first shown, and then not again."""

    def __init__(self, read: Choices) -> None:
        self.read = read

    @cached_property
    def found(self) -> list[tuple[Any, str]]:
        return self.read()

    def __iter__(self) -> Iterator[tuple[Any, str]]:
        return iter(self.found)


class KeyField(forms.Field):
    """The key of a row, chosen among rows that are read only when the field is shown."""

    widget = forms.Select

    def __init__(self, *, choices: Choices, words: Mapping[str, int] | None = None, **kwargs: Any) -> None:
        every: Any = Once(choices)
        super().__init__(widget=forms.Select(choices=every), required=False, **kwargs)
        self.words = words or {}

    def to_python(self, value: Any) -> int | None:
        text = str(value or "")
        if text in self.words:
            return self.words[text]
        # What is no key narrows nothing.
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


class QueueFilter(forms.Form):
    """Narrows the queue. Reading it asks no database; showing it does."""

    function = forms.CharField(
        required=False,
        max_length=200,
        label=gettext_lazy("Function"),
        widget=forms.TextInput(attrs={"list": "functions", "autocomplete": "off", "spellcheck": "false"}),
    )
    assistant = KeyField(choices=_assistants, label=gettext_lazy("Assistant"))
    holder = KeyField(choices=_holders, words={NOBODY: 0}, label=gettext_lazy("Held by"))
    mine = forms.BooleanField(required=False, label=gettext_lazy("Mine"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    def narrowed(self, *, connection: int | None, user: User) -> Narrowed:
        """What is asked for; what is no choice is left out."""
        self.is_valid()
        given = self.cleaned_data
        return Narrowed(
            connection=connection,
            assistant=given.get("assistant"),
            function=given.get("function", ""),
            holder=user.pk if given.get("mine") else given.get("holder"),
        )


def canonical(given: QueryDict) -> str:
    """The query string of a narrowed queue: what narrows it, always in the same order."""
    return urlencode([(name, given[name]) for name in PARAMETERS if given.get(name, "").strip()])


class SaveView(forms.Form):
    """A name for what is seen now."""

    name = forms.CharField(
        max_length=LONGEST_NAME,
        label=gettext_lazy("Name"),
        error_messages={"required": gettext_lazy("Give the view a name.")},
    )
    query = forms.CharField(max_length=LONGEST_QUERY, required=False, widget=forms.HiddenInput)

    def clean_query(self) -> str:
        return canonical(QueryDict(self.cleaned_data["query"].removeprefix("?")))


class ChangeView(forms.Form):
    """A view of one's own, to be renamed or deleted."""

    view = forms.ModelChoiceField(SavedView.objects.none())
    name = forms.CharField(max_length=LONGEST_NAME, required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["view"].queryset = user.saved_views.all()  # type: ignore[attr-defined]
