"""Many assistants at once: first what would change in each, then how far it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID, uuid4

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from assistants_app.forms.bulk import BulkForm, change_of
from assistants_app.forms.metadata import Metadata
from assistants_app.forms.rows import with_more
from assistants_app.models import Assistant, AssistantVersion, BulkChange
from assistants_app.models.people import Role
from assistants_app.services import bulk as services
from assistants_app.services import events, models
from assistants_app.views.pieces import page_or_piece, see_other
from assistants_app.views.rights import PersonRequest, least

LONGEST_KEY = 18  # digits
PIECES = {"bulk-form": "bulk/_form.html"}


@require_http_methods(["GET", "POST"])
@least(Role.EDITOR)
def bulk(request: PersonRequest) -> HttpResponse:
    """What is chosen, what is to be done, and what that would change; sent, it is done."""
    given = request.POST if request.method == "POST" else request.GET
    keys = _keys(given.getlist("assistant"))
    kind = given.get("kind", "")
    chosen = services.selected(keys[: services.MOST]) if kind in BulkChange.Kind.values else []
    if not chosen or len(keys) > services.MOST:
        context = {"number": len(keys), "most": services.MOST}
        return page_or_piece(request, "bulk/form.html", PIECES, context, 422 if len(keys) > services.MOST else 200)
    return _Desk(request, kind, chosen).answer()


def _keys(given: list[str]) -> list[int]:
    found = (int(each) for each in given if each.isascii() and each.isdigit() and len(each) <= LONGEST_KEY)
    return list(dict.fromkeys(found))


@dataclass
class _Desk:
    """One request to the form."""

    request: PersonRequest
    kind: str
    chosen: list[Assistant]
    more: dict[str, Any] = field(default_factory=dict)

    def answer(self) -> HttpResponse:
        if self.request.method == "GET":
            return self._begun()
        given = self.request.POST
        form, metadata = BulkForm(given, kind=self.kind), self._metadata(given)
        if given.get("act") == "more":
            return self._page(self._unchecked(given), cast(Metadata, with_more(metadata)))
        change = change_of(form, metadata)
        if given.get("act") != "run":
            form.errors.pop("number", None)
            return self._page(form, metadata, change, 422 if form.errors or not change else 200)
        if change is None or not form.is_valid():
            return self._page(form, metadata, change, 422)
        if given.get("previewed") != change.digest:
            self.more["is_other"] = True
            return self._page(form, metadata, change, 409)
        return self._run(form, metadata, change)

    def _run(self, form: BulkForm, metadata: Metadata, change: services.Change) -> HttpResponse:
        planned = services.plan(change=change, chosen=self.chosen, bases=self._bases())
        number = sum(each.is_to_do for each in planned)
        standing = BulkChange.objects.filter(uuid=form.cleaned_data["once"]).exists()
        if not standing:
            form.confirm(number)
            if not number:
                form.add_error(None, _("Nothing would change."))
        if form.errors:
            return self._page(form, metadata, change, 422)
        asked = {"uuid": form.cleaned_data["once"], "reason": form.cleaned_data["reason"], "by": self.request.user}
        try:
            made = services.run(change=change, planned=planned, **asked)
        except services.Sent as error:
            form = BulkForm(_with(self.request.POST, once=str(uuid4())), kind=self.kind)
            self.more["sent"] = error.standing
            return self._page(form, metadata, change, 409)
        to = made.get_absolute_url()
        return HttpResponseClientRedirect(to) if self.request.htmx else see_other(to)

    def _begun(self) -> HttpResponse:
        """Empty, or as in a change of which some was refused."""
        before = _known(self.request.GET.get("again", ""))
        if before is None or before.kind != self.kind:
            change = services.Change(self.kind) if self.kind == BulkChange.Kind.DELETE else None
            return self._page(BulkForm(kind=self.kind), self._metadata(), change)
        change = services.of(before)
        initial = {"model": change.model, "removed": "\n".join(change.removed), "reason": before.reason}
        pairs = [{"key": key, "value": value} for key, value in change.pairs.items()]
        return self._page(BulkForm(kind=self.kind, initial=initial), self._metadata(initial=pairs), change)

    def _metadata(self, data: QueryDict | None = None, **more: Any) -> Metadata:
        wanted = self.kind == BulkChange.Kind.METADATA
        return Metadata(data if wanted else None, **more)

    def _unchecked(self, given: QueryDict) -> BulkForm:
        return BulkForm(kind=self.kind, initial={name: given.get(name, "") for name in ("removed", "reason", "once")})

    def _bases(self) -> dict[int, AssistantVersion]:
        """The versions that were looked at."""
        keys = _keys(self.request.POST.getlist("base"))
        mine = AssistantVersion.objects.filter(pk__in=keys, assistant__in=self.chosen)
        return {each.assistant_id: each for each in mine}

    def _page(
        self, form: BulkForm, metadata: Metadata, change: services.Change | None = None, status: int = 200
    ) -> HttpResponse:
        planned = services.plan(change=change, chosen=self.chosen) if change else []
        context = {
            "kind": self.kind,
            "title": BulkChange.Kind(self.kind).label,
            "form": form,
            "metadata": metadata,
            "chosen": self.chosen,
            "change": change,
            "planned": planned,
            "number": sum(each.is_to_do for each in planned),
            "active": sum(each.active for each in planned),
            "models": self._models(),
            **self.more,
        }
        return page_or_piece(self.request, "bulk/form.html", PIECES, context, status)

    def _models(self) -> list[str]:
        if self.kind != BulkChange.Kind.MODEL:
            return []
        connections = {each.connection_id: each.connection for each in self.chosen}
        return sorted({name for each in connections.values() for name in models.names(each)})


def _with(given: QueryDict, **changed: str) -> QueryDict:
    made = given.copy()
    for name, value in changed.items():
        made[name] = value
    return made


def _known(uuid: str) -> BulkChange | None:
    try:
        return BulkChange.objects.filter(uuid=UUID(uuid)).first()
    except ValueError:
        return None


@require_GET
@least(Role.VIEWER)
def bulk_change(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """How far it is, assistant by assistant."""
    made = get_object_or_404(BulkChange.objects.select_related("by"), uuid=uuid)
    context = {
        "bulk": made,
        "change": services.of(made),
        "progress": services.progress(made),
        "topics": events.ASSISTANTS,
    }
    return page_or_piece(request, "bulk/show.html", {"bulk-progress": "bulk/_progress.html"}, context)
