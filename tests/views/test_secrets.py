"""A server's key is seen by that server alone."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
import redis
from django.conf import settings
from django.db import connection as database
from django.test import Client
from django.utils import timezone

from assistants_app.api.errors import ApiError
from assistants_app.models import Connection, Thread
from assistants_app.models.people import Role
from assistants_app.services import connections, refreshing
from testing.api_actor import ApiActor
from testing.local_api_process import LocalApi, start
from tests.conftest import known_run, polled
from tests.views.conftest import WEATHER, delivered, page, typed

CANARY = "sk-canary-4f1c-do-not-tell"


@pytest.fixture(scope="module")
def strict_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalApi]:
    """A server that takes the canary for a key."""
    api = start(tmp_path_factory.mktemp("strict_api"), keys=CANARY)
    yield api
    api.stop()


@pytest.fixture
def other(strict_api: LocalApi) -> Iterator[ApiActor]:
    api_actor = ApiActor(strict_api)
    api_actor.session.headers["Authorization"] = f"Bearer {CANARY}"
    yield api_actor
    api_actor.control("/faults", method="DELETE")
    api_actor.session.close()


@pytest.fixture
def secret(transactional_db: None, strict_api: LocalApi) -> Connection:
    made = connections.set_up(name="Secret", base_url=strict_api.url, key=CANARY)
    Connection.objects.update(due_at=None)
    return made


def stored() -> str:
    """Every value of every table, as the database holds it."""
    found = []
    with database.cursor() as cursor:
        for table in database.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [str(row) for row in cursor.fetchall()]
    assert any("Secret" in row for row in found)
    return "\n".join(found)


def sent_to_workers() -> str:
    """All that lies at the broker."""
    address = settings.BROKER_URL.replace("redis+socket", "unix")
    with redis.Redis.from_url(address) as client:
        lists = [key for key in client.keys("*") if client.type(key) == b"list"]
        return str([client.lrange(key, 0, -1) for key in lists])


def live(secret: Connection, other: ApiActor, client: Client) -> list[str]:
    """A life of a connection: read, answered, refused, echoed, broken. Gives all pages that show it."""
    run = polled(known_run(secret, other.run([WEATHER])))
    client.post(f"{run.get_absolute_url()}answers/", typed(run, "4 degrees"))
    delivered()
    echo = f'{{"error": {{"message": "Incorrect API key provided: {CANARY}", "code": "{CANARY}"}}}}'
    again = polled(known_run(secret, other.run([WEATHER])))
    other.fault("POST", ".*", status=400, body=echo, headers={"x-request-id": CANARY})
    client.post(f"{again.get_absolute_url()}answers/", typed(again, "4 degrees"))
    delivered()
    for body in (echo, f"<title>{CANARY}</title>", f'"{CANARY}"', CANARY):
        other.fault("GET", ".*", status=401, body=body)
        Connection.objects.update(paused_until=None)
        Thread.objects.all().hasten()
        refreshing.refresh_thread(key=run.thread_id)
    other.fault("GET", ".*", status=302, headers={"location": f"https://elsewhere.example/?key={CANARY}"})
    Connection.objects.update(paused_until=None)
    polled(again)
    addresses = ["/queue/", "/threads/", "/assistants/", run.get_absolute_url(), again.get_absolute_url()]
    addresses += [run.thread.get_absolute_url(), again.thread.get_absolute_url()]
    return [client.get(each).content.decode() for each in addresses]


def test_no_page_log_line_task_or_column_tells_the_key(
    secret: Connection, other: ApiActor, olga: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shown = live(secret, other, olga)
    assert all(CANARY not in each for each in shown)
    assert "Incorrect API key provided" in "".join(shown)
    assert CANARY not in caplog.text
    assert CANARY not in stored()
    assert CANARY not in sent_to_workers()


def administer(secret: Connection, other: ApiActor, client: Client) -> list[str]:
    """What an admin does with it: looks, edits in vain and in earnest, replaces the key, checks. Gives all pages."""
    here = secret.get_absolute_url()
    edit = f"{here}edit/?kind=openai"
    form = page(client.get(edit)).sends(edit)
    shown = [client.get(each).content.decode() for each in ("/connections/", here, edit)]
    shown += [client.post(edit, {**form, "key": CANARY, "headers": f"X-Token: {CANARY}", "name": ""}).content.decode()]
    shown += [client.post(edit, {**form, "key": CANARY, "headers": f"X-Token: {CANARY}"}).content.decode()]
    shown += [client.post(f"{here}key/", {"key": f"{CANARY}\tno"}).content.decode()]
    shown += [client.post(f"{here}key/", {"key": CANARY}).content.decode()]
    echo = f'{{"error": {{"message": "Incorrect API key provided: {CANARY}"}}}}'
    other.fault("GET", ".*", status=401, body=echo, times=100)
    client.post(f"{here}check/")
    refreshing.refresh_due(seconds=0.05)
    return [*shown, *(client.get(each).content.decode() for each in ("/connections/", edit, here))]


def test_no_page_of_admins_tells_the_key_either(
    secret: Connection, other: ApiActor, signed_in: Callable[..., Client], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shown = administer(secret, other, signed_in("ada", Role.ADMIN))
    assert all(CANARY not in each for each in shown)
    assert "Incorrect API key provided: ***" in shown[-1]
    assert CANARY not in caplog.text
    assert CANARY not in stored()
    assert CANARY not in sent_to_workers()


def test_no_repr_tells_the_key(secret: Connection) -> None:
    client = connections.for_people(secret)
    fresh = Connection.objects.get()
    words = [repr(each) for each in (client, secret, vars(fresh), vars(client), connections._made, fresh.encrypted_key)]
    assert CANARY not in "".join(words)
    assert fresh.key == CANARY


def test_no_traceback_tells_the_key(secret: Connection, other: ApiActor) -> None:
    other.fault("POST", ".*", status=500, body=f"{CANARY} is wrong")
    with pytest.raises(ApiError) as caught:
        connections.for_people(secret).threads.create({})
    lines = traceback.TracebackException.from_exception(caught.value, capture_locals=True).format()
    assert CANARY not in "".join(lines)
    assert CANARY not in str(vars(caught.value))


def test_no_error_page_of_a_developer_tells_the_key(secret: Connection, olga: Client, settings: Any) -> None:
    settings.DEBUG = True
    olga.raise_request_exception = False
    Connection.objects.update(dialect="none such")
    thread = Thread.objects.create(connection=secret, remote_id="thread_1", active_at=timezone.now())
    response = olga.post(f"{thread.get_absolute_url()}messages/", {"text": "Hello?", "once": str(uuid4())})
    assert response.status_code >= 500
    assert CANARY not in response.content.decode()


def test_the_key_is_stored_under_lock(secret: Connection) -> None:
    secret.refresh_from_db()
    assert secret.encrypted_key
    assert CANARY not in secret.encrypted_key
    assert CANARY.encode().hex() not in secret.encrypted_key
