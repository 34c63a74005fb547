"""What the form of a new assistant begins with: nothing, a copy of another one, or one that was read from a file."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.http import Http404

from assistants_app.models import Assistant, Connection
from assistants_app.services import carrying, imports, versions
from assistants_app.services.configurations import Configuration
from assistants_app.services.references import one
from assistants_app.services.remarks import Remark
from assistants_app.views.rights import PersonRequest

COPY, IMPORT, ITEM = "copy", "import", "item"


@dataclass(frozen=True)
class Beginning:
    """`form_name` is that of its drafts; `remarks` tell what of it does not come along as it was; `copied` is where it
    comes from, or `imported` the number of what was read, with how many there are in it."""

    form_name: str
    configuration: Configuration = field(default_factory=dict)
    remarks: tuple[Remark, ...] = ()
    copied: Assistant | None = None
    imported: str = ""
    of: int = 0


def of(request: PersonRequest, connection: Connection) -> Beginning:
    """As the address says. Raises Http404 for what is not there (any more)."""
    if reference := request.GET.get(COPY):
        return _copy(request, connection, reference)
    if uuid := request.GET.get(IMPORT):
        return _import(request, connection, uuid)
    return Beginning(f"connection {connection.pk}")


def _copy(request: PersonRequest, connection: Connection, reference: str) -> Beginning:
    assistant: Assistant = one(Assistant.objects.select_related("connection"), reference)
    version = versions.numbered(assistant, request.GET.get("version", "")) or versions.latest(assistant)
    named = {**version.settings, "name": carrying.copy_name(assistant.title)}
    is_home = connection.pk == assistant.connection_id
    found = carrying.carried(named, connection=connection, is_home=is_home)
    name = f"connection {connection.pk} copy {version.pk}"
    return Beginning(name, found.configuration, found.remarks, copied=assistant)


def _import(request: PersonRequest, connection: Connection, uuid: str) -> Beginning:
    entries = imports.entries(uuid, by=request.user)
    item = request.GET.get(ITEM, "0")
    number = int(item) if item.isascii() and item.isdigit() and len(item) < 5 else 0
    if number >= len(entries):
        raise Http404("What was read is not kept any more. Import it again.")
    found = imports.carried(entries[number], connection=connection)
    name = f"connection {connection.pk} {uuid.replace('-', '')[:32]} {number}"
    return Beginning(name, found.configuration, found.remarks, imported=uuid, of=len(entries))
