"""Pages of one act: editing the metadata of an object, and deleting one after saying what that means."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from assistants_app.api.dialects import tolerance
from assistants_app.api.errors import ApiError
from assistants_app.forms import metadata, rows
from assistants_app.models import Connection
from assistants_app.models.mirrored import Mirrored
from assistants_app.services import capabilities
from assistants_app.views.pieces import see_other
from assistants_app.views.rights import PersonRequest

REFUSED = 502  # the status of a page that tells what a server answered


@dataclass(frozen=True)
class Act:
    """What is done to which object, as its page says it. `back` is the page of the object, `crumbs` lead there."""

    title: str
    row: Mirrored
    connection: Connection
    operation: str
    back: str
    crumbs: Sequence[tuple[str, str]]
    done: str

    @property
    def lack(self) -> str:
        """Why it cannot be done on this server, if so."""
        return capabilities.lack(self.connection, self.operation)


def edit_metadata(request: PersonRequest, act: Act, change: Callable[[dict[str, str]], None]) -> HttpResponse:
    """The pairs of an object; sent, they are its server's. What was typed stands there until the server has it."""
    found = tolerance.strings(act.row.object.get("metadata"))
    if request.method != "POST":
        return _metadata(request, act, metadata.editing(found))
    form = metadata.editing(found, request.POST)
    if request.POST.get("act") == "more":
        return _metadata(request, act, rows.with_more(form))
    if not form.is_valid():
        return _metadata(request, act, form, 422)
    try:
        change(form.whole())
    except ApiError as error:
        return _metadata(request, act, form, REFUSED, error=error)
    notices.success(request, act.done)
    return see_other(act.back)


def _metadata(request: PersonRequest, act: Act, form: Any, status: int = 200, **more: Any) -> HttpResponse:
    return render(request, "acts/metadata.html", {"act": act, "metadata": form, **more}, status=status)


def delete(
    request: PersonRequest, act: Act, means: Sequence[str], do: Callable[[], None], *, then: str = ""
) -> HttpResponse:
    """First what it means; sent, it is done, and leads to `then`."""
    context: dict[str, Any] = {"act": act, "means": means}
    if request.method != "POST":
        return render(request, "acts/delete.html", context)
    try:
        do()
    except ApiError as error:
        return render(request, "acts/delete.html", {**context, "error": error}, status=REFUSED)
    notices.success(request, act.done)
    return see_other(then or act.back)


def kept_here() -> str:
    """What every deletion means here."""
    return _("What Switchboard has seen of it stays readable here, marked as gone.")
