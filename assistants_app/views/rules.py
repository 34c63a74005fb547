"""Rules: all of them, one with what it would have done, and what editors do with it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assistants_app.forms.rules import ConditionForms, RuleForm, Switch, conditions_in
from assistants_app.models import Rule
from assistants_app.models.people import Role
from assistants_app.services import conditions, connections, output_schemas, rules
from assistants_app.views.pieces import see_other
from assistants_app.views.rights import PersonRequest, least

CONDITIONS = "conditions"  # before the names of their fields
HELD = "held_secret_of_a_rule"  # in the session, locked: what was typed into a form that is not right yet
MOST_SHOWN = 50


@require_GET
@least(Role.EDITOR)
def index(request: PersonRequest) -> HttpResponse:
    every = [{"rule": each, "conditions": conditions.read(each.conditions)} for each in rules.listed()]
    return render(request, "rules/list.html", {"rules": every})


@sensitive_post_parameters("secret")
@require_http_methods(["GET", "POST"])
@least(Role.EDITOR)
def add(request: PersonRequest) -> HttpResponse:
    named = {name: request.GET.get(name, "").replace("\x00", "") for name in ("connection", "assistant", "function")}
    return _form(request, Rule(), {name: value for name, value in named.items() if value})


@sensitive_post_parameters("secret")
@require_http_methods(["GET", "POST"])
@least(Role.EDITOR)
def edit(request: PersonRequest, key: int) -> HttpResponse:
    return _form(request, get_object_or_404(Rule, pk=key), {})


def _form(request: PersonRequest, rule: Rule, named: dict[str, Any]) -> HttpResponse:
    """What a rule says: shown, given one more condition, or stored; then it is tried."""
    is_sent, is_stored = request.method == "POST", request.POST.get("act_on") != "more"
    if not is_sent:
        request.session.pop(HELD, None)
    held = connections.unsealed(request.session.get(HELD, "")).get("secret", "")
    if is_sent and not is_stored:
        named = request.POST.dict()
    form = RuleForm(request.POST if is_sent and is_stored else None, rule=rule, initial=named, held=held)
    given = _conditions(request, rule, more=is_sent and not is_stored)
    if is_sent and is_stored and form.is_valid() & given.is_valid():
        saved = form.save(conditions_in(given), by=request.user)
        request.session.pop(HELD, None)
        notices.success(request, _("Saved, and off. See below what it would have done, then switch it on."))
        return see_other(saved.get_absolute_url())
    if is_sent and (typed := request.POST.get("secret", "") or held):
        request.session[HELD] = connections.sealed({"secret": typed[:20_000]})
    context = {
        "form": form,
        "conditions": given,
        "rule": rule if rule.pk else None,
        "functions": sorted({each.name for each in output_schemas.functions()}),
        "is_wrong": is_sent and is_stored,
    }
    return render(request, "rules/form.html", context, status=422 if context["is_wrong"] else 200)


def _conditions(request: PersonRequest, rule: Rule, *, more: bool) -> Any:
    if request.method != "POST":
        return ConditionForms(initial=rule.conditions, prefix=CONDITIONS)
    posted = request.POST.copy()
    if more:
        total = f"{CONDITIONS}-TOTAL_FORMS"
        number = str(posted.get(total, ""))
        posted[total] = str(int(number) + 1) if number.isdecimal() and len(number) < 4 else "1"
    return ConditionForms(posted, prefix=CONDITIONS)


@require_GET
@least(Role.EDITOR)
def show(request: PersonRequest, key: int) -> HttpResponse:
    """One rule, and what it would have done with calls of the past."""
    rule = get_object_or_404(rules.listed(), pk=key)
    tried = rules.dry_run(rule)
    context = {
        "rule": rule,
        "conditions": conditions.read(rule.conditions),
        "tried": tried,
        "trials": [each for each in tried.trials if each.outcome != rules.UNFIT][:MOST_SHOWN],
        "rests_until": rules.rests_until(rule),
    }
    return render(request, "rules/show.html", context)


@require_POST
@least(Role.EDITOR)
def switch(request: PersonRequest, key: int) -> HttpResponse:
    rule = get_object_or_404(Rule, pk=key)
    form = Switch(request.POST)
    if not form.is_valid() or not form.cleaned_data["on"]:
        rules.switch_off(rule)
        notices.success(request, _("%(title)s is off.") % {"title": rule.title})
        return see_other(rule.get_absolute_url())
    try:
        rules.switch_on(rule, version=form.cleaned_data["version"], by=request.user)
        notices.success(request, _("%(title)s is on.") % {"title": rule.title})
    except rules.Changed:
        notices.error(request, _("Somebody changed this rule meanwhile. See below what it would do now."))
    return see_other(rule.get_absolute_url())


@require_POST
@least(Role.EDITOR)
def delete(request: PersonRequest, key: int) -> HttpResponse:
    rule = get_object_or_404(Rule, pk=key)
    rules.delete(rule)
    notices.success(request, _("%(title)s is deleted.") % {"title": rule.title})
    return see_other("rules")
