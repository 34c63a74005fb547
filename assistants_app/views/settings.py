"""What a person chose for themselves."""

from __future__ import annotations

from django.contrib import messages as notices
from django.forms.models import model_to_dict
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from assistants_app.forms.settings import Choices, OneChoice
from assistants_app.models.people import Role
from assistants_app.services import first_steps, preferences
from assistants_app.views.pieces import see_other
from assistants_app.views.rights import PersonRequest, least, page_of_form


@require_http_methods(["GET", "POST"])
@least(Role.VIEWER)
def settings(request: PersonRequest) -> HttpResponse:
    """The form with what holds now; sent, it is stored."""
    form = Choices(request.POST or None, initial=model_to_dict(preferences.of(request.user)), label_suffix="")
    if request.method == "POST" and form.is_valid():
        preferences.change(user=request.user, **form.cleaned_data)
        notices.success(request, _("Your settings are saved."))
        return see_other("settings")
    return render(request, "settings/show.html", {"form": form, "now": now()}, status=422 if form.errors else 200)


@require_POST
@least(Role.VIEWER)
def choose(request: PersonRequest) -> HttpResponse:
    """One choice made in passing; back to the page it was made on."""
    form = OneChoice(request.POST)
    if not form.is_valid():
        return HttpResponse(_("This is none of the choices."), status=422, content_type="text/plain; charset=utf-8")
    preferences.change(user=request.user, **form.changes())
    return see_other(page_of_form(request))


@require_POST
@least(Role.VIEWER)
def dismiss_first_steps(request: PersonRequest) -> HttpResponse:
    first_steps.over(request.user)
    return see_other("queue")
