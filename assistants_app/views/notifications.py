"""Where somebody is told of runs that need action, and the teams that are."""

from __future__ import annotations

from typing import Any

from django.contrib import messages as notices
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from assistants_app.forms.notifications import OfTeam, RecipientForm, Silence, TeamForm
from assistants_app.models import Recipient
from assistants_app.models.people import Role
from assistants_app.services import connections, events, notifications, people, recipients
from assistants_app.views.pieces import page_or_piece, see_other
from assistants_app.views.rights import PersonRequest, least

HELD = "held_webhook"  # in the session, locked: what was typed into a form that is not right yet
PIECES = {"notifications-latest": "notifications/_latest.html"}


@sensitive_post_parameters("webhook")
@require_http_methods(["GET", "POST"])
@least(Role.OPERATOR)
def show(request: PersonRequest) -> HttpResponse:
    """One's own: the form, the switch, and what came of the last messages."""
    return _form(request, recipients.of(request.user), RecipientForm, reverse("notifications"))


@sensitive_post_parameters("webhook")
@require_http_methods(["GET", "POST"])
@least(Role.ADMIN)
def team(request: PersonRequest) -> HttpResponse:
    """A team's: of the one that the address names, or of a new one."""
    recipient = _team(request.GET.get("team", "")) if "team" in request.GET else _new_team()
    address = reverse("notifications_team")
    return _form(request, recipient, TeamForm, f"{address}?team={recipient.pk}" if recipient.pk else address)


def _new_team() -> Recipient:
    return Recipient(since=timezone.now(), time_zone=timezone.get_current_timezone_name())


def _team(given: Any) -> Recipient:
    form = OfTeam({"team": given})
    form.is_valid()
    if (found := recipients.team(form.cleaned_data["team"])) is None:
        raise Http404
    return found


def _form(request: PersonRequest, recipient: Recipient, kind: type[RecipientForm], address: str) -> HttpResponse:
    held = connections.unsealed(request.session.get(HELD, "")).get(address, "") if request.method == "POST" else ""
    form = kind(request.POST or None, recipient=recipient, held=held)
    if request.method == "POST" and form.is_valid():
        request.session.pop(HELD, None)
        saved = form.save()
        notices.success(request, _("Saved. Send a test to see that it arrives."))
        return see_other(_page_of(saved))
    if request.method == "POST":
        request.session[HELD] = connections.sealed({address: form.hold()})
    return _page(request, recipient, form, address, 422 if form.errors else 200)


def _page(
    request: PersonRequest, recipient: Recipient, form: RecipientForm, address: str, status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        "recipient": recipient,
        "form": form,
        "address": address,
        "channels": recipients.channels(recipient),
        "can_mail": recipients.can_mail(),
        "latest": SimpleLazyObject(lambda: recipients.latest(recipient)),
        "is_silent": recipient.silent_until is not None and recipient.silent_until > timezone.now(),
        "is_quiet": recipients.is_quiet(recipient),
        "silence": Silence(),
        "silences": Silence.CHOICES,
        "zone": recipients.zone(recipient),
        "teams": SimpleLazyObject(recipients.teams),
        "topics": events.recipient_topic(recipient.pk) if recipient.pk else "",
        **more,
    }
    page = "notifications/team.html" if recipient.user is None else "notifications/show.html"
    return page_or_piece(request, page, PIECES, context, status)


def _page_of(recipient: Recipient) -> str:
    if recipient.user is not None:
        return reverse("notifications")
    return f"{reverse('notifications_team')}?team={recipient.pk}"


def _meant(request: PersonRequest) -> Recipient:
    """The recipient that an act is for: oneself, or for an admin a team."""
    if not request.POST.get("team"):
        return recipients.of(request.user)
    if people.role_of(request.user) < Role.ADMIN:
        request.needed_role = Role.ADMIN
        raise PermissionDenied
    return _team(request.POST["team"])


@require_POST
@least(Role.OPERATOR)
def test(request: PersonRequest) -> HttpResponse:
    """Has a test sent on every channel."""
    recipient = _meant(request)
    if recipient.pk is not None and notifications.test(recipient):
        notices.info(request, _("A test is on its way. What comes of it stands below."))
    else:
        notices.error(request, _("There is nowhere to send a test to: give an address first, and save it."))
    return see_other(_page_of(recipient))


@require_POST
@least(Role.OPERATOR)
def silence(request: PersonRequest) -> HttpResponse:
    """The switch: leaves somebody in peace until a moment."""
    recipient, form = _meant(request), Silence(request.POST)
    if not form.is_valid():
        own = TeamForm if recipient.user is None else RecipientForm
        shown = own(recipient=recipient, held="")
        return _page(request, recipient, shown, _page_of(recipient), 422, silence=form)
    recipients.silence(recipient, form.until())
    return see_other(_page_of(recipient))


@require_POST
@least(Role.ADMIN)
def remove_team(request: PersonRequest) -> HttpResponse:
    found = _team(request.POST.get("team", ""))
    recipients.remove(found)
    notices.success(request, _("%(name)s is told no more.") % {"name": found.team})
    return see_other("notifications")
