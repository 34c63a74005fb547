"""Going anywhere by typing."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from assistants_app.models.people import Role
from assistants_app.services import palette as finding
from assistants_app.services import people
from assistants_app.views.pieces import page_or_piece
from assistants_app.views.rights import PersonRequest, least

LONGEST = 600  # characters: the longest id and some more


@require_GET
@least(Role.VIEWER)
def palette(request: PersonRequest) -> HttpResponse:
    """The places that fit what was typed, for the dialog; without scripts a page of its own."""
    typed = request.GET.get("q", "")[:LONGEST].strip()
    role = people.role_of(request.user)
    found = finding.places(typed, is_editor=role >= Role.EDITOR, is_admin=role >= Role.ADMIN)
    context = {"typed": typed, "places": found}
    return page_or_piece(request, "palette/show.html", {"palette-places": "palette/_places.html"}, context)
