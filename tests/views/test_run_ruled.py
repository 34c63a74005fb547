"""A run's page where rules were at work: what is automatic is marked as such, and what they left says why."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from assistants_app.models import Operation, Rule, Ruling, Run, Verdict
from assistants_app.models.people import Role
from assistants_app.services import rules
from tests.conftest import polled
from tests.services.test_rulings import draft, ruled
from tests.views.conftest import delivered, page


@pytest.fixture
def rule(waiting: Run, person: Callable[..., User]) -> Callable[..., Rule]:
    """Makes a rule that is on."""

    def make(**values: str) -> Rule:
        given = {"title": "Weather", "function": "get_weather", "text": "rain in {{ city }}", **values}
        by = person("edda", Role.EDITOR)
        made = rules.save(Rule(connection=waiting.connection), by=by, conditions=[], **given)
        rules.switch_on(made, version=1, by=by)
        return made

    return make


@pytest.mark.usefixtures("api_actor")
def test_an_automatic_answer_is_marked_on_the_run_the_thread_and_the_queue(
    waiting: Run, rule: Callable[..., Rule], olga: Client
) -> None:
    rule()
    rule(title="Tide", function="get_tide", text="high")
    ruled()
    assert "A rule has answered" in page(olga.get("/queue/")).text(f"waiting-{waiting.pk}")
    delivered()
    polled(waiting)
    call = waiting.calls.get(name="get_weather")
    shown = page(olga.get(waiting.get_absolute_url()))
    assert "automatic: Weather" in shown.text(f"call-{call.pk}")
    assert "automatic: Tide" in page(olga.get(waiting.thread.get_absolute_url())).text("main")


def test_answers_of_some_calls_stand_in_the_form_for_a_person_to_confirm(
    waiting: Run, rule: Callable[..., Rule], olga: Client
) -> None:
    rule()
    ruled()
    here = waiting.get_absolute_url()
    shown = page(olga.get(here))
    call = waiting.calls.get(name="get_weather")
    assert shown.sends(f"{here}answers/")[call.field] == "rain in Oslo"
    assert "Filled in by the rule “Weather”, for you to confirm" in shown.text(f"call-{call.pk}")
    assert "not every one of these has a rule" in shown.text("run-answers")
    sent = shown.sends(f"{here}answers/") | {waiting.calls.get(name="get_tide").field: "high"}
    olga.post(f"{here}answers/", sent)
    (operation,) = Operation.objects.all()
    assert (operation.is_automatic, operation.by.username) == (False, "olga")


def test_a_draft_comes_before_what_a_rule_found(
    waiting: Run, rule: Callable[..., Rule], olga: Client, person: Callable[..., User]
) -> None:
    rule()
    ruled()
    draft(waiting, person("anna"))
    here = waiting.get_absolute_url()
    shown = page(olga.get(here))
    assert shown.sends(f"{here}answers/")[waiting.calls.all()[0].field] == "mine"
    assert "Filled in by the rule" not in shown.text("run-answers")


def test_why_a_rule_did_not_answer_is_told_beside_the_call_and_in_the_queue(
    waiting: Run, rule: Callable[..., Rule], olga: Client
) -> None:
    rule(text="{{ country }}")
    ruled()
    call = waiting.calls.get(name="get_weather")
    shown = page(olga.get(waiting.get_absolute_url()))
    assert "The rule “Weather” did not answer: The arguments lack “country”." in shown.text(f"call-{call.pk}")
    assert "Weather: The arguments lack “country”." in page(olga.get("/queue/")).text(f"waiting-{waiting.pk}")


def test_why_calls_wait_again_is_told(waiting: Run, rule: Callable[..., Rule], olga: Client) -> None:
    rule(most_an_hour=0)
    Rule.objects.update(most_an_hour=1)
    Verdict.objects.create(
        call=waiting.calls.get(name="get_tide"),
        ruling=Ruling.objects.create(run=waiting, key="x"),
        rule=Rule.objects.get(),
    )
    Ruling.objects.update(state="left")
    ruled()
    assert "as many as it may; it goes on at" in page(olga.get(waiting.get_absolute_url())).text("run-answers")


def test_while_rules_are_at_work_the_page_says_so(waiting: Run, rule: Callable[..., Rule], olga: Client) -> None:
    rule()
    ruled()
    Ruling.objects.update(state="under_way")
    assert "If you begin here, they send nothing" in page(olga.get(waiting.get_absolute_url())).text("run-answers")


def test_a_rule_that_was_first_is_named_to_who_comes_second(
    waiting: Run, rule: Callable[..., Rule], olga: Client
) -> None:
    from tests.views.conftest import typed

    rule()
    rule(title="Tide", function="get_tide", text="high")
    ruled()
    shown = page(olga.post(f"{waiting.get_absolute_url()}answers/", typed(waiting, "mine", "mine")), 409)
    assert "A rule was first." in shown.text("run-answers")


@pytest.mark.usefixtures("api_actor")
def test_an_automatic_answer_is_not_remembered_as_a_persons(
    waiting: Run, rule: Callable[..., Rule], olga: Client
) -> None:
    from assistants_app.services import memory

    rule()
    rule(title="Tide", function="get_tide", text="high")
    ruled()
    delivered()
    call = waiting.calls.get(name="get_weather")
    call.pk = 0
    assert memory.of([call], connection=waiting.connection_id) == {0: []}


@pytest.mark.usefixtures("api_actor")
def test_a_deleted_rule_stays_named_beside_what_it_answered(
    waiting: Run, rule: Callable[..., Rule], olga: Client
) -> None:
    made = [rule(), rule(title="Tide", function="get_tide", text="high")]
    ruled()
    delivered()
    for each in made:
        rules.delete(each)
    call = waiting.calls.get(name="get_weather")
    assert "automatic: Weather" in page(olga.get(waiting.get_absolute_url())).text(f"call-{call.pk}")
