"""What a check of a connection finds, and what pages go by then."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from assistants_app.api.operations import ASSISTANTS_API
from assistants_app.models import Connection, ConnectionCheck, Thread
from assistants_app.models.people import Role
from assistants_app.services import archive, capabilities, checks, connections, people, refreshing, sending, threads
from assistants_app.services.checks import Finding
from testing import fake_server
from testing.api_actor import ApiActor
from testing.fake_server import FakeServer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server() -> Iterator[FakeServer]:
    running = fake_server.start()
    running.offers("/v1")
    yield running
    running.stop()


@pytest.fixture
def mine(server: FakeServer) -> Connection:
    made = connections.set_up(name="Server", base_url=f"{server.url}/v1", key="local")
    Connection.objects.update(due_at=None)
    return made


def looked(connection: Connection) -> dict[str, Finding]:
    """What a worker finds."""
    check = checks.ask(connection, by=None)
    checks.run(key=check.pk)
    connection.refresh_from_db()
    return {each.name: each for each in checks.findings(ConnectionCheck.objects.get(pk=check.pk))}


def test_it_tells_of_every_operation_of_the_dialect(mine: Connection) -> None:
    found = looked(mine)
    assert {each.name for each in ASSISTANTS_API if "v2" in each.dialects} < set(found)
    assert "waiting" not in {each.state for each in found.values()}
    reads = [
        name for name, each in found.items() if each.method == "GET" and "{" in each.path and "/threads" in each.path
    ]
    assert {name: found[name].state for name in reads} == dict.fromkeys(reads, "offered")
    assert found["listAssistants"].milliseconds is not None


def test_it_changes_nothing_there(mine: Connection, server: FakeServer) -> None:
    found = looked(mine)
    assert {each.method for each in server.asked} == {"GET"}
    assert {each.state for each in found.values() if each.method != "GET"} == {"untried"}


def test_the_local_api_offers_all_that_reading_can_tell(connection: Connection, api_actor: ApiActor) -> None:
    api_actor.run([("ring", {})])
    found = looked(connection)
    reads = [
        each for each in found.values() if each.method == "GET" and each.path.startswith(("/assistants", "/threads"))
    ]
    assert {each.name: each.state for each in reads} == {each.name: "offered" for each in reads}


def test_what_a_server_lacks_is_turned_off_with_its_words(mine: Connection, server: FakeServer) -> None:
    server.answers["/v1/threads/thread_1/runs/run_1/steps"] = (501, {"message": "not implemented"})
    found = looked(mine)
    assert (found["listRunSteps"].state, found["listRunSteps"].words) == ("lacking", "not implemented")
    assert found["getRunStep"].state == "nothing"
    assert "501, “not implemented”" in capabilities.lack(mine, "listRunSteps")
    assert capabilities.lack(mine, "getRun") == ""


def test_what_it_offers_again_is_turned_on_again(mine: Connection, server: FakeServer) -> None:
    steps = server.answers.pop("/v1/threads/thread_1/runs/run_1/steps")
    looked(mine)
    assert capabilities.lack(mine, "listRunSteps")
    server.answers["/v1/threads/thread_1/runs/run_1/steps"] = steps
    looked(mine)
    assert mine.lacking.get("listRunSteps") is None


@pytest.mark.parametrize(("status", "state"), [(401, "refused"), (403, "refused"), (400, "failed"), (500, "failed")])
def test_a_refusal_says_nothing_of_what_it_offers(
    mine: Connection, server: FakeServer, status: int, state: str
) -> None:
    server.answers["/v1/threads/thread_1/runs"] = (status, {"detail": "Not today"})
    found = looked(mine)
    assert (found["listRuns"].state, found["listRuns"].status, found["listRuns"].words) == (state, status, "Not today")
    assert "listRuns" not in mine.lacking


def test_without_a_list_of_threads_a_known_one_is_looked_at(mine: Connection, server: FakeServer) -> None:
    del server.answers["/v1/threads"]
    Thread.objects.create(connection=mine, remote_id="thread_1", active_at=timezone.now())
    found = looked(mine)
    assert (found["listThreads"].state, found["getRun"].state, mine.lists_threads) == ("lacking", "offered", False)


def test_a_known_thread_that_is_gone_says_nothing(mine: Connection, server: FakeServer) -> None:
    del server.answers["/v1/threads"]
    Thread.objects.create(connection=mine, remote_id="thread_9", active_at=timezone.now())
    found = looked(mine)
    assert (found["getThread"].state, found["listMessages"].state) == ("unclear", "unclear")
    assert "listThreads" in mine.lacking
    assert "getThread" not in mine.lacking


def test_a_server_that_is_not_there_is_asked_once(mine: Connection, server: FakeServer) -> None:
    connections.save(mine, base_url="http://127.0.0.1:1/v1")
    found = looked(mine)
    assert "Connection refused" in found["listAssistants"].words
    assert {each.state for each in found.values()} == {"failed", "unreached", "untried"}
    assert "Connection refused" in mine.last_error


def test_an_archive_whose_server_answers_is_taken_up_again(mine: Connection) -> None:
    archive.close(mine, "because")
    looked(mine)
    assert (mine.gone_at, mine.gone_because) == (None, "")
    assert mine.due_at is not None


def test_one_whose_server_is_still_gone_stays_an_archive(mine: Connection, server: FakeServer) -> None:
    archive.close(mine, "because")
    server.answers.clear()
    looked(mine)
    assert mine.gone_at is not None


def test_a_404_where_it_used_to_answer_makes_an_archive(mine: Connection, server: FakeServer) -> None:
    looked(mine)
    server.answers.clear()
    looked(mine)
    assert "404 “Invalid URL (/v1/assistants" in mine.gone_because


def test_what_was_done_from_here_is_offered(connection: Connection) -> None:
    threads.create(connection=connection, by=people.ensure(username="olga", role=Role.OPERATOR), once=uuid4())
    sending.deliver_due()
    found = looked(connection)
    assert found["createThread"].state == "offered"
    assert checks.used_at(found["createThread"]) is not None
    assert checks.used_at(found["listAssistants"]) is None


def test_what_a_person_wanted_and_the_server_lacks_is_turned_off(mine: Connection, server: FakeServer) -> None:
    server.answers["/v1/threads"] = lambda asked: (
        (405, {"detail": "Method Not Allowed"}) if asked.method == "POST" else (200, {"data": []})
    )
    threads.create(connection=mine, by=people.ensure(username="olga", role=Role.OPERATOR), once=uuid4())
    sending.deliver_due()
    mine.refresh_from_db()
    assert "405, “Method Not Allowed”" in capabilities.lack(mine, "createThread")
    capabilities.allow(mine, "createThread")
    assert capabilities.lack(Connection.objects.get(), "createThread") == ""


def test_an_archive_and_another_dialect_lack_what_they_lack(mine: Connection) -> None:
    assert "v2 has no such operation" in capabilities.lack(mine, "listAssistantFiles")
    archive.close(mine, "because")
    mine.refresh_from_db()
    assert "archive" in capabilities.lack(mine, "createRun")


def test_a_check_whose_worker_died_is_done_by_another(mine: Connection) -> None:
    check = checks.ask(mine, by=None)
    ConnectionCheck.objects.filter(pk=check.pk).claim(limit=1, holder="the dead", seconds=0)
    refreshing.refresh_due(seconds=0.05)
    check.refresh_from_db()
    assert check.finished_at is not None


@pytest.mark.parametrize("said", [None, "text", 7, {"data": None}, {"data": [None]}, {"data": [{"id": 7}]}, [], {}])
def test_hostile_lists_break_nothing(mine: Connection, server: FakeServer, said: Any) -> None:
    for path in [*server.answers]:
        server.answers[path] = (200, said)
    found = looked(mine)
    assert "waiting" not in {each.state for each in found.values()}
