"""Notifications through the real processes: two workers, a mail server and somebody who takes webhooks."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

import pytest

from testing import fake_server, mail_server
from testing.api_actor import ApiActor
from testing.fake_server import FakeServer
from testing.http_desk import HttpDesk, until
from testing.mail_server import MailServer
from testing.stack import Stack, start_stack

pytestmark = pytest.mark.database

RUNS = 6
LIFE = 30  # seconds that a run has


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    server = mail_server.start(tmp_path_factory.mktemp("mail"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def hook() -> Iterator[FakeServer]:
    server = fake_server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, mail: MailServer) -> Iterator[Stack]:
    settings = {
        "DEMONSTRATION": "0",
        "WORKERS": "2",
        "TICK_SECONDS": "0.5",
        "PUBLIC_URL": "https://desk.example",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(mail.port),
        "EMAIL_FROM": "desk@desk.example",
    }
    running = start_stack(tmp_path_factory.mktemp("notified"), env=settings)
    yield running
    running.stop()


@pytest.mark.timeout(240)
@pytest.mark.slow
def test_two_workers_tell_of_each_stage_of_each_run_once(stack: Stack, mail: MailServer, hook: FakeServer) -> None:
    failing = iter([500])
    hook.answers["/hook"] = lambda asked: (next(failing, 200), "ok")
    desk, api_actor = HttpDesk(stack.url, stack.sign_in_url), ApiActor(stack.local_api())
    form = next(each for each in desk.page("/notifications/").forms if each.action == "/notifications/")
    desk.send(form, emails="olga@example.com", webhook=f"{hook.url}/hook", at_start="on", at_half="on")
    api_actor.control("/settings", {"expires_after": LIFE})
    ids = [api_actor.run([("get_weather", {"city": "secret place"})]) for _ in range(RUNS)]
    send = next(each for each in desk.page("/threads/").forms if each.action == "/threads/add/")
    desk.send(send, ids=" ".join(thread for thread, _ in ids))

    until(lambda: len(mail.mails) >= 2 * RUNS or None, what="all mails")
    until(lambda: len(hook.asked) >= 2 * RUNS + 1 or None, what="all webhooks")
    subjects = Counter(each["subject"] for each in mail.mails)
    assert sum(subjects.values()) == 2 * RUNS
    assert sum(number for words, number in subjects.items() if words.startswith("Half of the time")) == RUNS
    told = [json.loads(each.body) for each in hook.asked]
    events = Counter((each["run"]["id"], each["event"]) for each in told)
    again = [each for each, number in events.items() if number == 2]
    assert len(again) == 1, "the one that was refused came once more"
    assert set(events) == {(run, event) for _, run in ids for event in ("requires_action", "half_of_window")}
    assert all(each["url"].startswith("https://desk.example/runs/") for each in told)
    assert "secret place" not in f"{mail.mails} {told}"
