"""What people type about threads: filters, ids, messages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from assistants_app.forms.fields import LetterField, OnceField
from assistants_app.models import Assistant, Connection, Thread
from assistants_app.models.mirrored import LONGEST_ID
from assistants_app.services import assistants

STATUSES = [
    ("", _("Any status")),
    ("requires_action", _("Needs action")),
    ("queued", _("Queued")),
    ("in_progress", _("Running")),
    ("completed", _("Completed")),
    ("failed", _("Failed")),
    ("expired", _("Expired")),
    ("cancelled", _("Cancelled")),
    ("incomplete", _("Incomplete")),
    ("none", _("No runs")),
]
MOST_IDS = 1000  # threads added at once
LONGEST_LABEL = 100  # characters of an assistant's title among others
LONGEST_MESSAGE = 256_000  # characters of one message (createMessage)


class AssistantChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Assistants by their titles."""

    def label_from_instance(self, obj: Assistant) -> str:
        return Truncator(obj.title).chars(LONGEST_LABEL)


class ThreadFilter(forms.Form):
    """Narrows the list of threads."""

    words = forms.CharField(required=False, label=_("Words"), max_length=500)
    assistant = AssistantChoice(
        Assistant.objects.only("pk", "name", "remote_id").order_by("name", "pk"),
        required=False,
        empty_label=_("Any assistant"),
        label=_("Assistant"),
    )
    status = forms.ChoiceField(choices=STATUSES, required=False, label=_("Status"))


class AddThreads(forms.Form):
    """Ids of threads that the server does not list."""

    connection = forms.ModelChoiceField(Connection.objects.answering(), label=_("Connection"), empty_label=None)
    ids = LetterField(
        label=_("Thread ids"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One or several, separated by spaces, commas or new lines."),
        error_messages={"required": _("Paste at least one thread id.")},
    )

    def clean_ids(self) -> str:
        ids: str = self.cleaned_data["ids"]
        found = ids.replace(",", " ").replace(";", " ").split()
        if not found:
            raise forms.ValidationError(_("Paste at least one thread id."))
        if len(found) > MOST_IDS:
            counts = {
                "most": number_format(MOST_IDS, force_grouping=True),
                "given": number_format(len(found), force_grouping=True),
            }
            raise forms.ValidationError(_("Add at most %(most)s threads at once, not %(given)s.") % counts)
        if too_long := next((each for each in found if len(each) > LONGEST_ID), None):
            raise forms.ValidationError(_("“%(beginning)s…” is too long to be an id.") % {"beginning": too_long[:40]})
        return ids


class CreateThread(forms.Form):
    """A new thread on a connection."""

    connection = forms.ModelChoiceField(Connection.objects.answering(), label=_("Connection"), empty_label=None)
    once = OnceField()


class PostMessage(forms.Form):
    """A message, and the assistant that is to answer it at once, if any."""

    text = LetterField(
        label=_("Message"),
        max_length=LONGEST_MESSAGE,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write a message first.")},
    )
    assistant = AssistantChoice(
        Assistant.objects.none(), required=False, empty_label=_("Nobody, only post"), label=_("Answered by")
    )
    once = OnceField()

    def __init__(self, *args: Any, thread: Thread, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assistant"].queryset = choosable(thread)  # type: ignore[attr-defined]

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if not text.strip():
            raise forms.ValidationError(_("Write a message first."))
        return text


class StartRun(forms.Form):
    """The assistant that is to go on with a thread."""

    assistant = AssistantChoice(
        Assistant.objects.none(),
        label=_("Assistant"),
        empty_label=None,
        error_messages={
            "required": _("Choose an assistant."),
            "invalid_choice": _("Choose an assistant of this connection."),
        },
    )
    once = OnceField()

    def __init__(self, *args: Any, thread: Thread, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assistant"].queryset = choosable(thread)  # type: ignore[attr-defined]


def choosable(thread: Thread) -> Any:
    """The assistants that a run on this thread can be started with."""
    return assistants.choices(connection=thread.connection)
