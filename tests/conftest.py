"""A small fixed cast: a server, a connection to it, somebody else who uses it, and people of each role."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import User
from django.contrib.staticfiles.storage import staticfiles_storage
from django.test import Client

from assistants_app.models import Connection, Run, Thread
from assistants_app.models.people import Role
from assistants_app.services import connections, people, polling, refreshing, threads
from testing.api_actor import ApiActor
from testing.local_api_process import LocalApi, start


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Collects the files that pages refer to once, before other processes of this run start: a page that names one that
    is not there fails."""
    if not hasattr(session.config, "workerinput"):
        staticfiles_storage.collect()  # type: ignore[attr-defined]  # dashboard.static_files.StaticFiles


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was imported stays: the garbage collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session")
def local_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalApi]:
    """One server for all tests; it moves on at once."""
    api = start(tmp_path_factory.mktemp("local_api"), pace="immediate")
    yield api
    api.stop()


@pytest.fixture
def api_actor(local_api: LocalApi) -> Iterator[ApiActor]:
    """A program of somebody else at that server; its faults end with the test."""
    other = ApiActor(local_api)
    yield other
    other.control("/faults", method="DELETE")
    other.session.close()


@pytest.fixture
def connection(db: None, local_api: LocalApi) -> Connection:
    """A connection to that server, of which nothing was read yet."""
    # Without streams: threads that listen would write beside the transaction of a test.
    made = connections.set_up(name="Test", base_url=local_api.url, key="local", streaming=False)
    Connection.objects.update(due_at=None)
    return made


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    """Makes somebody with a role."""

    def make(name: str = "olga", role: Role = Role.OPERATOR) -> User:
        return people.ensure(username=name, role=role)

    return make


@pytest.fixture
def signed_in(person: Callable[..., User]) -> Callable[..., Client]:
    """Makes a browser of somebody with a role."""

    def make(name: str = "olga", role: Role = Role.OPERATOR) -> Client:
        client = Client()
        client.force_login(person(name, role), backend="assistants_app.services.people.PeopleBackend")
        return client

    return make


def known_run(connection: Connection, ids: tuple[str, str]) -> Run:
    """The run of these ids as the dashboard knows it after reading its thread."""
    thread_id, run_id = ids
    known_thread(connection, thread_id)
    return Run.objects.select_related("thread", "connection").get(remote_id=run_id)


def known_thread(connection: Connection, thread_id: str) -> Thread:
    """The thread of that id, read from the server."""
    (thread,) = threads.add(connection=connection, ids=thread_id)
    refreshing.refresh_thread(key=thread.pk)
    return Thread.objects.get(pk=thread.pk)


def polled(run: Run) -> Run:
    """The run after the poller looked at it once."""
    Run.objects.filter(pk=run.pk).hasten()
    polling.poll_due(seconds=0.05)
    run.refresh_from_db()
    return run
