"""Signing in and out."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.views import LoginView
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from sesame.utils import get_user

from assistants_app.models.people import Role
from assistants_app.views.pieces import see_other
from assistants_app.views.rights import HtmxHttpRequest, public

LINK_CONTEXT = {"command": settings.SIGN_IN_LINK_COMMAND}

sign_in = LoginView.as_view(
    template_name="people/sign_in.html", redirect_authenticated_user=True, extra_context=LINK_CONTEXT
)
sign_in.least_role = Role.NONE  # type: ignore[attr-defined]


@require_GET
@never_cache
@public
def sign_in_link(request: HtmxHttpRequest) -> HttpResponse:
    """Signs in whoever holds a link that was not used yet."""
    user = get_user(request)
    if user is None:
        return render(request, "people/link_used.html", LINK_CONTEXT, status=403)
    login(request, user)
    return redirect("queue")


@require_POST
@public
def sign_out(request: HtmxHttpRequest) -> HttpResponse:
    logout(request)
    return see_other("sign_in")
