"""Who is at a waiting run: one person at a time, told to the others, given up by silence."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.utils import timezone

from assistants_app.models import Claim, Connection, Run
from assistants_app.services import claims
from assistants_app.services.tool_calls import next_waiting
from tests.views.test_queue import wait

pytestmark = pytest.mark.database

HERE, THERE = UUID(int=1), UUID(int=2)


@pytest.fixture
def run(connection: Connection) -> Run:
    return wait(connection, 1)[0]


def silent(seconds: float) -> None:
    """Nobody was heard of for so long."""
    Claim.objects.update(seen_at=timezone.now() - timedelta(seconds=seconds))


def at(run: Run) -> str | None:
    claim = claims.standing(run)
    return claim.by.username if claim else None


def test_the_first_who_opens_a_run_is_at_it(run: Run, person: Callable[..., User]) -> None:
    assert claims.hold(run=run, by=person("anna"), page=HERE)
    assert not claims.hold(run=run, by=person("pete"), page=THERE)
    assert at(run) == "anna"


def test_being_heard_of_again_does_not_change_since_when(run: Run, person: Callable[..., User]) -> None:
    claims.hold(run=run, by=person("anna"), page=HERE)
    since = Claim.objects.get().since
    silent(80)
    assert claims.hold(run=run, by=person("anna"), page=HERE)
    claim = Claim.objects.get()
    assert claim.since == since
    assert claim.lapses_at > timezone.now() + timedelta(seconds=80)


def test_silence_of_90_seconds_gives_a_run_up(run: Run, person: Callable[..., User]) -> None:
    claims.hold(run=run, by=person("anna"), page=HERE)
    silent(91)
    assert at(run) is None
    assert claims.hold(run=run, by=person("pete"), page=THERE)
    assert not claims.hold(run=run, by=person("anna"), page=HERE)
    assert at(run) == "pete"


def test_leaving_gives_a_run_up(run: Run, person: Callable[..., User]) -> None:
    claims.hold(run=run, by=person("anna"), page=HERE)
    claims.release(run=run, by=person("anna"), page=HERE)
    assert at(run) is None


def test_leaving_a_page_that_was_loaded_again_gives_nothing_up(run: Run, person: Callable[..., User]) -> None:
    claims.hold(run=run, by=person("anna"), page=HERE)
    claims.hold(run=run, by=person("anna"), page=THERE)
    claims.release(run=run, by=person("anna"), page=HERE)
    assert at(run) == "anna"


def test_nobody_can_give_up_for_another(run: Run, person: Callable[..., User]) -> None:
    claims.hold(run=run, by=person("anna"), page=HERE)
    claims.release(run=run, by=person("pete"), page=HERE)
    assert at(run) == "anna"


def test_taking_over_names_whom_it_is_taken_from(run: Run, person: Callable[..., User]) -> None:
    anna, pete, olga = person("anna"), person("pete"), person("olga")
    claims.hold(run=run, by=anna, page=HERE)
    assert claims.take_over(run=run, by=pete, page=THERE, holder=anna.pk)
    assert at(run) == "pete"
    assert not claims.take_over(run=run, by=olga, page=uuid4(), holder=anna.pk)
    assert at(run) == "pete"


def test_taking_over_from_somebody_who_left_takes_it(run: Run, person: Callable[..., User]) -> None:
    assert claims.take_over(run=run, by=person("pete"), page=THERE, holder=person("anna").pk)
    assert at(run) == "pete"


def test_a_run_that_waits_no_more_has_nobody_at_it(run: Run, person: Callable[..., User]) -> None:
    claims.hold(run=run, by=person("anna"), page=HERE)
    run.status = "completed"
    assert at(run) is None


def test_the_next_run_is_one_that_no_other_person_is_at(connection: Connection, person: Callable[..., User]) -> None:
    first, second, third = wait(connection, 3)
    claims.hold(run=second, by=person("anna"), page=HERE)
    assert next_waiting(besides=first, by=person("pete")) == third
    assert next_waiting(besides=first, by=person("anna")) == second


@pytest.mark.django_db(transaction=True)
def test_of_many_who_come_at_once_one_has_it(person: Callable[..., User], local_api: object) -> None:
    from assistants_app.services import connections

    made = connections.set_up(name="Test", base_url="http://127.0.0.1:1/v1", key="local")
    (run,) = wait(made, 1)
    crowd = [person(f"person{n}") for n in range(8)]

    def come(user: User) -> bool:
        try:
            return claims.hold(run=run, by=user, page=uuid4())
        finally:
            database.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(come, crowd)) == 1
