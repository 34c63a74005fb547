"""Trying an assistant: a scratch thread in a panel or on a page of its own, and two of them side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4, uuid5

from django.contrib import messages as notices
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import trigger_client_event

from assistants_app.api.errors import ApiError
from assistants_app.forms.trials import UNSAVED, Say, Sides, filled
from assistants_app.models import Assistant, AssistantVersion, Run
from assistants_app.models.people import Role
from assistants_app.services import events, form_drafts, operations, threads, trials, versions
from assistants_app.services.references import one
from assistants_app.services.trials import Setup, Trial
from assistants_app.views import runs
from assistants_app.views.pieces import page_or_piece, see_other, wanted_piece
from assistants_app.views.rights import PersonRequest, least

PANEL, FORM, ALONE = "panel", "form", ""  # where a trial is shown: beside the assistant, beside its form, by itself
PIECES = {
    "trial": "trials/_trial.html",
    "trial-thread": "trials/_thread.html",
    "trial-answers": "trials/_answers.html",
    "trial-acts": "trials/_acts.html",
}
BOTH_PIECES = {
    "trials": "trials/_trials.html",
    "trial-left": "trials/_left.html",
    "trial-right": "trials/_right.html",
    "trial-answers": "trials/_answers.html",
    "trial-difference": "trials/_difference.html",
    "trial-acts": "trials/_both_acts.html",
}


@require_http_methods(["GET", "POST"])
@least(Role.OPERATOR)
def show(request: PersonRequest, reference: str) -> HttpResponse:
    """With two sides in the address both of them, else one scratch thread."""
    assistant = one(Assistant.objects.select_related("connection"), reference)
    if "left" in request.GET or "right" in request.GET:
        return _side_by_side(request, assistant)
    at = request.GET.get("at", ALONE)
    at = at if at in {PANEL, FORM} else ALONE
    if request.method == "POST" and request.POST.get("act") == "delete":
        return _deleted(request, assistant, at)
    if request.method == "POST":
        return sent(request, assistant, at=at, setup=Setup.of(versions.latest(assistant)))
    return page_or_piece(request, "trials/show.html", PIECES, {"trial": panel(request, assistant, at=at)})


def number(text: str) -> UUID | None:
    """The number of a trial as it stands in an address."""
    try:
        return UUID(text)
    except ValueError:
        return None


def address(assistant: Assistant, at: str, once: UUID | None = None) -> str:
    """The page on which a trial is shown; without its number, one that is still to begin."""
    path = assistant.address({PANEL: "assistant", FORM: "assistant_edit"}.get(at, "assistant_try"))
    query = ({"panel": "try"} if at else {}) | ({"trial": str(once)} if once else {})
    return f"{path}?{urlencode(query)}" if query else path


def panel(
    request: PersonRequest,
    assistant: Assistant,
    *,
    at: str,
    form: Say | None = None,
    once: UUID | None = None,
    **more: Any,
) -> dict[str, Any]:
    """All that the panel shows, whichever page it stands on."""
    once = once or number(request.GET.get("trial", ""))
    found = trials.find(assistant, once)
    query = {"at": at, **({"trial": str(once)} if found else {})}
    own = f"{assistant.address('assistant_try')}?{urlencode(query)}"
    answering = _answering(request, found.waiting if found else None)
    return {
        "assistant": assistant,
        "at": at,
        "found": found,
        "form": form or Say(initial=_begun(found)),
        "lack": _lack(assistant),
        "left_out": trials.left_out(assistant.connection) if at == FORM else [],
        "version": versions.latest(assistant),
        # Where its pieces come from, where a message goes, and where one begins anew.
        "own": own,
        "goes_to": address(assistant, FORM, once if found else None) if at == FORM else own,
        "anew": address(assistant, at),
        "topics": _topics([found]),
        "page_number": answering.get("page_number") or uuid4(),
        "answering": answering,
        **more,
    }


def _begun(found: Trial | None) -> dict[str, str]:
    """What a message begins with: what was refused before there was a thread."""
    is_refused = found is not None and found.thread is None and not found.operation.is_open
    return {"text": trials.said_first(found.operation)} if found and is_refused else {}


def _lack(assistant: Assistant) -> str:
    """Why nothing can be tried, if so."""
    gone = _("The server no longer has this assistant.") if assistant.gone_at else ""
    return trials.lack(assistant.connection) or gone


def _topics(shown: list[Trial | None]) -> str:
    """What changes them: their threads; until these are there, any that is made."""
    known = [events.thread_topic(each.thread.pk) for each in shown if each and each.thread]
    known += [events.run_topic(each.run.pk) for each in shown if each and each.run]
    return " ".join([*known, *([events.THREADS] if any(each and not each.run for each in shown) else [])])


def _answering(request: PersonRequest, run: Run | None) -> dict[str, Any]:
    """The form of a run that waits, the very one that its own page has."""
    if run is None:
        return {}
    shown = runs.shown(request, run)
    html = render_to_string("trials/_answering.html", shown, request)
    return {"run": run, "html": html, "page_number": shown["page_number"]}


# ---- One


def sent(request: PersonRequest, assistant: Assistant, *, at: str, setup: Setup) -> HttpResponse:
    """Sends what was written in the panel, as the first message or a further one, to be answered with this setup."""
    form = Say(request.POST)
    if _lack(assistant) or not form.is_valid():
        shown = {"trial": panel(request, assistant, at=at, form=form)}
        return page_or_piece(request, "trials/show.html", PIECES, shown, 422)
    once = number(request.GET.get("trial", ""))
    found = trials.find(assistant, once)
    said: dict[str, Any] = {"text": form.cleaned_data["text"], "by": request.user, "once": form.cleaned_data["once"]}
    if found and found.thread:
        trials.go_on(assistant=assistant, thread=found.thread, setup=setup, **said)
    elif not (found and found.operation.is_open):
        once = said["once"]
        operations.awaited(trials.begin(assistant=assistant, setup=setup, **said))
    return _went_on(request, assistant, at, once)


def _went_on(request: PersonRequest, assistant: Assistant, at: str, once: UUID | None) -> HttpResponse:
    if wanted_piece(request, PIECES) is None:
        return see_other(address(assistant, at, once))
    shown = {"trial": panel(request, assistant, at=at, once=once)}
    response = render(request, "trials/_trial.html", shown)
    response["HX-Replace-Url"] = address(assistant, at, once)
    return trigger_client_event(response, "tried")


def _deleted(request: PersonRequest, assistant: Assistant, at: str) -> HttpResponse:
    """Deletes the scratch thread on its server."""
    found = trials.find(assistant, number(request.GET.get("trial", "")))
    if found is None or found.thread is None:
        raise Http404("There is no such scratch thread.")
    try:
        threads.delete(thread=found.thread)
    except ApiError as error:
        shown = {"trial": panel(request, assistant, at=at, error=error)}
        return page_or_piece(request, "trials/show.html", PIECES, shown, 502)
    notices.success(request, _("The scratch thread is deleted."))
    return see_other(address(assistant, at))


# ---- Two


@dataclass(frozen=True)
class Side:
    """One of two: what it is tried with (nothing, where that is not there or cannot be sent), and what came of it."""

    name: str
    choice: str
    setup: Setup | None
    found: Trial | None

    @property
    def is_unsaved(self) -> bool:
        return self.choice == UNSAVED


@dataclass(frozen=True)
class Both:
    """Two of them, and the number of the message that both got."""

    left: Side
    right: Side
    once: UUID | None

    @property
    def sides(self) -> list[Side]:
        return [self.left, self.right]

    @property
    def trials(self) -> list[Trial]:
        return [each.found for each in self.sides if each.found]

    @property
    def waiting(self) -> Side | None:
        """Whose calls are answered first: those with the least time left."""
        asking = [each for each in self.sides if each.found and each.found.waiting]
        return min(asking, key=_ends, default=None)

    @property
    def replies(self) -> list[str]:
        """What both replied, once both have."""
        found = [each.reply for each in self.trials]
        return found if len(found) == 2 and all(found) else []


def _ends(side: Side) -> float:
    run = side.found.waiting if side.found else None
    return run.expires_at.timestamp() if run and run.expires_at else float("inf")


def _side_by_side(request: PersonRequest, assistant: Assistant) -> HttpResponse:
    once = number(request.GET.get("both", ""))
    both = Both(_side(request, assistant, "left", once), _side(request, assistant, "right", once), once)
    if request.method != "POST":
        return _shown_both(request, assistant, both)
    form = Say(request.POST)
    if _lack(assistant) or not form.is_valid() or not all(each.setup for each in both.sides):
        return _shown_both(request, assistant, both, form=form, status=422)
    once, text = form.cleaned_data["once"], form.cleaned_data["text"]
    begun = [
        trials.begin(assistant=assistant, setup=each.setup, text=text, by=request.user, once=uuid5(once, each.name))
        for each in both.sides
        if each.setup
    ]
    for operation in begun:
        operations.awaited(operation)
    here = _both_address(assistant, both, once)
    if wanted_piece(request, BOTH_PIECES) is None:
        return see_other(here)
    both = Both(_side(request, assistant, "left", once), _side(request, assistant, "right", once), once)
    response = _shown_both(request, assistant, both)
    response["HX-Replace-Url"] = here
    return response


def _side(request: PersonRequest, assistant: Assistant, name: str, once: UUID | None) -> Side:
    choice = request.GET.get(name, "")
    setup = _unsaved(request, assistant) if choice == UNSAVED else _saved(assistant, choice)
    return Side(name, choice, setup, trials.find(assistant, uuid5(once, name) if once else None))


def _saved(assistant: Assistant, choice: str) -> Setup | None:
    is_number = choice.isascii() and choice.isdigit() and len(choice) < 9
    version = versions.every(assistant).filter(number=int(choice)).first() if is_number else None
    return Setup.of(version) if version else None


def _unsaved(request: PersonRequest, assistant: Assistant) -> Setup | None:
    """What stands in the person's own form of this assistant, if that can be sent."""
    draft = form_drafts.latest(by=request.user, form=f"assistant {assistant.pk}")
    if draft is None:
        return None
    base = begun_from(assistant, draft.fields.get("base", ""))
    form = filled(assistant, base, draft.fields)
    return Setup(base, form.configuration) if form.is_valid() else None


def begun_from(assistant: Assistant, key: str) -> AssistantVersion:
    """The version that a form began from, by its key; the newest where that is none."""
    is_key = key.isascii() and key.isdigit() and len(key) < 19
    found = versions.every(assistant).filter(pk=int(key)).first() if is_key else None
    return found or versions.latest(assistant)


def _both_address(assistant: Assistant, both: Both, once: UUID | None) -> str:
    query = {"left": both.left.choice, "right": both.right.choice, **({"both": str(once)} if once else {})}
    return f"{reverse('assistant_try', args=[assistant.reference])}?{urlencode(query)}"


def _shown_both(
    request: PersonRequest, assistant: Assistant, both: Both, *, form: Say | None = None, status: int = 200
) -> HttpResponse:
    waiting = both.waiting
    run = waiting.found.waiting if waiting and waiting.found else None
    answering = _answering(request, run)
    has_unsaved = form_drafts.latest(by=request.user, form=f"assistant {assistant.pk}") is not None
    chosen = {"left": both.left.choice, "right": both.right.choice}
    begun = {"text": trials.said_first(both.trials[0].operation)} if both.trials else {}
    context = {
        "assistant": assistant,
        "both": both,
        "form": form or Say(initial=begun),
        "sides": Sides(assistant=assistant, has_unsaved=has_unsaved, initial=chosen),
        "lack": _lack(assistant),
        "left_out": trials.left_out(assistant.connection),
        "latest": versions.latest(assistant),
        "trial": {
            "own": _both_address(assistant, both, both.once if both.trials else None),
            "topics": _topics([each.found for each in both.sides]),
            "page_number": answering.get("page_number") or uuid4(),
            "answering": {**answering, "side": waiting},
        },
    }
    return page_or_piece(request, "trials/both.html", BOTH_PIECES, context, status)
