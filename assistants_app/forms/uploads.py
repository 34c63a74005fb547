"""Files that people upload: received up to a limit, whatever is sent."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assistants_app.forms.fields import OnceField
from assistants_app.models import Connection
from assistants_app.services import capabilities
from assistants_app.services.files import LARGEST

PURPOSES = [
    ("assistants", _("assistants: for tools to read")),
    ("vision", _("vision: images in messages")),
    ("user_data", "user_data"),
    ("batch", "batch"),
    ("fine-tune", "fine-tune"),
    ("evals", "evals"),
]


class LimitedUploadHandler(TemporaryFileUploadHandler):
    """Writes no more of a file than may be uploaded; of what is larger it tells the size, so that a form can."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start <= LARGEST:
            super().receive_data_chunk(raw_data, start)


class UploadField(forms.FileField):
    """A file within the limit, not empty."""

    def __init__(self, **kwargs: Any) -> None:
        # A name as long as a column of any length holds, and no folder's.
        super().__init__(label=_("File"), max_length=255, allow_empty_file=False, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        found = super().clean(data, initial)
        size = (found.size or 0) if isinstance(found, UploadedFile) else 0
        if size > LARGEST:
            sizes = {"size": filesizeformat(size), "most": filesizeformat(LARGEST)}
            raise forms.ValidationError(gettext("This file has %(size)s, at most %(most)s are taken.") % sizes)
        return found


class OfferingField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A connection whose server offers an operation; one that lacks it is refused with the reason."""

    def __init__(self, *, operation: str) -> None:
        super().__init__(Connection.objects.answering(), label=_("Connection"), empty_label=None)
        self.operation = operation

    def clean(self, value: Any) -> Any:
        connection = super().clean(value)
        if connection and (why := capabilities.lack(connection, self.operation)):
            raise forms.ValidationError(why)
        return connection


class Upload(forms.Form):
    """A file for a server."""

    connection = OfferingField(operation="createFile")
    file = UploadField(error_messages={"required": _("Choose a file first.")})
    purpose = forms.ChoiceField(label=_("Purpose"), choices=PURPOSES)
    once = OnceField()
