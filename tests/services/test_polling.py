"""The poller: which runs it follows, who holds them, and what it does with what servers answer."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.utils import timezone

from assistants_app.models import Connection, Run
from assistants_app.services import budget, polling
from testing.api_actor import ApiActor
from tests.conftest import known_run, polled

pytestmark = pytest.mark.database

# Threads of the work have connections of their own, so what a test writes must be committed.
SEVERAL_CONNECTIONS = pytest.mark.django_db(transaction=True)

WEATHER = [("get_weather", {"city": "Oslo"})]


def test_it_notices_that_a_run_needs_action(connection: Connection, api_actor: ApiActor) -> None:
    run = polled(known_run(connection, api_actor.run(WEATHER)))
    assert run.status == "requires_action"
    assert [(call.name, call.arguments, call.waiting) for call in run.calls.all()] == [
        ("get_weather", '{"city": "Oslo"}', True)
    ]


def test_it_follows_a_run_to_its_end(connection: Connection, api_actor: ApiActor) -> None:
    ids = api_actor.run(WEATHER)
    run = polled(known_run(connection, ids))
    api_actor.outputs(*ids)
    assert polled(run).status == "completed"
    assert run.due_at is None
    assert not run.calls.filter(waiting=True).exists()


def test_calls_of_a_later_round_replace_the_earlier_ones(connection: Connection, api_actor: ApiActor) -> None:
    ids = api_actor.run(WEATHER, [("get_tide", {})])
    run = polled(known_run(connection, ids))
    api_actor.outputs(*ids)
    assert [call.name for call in polled(run).calls.filter(waiting=True)] == ["get_tide"]


def test_a_run_that_waits_is_hardly_polled(connection: Connection, api_actor: ApiActor) -> None:
    run = polled(known_run(connection, api_actor.run(WEATHER)))
    assert run.due_at is not None
    assert run.due_at > timezone.now() + timedelta(seconds=10)


def test_a_run_that_waits_is_looked_at_right_after_its_end(connection: Connection) -> None:
    now = timezone.now()
    wait = polling.pace(
        connection=connection,
        status="requires_action",
        created_at=now,
        expires_at=now + timedelta(seconds=4),
        poll_after=None,
        now=now,
    )
    assert 4 < wait < 5


@pytest.mark.parametrize(("age", "wait"), [(5, 1.0), (100, 2.0), (500, 5.0)])
def test_the_pace_slows_with_age(connection: Connection, age: float, wait: float) -> None:
    now = timezone.now()
    created_at = now - timedelta(seconds=age)
    paced = polling.pace(
        connection=connection, status="queued", created_at=created_at, expires_at=None, poll_after=None, now=now
    )
    assert paced == wait


def test_the_server_may_ask_for_a_slower_pace(connection: Connection) -> None:
    now = timezone.now()
    paced = polling.pace(
        connection=connection, status="queued", created_at=now, expires_at=None, poll_after=7.5, now=now
    )
    assert paced == 7.5


@SEVERAL_CONNECTIONS
def test_no_run_is_claimed_twice_at_once(connection: Connection, api_actor: ApiActor) -> None:
    for _ in range(3):
        known_run(connection, api_actor.run(WEATHER))
    Run.objects.all().hasten()
    claimed: list[list[int]] = []

    def claim(holder: str) -> None:
        claimed.append([each.pk for each in polling.claim(holder=holder, room=2)])

    workers = [threading.Thread(target=_with_own_connection(claim), args=(str(number),)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    taken = [key for keys in claimed for key in keys]
    assert len(taken) == len(set(taken)) == 3


def _with_own_connection(work):  # type: ignore[no-untyped-def]
    from django.db import connection as database

    def run(*args: str) -> None:
        try:
            work(*args)
        finally:
            database.close()

    return run


def test_a_lease_that_ended_makes_the_run_due_again(connection: Connection, api_actor: ApiActor) -> None:
    run = known_run(connection, api_actor.run(WEATHER))
    Run.objects.filter(pk=run.pk).hasten()
    assert len(polling.claim(holder="dead", room=9)) == 1
    assert polling.claim(holder="living", room=9) == []
    Run.objects.filter(pk=run.pk).update(due_at=timezone.now())
    assert len(polling.claim(holder="living", room=9)) == 1


def test_what_a_worker_read_after_its_lease_is_not_written(connection: Connection, api_actor: ApiActor) -> None:
    run = known_run(connection, api_actor.run(WEATHER))
    Run.objects.filter(pk=run.pk).hasten()
    (claimed,) = polling.claim(holder="slow", room=9)
    Run.objects.filter(pk=run.pk).update(holder="other")
    failed = polling.Answer(claimed, timezone.now(), error=RuntimeError("boom"))
    polling.write([failed], holder="slow")
    run.refresh_from_db()
    assert (run.holder, run.failures) == ("other", 0)


def test_longest_waiting_come_first(connection: Connection, api_actor: ApiActor) -> None:
    runs = [known_run(connection, api_actor.run(WEATHER)) for _ in range(3)]
    for seconds, run in zip((1, 3, 2), runs, strict=True):
        Run.objects.filter(pk=run.pk).update(due_at=timezone.now() - timedelta(seconds=seconds))
    assert [each.pk for each in polling.claim(holder="x", room=1)] == [runs[1].pk]


def test_a_row_that_raises_is_parked_alone(connection: Connection, api_actor: ApiActor) -> None:
    ids = api_actor.run(WEATHER)
    poisoned, healthy = known_run(connection, ids), known_run(connection, api_actor.run(WEATHER))
    api_actor.fault("GET", f".*/runs/{ids[1]}$", status=200, body="{not json", times=5)
    for _ in range(5):
        Run.objects.filter(pk=poisoned.pk).update(due_at=timezone.now(), holder="")
        polled(healthy)
    poisoned.refresh_from_db()
    assert poisoned.parked_at is not None
    assert poisoned.due_at is None
    assert "Unreadable" in poisoned.parked_because
    assert healthy.status == "requires_action"


def test_a_parked_run_is_followed_again_when_somebody_asks(connection: Connection, api_actor: ApiActor) -> None:
    run = known_run(connection, api_actor.run(WEATHER))
    Run.objects.filter(pk=run.pk).update(parked_at=timezone.now(), due_at=None, failures=5)
    assert polled(run).parked_at is None
    assert run.status == "requires_action"


def test_a_deleted_run_gets_a_tombstone_and_is_polled_no_more(connection: Connection, api_actor: ApiActor) -> None:
    ids = api_actor.run(WEATHER)
    run = known_run(connection, ids)
    api_actor.delete(f"/threads/{ids[0]}")
    assert polled(run).gone_at is not None
    assert run.due_at is None


def test_a_server_that_asks_for_silence_gets_it(connection: Connection, api_actor: ApiActor) -> None:
    run = known_run(connection, api_actor.run(WEATHER))
    api_actor.fault("GET", f".*/runs/{run.remote_id}$", status=429, headers={"Retry-After": "40"})
    polled(run)
    connection.refresh_from_db()
    assert connection.paused_until is not None
    assert 30 < (connection.paused_until - timezone.now()).total_seconds() <= 40
    Run.objects.filter(pk=run.pk).hasten()
    assert polling.claim(holder="x", room=9) == []


def test_a_server_in_trouble_is_asked_less_often_but_no_run_is_parked(
    connection: Connection, api_actor: ApiActor
) -> None:
    run = known_run(connection, api_actor.run(WEATHER))
    api_actor.fault("GET", f".*/runs/{run.remote_id}$", status=503, times=7)
    for _ in range(7):
        Run.objects.filter(pk=run.pk).update(due_at=timezone.now(), holder="")
        polling.poll_due(seconds=0.05)
    run.refresh_from_db()
    assert run.parked_at is None
    assert run.failures >= 7


def test_the_budget_bounds_what_is_claimed(connection: Connection, api_actor: ApiActor) -> None:
    for _ in range(4):
        known_run(connection, api_actor.run(WEATHER))
    Connection.objects.update(requests_per_minute=6, tokens_at=None)
    Run.objects.all().hasten()
    assert len(polling.claim(holder="x", room=9)) == 1
    assert polling.claim(holder="y", room=9) == []


def test_what_people_ask_counts_in_the_budget_but_is_not_held_back(connection: Connection) -> None:
    connection.requests_per_minute, connection.tokens_at, connection.tokens = 60, timezone.now(), 0.0
    connection.save()
    budget.spend(connection)
    connection.refresh_from_db()
    assert budget.available(connection, connection.tokens_at) == -1


def test_an_ended_run_never_becomes_active_again(connection: Connection, api_actor: ApiActor) -> None:
    ids = api_actor.run(WEATHER)
    run = polled(known_run(connection, ids))
    Run.objects.filter(pk=run.pk).update(status="completed", digest="")
    assert polled(run).status == "completed"


def test_an_answer_asked_for_earlier_is_old_news(connection: Connection, api_actor: ApiActor) -> None:
    run = known_run(connection, api_actor.run(WEATHER))
    Run.objects.filter(pk=run.pk).update(asked_at=timezone.now() + timedelta(minutes=1), status="queued", digest="")
    assert polled(run).status == "queued"
