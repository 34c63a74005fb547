"""Functions that assistants declare, and what they return."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages as notices
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assistants_app.forms.functions import FunctionReturns, FunctionTemplate
from assistants_app.models import AnswerTemplate, Connection
from assistants_app.models.people import Role
from assistants_app.services import answer_templates, answers, connections, output_schemas, typed_answers
from assistants_app.views.pieces import see_other
from assistants_app.views.rights import PersonRequest, least
from assistants_app.views.switch import Switch

EXAMPLE = {
    "type": "object",
    "properties": {
        "status": {"type": "string", "enum": ["in_transit", "delivered", "lost"]},
        "expected": {"type": "string", "format": "date"},
        "stops": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["status"],
}


@require_GET
@least(Role.VIEWER)
def index(request: PersonRequest) -> HttpResponse:
    """Every function by name, with what it returns as far as anybody said."""
    switch = Switch(request)
    counts = answer_templates.counts()
    every = output_schemas.functions(connection=switch.chosen)
    rows = [{"function": each, "templates": counts[each.connection.pk, each.name]} for each in every]
    context = {"functions": rows, "switch": switch}
    return render(request, "functions/list.html", context)


@require_http_methods(["GET", "POST"])
@least(Role.EDITOR)
def returns(request: PersonRequest) -> HttpResponse:
    """What one function returns: shown as it is, tried out, or written down."""
    back = _back(request)
    is_tried = request.POST.get("act", "try") != "save"
    form = FunctionReturns(request.POST or None, initial=_initial(request), label_suffix="")
    is_wrong = request.method == "POST" and not form.is_valid()
    if request.method == "POST" and not is_wrong and not is_tried:
        given = {key: form.cleaned_data[key] for key in ("connection", "name", "text")}
        output_schemas.save(**given, by=request.user)
        notices.success(request, _("What %(name)s returns is saved.") % {"name": given["name"][:80]})
        return see_other(back)
    schema = None if is_wrong else form.schema()
    context = {
        "form": form,
        "back": back,
        "schema": schema,
        "place": typed_answers.draw(schema, name="trial", filled=request.POST.dict()) if schema else None,
        "example": json.dumps(EXAMPLE, indent=2),
    }
    return render(request, "functions/returns.html", context, status=422 if is_wrong else 200)


@require_http_methods(["GET", "POST"])
@least(Role.EDITOR)
def templates(request: PersonRequest) -> HttpResponse:
    """The templates of one function, and one of them or a new one to be written, tried out and saved."""
    template = _template(request)
    form = FunctionTemplate(request.POST or None, instance=template, label_suffix="")
    is_wrong = request.method == "POST" and not form.is_valid()
    if request.method == "POST" and not is_wrong and request.POST.get("act") == "save":
        answer_templates.save(template, by=request.user)
        notices.success(request, _("The template %(title)s is saved.") % {"title": template.title})
        return see_other(_templates_of(request, template))
    of = template.connection, template.function
    call = answer_templates.latest_call(connection=of[0], function=of[1])
    is_drawn = template.text and not is_wrong
    context = {
        "form": form,
        "template": template,
        "templates": answer_templates.for_function(connection=of[0], function=of[1]),
        "back": _back(request),
        "address": _templates_of(request, template),
        "call": call,
        "offered": answer_templates.offered(template, call) if call and is_drawn else None,
    }
    return render(request, "functions/templates.html", context, status=422 if is_wrong else 200)


def _template(request: PersonRequest) -> AnswerTemplate:
    """The one that the address names by its key, or a new one of the function that it names."""
    key = request.GET.get("template", "")
    if key.isascii() and key.isdigit() and len(key) < 19:
        return get_object_or_404(AnswerTemplate.objects.select_related("connection"), pk=int(key))
    every, chosen = connections.choose(request.GET.get("connection", ""))
    if (connection := chosen or next(iter(every), None)) is None:
        raise Http404("There is no connection yet.")
    name = request.GET.get("name", "").replace("\x00", "")[:256]
    return AnswerTemplate(connection=Connection.objects.get(pk=connection.pk), function=name, format=answers.TEXT)


def _templates_of(request: PersonRequest, template: AnswerTemplate) -> str:
    query = {"connection": template.connection_id, "name": template.function}
    back = _back(request)
    return f"{reverse('function_templates')}?{urlencode(query | ({'back': back} if back != 'functions' else {}))}"


@require_POST
@least(Role.EDITOR)
def delete_template(request: PersonRequest) -> HttpResponse:
    key = request.POST.get("template", "")
    is_key = key.isascii() and key.isdigit() and len(key) < 19
    template = get_object_or_404(AnswerTemplate, pk=int(key) if is_key else 0)
    answer_templates.delete(template)
    notices.success(request, _("The template %(title)s is deleted.") % {"title": template.title})
    return see_other(_templates_of(request, template))


def _initial(request: PersonRequest) -> dict[str, Any]:
    """What stands there already for the function that the address names."""
    name, wanted = request.GET.get("name", "").replace("\x00", ""), request.GET.get("connection", "")
    every, chosen = connections.choose(wanted)
    connection = chosen or next(iter(every), None)
    saved = output_schemas.saved(connection=connection, name=name) if connection and name else None
    return {"connection": connection, "name": name, "text": saved.text if saved else ""}


def _back(request: PersonRequest) -> str:
    """The page of ours that somebody came from."""
    back = request.POST.get("back") or request.GET.get("back") or ""
    is_ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, None)
    return back if is_ours else "functions"
