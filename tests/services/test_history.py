"""What is written down of each answer, and of each call that ended without one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from assistants_app.models import Connection, HistoryEntry, Operation, Run, ToolCall
from assistants_app.services import claims, drafts, history, runs, sending, tool_calls
from assistants_app.services.drafts import Typed
from testing.api_actor import ApiActor
from testing.http_desk import until
from tests.conftest import known_run, polled

pytestmark = pytest.mark.database

WEATHER = ("get_weather", {"city": "Oslo"})
TIDE = ("get_tide", {"port": "Bergen"})
PAGE = UUID(int=7)


@pytest.fixture
def run(connection: Connection, api_actor: ApiActor) -> Run:
    """A run that waits for two calls."""
    return polled(known_run(connection, api_actor.run([WEATHER, TIDE])))


@pytest.fixture
def expiring(connection: Connection, api_actor: ApiActor) -> Run:
    """The same with two seconds to live."""
    api_actor.control("/settings", {"expires_after": 2})
    ids = api_actor.run([WEATHER, TIDE])
    api_actor.control("/settings", {"expires_after": 600})
    return polled(known_run(connection, ids))


def expired(run: Run) -> None:
    """The run, after the server gave it up."""
    until(lambda: polled(run).status == "expired" or None, what="the end of the run")


def answered(run: Run, by: User) -> Operation:
    """The run's answers, after a worker sent them."""
    outputs = {call.pk: "ok" for call in tool_calls.waiting_calls(run)}
    operation = tool_calls.submit(run=run, outputs=outputs, by=by).operation
    sending.deliver_due()
    operation.refresh_from_db()
    return operation


def outcomes() -> list[tuple[str, str, str | None]]:
    entries = HistoryEntry.objects.order_by("function", "pk").select_related("by")
    return [(each.function, each.outcome, each.by.username if each.by else None) for each in entries]


def test_an_answer_is_written_down_with_who_and_how_long_it_waited(run: Run, person: Callable[..., User]) -> None:
    asked = timezone.now() - timedelta(seconds=60)
    ToolCall.objects.update(asked_at=asked)
    operation = answered(run, person("anna"))
    assert outcomes() == [("get_tide", "accepted", "anna"), ("get_weather", "accepted", "anna")]
    entry = HistoryEntry.objects.all()[0]
    assert entry.at == operation.made_at
    assert entry.waited == pytest.approx((operation.made_at - asked).total_seconds())


def test_a_call_keeps_when_it_was_asked_opened_and_drafted(run: Run, person: Callable[..., User]) -> None:
    anna = person("anna")
    claims.hold(run=run, by=anna, page=PAGE)
    claims.take_over(run=run, by=person("pete"), page=PAGE, holder=anna.pk)
    first, _ = tool_calls.waiting_calls(run)
    for number in (0, 1):
        drafts.save(run=run, typed=[Typed(first.pk, {first.field: [f"text {number}"]}, number)], by=anna, page=PAGE)
    saved = ToolCall.objects.select_related("draft", "claimed_by").get(pk=first.pk)
    assert saved.claimed_by == anna
    times = [saved.asked_at, saved.claimed_at, saved.drafted_at, saved.draft.saved_at]
    assert times == sorted({each for each in times if each is not None})
    answered(run, anna)
    drafted, other = HistoryEntry.objects.order_by("call__position")
    assert (drafted.drafted_at, drafted.draft_saved_at) == (saved.drafted_at, saved.draft.saved_at)
    assert (other.drafted_at, other.draft_saved_at) == (None, None)


def test_calls_of_a_run_that_somebody_has_open_are_opened_at_once(
    connection: Connection, api_actor: ApiActor, person: Callable[..., User]
) -> None:
    run = polled(known_run(connection, api_actor.run([WEATHER], [TIDE])))
    claims.hold(run=run, by=person("anna"), page=PAGE)
    answered(run, person("anna"))
    polled(run)
    (second,) = tool_calls.waiting_calls(run)
    assert second.name == "get_tide"
    assert second.claimed_at == second.asked_at


def test_an_expired_call_is_of_whoever_had_opened_it(expiring: Run, person: Callable[..., User]) -> None:
    claims.hold(run=expiring, by=person("anna"), page=PAGE)
    expired(expiring)
    assert outcomes() == [("get_tide", "expired", "anna"), ("get_weather", "expired", "anna")]


def test_a_cancelled_run_is_of_whoever_cancelled_it(run: Run, person: Callable[..., User]) -> None:
    runs.cancel(run=run, by=person("pete"))
    sending.deliver_due()
    polled(run)
    assert {outcome[1:] for outcome in outcomes()} == {("cancelled", "pete")}


def test_what_another_program_answered_is_nobodys(run: Run, api_actor: ApiActor) -> None:
    api_actor.outputs(run.thread.remote_id, run.remote_id)
    polled(run)
    assert {outcome[1:] for outcome in outcomes()} == {("elsewhere", None)}


def test_answers_that_came_too_late_are_refused_and_their_calls_expired(
    expiring: Run, api_actor: ApiActor, person: Callable[..., User]
) -> None:
    outputs = {call.pk: "ok" for call in tool_calls.waiting_calls(expiring)}
    operation = tool_calls.submit(run=expiring, outputs=outputs, by=person("anna")).operation
    expired(expiring)
    assert HistoryEntry.objects.count() == 0
    sending.deliver_due()
    operation.refresh_from_db()
    assert operation.state == Operation.State.REFUSED
    assert [each[:2] for each in outcomes()] == [
        ("get_tide", "refused"),
        ("get_tide", "expired"),
        ("get_weather", "refused"),
        ("get_weather", "expired"),
    ]


def test_an_end_that_two_workers_see_is_written_down_once(run: Run, api_actor: ApiActor) -> None:
    stale = list(run.calls.select_related("run"))
    api_actor.outputs(run.thread.remote_id, run.remote_id)
    polled(run)
    history.ended(stale)
    assert HistoryEntry.objects.count() == 2


def test_what_a_late_poll_saw_does_not_stand_beside_an_answer(run: Run, person: Callable[..., User]) -> None:
    stale = list(run.calls.select_related("run"))
    answered(run, person("anna"))
    history.ended(stale)
    assert {each[1] for each in outcomes()} == {"accepted"}
