"""Everybody in their own language and time zone; errors that any view may meet become pages."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

from assistants_app.api.errors import ApiError
from assistants_app.services import preferences
from assistants_app.services.references import Ambiguous

# A cookie that static/js/theme.js sets: the server cannot know it otherwise.
BROWSER_ZONE = "zone"


class BrowsersLanguage:
    """Whoever chose no language reads the one of ours that their browser likes best."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = translation.get_language_from_request(request)
        with translation.override(language):
            response = self.get_response(request)
        # Anything else is no text of ours: what a server said, a file, or facts for programs.
        if response.get("Content-Type", "").startswith("text/html"):
            response.setdefault("Content-Language", language)
            patch_vary_headers(response, ["Accept-Language"])
        return response


class PersonalWays:
    """Whoever is signed in reads words in the language, and exact times in the time zone, that they chose."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # A stranger chose nothing: asking for the user would make their answers depend on a cookie.
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return self.get_response(request)
        chosen = preferences.of(request.user)
        zone = preferences.zone(chosen, browser=request.COOKIES.get(BROWSER_ZONE, ""))
        language = preferences.language(chosen, browser=translation.get_language() or settings.LANGUAGE_CODE)
        with timezone.override(zone), translation.override(language):
            response = self.get_response(request)
        if response.get("Content-Type", "").startswith("text/html"):
            response["Content-Language"] = language
        return response


class ErrorPages:
    """An id that several connections have leads to the choice; an error of a server is told in its own words; a
    wrong method is a page too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed):
            shown = render(request, "405.html", status=405)
            shown["Allow"] = response["Allow"]
            return shown
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, Ambiguous):
            return HttpResponseRedirect(f"{reverse('find')}?{urlencode({'q': error.remote_id})}")
        if isinstance(error, ApiError):
            return render(request, "errors/api.html", {"error": error}, status=502)
        return None
