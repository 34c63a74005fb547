"""The form of an assistant: a new one, or one that is changed. What is typed is kept whatever comes of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages as notices
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from assistants_app.forms import assistant_texts, function_previews, pasted
from assistants_app.forms.assistants import AssistantForm, rearranged
from assistants_app.forms.resources import pickers
from assistants_app.forms.trials import Say
from assistants_app.models import Assistant, AssistantVersion, Connection, FormDraft, Operation
from assistants_app.models.people import Role
from assistants_app.services import (
    assistants,
    capabilities,
    comparisons,
    configurations,
    declarations,
    events,
    form_drafts,
    models,
    operations,
    rendering,
    undeclared,
    versions,
)
from assistants_app.services.references import one
from assistants_app.services.trials import Setup
from assistants_app.views import assistant_beginnings, trials
from assistants_app.views.pieces import page_or_piece, see_other, wanted_piece
from assistants_app.views.rights import PersonRequest, least
from assistants_app.views.switch import Switch

# What a form sends of itself beside its fields.
OWN = {"csrfmiddlewaretoken", "act", "draft", "draft_version", "trial-text", "trial-once", "initial-trial-once"}
PIECES = {
    "assistant-form": "assistants/_form.html",
    "form-draft": "assistants/_draft.html",
    "instructions-preview": "assistants/_preview.html",
    "assistant-drift": "assistants/_drift.html",
    "models": "assistants/_models.html",
}
# With one of these the form stays as it is, so it would not know of a draft.
LOOKS = {"assistants/_preview.html", "assistants/_function_preview.html"}


@require_http_methods(["GET", "POST"])
@least(Role.EDITOR)
def new(request: PersonRequest) -> HttpResponse:
    """First on which connection, then what the assistant is to be."""
    switch = Switch(request)
    answering = switch.answering
    if len(answering) != 1:
        return render(request, "assistants/connections.html", {"connections": answering})
    connection = Connection.objects.get(pk=answering[0].pk)
    return _Desk(request, connection, begun=assistant_beginnings.of(request, connection)).answer()


@require_http_methods(["GET", "POST"])
@least(Role.EDITOR)
def edit(request: PersonRequest, reference: str) -> HttpResponse:
    assistant: Assistant = one(Assistant.objects.select_related("connection"), reference)
    if request.method == "GET" and not request.htmx:
        assistants.hasten_if_stale(assistant)
    latest = versions.latest(assistant)
    begun = assistant_beginnings.Beginning(f"assistant {assistant.pk}")
    return _Desk(request, assistant.connection, begun, assistant, latest).answer()


@dataclass
class _Desk:
    """One request to the form."""

    request: PersonRequest
    connection: Connection
    begun: assistant_beginnings.Beginning
    assistant: Assistant | None = None
    latest: AssistantVersion | None = None
    draft: FormDraft | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)

    def answer(self) -> HttpResponse:
        act = self.request.POST.get("act", "save")
        if act == "check":
            return self._checked()
        if self.request.method == "GET":
            return self._page(self._form(base=self._base(self.request.GET))) if self.request.htmx else self._shown()
        if act == "discard":
            form_drafts.discard(by=self.request.user, form=self.begun.form_name)
            return self._go(self.request.get_full_path())
        given = {name: str(value) for name, value in self.request.POST.items() if name not in OWN}
        if self.assistant is not None and act in {"try", "send"}:
            return self._tried(self.assistant, given, act)
        given = self._with_functions(given, act)
        if wanted_piece(self.request, self.pieces) not in LOOKS:
            self.draft = self._kept(given)
        return self._saved(given) if act == "save" else self._as_typed(given, act)

    def _as_typed(self, given: Mapping[str, str], act: str) -> HttpResponse:
        """The form with what was typed, and what a button did: a row more or less, a preview, or only a draft."""
        if act == "preview":
            self.more |= {"preview": rendering.markdown(given.get("instructions", ""))}
        shown, self.notes = rearranged(given, act) or (given, {})
        return self._page(self._form(shown=shown, base=self._base(given)))

    def _with_functions(self, given: dict[str, str], act: str) -> dict[str, str]:
        """What was typed, with the functions that were pasted, or that runs called."""
        if act == "paste":
            made = pasted.taken(given)
        elif self.assistant and (found := pasted.DECLARE.fullmatch(act)):
            made = pasted.declared(given, assistant=self.assistant, call=int(found[1]))
        else:
            return given
        self.more["paste"] = made
        return made.given

    @cached_property
    def pieces(self) -> dict[str, str]:
        """The pieces of this page, with the preview of a function that the request is for."""
        is_preview = re.fullmatch(r"function-preview-[0-9]{1,3}", self.request.htmx.target or "")
        return PIECES | ({is_preview[0]: "assistants/_function_preview.html"} if is_preview else {})

    def _checked(self) -> HttpResponse:
        """What is wrong with what somebody is writing, for the editor."""
        found = declarations.marks(self.request.POST.get("text", ""), self.request.POST.get("kind", ""))
        lines = [{"line": each.position.line, "column": each.position.column, "words": each.words} for each in found]
        return JsonResponse({"problems": lines})

    # ---- What it begins with

    def _shown(self) -> HttpResponse:
        version = self.request.GET.get("version", "")
        if self.assistant and version.isdigit() and len(version) < 9:
            old = versions.every(self.assistant).filter(number=int(version)).first()
            if old is not None:
                return self._page(self._of_version(old))
        self.draft = form_drafts.latest(by=self.request.user, form=self.begun.form_name)
        if self.draft is None:
            return self._page(self._form())
        given = self.draft.fields
        self.more = {"is_restored": True}
        refused = self.draft.operation
        is_contested = "before" in given or self._is_overtaken(self._base(given))
        if not is_contested and (refused is None or refused.state != Operation.State.REFUSED):
            return self._page(self._form(shown=given, base=self._base(given)))
        form = self._form(data=given, base=self._base(given))
        if form.is_valid() and is_contested:
            return self._three_ways(form, status=200)
        self._told(form, refused)
        return self._page(form)

    def _of_version(self, old: AssistantVersion) -> AssistantForm:
        """What was, on top of what is: saved, it becomes a new version."""
        shown = assistant_texts.texts(old.settings, self._form().dialect)
        note = _("As in version %(number)s.") % {"number": old.number}
        self.more = {"as_version": old}
        return self._form(shown={**shown, "note": note})

    def _base(self, given: Mapping[str, str]) -> AssistantVersion | None:
        """The version that somebody began from."""
        return trials.begun_from(self.assistant, given.get("base", "")) if self.assistant else self.latest

    def _form(
        self,
        data: Mapping[str, str] | None = None,
        *,
        shown: Mapping[str, str] | None = None,
        base: AssistantVersion | None = None,
    ) -> AssistantForm:
        base = base or self.latest
        self.more["base"] = base
        configuration = base.settings if base else self.begun.configuration
        return AssistantForm(
            data,
            connection=self.connection,
            base=configuration,
            shown=shown,
            notes=self.notes,
            is_new=self.assistant is None,
        )

    def _kept(self, given: Mapping[str, str]) -> FormDraft:
        """What stands in the form, as a draft."""
        try:
            uuid = UUID(self.request.POST.get("draft", ""))
        except ValueError:
            uuid = None
        version = self.request.POST.get("draft_version", "")
        known = int(version) if version.isdigit() and len(version) < 9 else 0
        return form_drafts.save(by=self.request.user, form=self.begun.form_name, uuid=uuid, version=known, fields=given)

    # ---- Saving

    def _saved(self, given: Mapping[str, str]) -> HttpResponse:
        base = self._base(given)
        form = self._form(data=given, base=base)
        if not form.is_valid():
            return self._page(form, 422)
        if self._is_overtaken(base):
            return self._three_ways(form)
        configuration = self._chosen(given, form) if "before" in given else form.configuration
        if configuration is None:
            return self._three_ways(form)
        if base is not None and not configurations.to_send(base.settings, configuration):
            form.add_error(None, _("Nothing is changed yet."))
            return self._page(form, 422)
        try:
            operation = self._asked(form, configuration, base)
        except assistants.Unsettled:
            form = self._form(data={**given, "once": str(uuid4())}, base=base)
            form.add_error(None, _("What you sent before is still on its way. Look what came of it, then save this."))
            return self._page(form, 409)
        return self._outcome(form, operation)

    def _asked(self, form: AssistantForm, configuration: dict[str, Any], base: AssistantVersion | None) -> Operation:
        asked: dict[str, Any] = {
            "configuration": configuration,
            "by": self.request.user,
            "once": form.cleaned_data["once"],
            "note": form.cleaned_data["note"],
        }
        if self.assistant is None or base is None:
            operation = assistants.create(connection=self.connection, **asked)
        else:
            operation = assistants.modify(assistant=self.assistant, base=base, **asked)
        assert self.draft is not None
        form_drafts.sent(self.draft, operation)
        return operation

    def _outcome(self, form: AssistantForm, operation: Operation) -> HttpResponse:
        operation = operations.awaited(operation)
        if operation.state == Operation.State.REFUSED:
            self.latest = versions.latest(self.assistant) if self.assistant else None
            if self._is_overtaken(operation.base):
                return self._three_ways(form)
            self._told(form, operation)
            return self._page(form, 422)
        if operation.is_open:
            notices.info(self.request, _("It is on its way: the server has not answered yet."))
        else:
            notices.success(self.request, told(operation))
        assistant = operation.assistant
        return self._go(assistant.get_absolute_url() if assistant else reverse("assistants"))

    @staticmethod
    def _told(form: AssistantForm, operation: Operation | None) -> None:
        if operation is not None and operation.state == Operation.State.REFUSED:
            form.refused(operation.error, operation.error_param)

    # ---- Trying what is not saved

    def _tried(self, assistant: Assistant, given: Mapping[str, str], act: str) -> HttpResponse:
        """Opens the panel, or sends what was written there to be answered with what stands in the form. The panel sends
        that along where scripts run; else it is what the form was left with."""
        is_whole = "base" in given
        if not is_whole:
            left = form_drafts.latest(by=self.request.user, form=self.begun.form_name)
            given = left.fields if left else {}
        base = self._base(given)
        assert base is not None
        form = self._form(data=given or None, base=base)
        if given and not form.is_valid():
            return self._not_tried(form)
        configuration = form.configuration if given else base.settings
        if act == "send":
            setup = Setup(base, configuration)
            return trials.sent(self.request, assistant, at=trials.FORM, setup=setup)
        if is_whole and configurations.to_send(base.settings, configuration):
            self._kept(given)
        return self._go(trials.address(assistant, trials.FORM))

    def _not_tried(self, form: AssistantForm) -> HttpResponse:
        """What is wrong with the form, there: nothing was sent."""
        response = self._page(form, 422)
        response["HX-Retarget"], response["HX-Reswap"] = "#assistant-form", "morph:outerHTML"
        return response

    # ---- Two who changed the same

    def _is_overtaken(self, base: AssistantVersion | None) -> bool:
        return bool(base and self.latest and base.digest != self.latest.digest)

    def _three_ways(self, form: AssistantForm, status: int = 409) -> HttpResponse:
        """What was, what they made of it and what I did, part by part; the form goes on with both, on top of theirs."""
        theirs, shown = self.latest, form.given
        before = self._base({"base": shown["before"]}) if "before" in shown else None
        base = self.more["base"]
        if before is None or self._is_overtaken(base):
            before = base
            mine = configurations.merged(base.settings, theirs.settings if theirs else {}, form.configuration)
            shown = {name: text for name, text in shown.items() if not name.startswith("take-")}
            shown |= self._texts_of(form, mine)
        assert before is not None and theirs is not None
        again = self._form(shown=shown, base=theirs)
        found = configurations.three_ways(before.settings, theirs.settings, form.configuration)
        self.more |= {
            "before": before,
            "theirs": theirs,
            "differences": [comparisons.three_ways(each, shown.get(f"take-{each.key}", "")) for each in found],
        }
        return self._page(again, status)

    @staticmethod
    def _texts_of(form: AssistantForm, configuration: Mapping[str, Any]) -> dict[str, str]:
        """The texts of a configuration, all others of its fields empty."""
        emptied = dict.fromkeys(
            (name for name in form.given if name not in {"note", "once"} and not pasted.is_of_paste(name)), ""
        )
        return {**emptied, **assistant_texts.texts(configuration, form.dialect)}

    def _chosen(self, given: Mapping[str, str], form: AssistantForm) -> dict[str, Any] | None:
        """The configuration with theirs where that was chosen; None where something is still to be chosen."""
        before = self._base({"base": given["before"]})
        assert before is not None and self.latest is not None
        found = configurations.three_ways(before.settings, self.latest.settings, form.configuration)
        both = [each for each in found if each.by == "both"]
        if any(given.get(f"take-{each.key}") not in {"mine", "theirs"} for each in both):
            self.more["is_undecided"] = True
            return None
        return configurations.taking(
            form.configuration, (each for each in both if given[f"take-{each.key}"] == "theirs")
        )

    # ---- What is shown

    def _go(self, to: str) -> HttpResponse:
        return HttpResponseClientRedirect(to) if self.request.htmx else see_other(to)

    def _page(self, form: AssistantForm, status: int = 200) -> HttpResponse:
        operation = "createAssistant" if self.assistant is None else "modifyAssistant"
        base = self.more["base"]
        drift: list[str] = []
        if base is not None and self.latest is not None:
            drift = configurations.fields_changed(base.settings, self.latest.settings)
        context = {
            "form": form,
            "drift": [comparisons.FIELDS[name] for name in drift],
            "connection": self.connection,
            "assistant": self.assistant,
            "latest": self.latest,
            "draft": self.draft,
            "lack": capabilities.lack(self.connection, operation),
            "models": models.names(self.connection),
            "connection_topic": events.connection_topic(self.connection.pk),
            "assistant_topics": events.assistant_topics(self.assistant.pk) if self.assistant else "",
            "given": form.given,
            "begun": self.begun,
            "pickers": pickers(form, connection=self.connection, is_wanted=not self.request.htmx),
            "paste": pasted.untouched(form.given),
            **self._about_functions(form),
            **self.more,
        }
        if self.assistant is not None and self.request.GET.get("panel") == "try" and not self.request.htmx:
            context["trial"] = self._trial(self.assistant)
        return page_or_piece(self.request, "assistants/form.html", self.pieces, context, status)

    def _about_functions(self, form: AssistantForm) -> dict[str, Any]:
        """How calls will look, and what was called that is not declared; looked up where it is shown."""
        asked = re.fullmatch(r"example ([0-9]{1,3})", self.request.POST.get("act", ""))
        place = int(asked[1]) if asked else None
        is_alone = wanted_piece(self.request, self.pieces) == "assistants/_function_preview.html"
        of_form: dict[str, Any] = {"connection": self.connection, "asked": place, "alone": is_alone}
        return {
            "place": place,
            "asked": place,
            "previews": SimpleLazyObject(lambda: function_previews.of(form.given, **of_form)),
            "undeclared": SimpleLazyObject(lambda: self._undeclared(form)),
        }

    def _undeclared(self, form: AssistantForm) -> list[undeclared.Undeclared]:
        if self.assistant is None:
            return []
        return undeclared.of(assistant=self.assistant, declared=function_previews.names(form.given))

    def _trial(self, assistant: Assistant) -> dict[str, Any]:
        """The panel beside the form, with what was written there and not sent."""
        written = Say(initial={"text": self.request.POST["trial-text"]}) if "trial-text" in self.request.POST else None
        return trials.panel(self.request, assistant, at=trials.FORM, form=written)


def told(operation: Operation) -> str:
    """What came of an operation that the server took: which fields it changed."""
    if operation.kind == Operation.Kind.CREATE_ASSISTANT:
        return _("The assistant is created.")
    named = ", ".join(str(comparisons.FIELDS[name]) for name in operation.payload)
    return _("Saved: %(fields)s.") % {"fields": named}
