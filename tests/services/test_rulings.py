"""Rules at work: what they answer, when they keep out, and that nothing is answered twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from assistants_app.models import Assistant, Connection, Draft, Operation, Rule, Ruling, Run, ToolCall, Verdict
from assistants_app.models.people import Role
from assistants_app.services import claims, conditions, drafts, rules, rulings
from assistants_app.services.drafts import Typed
from testing.api_actor import ApiActor
from tests.conftest import known_run, polled

WEATHER = ("get_weather", {"city": "Oslo", "days": 3})
TIDE = ("get_tide", {"port": "Bergen"})
HERE = UUID(int=1)


@pytest.fixture
def edda(person: Callable[..., User]) -> User:
    return person("edda", Role.EDITOR)


@pytest.fixture
def rule(connection: Connection, edda: User) -> Callable[..., Rule]:
    """Makes a rule that is on."""

    def make(**values: Any) -> Rule:
        given = {"title": "Weather", "function": "get_weather", "text": "rain in {{ city }}", **values}
        wanted = given.pop("conditions", [])
        made = rules.save(Rule(connection=connection), by=edda, conditions=wanted, **given)
        rules.switch_on(made, version=made.version, by=edda)
        return Rule.objects.get(pk=made.pk)

    return make


def ruled() -> list[Ruling]:
    """All rulings, after a worker took up what there is to do."""
    rulings.take_up()
    holder = uuid4().hex
    for key in Ruling.objects.all().claim(limit=10, holder=holder, seconds=60):
        rulings.rule_on(key=key, holder=holder)
    return list(Ruling.objects.order_by("pk"))


def wait(connection: Connection, api_actor: ApiActor, *calls: Any) -> Run:
    return polled(known_run(connection, api_actor.run(list(calls))))


def test_a_run_whose_calls_all_have_a_rule_is_answered(
    connection: Connection, api_actor: ApiActor, rule: Callable[..., Rule]
) -> None:
    rule()
    rule(title="No tide", function="get_tide", act="deny", text="{{ port }} is not ours")
    run = wait(connection, api_actor, WEATHER, TIDE)
    (ruling,) = ruled()
    (operation,) = Operation.objects.all()
    assert (ruling.state, ruling.operation, operation.run) == ("sent", operation, run)
    assert (operation.is_automatic, operation.by.username, operation.who) == (True, "edda", "automatic")
    assert list(operation.answers.values()) == ["rain in Oslo", '{"error": "Bergen is not ours"}']
    assert [each.title for each in Verdict.objects.order_by("call__position")] == ["Weather", "No tide"]


def test_where_one_call_has_no_rule_the_other_answer_waits_for_a_person(
    connection: Connection, api_actor: ApiActor, rule: Callable[..., Rule]
) -> None:
    rule()
    wait(connection, api_actor, WEATHER, TIDE)
    (ruling,) = ruled()
    assert (ruling.state, Operation.objects.count()) == ("proposed", 0)
    calls = list(ToolCall.objects.select_related("verdict__ruling"))
    assert {calls[0].pk: "rain in Oslo"} == {key: each.output for key, each in rulings.proposed(calls).items()}


def test_once_ruled_on_a_run_is_left_alone(
    connection: Connection, api_actor: ApiActor, rule: Callable[..., Rule]
) -> None:
    rule()
    wait(connection, api_actor, WEATHER)
    assert [ruled()[0].pk, ruled()[0].pk] == [Ruling.objects.get().pk] * 2
    assert Operation.objects.count() == 1


def test_a_rule_that_is_off_answers_nothing(
    connection: Connection, api_actor: ApiActor, rule: Callable[..., Rule]
) -> None:
    rules.switch_off(rule())
    wait(connection, api_actor, WEATHER)
    assert ruled() == []


def test_where_somebody_is_at_the_run_rules_keep_out(
    connection: Connection, api_actor: ApiActor, rule: Callable[..., Rule], person: Callable[..., User]
) -> None:
    rule()
    run = wait(connection, api_actor, WEATHER)
    claims.hold(run=run, by=person("anna"), page=HERE)
    (ruling,) = ruled()
    assert (ruling.state, ruling.reason) == ("left", "anna was at this run, so no rule answered.")
    claims.release(run=run, by=person("anna"), page=HERE)
    assert (ruled(), Operation.objects.count()) == ([ruling], 0)


def test_where_somebody_has_begun_to_answer_rules_keep_out(
    connection: Connection, api_actor: ApiActor, rule: Callable[..., Rule], person: Callable[..., User]
) -> None:
    rule()
    run = wait(connection, api_actor, WEATHER)
    draft(run, person("anna"))
    (ruling,) = ruled()
    assert (ruling.state, Operation.objects.count()) == ("left", 0)
    assert ruling.reason == "Somebody had begun to answer, so no rule did."


def draft(run: Run, by: User) -> None:
    call = run.calls.all()[0]
    drafts.save(run=run, typed=[Typed(call.pk, {call.field: ["mine"]}, 0)], by=by, page=HERE)


def test_who_comes_while_a_rule_is_at_work_has_the_run_and_its_answer_to_confirm(
    connection: Connection,
    api_actor: ApiActor,
    rule: Callable[..., Rule],
    person: Callable[..., User],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rule()
    run = wait(connection, api_actor, WEATHER)
    rulings.take_up()
    (ruling,) = Ruling.objects.all()
    Ruling.objects.update(holder="w")
    work = rulings._Work(Ruling.objects.select_related("run__connection").get(), "w")
    work.count(work.calls[0], Rule.objects.get())
    (verdict,) = work.verdicts()
    assert work.answered(verdict, None)
    claims.hold(run=run, by=person("anna"), page=HERE)
    work.finish()
    ruling.refresh_from_db()
    assert (ruling.state, Operation.objects.count(), Verdict.objects.get().output) == ("proposed", 0, "rain in Oslo")
    assert ruling.reason.startswith("anna was at this run")


def test_a_worker_that_was_killed_has_a_successor_who_goes_on(
    connection: Connection, api_actor: ApiActor, rule: Callable[..., Rule]
) -> None:
    rule()
    wait(connection, api_actor, WEATHER)
    rulings.take_up()
    (key,) = Ruling.objects.all().claim(limit=1, holder="dead", seconds=60)
    work = rulings._Work(Ruling.objects.get(), "dead")
    work.count(work.calls[0], Rule.objects.get())
    Ruling.objects.update(due_at=timezone.now())
    assert ruled()[0].state == "sent"
    with pytest.raises(rulings.Lost):
        work.finish()
    assert (Operation.objects.count(), Verdict.objects.count()) == (1, 1)
    assert key == ruled()[0].pk


def test_an_answer_of_a_person_that_was_first_stands(
    connection: Connection, api_actor: ApiActor, rule: Callable[..., Rule], person: Callable[..., User]
) -> None:
    from assistants_app.services import tool_calls

    rule()
    run = wait(connection, api_actor, WEATHER)
    rulings.take_up()
    tool_calls.submit(run=run, outputs={run.calls.get().pk: "mine"}, by=person("anna"))
    ruled()
    assert list(Operation.objects.get().answers.values()) == ["mine"]


def test_an_argument_that_is_lacking_leaves_the_call_to_people(
    connection: Connection, api_actor: ApiActor, rule: Callable[..., Rule]
) -> None:
    rule(text="{{ country }}")
    wait(connection, api_actor, WEATHER)
    assert (ruled()[0].state, Verdict.objects.get().reason) == ("left", "The arguments lack “country”.")


def test_an_answer_that_is_not_what_the_function_returns_is_not_sent(
    connection: Connection, api_actor: ApiActor, rule: Callable[..., Rule], edda: User
) -> None:
    from assistants_app.services import output_schemas

    output_schemas.save(connection=connection, name="get_weather", text='{"type": "number"}', by=edda)
    rule(format="json", text='"{{ city }}"')
    wait(connection, api_actor, WEATHER)
    assert ruled()[0].state == "left"
    assert "Must be a number" in Verdict.objects.get().reason


def test_it_stops_at_its_number_an_hour_and_says_so(
    connection: Connection, api_actor: ApiActor, rule: Callable[..., Rule]
) -> None:
    mine = rule(most_an_hour=2)
    for _n in range(3):
        wait(connection, api_actor, WEATHER)
    assert sorted(each.state for each in ruled()) == ["left", "sent", "sent"]
    stopped = Verdict.objects.get(state="stopped")
    assert stopped.reason.startswith("It has taken up 2 calls within an hour")
    assert rules.rests_until(mine) is not None
    Verdict.objects.update(made_at=timezone.now() - timedelta(minutes=61))
    assert rules.rests_until(mine) is None
    wait(connection, api_actor, WEATHER)
    assert ruled()[-1].state == "sent"


def test_the_first_rule_that_fits_counts_and_may_leave_it_to_people(
    connection: Connection, api_actor: ApiActor, rule: Callable[..., Rule]
) -> None:
    far = conditions.Condition("days", conditions.LEAST, "3")
    rule(title="Far", act="person", place=1, text="", conditions=[far])
    rule(place=2)
    wait(connection, api_actor, WEATHER)
    wait(connection, api_actor, ("get_weather", {"city": "Oslo", "days": 2}))
    assert [each.state for each in ruled()] == ["left", "sent"]


def test_a_rule_of_another_assistant_or_connection_is_not_asked(
    connection: Connection, api_actor: ApiActor, rule: Callable[..., Rule]
) -> None:
    other = Assistant.objects.create(connection=connection, remote_id="asst_other")
    rule(assistant=other)
    wait(connection, api_actor, WEATHER)
    assert [each.state for each in ruled()] == ["left"]


def test_what_is_switched_off_while_it_works_sends_nothing(
    connection: Connection, api_actor: ApiActor, rule: Callable[..., Rule]
) -> None:
    mine = rule()
    wait(connection, api_actor, WEATHER)
    rulings.take_up()
    Ruling.objects.update(holder="w")
    work = rulings._Work(Ruling.objects.get(), "w")
    work.count(work.calls[0], mine)
    work.answered(work.verdicts()[0], None)
    rules.switch_off(mine)
    work.finish()
    assert (Ruling.objects.get().state, Operation.objects.count()) == ("proposed", 0)


def test_consent_is_never_given_by_a_rule(
    connection: Connection, api_actor: ApiActor, rule: Callable[..., Rule]
) -> None:
    rule()
    polled(known_run(connection, api_actor.asking_consent(WEATHER)))
    ruled()
    assert not Operation.objects.exists()


def test_what_an_automatic_answer_took_is_not_a_draft_of_whoever_switched_it_on(
    connection: Connection, api_actor: ApiActor, rule: Callable[..., Rule], edda: User
) -> None:
    from assistants_app.services import sending

    rule()
    run = wait(connection, api_actor, WEATHER)
    ruled()
    draft(run, edda)
    sending.deliver_due()
    assert Operation.objects.get().state == "accepted"
    assert Draft.objects.get().text == "mine"
