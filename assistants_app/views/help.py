"""How to work here, in plain words."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from assistants_app.models.people import Role
from assistants_app.views.rights import PersonRequest, least


@require_GET
@least(Role.VIEWER)
def show(request: PersonRequest) -> HttpResponse:
    return render(request, "help/show.html")
