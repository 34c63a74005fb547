"""Assistants as files, and as what comes after the Assistants API: taken out, and brought in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header, urlencode
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from assistants_app.forms.assistant_import import ImportForm
from assistants_app.models import Assistant, AssistantVersion
from assistants_app.models.people import Role
from assistants_app.services import exchange, imports, versions
from assistants_app.services.references import one
from assistants_app.services.successors import SUCCESSORS, Written
from assistants_app.views.files import safe_name
from assistants_app.views.pieces import see_other
from assistants_app.views.rights import PersonRequest, least


@dataclass(frozen=True)
class _Format:
    """What an assistant can be taken out as: what it is called, how its file ends, what to do with it."""

    title: Any
    suffix: str
    write: Callable[[AssistantVersion], Written]
    note: Any = ""


def _file(write: Callable[[Any], str]) -> Callable[[AssistantVersion], Written]:
    return lambda version: Written(write(exchange.document(version, at=timezone.now())), ())


def _formats() -> dict[str, _Format]:
    again = gettext_lazy(
        "Can be imported again, here or in another Switchboard. There are no keys in it, and no addresses."
    )
    found = {
        "json": _Format("JSON", "json", _file(exchange.as_json), again),
        "yaml": _Format("YAML", "yaml", _file(exchange.as_yaml), again),
    }
    for name, each in SUCCESSORS.items():
        write = lambda version, write=each.write: write(version.settings, version.assistant.title)  # noqa: E731
        found[name] = _Format(each.title, each.suffix, write, each.note)
    return found


FORMATS = _formats()


@require_GET
@least(Role.VIEWER)
def export(request: PersonRequest, reference: str) -> HttpResponse:
    """A version of an assistant, the newest unless the address says which, in one of the formats."""
    assistant: Assistant = one(Assistant.objects.select_related("connection"), reference)
    version = versions.numbered(assistant, request.GET.get("version", "")) or versions.latest(assistant)
    version.assistant = assistant
    name = request.GET.get("as", "")
    name = name if name in FORMATS else "json"
    found = FORMATS[name]
    written = found.write(version)
    if "download" in request.GET:
        return _saved(written.text, f"{safe_name(assistant.title)[:100]}.{found.suffix}")
    query = urlencode({"as": name, "version": str(version.number), "download": "1"})
    context = {
        "assistant": assistant,
        "version": version,
        "chosen": name,
        "tabs": [{"value": each, "text": form.title} for each, form in FORMATS.items()],
        "format": found,
        "written": written,
        "download": f"{request.path}?{query}",
    }
    return render(request, "assistants/export.html", context)


def _saved(text: str, name: str) -> HttpResponse:
    """A text to be saved and never shown: what is in it is somebody else's."""
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


@require_http_methods(["GET", "POST"])
@least(Role.EDITOR)
def bring_in(request: PersonRequest) -> HttpResponse:
    """First what is to be read; then, of several, which one. Each is made in the form of a new assistant."""
    form = ImportForm(request.POST, request.FILES, label_suffix="") if request.method == "POST" else ImportForm()
    if request.method == "POST" and form.is_valid():
        kept = imports.keep(form.entries, by=request.user)
        new = reverse("assistants_new") if len(form.entries) == 1 else request.path
        return see_other(f"{new}?{urlencode({'import': str(kept.uuid)})}")
    uuid = request.GET.get("import", "")
    context = {
        "form": form,
        "uuid": uuid,
        "entries": imports.entries(uuid, by=request.user) if uuid else [],
    }
    return render(request, "assistants/import.html", context, status=422 if form.is_bound else 200)
