"""The HTTP endpoint of a rule: what it is sent, what its replies become, and where no request goes."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from assistants_app.models import Connection, Operation, Rule, Ruling, ToolCall, Verdict
from assistants_app.services import claims, endpoints, rules, rulings
from testing import webhook_receiver
from testing.api_actor import ApiActor
from testing.webhook_receiver import WebhookReceiver
from tests.services.test_rulings import HERE, WEATHER, edda, rule, ruled, wait

__all__ = ["edda", "rule"]
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture(scope="module")
def server() -> Iterator[WebhookReceiver]:
    running = webhook_receiver.start()
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def allowed(settings: Any) -> None:
    settings.RULE_HOSTS = ["127.0.0.1", "localhost"]
    settings.RULE_PRIVATE_ADDRESSES = ["127.0.0.0/8", "::1/128"]


@pytest.fixture
def asking(rule: Callable[..., Rule], server: WebhookReceiver) -> Callable[..., tuple[Rule, str]]:
    """Makes a rule that asks a path of its own, which answers this; gives both."""

    def make(*answers: dict[str, Any], **values: Any) -> tuple[Rule, str]:
        path = f"/{uuid4().hex}"
        given = {"act": "call", "text": "", "url": server.says(path, *answers), "seconds": 5.0, **values}
        return rule(**given), path

    return make


def sooner() -> list[Ruling]:
    """As `ruled`, without waiting for what is to be tried again later."""
    Ruling.objects.exclude(due_at=None).update(due_at=timezone.now())
    return ruled()


def test_its_reply_is_the_answer_to_the_letter(
    connection: Connection, api_actor: ApiActor, asking: Callable[..., Any], server: WebhookReceiver
) -> None:
    reply = ' {"degrees": 1.50,\n "sky": "grå 😀"} '
    _rule, path = asking({"body": reply})
    run = wait(connection, api_actor, ("get_weather", {"city": "Oslo", "n": 1}))
    ToolCall.objects.update(arguments='{"city": "Oslo", "n": 12345678901234567890.10}')
    assert [each.state for each in ruled()] == ["sent"]
    assert list(Operation.objects.get().answers.values()) == [reply]
    (asked,) = server.asked(path)
    assert '"n": 12345678901234567890.10' in asked["body"]
    sent = json.loads(asked["body"])
    assert (sent["function"], sent["run_id"], sent["arguments"]["city"]) == ("get_weather", run.remote_id, "Oslo")
    assert asked["headers"]["content-type"] == "application/json"


def test_what_is_sent_is_signed_as_standard_webhooks_are(
    connection: Connection, api_actor: ApiActor, asking: Callable[..., Any], server: WebhookReceiver
) -> None:
    _rule, path = asking({"body": "ok"}, secret=SECRET)
    wait(connection, api_actor, WEATHER)
    ruled()
    (asked,) = server.asked(path)
    headers = asked["headers"]
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{asked['body']}".encode()
    digest = hmac.digest(base64.b64decode(SECRET.removeprefix("whsec_")), signed, "sha256")
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
    assert SECRET not in json.dumps(asked)


def test_without_a_secret_there_is_no_signature(
    connection: Connection, api_actor: ApiActor, asking: Callable[..., Any], server: WebhookReceiver
) -> None:
    _rule, path = asking({"body": "ok"})
    wait(connection, api_actor, WEATHER)
    ruled()
    assert "webhook-signature" not in server.asked(path)[0]["headers"]


def test_what_may_pass_is_tried_again_under_the_same_number(
    connection: Connection, api_actor: ApiActor, asking: Callable[..., Any], server: WebhookReceiver
) -> None:
    _rule, path = asking({"status": 503, "body": "busy"}, {"body": "ok"}, retries=2)
    wait(connection, api_actor, WEATHER)
    (ruling,) = ruled()
    assert (ruling.state, Verdict.objects.get().reason) == ("under_way", "The endpoint gave no answer: 503: busy")
    assert ruling.due_at is not None
    assert [each.state for each in sooner()] == ["sent"]
    first, second = server.asked(path)
    assert first["headers"]["webhook-id"] == second["headers"]["webhook-id"]
    assert Verdict.objects.get().tries == 2


def test_after_the_last_try_people_get_the_run_with_the_reason(
    connection: Connection, api_actor: ApiActor, asking: Callable[..., Any], server: WebhookReceiver
) -> None:
    _rule, path = asking({"status": 500, "body": '{"error": {"message": "broken"}}'}, retries=1)
    wait(connection, api_actor, WEATHER)
    ruled()
    assert [each.state for each in sooner()] == ["left"]
    assert Verdict.objects.get().reason == "The endpoint gave no answer: 500: broken"
    assert (len(server.asked(path)), Operation.objects.count()) == (2, 0)


@pytest.mark.parametrize(
    "case",
    [
        ({"status": 403, "body": "no"}, "403: no"),
        ({"status": 302, "headers": {"Location": "http://169.254.169.254/"}}, "not followed"),
        ({"body": ""}, "answered with nothing"),
        ({"body": "\xff"}, "no text (UTF-8)"),
        ({"body": "a\x00b"}, "cannot be sent as text"),
        ({"body": "x" * 500_001}, "larger than"),
    ],
)
def test_what_is_no_answer_is_not_tried_again(
    connection: Connection,
    api_actor: ApiActor,
    asking: Callable[..., Any],
    server: WebhookReceiver,
    case: tuple[dict[str, Any], str],
) -> None:
    answer, words = case
    _rule, path = asking(answer)
    wait(connection, api_actor, WEATHER)
    assert [each.state for each in ruled()] == ["left"]
    assert words in Verdict.objects.get().reason
    assert len(server.asked(path)) == 1


def test_204_means_an_empty_answer(connection: Connection, api_actor: ApiActor, asking: Callable[..., Any]) -> None:
    asking({"status": 204})
    wait(connection, api_actor, WEATHER)
    ruled()
    assert list(Operation.objects.get().answers.values()) == [""]


def test_one_that_is_slow_is_given_up_in_time(
    connection: Connection, api_actor: ApiActor, asking: Callable[..., Any]
) -> None:
    asking({"delay": 3, "body": "late"}, seconds=0.5, retries=0)
    wait(connection, api_actor, WEATHER)
    began = time.monotonic()
    assert [each.state for each in ruled()] == ["left"]
    assert time.monotonic() - began < 2.5
    assert "did not answer in time" in Verdict.objects.get().reason


def test_nothing_is_asked_where_somebody_is_at_the_run(
    connection: Connection,
    api_actor: ApiActor,
    asking: Callable[..., Any],
    server: WebhookReceiver,
    person: Callable[..., Any],
) -> None:
    _rule, path = asking({"body": "ok"})
    claims.hold(run=wait(connection, api_actor, WEATHER), by=person("anna"), page=HERE)
    ruled()
    assert server.asked(path) == []


def test_a_host_that_was_taken_off_the_list_is_not_asked(
    connection: Connection, api_actor: ApiActor, asking: Callable[..., Any], server: WebhookReceiver, settings: Any
) -> None:
    _rule, path = asking({"body": "ok"})
    settings.RULE_HOSTS = ["elsewhere.example"]
    wait(connection, api_actor, WEATHER)
    ruled()
    assert "RULE_HOSTS" in Verdict.objects.get().reason
    assert server.asked(path) == []


def test_a_name_that_stands_for_a_private_address_is_not_asked(
    connection: Connection, api_actor: ApiActor, asking: Callable[..., Any], server: WebhookReceiver, settings: Any
) -> None:
    mine, path = asking({"body": "ok"}, retries=0)
    settings.RULE_PRIVATE_ADDRESSES = []
    Rule.objects.update(url=mine.url.replace("127.0.0.1", "localhost"))
    wait(connection, api_actor, WEATHER)
    ruled()
    assert "RULE_PRIVATE_ADDRESSES" in Verdict.objects.get().reason
    assert server.asked(path) == []


@pytest.mark.parametrize(
    "url",
    [
        *("http://169.254.169.254/latest", "http://10.0.0.1/", "http://[::1]/", "http://[::ffff:10.0.0.1]/"),
        *("http://0.0.0.0/", "ftp://hooks.example/", "https://user:word@hooks.example/", "https://hooks.example:x/"),
        *("https://hooks.example.evil.example/", "//hooks.example/", "https://", "https://hooks.example/ a"),
    ],
)
def test_a_url_that_leads_where_none_may_is_refused(settings: Any, url: str) -> None:
    settings.RULE_PRIVATE_ADDRESSES = []
    settings.RULE_HOSTS = ["hooks.example", "169.254.169.254", "10.0.0.1", "[::1]", "[::ffff:10.0.0.1]", "0.0.0.0"]
    assert endpoints.wrong_with_url(url)
    assert endpoints.wrong_with_url("https://hooks.example/a?b=c") is None


def test_a_worker_that_dies_while_it_asks_is_followed_by_one_who_asks_under_the_same_number(
    connection: Connection, api_actor: ApiActor, asking: Callable[..., Any], server: WebhookReceiver
) -> None:
    mine, path = asking({"body": "ok"})
    wait(connection, api_actor, WEATHER)
    rulings.take_up()
    Ruling.objects.all().claim(limit=1, holder="dead", seconds=60)
    work = rulings._Work(Ruling.objects.select_related("run__connection").get(), "dead")
    work.count(work.calls[0], mine)
    (verdict,) = work.verdicts()
    endpoints.ask(mine, verdict.call, {"city": "Oslo"})
    assert [each.state for each in sooner()] == ["sent"]
    assert len({each["headers"]["webhook-id"] for each in server.asked(path)}) == 1
    assert (len(server.asked(path)), Operation.objects.count()) == (2, 1)
    assert rules.rests_until(mine) is None
