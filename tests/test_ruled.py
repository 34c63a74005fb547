"""Rules through real processes: found by a tick, an endpoint asked by a worker, answers that arrive once although the
worker is killed in between."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from testing import webhook_receiver
from testing.api_actor import ApiActor
from testing.http_desk import HttpDesk, until
from testing.stack import Stack, start_stack
from testing.webhook_receiver import WebhookReceiver
from tests.test_killed import accepted

pytestmark = [pytest.mark.database, pytest.mark.timeout(240)]
RUNS = 4


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    allowed = {"RULE_HOSTS": "127.0.0.1", "RULE_PRIVATE_ADDRESSES": "127.0.0.0/8"}
    running = start_stack(tmp_path_factory.mktemp("ruled"), env={"DEMONSTRATION": "0", "WORKERS": "2", **allowed})
    yield running
    running.stop()


@pytest.fixture
def api_actor(stack: Stack) -> ApiActor:
    return ApiActor(stack.local_api())


@pytest.fixture
def server() -> Iterator[WebhookReceiver]:
    running = webhook_receiver.start()
    yield running
    running.stop()


def switched_on(desk: HttpDesk, **fields: str) -> None:
    """A rule as an editor makes it and switches it on."""
    form = next(each for each in desk.page("/rules/add/").forms if each.action == "/rules/add/")
    where = desk.send(form, connection="1", **fields)
    switch = next(each for each in desk.page(where).forms if each.action.endswith("/switch/"))
    desk.send(switch)


@pytest.mark.slow
def test_what_an_endpoint_says_is_delivered_once_by_several_workers_of_which_one_is_killed(
    stack: Stack, api_actor: ApiActor, server: WebhookReceiver
) -> None:
    api_actor.control("/settings", {"pace": "immediate"})
    desk = HttpDesk(stack.url, stack.manage("sign_in_link").strip())
    url = server.says("/weather", {"body": "rain", "delay": 1})
    switched_on(desk, title="Weather", function="get_weather", act="call", url=url)
    runs = [api_actor.run([("get_weather", {"city": str(n)})]) for n in range(RUNS)]
    until(lambda: server.asked("/weather") or None, what="a question to the endpoint")
    stack.kill("worker-0")
    for thread_id, run_id in runs:
        until(lambda ids=(thread_id, run_id): accepted(api_actor, *ids), what="the answer at the server")  # type: ignore[misc]
        until(lambda run_id=run_id: automatic(desk, run_id), what="the mark on its page")  # type: ignore[misc]
        assert api_actor.sent("POST", f"/v1/threads/{thread_id}/runs/{run_id}/submit_tool_outputs") == 1


def automatic(desk: HttpDesk, run_id: str) -> bool | None:
    text = desk.session.get(f"{desk.url}/runs/{run_id}/", timeout=30).text
    return True if "automatic: Weather" in text else None
