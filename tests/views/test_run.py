"""The page of a run: what it asks, what it did, and the form that answers it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from assistants_app.models import Assistant, Connection, Run, RunStep, ToolCall
from assistants_app.models.people import Role
from assistants_app.services import assistants, tool_calls
from testing.api_actor import ApiActor
from testing.html_page import Page
from tests.conftest import known_run, polled
from tests.views.conftest import WEATHER, delivered, page, piece, typed

ARGUMENTS = [
    "{}",
    "not JSON at all",
    "",
    '{"a":  1,\n\t"b": "\\u00e9"}',
    "<script>alert(1)</script> &amp; </code>",
    '{"text": "🌧 שלום \u202e \u200b"}',
    "[" * 2000,
    '"' + "x" * 30_000 + '"',
]


def asking(run: Run, arguments: str) -> ToolCall:
    """The run after its first call has these arguments."""
    call = tool_calls.waiting_calls(run)[0]
    ToolCall.objects.filter(pk=call.pk).update(arguments=arguments)
    return call


def test_the_form_has_one_field_for_each_waiting_call(waiting: Run, olga: Client) -> None:
    shown = page(olga.get(waiting.get_absolute_url()))
    fields = [each.attributes["name"] for each in shown.all("textarea")]
    assert fields == [call.field for call in tool_calls.waiting_calls(waiting)]
    assert all(each.startswith("output-") for each in fields)
    assert shown.sends(f"{waiting.get_absolute_url()}answers/")["calls"]


def test_each_call_shows_its_function_and_arguments(waiting: Run, olga: Client) -> None:
    shown = page(olga.get(waiting.get_absolute_url()))
    first, second = tool_calls.waiting_calls(waiting)
    assert "get_weather" in shown.text(f"call-{first.pk}")
    assert "Oslo" in shown.text(f"call-{first.pk}")
    assert "Bergen" in shown.text(f"call-{second.pk}")


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=range(len(ARGUMENTS)))
def test_arguments_are_shown_to_the_letter(waiting: Run, olga: Client, arguments: str) -> None:
    call = asking(waiting, arguments)
    shown = page(olga.get(waiting.get_absolute_url()))
    article = shown.one("article", id=f"call-{call.pk}")
    (letters,) = [each for each in shown.all("code") if "data-arguments" in each.attributes and each.inside(article)]
    assert letters.text == arguments


def test_what_the_assistant_says_of_the_function_stands_beside_the_call(waiting: Run, olga: Client) -> None:
    declared = {"type": "function", "function": {"name": "get_weather", "description": "Degrees <now>."}}
    Assistant.objects.filter(remote_id=waiting.assistant_remote_id).update(raw=json.dumps({"tools": [declared]}))
    call = tool_calls.waiting_calls(waiting)[0]
    assert "Degrees <now>." in page(olga.get(waiting.get_absolute_url())).text(f"call-{call.pk}")


@pytest.mark.parametrize("name", [None, 7, [], {}, ["get_weather"]])
def test_a_function_declared_without_a_proper_name_does_no_harm(waiting: Run, olga: Client, name: object) -> None:
    tools = [{"type": "function", "function": {"name": name}}, {"type": "function"}, None, {"type": {}}]
    Assistant.objects.filter(remote_id=waiting.assistant_remote_id).update(raw=json.dumps({"tools": tools}))
    page(olga.get(waiting.get_absolute_url()))
    page(olga.get(f"/assistants/{waiting.assistant_remote_id}/"))


def test_a_viewer_sees_the_calls_and_no_form(waiting: Run, signed_in: Callable[..., Client]) -> None:
    shown = page(signed_in("vera", Role.VIEWER).get(waiting.get_absolute_url()))
    assert "get_weather" in shown.text("run-answers")
    assert "may look but not answer" in shown.text("run-answers")
    assert not shown.all("textarea")
    assert not [each for each in shown.all("form") if "cancel" in each.attributes.get("action", "")]


@pytest.mark.parametrize("target", ["run-head", "run-answers", "run-conversation", "run-steps"])
def test_htmx_gets_one_piece_alone(waiting: Run, olga: Client, target: str) -> None:
    shown = page(piece(olga, waiting.get_absolute_url(), target))
    assert shown.elements[0].attributes["id"] == target
    assert [each for each in shown.elements if each.within is None] == shown.elements[:1]
    assert shown.elements[0].attributes["hx-get"] == waiting.get_absolute_url()


def test_the_conversation_shows_what_the_user_asked_and_what_the_run_replied(
    waiting: Run, olga: Client, api_actor: ApiActor
) -> None:
    api_actor.outputs(waiting.thread.remote_id, waiting.remote_id)
    run = known_run(waiting.connection, (waiting.thread.remote_id, waiting.remote_id))
    shown = page(olga.get(run.get_absolute_url()))
    assert "Please help me" in shown.text("run-conversation")
    assert "Rain, high water." in shown.text("run-conversation")
    assert "Called get_weather, get_tide" in shown.text("run-steps")
    assert "and waited for a person" in shown.text("run-steps")
    assert "total" in shown.text("run-steps")
    assert "Wrote a message" in shown.text("run-steps")


@pytest.mark.usefixtures("api_actor")
def test_answered_calls_show_who_answered_what(waiting: Run, olga: Client) -> None:
    olga.post(f"{waiting.get_absolute_url()}answers/", typed(waiting, "4 degrees", "5 metres"))
    delivered()
    polled(waiting)
    shown = page(olga.get(waiting.get_absolute_url())).text("run-answers")
    assert "olga" in shown
    assert "4 degrees" in shown
    assert "5 metres" in shown


def test_a_run_that_waits_for_something_unknown_says_so(waiting: Run, olga: Client) -> None:
    ToolCall.objects.all().delete()
    Run.objects.update(required_type="submit_tool_approvals")
    shown = page(olga.get(waiting.get_absolute_url()))
    assert "cannot be answered here: submit_tool_approvals" in shown.text("run-answers")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("queued", "Queued"),
        ("in_progress", "Running"),
        ("cancelling", "Cancelling"),
        ("cancelled", "Cancelled"),
        ("completed", "Completed"),
        ("failed", "The run failed. The server gives no reason."),
        ("incomplete", "stopped before its reply was complete"),
        ("expired", "The run expired."),
        ("<brewing>", "<brewing>"),
        ("", "No runs"),
    ],
)
def test_each_status_has_its_words_and_no_form(waiting: Run, olga: Client, status: str, words: str) -> None:
    Run.objects.update(status=status, ended_at=timezone.now())
    ToolCall.objects.update(waiting=False)
    shown = page(olga.get(waiting.get_absolute_url()))
    assert words in shown.text("run-head")
    assert not shown.all("textarea")


def test_a_run_that_is_gone_or_not_followed_says_so(waiting: Run, olga: Client) -> None:
    Run.objects.update(parked_at=timezone.now(), parked_because="ValueError: <odd>")
    assert "not followed any more" in page(olga.get(waiting.get_absolute_url())).text("run-head")
    Run.objects.update(gone_at=timezone.now())
    assert "no longer has this run" in page(olga.get(waiting.get_absolute_url())).text("run-head")


def test_the_next_waiting_run_is_one_step_away(waiting: Run, olga: Client, api_actor: ApiActor) -> None:
    other = polled(known_run(waiting.connection, api_actor.run([WEATHER])))
    Run.objects.filter(pk=other.pk).update(expires_at=timezone.now() + timedelta(minutes=60))
    shown = page(olga.get(waiting.get_absolute_url()))
    assert shown.one(id="next-waiting").attributes["href"] == other.get_absolute_url()
    olga.post(f"{other.get_absolute_url()}answers/", typed(other, "4"))
    assert not page(olga.get(waiting.get_absolute_url())).has("next-waiting")


def test_refreshing_has_the_run_read_at_once(waiting: Run, signed_in: Callable[..., Client]) -> None:
    Run.objects.update(due_at=None, parked_at=timezone.now(), failures=5)
    response = signed_in("vera", Role.VIEWER).post(f"{waiting.get_absolute_url()}refresh/")
    assert (response.status_code, response["Location"]) == (303, waiting.get_absolute_url())
    run = Run.objects.get(pk=waiting.pk)
    assert (run.parked_at, run.failures) == (None, 0)
    assert run.due_at is not None


@pytest.mark.parametrize("calls", [1, 128])
def test_it_takes_few_queries_however_many_calls(
    waiting: Run, olga: Client, calls: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    ToolCall.objects.bulk_create(
        ToolCall(run=waiting, remote_id=f"call_{n}", name="more", arguments="{}", waiting=n % 2 == 0, position=9 + n)
        for n in range(calls)
    )
    RunStep.objects.bulk_create(RunStep(run=waiting, remote_id=f"step_{n}") for n in range(calls))
    page(olga.get(waiting.get_absolute_url()))  # that somebody opened their first run is kept, once
    # 19, and one more where the claim has lapsed meanwhile.
    with django_assert_max_num_queries(20):
        page(olga.get(waiting.get_absolute_url()))


def whole(client: Client, shown: Page) -> list[str]:
    """The texts behind the links to what the page cuts."""
    return [client.get(each.attributes["href"]).content.decode() for each in shown.all("a", class_="whole")]


def test_long_arguments_and_outputs_are_cut_with_a_way_to_the_whole(waiting: Run, olga: Client) -> None:
    first, second = tool_calls.waiting_calls(waiting)
    long = json.dumps({"rows": ["<&>\n" * 50] * 5_000})
    ToolCall.objects.filter(pk=first.pk).update(arguments=long)
    ToolCall.objects.filter(pk=second.pk).update(arguments="x" * 2_000_000, output="y" * 2_000_000, waiting=False)
    response = olga.get(waiting.get_absolute_url())
    assert len(response.content) < 1_000_000
    assert set(whole(olga, page(response))) >= {long, "x" * 2_000_000, "y" * 2_000_000}


def test_a_whole_text_is_plain_text_that_no_browser_takes_for_a_page(waiting: Run, olga: Client) -> None:
    call = asking(waiting, "<script>alert(1)</script>")
    response = olga.get(f"{waiting.get_absolute_url()}calls/{call.pk}/arguments/")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response.content == b"<script>alert(1)</script>"


def test_a_raw_run_of_megabytes_is_cut_with_a_way_to_the_whole(waiting: Run, olga: Client) -> None:
    Run.objects.update(raw=json.dumps({"instructions": "i" * 3_000_000}))
    response = olga.get(waiting.get_absolute_url())
    assert len(response.content) < 1_000_000
    assert any("i" * 3_000_000 in each for each in whole(olga, page(response)))


@pytest.mark.parametrize("part", ["other", "raw", "waiting", "run", "_state"])
def test_nothing_but_arguments_and_outputs_is_given_away(waiting: Run, olga: Client, part: str) -> None:
    call = tool_calls.waiting_calls(waiting)[0]
    page(olga.get(f"{waiting.get_absolute_url()}calls/{call.pk}/{part}/"), 404)


def test_a_call_of_another_run_is_not_found(waiting: Run, olga: Client, connection: Connection) -> None:
    other = Run.objects.create(connection=connection, thread=waiting.thread, remote_id="run_other")
    call = tool_calls.waiting_calls(waiting)[0]
    page(olga.get(f"{other.get_absolute_url()}calls/{call.pk}/arguments/"), 404)
    assert assistants.page().rows
