"""Who may see or do what: each view names the least role it needs."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlsplit, urlunsplit

from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from assistants_app.models.people import Role
from assistants_app.services import people

Rest = ParamSpec("Rest")


class HtmxHttpRequest(HttpRequest):
    """A request that knows whether htmx sent it, and once it is refused, which role it would have needed."""

    htmx: HtmxDetails
    needed_role: Role


class PersonRequest(HtmxHttpRequest):
    """The request of somebody who is signed in."""

    user: User


View = Callable[Concatenate[HtmxHttpRequest, Rest], HttpResponseBase]
PersonView = Callable[Concatenate[PersonRequest, Rest], HttpResponseBase]


def least(role: Role) -> Callable[[PersonView[Rest]], View[Rest]]:
    """Lets in who has at least this role; sends strangers to sign in, and back to where they wanted to go."""

    def guard(view: PersonView[Rest]) -> View[Rest]:
        def guarded(request: HtmxHttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            if people.role_of(request.user) < role:
                request.needed_role = role
                raise PermissionDenied(f"This needs the role {role.group}.")
            response = view(cast(PersonRequest, request), *args, **kwargs)
            # What one person sees is nobody else's. Not no-store: the back button keeps what was typed.
            patch_cache_control(response, private=True, no_cache=True)
            # A page and its pieces have one address: going back, a browser would show whichever it got last.
            patch_vary_headers(response, ["HX-Request", "HX-Target"])
            return response

        update_wrapper(guarded, view)
        guarded.least_role = role  # type: ignore[attr-defined]
        return guarded

    return guard


def public(view: View[Rest]) -> View[Rest]:
    """Says in so many words that a view is for everybody."""
    view.least_role = Role.NONE  # type: ignore[attr-defined]
    return view


def _to_sign_in(request: HtmxHttpRequest) -> HttpResponse:
    if request.htmx:
        # Back to the page, not to the piece of it that was asked for.
        page = request.htmx.current_url_abs_path or "/"
        return HttpResponseClientRedirect(redirect_to_login(page).url)
    return redirect_to_login(request.get_full_path() if request.method == "GET" else page_of_form(request))


def page_of_form(request: HtmxHttpRequest) -> str:
    """Where a form was sent from, as far as that is here: its own address only takes forms."""
    page = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    path = urlunsplit(urlsplit(page)._replace(scheme="", netloc=""))
    # Two slashes lead to another host.
    return path if ours and not path.startswith("//") else "/"
