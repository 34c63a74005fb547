"""After a run expired: nothing is lost, and it can be made once more."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from assistants_app.models import Connection, Draft, Operation, Run
from assistants_app.models.people import Role
from assistants_app.services import assistants, tool_calls
from testing.api_actor import ApiActor
from tests.conftest import known_run, known_thread, polled
from tests.views.conftest import TIDE, WEATHER, delivered, page, typed

SECONDS = 2


@pytest.fixture
def expiring(connection: Connection, api_actor: ApiActor) -> Iterator[Run]:
    """A run that waits for two calls and has not long to live."""
    api_actor.control("/settings", {"expires_after": SECONDS})
    ids = api_actor.run([WEATHER, TIDE], reply="Rain, high water.")
    api_actor.control("/settings", {"expires_after": 600})
    assistants.refresh(connection=connection)
    yield polled(known_run(connection, ids))


def expired(run: Run) -> Run:
    time.sleep(SECONDS)
    assert polled(run).status == "expired"
    return run


def again(client: Client, run: Run) -> Run:
    """The run that was made in place of one, once it waits."""
    client.post(f"{run.get_absolute_url()}again/")
    delivered()
    known_thread(run.connection, run.thread.remote_id)
    made = Run.objects.exclude(pk=run.pk).latest("pk")
    return polled(made)


def test_what_was_typed_too_late_is_kept_and_not_called_a_denial(expiring: Run, olga: Client) -> None:
    sent = typed(expiring, "4 degrees", "high")
    expired(expiring)
    shown = page(olga.post(f"{expiring.get_absolute_url()}answers/", sent), 409)
    assert "The run expired before: that is no denial" in shown.text("run-answers")
    later = page(olga.get(expiring.get_absolute_url())).text("run-answers")
    assert "Draft by olga" in later
    assert "4 degrees" in later
    assert "denied" not in later.replace("nobody denied anything", "")
    assert not Operation.objects.exists()
    assert Draft.objects.count() == 2


def test_kept_answers_are_filled_in_to_be_confirmed(expiring: Run, olga: Client, api_actor: ApiActor) -> None:
    sent = typed(expiring, "4 degrees", '{"metres": 1.50}')
    expired(expiring)
    olga.post(f"{expiring.get_absolute_url()}answers/", sent)
    run = again(olga, expiring)
    first, second = tool_calls.waiting_calls(run)
    shown = page(olga.get(run.get_absolute_url()))
    filled = shown.sends(f"{run.get_absolute_url()}answers/")
    assert (filled[first.field], filled[second.field]) == ("4 degrees", '{"metres": 1.50}')
    assert "for you to confirm: olga" in shown.text(f"call-{first.pk}")
    assert not Operation.objects.filter(kind=Operation.Kind.SUBMIT).exists()
    assert olga.post(f"{run.get_absolute_url()}answers/", filled).status_code == 303
    delivered()
    assert polled(run).status in {"completed", "queued", "in_progress"}


def test_answers_to_other_arguments_are_not_filled_in(expiring: Run, olga: Client) -> None:
    sent = typed(expiring, "4 degrees", "high")
    expired(expiring)
    olga.post(f"{expiring.get_absolute_url()}answers/", sent)
    expiring.calls.filter(name="get_tide").update(arguments='{"port": "Oslo"}')
    run = again(olga, expiring)
    first, second = tool_calls.waiting_calls(run)
    filled = page(olga.get(run.get_absolute_url())).sends(f"{run.get_absolute_url()}answers/")
    assert (filled[first.field], filled[second.field]) == ("4 degrees", "")


def test_it_is_made_once_however_often_it_is_asked_for(expiring: Run, signed_in: Callable[..., Client]) -> None:
    expired(expiring)
    address = f"{expiring.get_absolute_url()}again/"
    for name in ("olga", "pete", "olga"):
        assert signed_in(name).post(address).status_code == 303
    assert Operation.objects.filter(kind=Operation.Kind.CREATE_RUN).count() == 1
    assert "olga had it run again" in page(signed_in("olga").get(expiring.get_absolute_url())).text("run-answers")


def test_the_new_run_is_one_step_away(expiring: Run, olga: Client) -> None:
    expired(expiring)
    run = again(olga, expiring)
    shown = page(olga.get(expiring.get_absolute_url()))
    assert run.get_absolute_url() in [each.attributes.get("href") for each in shown.all("a")]
    assert not shown.has("run-again")


def test_a_run_that_waits_cannot_be_made_again(waiting: Run, olga: Client) -> None:
    assert not page(olga.get(waiting.get_absolute_url())).has("run-again")
    assert olga.post(f"{waiting.get_absolute_url()}again/").status_code == 303
    assert not Operation.objects.exists()


def test_a_viewer_cannot_make_it_again(expiring: Run, signed_in: Callable[..., Client]) -> None:
    expired(expiring)
    viewer = signed_in("vera", Role.VIEWER)
    assert not page(viewer.get(expiring.get_absolute_url())).has("run-again")
    page(viewer.post(f"{expiring.get_absolute_url()}again/"), 403)
