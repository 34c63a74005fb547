"""The forms with everything that a message, a thread and a run can be given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assistants_app.api.dialects import Dialect
from assistants_app.forms.fields import LetterField, OnceField
from assistants_app.forms.metadata import Metadata
from assistants_app.forms.rows import BaseRows, Row, rows_of, typed, with_more
from assistants_app.forms.run_options import RunOptions
from assistants_app.forms.threads import LONGEST_MESSAGE, AssistantChoice
from assistants_app.forms.uploads import PURPOSES, UploadField
from assistants_app.models import Assistant, Connection
from assistants_app.models.mirrored import LONGEST_ID
from assistants_app.models.operations import OPERATION_KEY
from assistants_app.services import assistants, connections

ROLES = [("user", _("User")), ("assistant", _("Assistant"))]
IMAGE, BOTH = "image", "both"
MOST_FILES, MOST_MESSAGES, MOST_RESOURCES = 10, 32, 20
TOOLS = {"code_interpreter": _("Code interpreter"), "file_search": _("File search")}
SEND, SEND_AND_RUN, RUN = "send", "send_and_run", "run"
CREATE, CREATE_AND_RUN = "create", "create_and_run"


class MessageRow(Row):
    """One of several messages."""

    role = forms.ChoiceField(label=_("Role"), choices=ROLES)
    text = LetterField(label=_("Message"), max_length=LONGEST_MESSAGE, widget=forms.Textarea(attrs={"rows": 3}))

    def needs(self) -> Sequence[str]:
        return ["text"]

    def clean_role(self) -> str:
        return self.cleaned_data["role"] or "user"

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if text and not text.strip():
            raise forms.ValidationError(gettext("Message %(row)s is blank.") % {"row": self.number})
        return text


class AttachmentRow(Row):
    """A file that goes along with a message, and what for."""

    file = LetterField(
        label=_("File"),
        max_length=LONGEST_ID,
        widget=forms.TextInput(attrs={"list": "file-ids", "autocomplete": "off", "spellcheck": "false"}),
    )
    use = forms.ChoiceField(label=_("For"))

    def __init__(self, *args: Any, dialect: Dialect, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(tool, TOOLS[tool]) for tool in dialect.tools if tool in TOOLS]
        uses = [*named, (BOTH, _("Both")), (IMAGE, _("An image in the message"))] if len(named) > 1 else []
        self.fields["use"].choices = uses or [("", _("Any tool"))]  # type: ignore[attr-defined]

    def needs(self) -> Sequence[str]:
        return ["file"]


Messages = rows_of(MessageRow, most=MOST_MESSAGES)
Attachments = rows_of(AttachmentRow, most=MOST_FILES)


def files_in(rows: BaseRows) -> dict[str, Any]:
    """Attachments as a dialect writes them: files with their tools, and images."""
    given = [(row.cleaned_data["file"].strip(), row.cleaned_data["use"]) for row in rows.filled()]
    tools = {BOTH: list(TOOLS), "": []}
    files = [(file_id, tools.get(use, [use])) for file_id, use in given if use != IMAGE]
    return {"files": files, "images": [file_id for file_id, use in given if use == IMAGE]}


class Write(forms.Form):
    """A message for a thread that is there, or none, and the assistant that is to go on."""

    role = forms.ChoiceField(label=_("Role"), choices=ROLES, required=False)
    text = LetterField(
        label=_("Message"), max_length=LONGEST_MESSAGE, required=False, widget=forms.Textarea(attrs={"rows": 6})
    )
    assistant = AssistantChoice(
        Assistant.objects.none(),
        label=_("Assistant"),
        required=False,
        empty_label=_("Nobody"),
        error_messages={"invalid_choice": _("Choose an assistant of this connection.")},
    )
    once = OnceField()

    def __init__(self, *args: Any, connection: Connection, act: str, **kwargs: Any) -> None:
        kwargs |= {"label_suffix": "", "use_required_attribute": False}
        super().__init__(*args, **kwargs)
        self.act = act
        self.fields["assistant"].queryset = assistants.choices(connection=connection)  # type: ignore[attr-defined]

    def clean_role(self) -> str:
        return self.cleaned_data["role"] or "user"

    def resources(self) -> dict[str, Any]:
        """The files and vector stores that a thread is given; a message is given none."""
        return {}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        has_text = bool(str(cleaned.get("text") or "").strip())
        if self.act in {SEND, SEND_AND_RUN} and not has_text and "text" not in self.errors:
            self.add_error("text", gettext("Write a message first."))
        if self.act == RUN and has_text:
            self.add_error("text", gettext("A run alone sends no message: clear this, or press Send and run."))
        if self.act in {RUN, SEND_AND_RUN, CREATE_AND_RUN} and not cleaned.get("assistant"):
            self.add_error("assistant", gettext("Choose an assistant."))
        return cleaned


class NewThread(Write):
    """A thread with what it begins with, and the assistant that is to go on, if any."""

    file_ids = LetterField(
        label=_("Files for code"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text=_("Ids of files that the code interpreter may read, one a line; at most 20."),
    )
    vector_store_id = forms.CharField(
        label=_("Vector store"),
        required=False,
        max_length=LONGEST_ID,
        widget=forms.TextInput(attrs={"list": "vector-store-ids", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("The id of the one that is searched in this thread."),
    )

    def __init__(self, *args: Any, dialect: Dialect, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("role", "text"):
            del self.fields[name]
        if "tool_resources" not in dialect.fields["createThread"]:
            for name in ("file_ids", "vector_store_id"):
                del self.fields[name]

    def clean_file_ids(self) -> list[str]:
        found: list[str] = self.cleaned_data["file_ids"].replace(",", " ").split()
        if len(found) > MOST_RESOURCES:
            raise forms.ValidationError(gettext("At most %(most)s files.") % {"most": MOST_RESOURCES})
        return found

    def resources(self) -> dict[str, Any]:
        """The files and the vector store that were named."""
        files, store = self.cleaned_data.get("file_ids") or [], self.cleaned_data.get("vector_store_id")
        return {"file_ids": files, "vector_store_ids": [store] if store else []} if files or store else {}


class Composition:
    """All forms of one page. They are sent together; `act` says what for."""

    def __init__(
        self,
        *,
        connection: Connection,
        is_new_thread: bool,
        data: Mapping[str, Any] | None = None,
        files: MultiValueDict[str, Any] | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        self.dialect = connections.dialect(connection)
        self.connection = connection
        self.is_new_thread = is_new_thread
        self.act = str((data or {}).get("act", ""))
        sent: dict[str, Any] = {"data": data} if data is not None else {}
        self.main = self._main(initial=initial, **sent)
        self.options = self._options(**sent)
        self.attachments = Attachments(prefix="files", form_kwargs={"dialect": self.dialect}, **sent)
        # The mark of the operation takes one of the sixteen.
        self.metadata = Metadata(kept={OPERATION_KEY: ""}, **sent)
        self.messages = Messages(prefix="messages", **sent)
        self.upload = UploadForm(files=files, **sent)

    def _main(self, **given: Any) -> Write:
        given |= {"connection": self.connection, "act": self.act}
        return NewThread(dialect=self.dialect, **given) if self.is_new_thread else Write(**given)

    def _options(self, **given: Any) -> RunOptions:
        operation = "createThreadAndRun" if self.is_new_thread else "createRun"
        return RunOptions(dialect=self.dialect, operation=operation, **given)

    @property
    def has_resources(self) -> bool:
        """Something stands in the fields of the thread's own files."""
        names = [name for name in ("file_ids", "vector_store_id") if name in self.main.fields]
        return any(self.main[name].value() for name in names)

    def is_valid(self) -> bool:
        """Everything that the act needs is there and right. All forms are looked at, so that all is told at once."""
        parts: list[Any] = [self.main, self.attachments, self.metadata, self.messages, self.options]
        wrong = [each for each in parts if not each.is_valid()]
        return not wrong and not self._is_loose() and not self._is_not_uploaded()

    def _is_not_uploaded(self) -> bool:
        """A file was chosen, and would be left behind."""
        if not self.upload.files.get(self.upload.add_prefix("file")):
            return False
        self.upload.add_error("file", gettext("This file is not uploaded yet: press Upload, or choose none."))
        return True

    def _is_loose(self) -> bool:
        """Files without a message that they could go along with."""
        is_alone = self.act == RUN or (self.is_new_thread and not self.messages.filled())
        loose = self.attachments.filled()
        if not is_alone or not loose:
            return False
        loose[0].add_error("file", gettext("Files go along with a message: write one, or clear this."))
        return True

    def more(self, what: str, *, added: Sequence[Mapping[str, Any]] = ()) -> None:
        """The same as it was typed, nothing of it checked, with another row of that kind."""
        self.main = self._main(initial=typed(self.main))
        self.options = self._options(initial=typed(self.options))
        for name in ("attachments", "metadata", "messages"):
            setattr(self, name, with_more(getattr(self, name), added=added if name == what else ()))
        self.upload = UploadForm(initial=typed(self.upload))

    def first_messages(self) -> list[dict[str, Any]]:
        """The messages of a new thread as its dialect writes them; files go along with the last one."""
        rows, files = self.messages.filled(), files_in(self.attachments)
        return [self._message(row, **(files if row is rows[-1] else {})) for row in rows]

    def overrides(self) -> dict[str, Any]:
        """What the run does otherwise, further messages among it."""
        more = [] if self.is_new_thread else self.messages.filled()
        written = [self._message(row) for row in more]
        return self.options.overrides() | ({"additional_messages": written} if written else {})

    def _message(self, row: MessageRow, **files: Any) -> dict[str, Any]:
        return self.dialect.message(row.cleaned_data["role"], row.cleaned_data["text"], **files)


class UploadForm(forms.Form):
    """A file to be uploaded at once, for use in the same form."""

    file = UploadField(required=False)
    purpose = forms.ChoiceField(label=_("Purpose"), choices=PURPOSES, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs |= {"prefix": "upload", "label_suffix": "", "use_required_attribute": False}
        super().__init__(*args, **kwargs)

    def clean_purpose(self) -> str:
        return self.cleaned_data["purpose"] or "assistants"

    def clean_file(self) -> Any:
        if not self.cleaned_data["file"]:
            raise forms.ValidationError(gettext("Choose a file first."))
        return self.cleaned_data["file"]
