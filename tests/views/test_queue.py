"""The queue: every waiting run, least time left first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from assistants_app.models import (
    Assistant,
    Claim,
    Connection,
    Message,
    Operation,
    Ruling,
    Run,
    Thread,
    ToolCall,
    Verdict,
)
from assistants_app.models.people import Role
from assistants_app.services import claims, preferences
from assistants_app.stream import may_listen
from tests.views.conftest import page, piece, typed

pytestmark = pytest.mark.database


def wait(connection: Connection, count: int, *, calls: int = 1, minutes: int = 5, name: str = "run") -> list[Run]:
    """Waiting runs, each of a thread with one message; the later ones have more time left."""
    now = timezone.now()
    threads = Thread.objects.bulk_create(
        Thread(connection=connection, remote_id=f"thread_{name}_{n}", active_at=now) for n in range(count)
    )
    Message.objects.bulk_create(
        Message(thread=each, remote_id=f"msg_{each.pk}", role="user", text=f"Ask {each.pk}", created_at=now)
        for each in threads
    )
    runs = Run.objects.bulk_create(
        Run(
            thread=each,
            connection=connection,
            remote_id=f"{name}_{n}",
            status="requires_action",
            expires_at=now + timedelta(minutes=minutes + n),
        )
        for n, each in enumerate(threads)
    )
    ToolCall.objects.bulk_create(
        ToolCall(run=run, remote_id=f"call_{n}", name=f"look_{n}", arguments=f'{{"n": {n}}}', waiting=True)
        for run in runs
        for n in range(calls)
    )
    return runs


def test_the_run_with_least_time_left_comes_first(connection: Connection, olga: Client) -> None:
    runs = wait(connection, 3)
    Run.objects.filter(pk=runs[2].pk).update(expires_at=timezone.now() + timedelta(seconds=9))
    Run.objects.filter(pk=runs[0].pk).update(expires_at=None)
    shown = page(olga.get("/queue/"))
    listed = [each.attributes["id"] for each in shown.all("tr") if each.attributes.get("id")]
    assert listed == [f"waiting-{runs[n].pk}" for n in (2, 1, 0)]
    assert "no limit known" in shown.text(f"waiting-{runs[0].pk}")


def test_a_row_tells_what_is_asked_and_leads_to_its_run(waiting: Run, olga: Client) -> None:
    shown = page(olga.get("/queue/"))
    row = shown.text(f"waiting-{waiting.pk}")
    for words in ("get_weather", '{"city": "Oslo"}', "get_tide", "Please help me", "Test"):
        assert words in row
    assert shown.all("a", class_="row-link")[0].attributes["href"] == waiting.get_absolute_url()


def test_a_run_with_many_calls_shows_the_first_and_counts_the_rest(connection: Connection, olga: Client) -> None:
    (run,) = wait(connection, 1, calls=9)
    row = page(olga.get("/queue/")).text(f"waiting-{run.pk}")
    assert "look_2" in row
    assert "and 6 more" in row


@pytest.mark.parametrize("count", [0, 1, 12])
def test_the_number_of_waiting_runs_stands_beside_its_name_and_in_the_title(
    connection: Connection, olga: Client, count: int
) -> None:
    wait(connection, count)
    shown = page(olga.get("/queue/"))
    assert shown.one(id="nav-count").attributes["data-count"] == str(count)
    assert shown.one("title").text.startswith(f"({count}) " if count else "Queue")


def test_who_has_answered_already_is_told(waiting: Run, olga: Client) -> None:
    olga.post(f"{waiting.get_absolute_url()}answers/", typed(waiting, "4", "5"))
    assert "olga has answered" in page(olga.get("/queue/")).text(f"waiting-{waiting.pk}")


@pytest.mark.parametrize("target", ["queue-list", "nav-count"])
def test_htmx_gets_one_piece_alone(waiting: Run, olga: Client, target: str) -> None:
    response = piece(olga, "/queue/", target)
    shown = page(response)
    assert shown.elements[0].attributes["id"] == target
    assert [each for each in shown.elements if each.within is None] == shown.elements[:1]
    assert {"HX-Request", "HX-Target"} <= set(response["Vary"].split(", "))


@pytest.mark.parametrize("target", ["", "elsewhere", "../../settings", "\u00e9"])
def test_an_unknown_piece_is_the_whole_page(olga: Client, target: str) -> None:
    assert page(piece(olga, "/queue/", target)).has("main")


def test_the_page_says_that_its_answer_depends_on_htmx(olga: Client) -> None:
    assert {"HX-Request", "HX-Target"} <= set(olga.get("/queue/")["Vary"].split(", "))


@pytest.mark.parametrize("count", [0, 150])
def test_it_takes_few_queries_however_many_wait(
    connection: Connection, olga: Client, count: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    wait(connection, count, calls=3)
    with django_assert_max_num_queries(14):
        page(olga.get("/queue/"))
    with django_assert_max_num_queries(8):
        page(piece(olga, "/queue/", "queue-list"))


@pytest.mark.parametrize("query", ["", "?assistant=1&function=look&holder=nobody&connection=1", "?mine=on"])
def test_no_request_of_an_idle_queue_takes_more_than_three_queries(
    connection: Connection, olga: Client, query: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    wait(connection, 20)
    seen = page(piece(olga, f"/queue/{query}", "queue-list")).one(id="queue-list").attributes["data-version"]
    with django_assert_max_num_queries(3):
        assert olga.get(f"/queue/{query}", headers=poll("queue-list", seen)).status_code == 204
    with django_assert_max_num_queries(3):
        page(piece(olga, f"/queue/{query}", "nav-count"))
    with django_assert_max_num_queries(3):
        page(piece(olga, f"/queue/{query}", "first-steps"))
    with django_assert_max_num_queries(3):
        assert len(olga.get("/queue/waiting/").json()["runs"]) == 20


def test_nor_does_the_stream_that_an_idle_queue_opens_now_and_then(
    transactional_db: None, olga: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    cookies = "; ".join(f"{name}={each.value}" for name, each in olga.cookies.items())
    with django_assert_max_num_queries(3):
        assert may_listen({"headers": [(b"cookie", cookies.encode())]})


def poll(target: str, version: str) -> dict[str, str]:
    return {"HX-Request": "true", "HX-Target": target, "X-Seen-Version": version}


def test_what_one_person_was_shown_is_not_shown_to_another(
    connection: Connection, olga: Client, signed_in: Callable[..., Client], person: Callable[..., User]
) -> None:
    (run,) = wait(connection, 1)
    claims.hold(run=run, by=person("olga"), page=uuid4())
    told = {}
    for name, language in (("olga", "en"), ("pete", "en"), ("dora", "de")):
        client = signed_in(name)
        preferences.change(user=person(name), language=language)
        told[name] = page(piece(client, "/queue/", "queue-list")).text(f"waiting-{run.pk}")
    assert "You are at it" in told["olga"]
    assert "olga is at it" in told["pete"]
    assert "olga ist dran" in told["dora"]


def test_a_list_that_everybody_asks_for_at_once_is_made_once(
    connection: Connection, signed_in: Callable[..., Client], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    (run,) = wait(connection, 1, calls=2)
    first, second = signed_in("pete"), signed_in("rosa")
    shown = piece(first, "/queue/", "queue-list").content
    with django_assert_max_num_queries(3):
        assert piece(second, "/queue/", "queue-list").content == shown
    Run.objects.filter(pk=run.pk).update(status="completed", changed_at=timezone.now())
    assert not page(piece(second, "/queue/", "queue-list")).has(f"waiting-{run.pk}")


@pytest.mark.parametrize("target", ["queue-list", ""])
def test_what_was_shown_while_it_changed_is_fetched_when_it_changes_back(
    waiting: Run, olga: Client, person: Callable[..., User], target: str
) -> None:
    claim: Any = {"run": waiting, "by": person("pete"), "page": uuid4()}

    def claim_before_rows_are_read(execute: Callable[..., object], sql: str, *rest: object) -> object:
        if "last_user_text" in sql:
            claims.hold(**claim)
        return execute(sql, *rest)

    with database.execute_wrapper(claim_before_rows_are_read):
        shown = page(piece(olga, "/queue/", target))
    claims.release(**claim)
    assert "pete is at it" in shown.text(f"waiting-{waiting.pk}")
    seen = shown.one(id="queue-list").attributes["data-version"]
    fresh = page(olga.get("/queue/", headers=poll("queue-list", seen)))
    assert "pete is at it" not in fresh.text(f"waiting-{waiting.pk}")


def changes(connection: Connection, runs: list[Run], person: Callable[..., User]) -> dict[str, Callable[[], object]]:
    olga, late = person("olga"), timezone.now() - timedelta(seconds=91)
    other = Assistant.objects.create(connection=connection, remote_id="asst_1")
    sending = {"kind": "submit_tool_outputs", "connection": connection, "run": runs[1], "by": olga, "key": "k"}
    return {
        "a run came": lambda: wait(connection, 1, name="other"),
        "a run left": lambda: Run.objects.filter(pk=runs[0].pk).update(status="completed"),
        "a run changed": lambda: Run.objects.filter(pk=runs[2].pk).update(changed_at=timezone.now()),
        "its assistant is known": lambda: Run.objects.filter(pk=runs[2].pk).update(assistant=other),
        "something was said": lambda: Thread.objects.filter(pk=runs[2].thread_id).update(active_at=timezone.now()),
        "somebody opened one": lambda: claims.hold(run=runs[1], by=olga, page=uuid4()),
        "another took it": lambda: claims.take_over(run=runs[1], by=person("pete"), page=uuid4(), holder=olga.pk),
        "the other was not heard of": lambda: Claim.objects.update(seen_at=late),
        "answers are sent": lambda: Operation.objects.create(**sending),
        "they are accepted": lambda: Operation.objects.update(state="accepted"),
        "a rule says why it left one": lambda: Verdict.objects.create(
            call=runs[2].calls.get(), ruling=Ruling.objects.create(run=runs[2], key="k"), title="R", reason="Why."
        ),
        "the server fails": lambda: Connection.objects.update(last_error="Connection refused."),
        "it answers again": lambda: Connection.objects.update(last_error=""),
    }


def test_whatever_changes_is_fetched(connection: Connection, olga: Client, person: Callable[..., User]) -> None:
    for what, change in changes(connection, wait(connection, 3), person).items():
        seen = page(piece(olga, "/queue/", "queue-list")).one(id="queue-list").attributes["data-version"]
        assert olga.get("/queue/", headers=poll("queue-list", seen)).status_code == 204, what
        change()
        assert olga.get("/queue/", headers=poll("queue-list", seen)).status_code == 200, what


def listed(client: Client, query: str) -> list[str]:
    shown = page(client.get(f"/queue/?{query}"))
    return [each.attributes["id"] for each in shown.all("tr") if each.attributes.get("id")]


def test_it_is_narrowed_by_connection_assistant_function_holder_and_mine(
    connection: Connection, olga: Client, person: Callable[..., User]
) -> None:
    runs = wait(connection, 4)
    ids = [f"waiting-{run.pk}" for run in runs]
    assistant = Assistant.objects.create(connection=connection, remote_id="asst_1")
    Run.objects.filter(pk=runs[0].pk).update(assistant=assistant)
    ToolCall.objects.filter(run=runs[1]).update(name="refund_order")
    pete = person("pete")
    claims.hold(run=runs[2], by=pete, page=uuid4())
    claims.hold(run=runs[3], by=person("olga"), page=uuid4())
    assert listed(olga, f"connection={connection.pk}") == ids
    assert listed(olga, f"assistant={assistant.pk}") == ids[:1]
    assert listed(olga, "function=REFUND") == ids[1:2]
    assert listed(olga, f"holder={pete.pk}") == ids[2:3]
    assert listed(olga, "holder=nobody") == ids[:2]
    assert listed(olga, "mine=on") == ids[3:]
    assert listed(olga, f"holder={pete.pk}&function=refund") == []


def test_who_may_be_at_a_run_is_the_same_in_every_language(olga: Client, person: Callable[..., User]) -> None:
    person("pete")
    for language in ("en", "de"):
        names = [each.text for each in page(olga.get("/queue/", headers={"Accept-Language": language})).all("option")]
        assert "pete" in names


@pytest.mark.parametrize(
    "query", ["assistant=x", "holder=-1", "holder=²", f"assistant={9**30}", "function=%00", "mine="]
)
def test_what_is_no_filter_narrows_nothing(connection: Connection, olga: Client, query: str) -> None:
    wait(connection, 2)
    assert len(listed(olga, query)) == 2


def test_a_filter_that_fits_nothing_says_so_and_can_be_cleared(connection: Connection, olga: Client) -> None:
    wait(connection, 1)
    shown = page(olga.get("/queue/?function=nothing_like_it"))
    assert "No waiting run fits" in shown.text("queue-list")
    assert [each for each in shown.all("a", href="/queue/") if "Clear filters" in each.text]
    assert shown.one(id="id_function").attributes["value"] == "nothing_like_it"


def test_who_is_at_a_run_is_told_until_they_were_not_heard_of_for_90_seconds(
    connection: Connection, olga: Client, person: Callable[..., User]
) -> None:
    (run,) = wait(connection, 1)
    claims.hold(run=run, by=person("anna"), page=uuid4())
    assert "anna is at it" in page(olga.get("/queue/")).text(f"waiting-{run.pk}")
    Claim.objects.update(seen_at=timezone.now() - timedelta(seconds=91))
    assert "anna" not in page(olga.get("/queue/")).text(f"waiting-{run.pk}")


@pytest.mark.parametrize(
    ("type", "words"),
    [
        ("submit_tool_outputs", ""),
        ("submit_tool_approval", "Approve or deny"),
        ("submit_poem", "Cannot be answered here"),
    ],
)
def test_each_shape_is_listed(connection: Connection, olga: Client, type: str, words: str) -> None:
    (run,) = wait(connection, 1)
    ToolCall.objects.update(required_type=type)
    assert words in page(olga.get("/queue/")).text(f"waiting-{run.pk}")


def test_an_action_without_calls_is_listed_by_its_type(connection: Connection, olga: Client) -> None:
    (run,) = wait(connection, 1, calls=0)
    Run.objects.update(required_type="submit_poem")
    assert "submit_poem" in page(olga.get("/queue/")).text(f"waiting-{run.pk}")


def test_runs_that_do_not_wait_are_not_listed(connection: Connection, olga: Client) -> None:
    runs = wait(connection, 3)
    Run.objects.filter(pk=runs[0].pk).update(status="completed")
    Run.objects.filter(pk=runs[1].pk).update(gone_at=timezone.now())
    shown = page(olga.get("/queue/"))
    assert [shown.has(f"waiting-{each.pk}") for each in runs] == [False, False, True]


def test_an_empty_queue_says_so(connection: Connection, olga: Client) -> None:
    assert "Nothing waits for you" in page(olga.get("/queue/")).text("queue-list")


@pytest.mark.parametrize(("role", "words"), [(Role.VIEWER, "Ask an admin"), (Role.ADMIN, "Add a connection")])
def test_without_a_connection_it_says_what_to_do(
    transactional_db: None, signed_in: Callable[..., Client], role: Role, words: str
) -> None:
    shown = page(signed_in("somebody", role).get("/queue/")).text("queue-list")
    assert "No server is connected yet" in shown
    assert words in shown


def test_a_server_that_gives_no_good_answer_is_named(connection: Connection, olga: Client) -> None:
    Connection.objects.update(last_error="Incorrect API key <b>")
    shown = page(olga.get("/queue/"))
    assert "Test gives no good answer. Incorrect API key <b>" in shown.text("queue-list")


def test_the_first_page_leads_to_the_queue(client: Client) -> None:
    assert client.get("/")["Location"] == "/queue/"


def test_a_thread_is_named_only_where_that_says_more_than_what_was_asked(connection: Connection, olga: Client) -> None:
    first, second = wait(connection, 2)
    Thread.objects.filter(pk=first.thread_id).update(preview=f"Ask {first.thread_id}")
    Thread.objects.filter(pk=second.thread_id).update(preview="How it began")
    shown = page(olga.get("/queue/"))
    (link,) = shown.all("a", class_="in-thread")
    assert link.text == "in How it began"


def test_a_run_that_waits_belongs_to_the_queue_and_one_that_ended_to_threads(waiting: Run, olga: Client) -> None:
    def marked() -> str:
        shown = page(olga.get(waiting.get_absolute_url()))
        (link,) = [each for each in shown.all("a") if "aria-current" in each.attributes]
        return link.attributes["href"]

    assert marked() == "/queue/"
    Run.objects.update(status="completed")
    assert marked() == "/threads/"
