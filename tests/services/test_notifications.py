"""Who is told of what, when, and once; what goes out, and what becomes of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.utils import timezone

from assistants_app.models import Assistant, Connection, Notification, Operation, Recipient, Run, ToolCall
from assistants_app.models.people import Role
from assistants_app.services import connections, notifications, preferences, recipients
from testing import fake_server
from testing import mail_server as mail_servers
from testing.fake_server import FakeServer
from testing.mail_server import MailServer
from tests.views.test_queue import wait

pytestmark = pytest.mark.database

SECRET = "/services/T00/B00/hook-canary-9a1"


@pytest.fixture(scope="module")
def mail_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    server = mail_servers.start(tmp_path_factory.mktemp("mail"))
    yield server
    server.stop()


@pytest.fixture
def mail(mail_server: MailServer, settings: Any) -> MailServer:
    """A mail server that is set up, with nothing in it."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mail_server.port
    mail_server.file.unlink(missing_ok=True)
    return mail_server


@pytest.fixture
def hook() -> Iterator[FakeServer]:
    """Somebody who takes webhooks."""
    server = fake_server.start()
    server.answers[SECRET] = (200, "ok")
    yield server
    server.stop()


@pytest.fixture
def olga(person: Callable[..., User]) -> User:
    return person("olga")


def told(user: User | None = None, **values: Any) -> Recipient:
    """Somebody who is told."""
    since = timezone.now() - timedelta(hours=1)
    made = recipients.save(Recipient(user=user, team="" if user else uuid4().hex, since=since), **values)
    Recipient.objects.filter(pk=made.pk).update(since=since)
    made.refresh_from_db()
    return made


def waiting(connection: Connection, count: int = 1, *, past: float = 0.1, **more: Any) -> list[Run]:
    """Runs that wait, of whose time such a part is over."""
    runs = wait(connection, count, name=uuid4().hex[:6], **more)
    now = timezone.now()
    Run.objects.filter(pk__in=[run.pk for run in runs]).update(expires_at=now + timedelta(seconds=600 * (1 - past)))
    asked = now - timedelta(seconds=600 * past)
    ToolCall.objects.filter(run__in=runs).update(asked_at=asked)
    return runs


def posted(hook: FakeServer) -> list[dict[str, Any]]:
    return [json.loads(each.body) for each in hook.asked]


def states(recipient: Recipient) -> list[tuple[str, str, str]]:
    return list(recipient.notifications.order_by("pk").values_list("stage", "channel", "state"))


def later(seconds: float = 1000) -> int:
    """What is tried again, at once."""
    Notification.objects.exclude(due_at=None).update(due_at=timezone.now() - timedelta(seconds=1))
    return notifications.notify_due()


def test_a_mail_names_the_functions_and_leads_to_the_run(
    connection: Connection, olga: User, mail: MailServer, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://desk.example"
    told(olga, emails="olga@example.com")
    (run,) = waiting(connection, calls=2)
    Run.objects.update(
        assistant=Assistant.objects.create(connection=connection, remote_id="asst_1", name="Order\ndesk")
    )
    notifications.notify_due()
    (sent,) = mail.mails
    assert sent["to"] == ["olga@example.com"]
    assert sent["subject"] == "Order desk needs an answer"
    assert "It asks for: look_0, look_1" in sent["text"]
    assert f"https://desk.example{run.get_absolute_url()}" in sent["text"]
    assert '{"n": 0}' not in sent["text"]


def test_a_webhook_gets_text_and_fields(connection: Connection, olga: User, hook: FakeServer) -> None:
    told(olga, webhook=f"{hook.url}{SECRET}?a=1&a=2")
    (run,) = waiting(connection)
    notifications.notify_due()
    (body,) = posted(hook)
    assert body["text"].startswith("An assistant needs an answer")
    assert (body["event"], body["run"]["id"]) == ("requires_action", run.remote_id)
    assert body["url"].endswith(run.get_absolute_url())
    assert body["calls"] == [{"id": "call_0", "function": "look_0"}]
    assert hook.asked[0].headers["content-type"] == "application/json"


def test_arguments_go_along_where_somebody_chose_so(
    connection: Connection, olga: User, hook: FakeServer, mail: MailServer
) -> None:
    told(olga, webhook=f"{hook.url}{SECRET}", emails="olga@example.com", with_arguments=True)
    waiting(connection)
    notifications.notify_due()
    assert posted(hook)[0]["calls"][0]["arguments"] == '{"n": 0}'
    assert 'look_0: {"n": 0}' in posted(hook)[0]["text"]
    assert 'look_0: {"n": 0}' in mail.mails[0]["text"]


def test_no_name_of_somebody_else_means_anything_in_a_channel(
    connection: Connection, olga: User, hook: FakeServer
) -> None:
    told(olga, webhook=f"{hook.url}{SECRET}")
    waiting(connection)
    ToolCall.objects.update(name="<!channel> & <https://evil.example|log in>")
    notifications.notify_due()
    assert "&lt;!channel&gt; &amp; &lt;https://evil.example|log in&gt;" in posted(hook)[0]["text"]


def test_half_of_the_time_is_told_once_more(connection: Connection, olga: User, hook: FakeServer) -> None:
    recipient = told(olga, webhook=f"{hook.url}{SECRET}")
    (run,) = waiting(connection)
    for _ in range(3):
        notifications.notify_due()
    ToolCall.objects.update(asked_at=timezone.now() - timedelta(seconds=560))
    for _ in range(3):
        notifications.notify_due()
    assert [each["event"] for each in posted(hook)] == ["requires_action", "half_of_window"]
    assert "Half of the time is over" in posted(hook)[1]["text"]
    assert states(recipient) == [("start", "webhook", "sent"), ("half", "webhook", "sent")]
    assert run.notifications.count() == 2


@pytest.mark.parametrize(("chosen", "events"), [({"at_start": False}, []), ({"at_half": False}, ["requires_action"])])
def test_a_stage_that_nobody_wants_is_not_told(
    connection: Connection, olga: User, hook: FakeServer, chosen: dict[str, bool], events: list[str]
) -> None:
    told(olga, webhook=f"{hook.url}{SECRET}", **chosen)
    waiting(connection)
    notifications.notify_due()
    assert [each["event"] for each in posted(hook)] == events


def test_what_waited_before_an_address_was_given_is_no_news(
    connection: Connection, olga: User, hook: FakeServer
) -> None:
    waiting(connection)
    recipients.save(recipients.of(olga), webhook=f"{hook.url}{SECRET}")
    notifications.notify_due()
    assert posted(hook) == []


def test_what_is_answered_already_is_not_told(connection: Connection, olga: User, hook: FakeServer) -> None:
    told(olga, webhook=f"{hook.url}{SECRET}")
    (run,) = waiting(connection)
    fields = {"connection": connection, "thread": run.thread, "run": run, "by": olga, "key": "k"}
    Operation.objects.create(kind=Operation.Kind.SUBMIT, **fields)
    notifications.notify_due()
    assert posted(hook) == []


def test_a_team_is_told_beside_its_people(
    connection: Connection, olga: User, hook: FakeServer, mail: MailServer
) -> None:
    told(olga, emails="olga@example.com")
    told(emails="desk@example.com\nlead@example.com", webhook=f"{hook.url}{SECRET}")
    waiting(connection)
    notifications.notify_due()
    assert sorted(each["to"] for each in mail.mails) == [["desk@example.com", "lead@example.com"], ["olga@example.com"]]
    assert len(posted(hook)) == 1


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": None}])
def test_who_may_no_longer_see_runs_is_not_told(
    connection: Connection, olga: User, hook: FakeServer, change: dict[str, Any]
) -> None:
    told(olga, webhook=f"{hook.url}{SECRET}")
    waiting(connection)
    if "role" in change:
        olga.groups.clear()
    else:
        User.objects.update(**change)
    notifications.notify_due()
    assert posted(hook) == []


# ---- Do not disturb


@pytest.mark.parametrize(
    ("start", "end", "at", "quiet"),
    [
        ("22:00", "07:00", "21:30", True),  # 23:30 in Oslo
        ("22:00", "07:00", "04:59", True),
        ("22:00", "07:00", "05:00", False),
        ("12:00", "13:00", "10:00", True),
        ("12:00", "13:00", "11:00", False),
        ("00:00", "00:00", "11:00", False),
    ],
)
def test_quiet_hours_are_by_the_clock_of_the_person(olga: User, start: str, end: str, at: str, quiet: bool) -> None:
    preferences.change(user=olga, time_zone="Europe/Oslo")
    recipient = told(olga, quiet_from=time.fromisoformat(start), quiet_to=time.fromisoformat(end))
    moment = datetime.combine(datetime(2026, 7, 1).date(), time.fromisoformat(at), UTC)
    assert recipients.is_quiet(Recipient.objects.get(pk=recipient.pk), moment) is quiet


def test_who_leaves_the_zone_to_the_browser_has_what_it_said_last(olga: User) -> None:
    with timezone.override("Asia/Tokyo"):
        recipient = told(olga, quiet_from=time(9), quiet_to=time(10))
    assert recipients.is_quiet(recipient, datetime(2026, 7, 1, 0, 30, tzinfo=UTC))


def test_what_still_waits_after_the_quiet_is_told_once(connection: Connection, olga: User, hook: FakeServer) -> None:
    recipient = told(olga, webhook=f"{hook.url}{SECRET}")
    recipients.silence(recipient, timezone.now() + timedelta(hours=1))
    waiting(connection, past=0.6)
    notifications.notify_due()
    assert posted(hook) == []
    recipients.silence(recipient, None)
    notifications.notify_due()
    notifications.notify_due()
    assert [each["event"] for each in posted(hook)] == ["half_of_window"]


# ---- Once


def test_looking_again_and_again_takes_few_queries(
    connection: Connection, olga: User, hook: FakeServer, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    with django_assert_max_num_queries(2):
        notifications.notify_due()
    told(olga, webhook=f"{hook.url}{SECRET}")
    waiting(connection, 30)
    notifications.notify_due()
    with django_assert_max_num_queries(4):
        notifications.notify_due()
    assert len(posted(hook)) == 30


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_that_look_at_once_each_message_goes_out_once(
    person: Callable[..., User], hook: FakeServer, local_api: object
) -> None:
    connection = connections.set_up(name="Test", base_url="http://127.0.0.1:1/v1", key="local")
    told(person("olga"), webhook=f"{hook.url}{SECRET}")
    waiting(connection, 20)

    def work(number: int) -> None:
        try:
            notifications.gather()
            notifications._send_due()
        finally:
            database.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    runs = [each["run"]["id"] for each in posted(hook)]
    assert len(runs) == len(set(runs)) == 20


def test_one_thread_of_a_process_does_it(connection: Connection, olga: User, hook: FakeServer) -> None:
    told(olga, webhook=f"{hook.url}{SECRET}")
    waiting(connection)
    with notifications._one_at_a_time:
        assert notifications.notify_due() == 0
    assert notifications.notify_due() == 1


# ---- Failures


def test_what_fails_is_tried_again_and_its_owner_is_told(connection: Connection, olga: User, hook: FakeServer) -> None:
    recipient = told(olga, webhook=f"{hook.url}{SECRET}")
    hook.answers[SECRET] = (503, "secret words of the other side")
    waiting(connection)
    notifications.notify_due()
    recipient.refresh_from_db()
    assert recipient.failures == {"Webhook": f"{hook.url.removeprefix('http://')} answered 503"}
    (waits,) = Notification.objects.all()
    assert waits.due_at is not None
    assert waits.due_at > timezone.now()
    hook.answers[SECRET] = (200, "ok")
    later()
    recipient.refresh_from_db()
    assert recipient.failures == {}
    assert states(recipient) == [("start", "webhook", "sent")]


def test_after_a_few_times_it_is_given_up(connection: Connection, olga: User, hook: FakeServer) -> None:
    recipient = told(olga, webhook=f"{hook.url}{SECRET}")
    hook.answers[SECRET] = (404, "")
    waiting(connection)
    for _ in range(8):
        later()
    assert states(recipient) == [("start", "webhook", "failed")]
    assert len(posted(hook)) == 5


def test_a_failing_address_holds_up_nobody_else_and_is_asked_once(
    connection: Connection, olga: User, person: Callable[..., User], hook: FakeServer
) -> None:
    told(olga, webhook=f"{hook.url}/gone")
    told(person("pete"), webhook=f"{hook.url}{SECRET}")
    waiting(connection, 30)
    notifications.notify_due()
    paths = [each.path for each in hook.asked]
    assert paths.count(SECRET) == 30
    assert paths.count("/gone") <= notifications.AT_ONCE


def test_a_mailbox_that_is_none_says_so(connection: Connection, olga: User, mail: MailServer) -> None:
    recipient = told(olga, emails="nobody@refused.example")
    waiting(connection)
    notifications.notify_due()
    recipient.refresh_from_db()
    assert "No such mailbox" in recipient.email_failure


def test_a_run_that_was_answered_meanwhile_is_not_told_late(
    connection: Connection, olga: User, hook: FakeServer
) -> None:
    recipient = told(olga, webhook=f"{hook.url}{SECRET}")
    hook.answers[SECRET] = (500, "")
    waiting(connection)
    notifications.notify_due()
    Run.objects.update(status="completed")
    later()
    assert states(recipient) == [("start", "webhook", "dropped")]
    assert len(posted(hook)) == 1


def test_a_worker_that_dies_holds_a_message_for_its_lease_only(
    connection: Connection, olga: User, hook: FakeServer
) -> None:
    told(olga, webhook=f"{hook.url}{SECRET}")
    waiting(connection)
    notifications.gather()
    assert Notification.objects.all().claim(limit=8, holder="dead", seconds=0)
    notifications.notify_due()
    assert len(posted(hook)) == 1


# ---- Addresses


def test_a_private_address_is_not_posted_to_unless_allowed(
    connection: Connection, olga: User, hook: FakeServer, settings: Any
) -> None:
    recipient = told(olga, webhook=f"http://localhost:{hook.server.server_address[1]}{SECRET}")
    settings.PRIVATE_ADDRESSES = []
    waiting(connection)
    notifications.notify_due()
    recipient.refresh_from_db()
    assert posted(hook) == []
    assert "not allowed here" in recipient.webhook_failure


def test_a_redirect_is_not_followed(connection: Connection, olga: User, hook: FakeServer) -> None:
    recipient = told(olga, webhook=f"{hook.url}/moved")
    hook.answers["/moved"] = (302, "")
    waiting(connection)
    notifications.notify_due()
    recipient.refresh_from_db()
    assert "points elsewhere" in recipient.webhook_failure
    assert [each.path for each in hook.asked] == ["/moved"]


def test_the_address_of_a_webhook_is_seen_by_it_alone(
    connection: Connection, olga: User, hook: FakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    recipient = told(olga, webhook=f"{hook.url}{SECRET}?key=canary")
    hook.answers[SECRET] = (400, f"no such hook {SECRET}")
    waiting(connection)
    notifications.notify_due()
    recipient.refresh_from_db()
    row = str(Recipient.objects.filter(pk=recipient.pk).values().get())
    assert "canary" not in f"{row} {recipient!r} {vars(recipient)} {caplog.text} {recipient.webhook_shown}"
    assert recipient.webhook.endswith("?key=canary")


def test_messages_are_in_the_language_of_the_person(connection: Connection, olga: User, hook: FakeServer) -> None:
    told(olga, webhook=f"{hook.url}{SECRET}")
    preferences.change(user=olga, language="de")
    waiting(connection)
    notifications.notify_due()
    assert posted(hook)[0]["text"].startswith("Ein Assistent braucht")


def test_a_viewer_is_told_too(connection: Connection, person: Callable[..., User], hook: FakeServer) -> None:
    told(person("vera", Role.VIEWER), webhook=f"{hook.url}{SECRET}")
    waiting(connection)
    notifications.notify_due()
    assert len(posted(hook)) == 1


def test_a_form_that_is_sent_twice_at_once_makes_one_row(olga: User) -> None:
    first, second = recipients.of(olga), Recipient(user=olga, since=timezone.now())
    recipients.save(first, emails="a@example.com")
    recipients.save(second, emails="b@example.com")
    assert Recipient.objects.get().emails == "b@example.com"


def test_a_test_goes_out_also_in_quiet_hours(olga: User, hook: FakeServer, mail: MailServer) -> None:
    recipient = told(olga, webhook=f"{hook.url}{SECRET}", emails="olga@example.com")
    recipients.silence(recipient, timezone.now() + timedelta(hours=1))
    notifications.test(recipient)
    notifications.notify_due()
    assert posted(hook)[0]["event"] == "test"
    assert mail.mails[0]["subject"] == "A test of Switchboard"
