"""Drafts on a run's page: they are there again, whoever wrote them, until the answers are accepted."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from django.test import Client

from assistants_app.models import Draft, Run, ToolCall
from assistants_app.services import tool_calls
from testing.api_actor import ApiActor
from tests.conftest import polled
from tests.views.conftest import Response, delivered, page, typed

pytestmark = pytest.mark.database


def url(run: Run) -> str:
    return f"{run.get_absolute_url()}drafts/"


def form(client: Client, run: Run, *texts: str) -> dict[str, str]:
    """What the form of the page sends with these texts."""
    sent = page(client.get(run.get_absolute_url())).sends(f"{run.get_absolute_url()}answers/")
    names = [call.field for call in tool_calls.waiting_calls(run)]
    return {**sent, **dict(zip(names, texts, strict=True))}


def by_script(client: Client, run: Run, call: ToolCall, text: str, version: int) -> Response:
    """What a page sends while somebody types."""
    sent = {call.field: text, f"format-{call.pk}": "text", f"version-{call.pk}": version}
    return client.post(url(run), sent, headers={"HX-Request": "true", "HX-Target": f"draft-{call.pk}"})


def test_save_draft_keeps_all_calls_and_the_page_has_them_again(waiting: Run, olga: Client) -> None:
    assert olga.post(url(waiting), form(olga, waiting, "half an ans", "")).status_code == 303
    shown = page(olga.get(waiting.get_absolute_url()))
    first, second = tool_calls.waiting_calls(waiting)
    assert shown.one(id=f"id_{first.field}").text.strip() == "half an ans"
    assert "saved" in shown.text(f"draft-{first.pk}")
    assert "by olga" in shown.text(f"draft-{first.pk}")
    assert shown.text(f"draft-{second.pk}").startswith("Not saved yet")  # hidden until it is so


def test_another_person_goes_on_with_it(waiting: Run, signed_in: Callable[..., Client]) -> None:
    anna, pete = signed_in("anna"), signed_in("pete")
    anna.post(url(waiting), form(anna, waiting, "begun", "too"))
    sent = form(pete, waiting, "begun and ended", "too")
    assert pete.post(url(waiting), sent).status_code == 303
    assert sorted(Draft.objects.values_list("by__username", "version")) == [("anna", 1), ("pete", 2)]


def test_two_writers_see_both_texts(waiting: Run, signed_in: Callable[..., Client]) -> None:
    anna, pete = signed_in("anna"), signed_in("pete")
    late = form(pete, waiting, "pete's words", "")
    anna.post(url(waiting), form(anna, waiting, "anna's words", ""))
    shown = page(pete.post(url(waiting), late), 409)
    call = tool_calls.waiting_calls(waiting)[0]
    assert "anna saved other words meanwhile" in shown.text(f"draft-{call.pk}")
    assert "anna's words" in shown.text(f"draft-{call.pk}")
    sent = shown.sends(f"{waiting.get_absolute_url()}answers/")
    assert sent[call.field].strip() == "pete's words"
    assert pete.post(url(waiting), sent).status_code == 303
    assert Draft.objects.get().text == "pete's words"


def test_a_script_saves_one_call_and_gets_its_piece(waiting: Run, olga: Client) -> None:
    call = tool_calls.waiting_calls(waiting)[1]
    shown = page(by_script(olga, waiting, call, "typed", 0))
    assert shown.elements[0].attributes["id"] == f"draft-{call.pk}"
    assert shown.elements[0].attributes["data-version"] == "1"
    assert Draft.objects.get().call_id == call.pk


def test_a_script_is_told_of_a_conflict_and_of_both_texts(waiting: Run, signed_in: Callable[..., Client]) -> None:
    call = tool_calls.waiting_calls(waiting)[0]
    by_script(signed_in("anna"), waiting, call, "anna's", 0)
    shown = page(by_script(signed_in("pete"), waiting, call, "pete's", 0))
    assert "data-conflict" in shown.elements[0].attributes
    assert "anna's" in shown.text(f"draft-{call.pk}")
    piece = page(signed_in("pete").get(f"{url(waiting)}{call.pk}/"))
    assert "saved" in piece.text(f"draft-{call.pk}")


def test_a_draft_outlives_an_expiry(waiting: Run, olga: Client, api_actor: ApiActor) -> None:
    olga.post(url(waiting), form(olga, waiting, "not quite ready", ""))
    api_actor.post(f"/threads/{waiting.thread.remote_id}/runs/{waiting.remote_id}/cancel")
    assert not polled(waiting).is_waiting
    shown = page(olga.get(waiting.get_absolute_url())).text("run-answers")
    assert "not quite ready" in shown
    assert "Draft by olga" in shown


@pytest.mark.usefixtures("api_actor")
def test_it_is_gone_once_the_answers_were_accepted(waiting: Run, olga: Client) -> None:
    olga.post(url(waiting), form(olga, waiting, "4", "5"))
    olga.post(f"{waiting.get_absolute_url()}answers/", typed(waiting, "4", "5"))
    assert Draft.objects.count() == 2
    assert [each.state for each in delivered()] == ["accepted"]
    assert not Draft.objects.exists()


@pytest.mark.usefixtures("api_actor")
def test_what_another_had_begun_is_not_lost_when_one_sends(waiting: Run, signed_in: Callable[..., Client]) -> None:
    pete, anna = signed_in("pete"), signed_in("anna")
    pete.post(url(waiting), form(pete, waiting, "pete's better words", ""))
    anna.post(f"{waiting.get_absolute_url()}answers/", typed(waiting, "anna's", "words"))
    delivered()
    polled(waiting)
    shown = page(pete.get(waiting.get_absolute_url())).text("run-answers")
    assert "anna's" in shown
    assert "Draft by pete" in shown
    assert "pete's better words" in shown


@pytest.mark.usefixtures("api_actor")
def test_who_came_second_keeps_what_they_typed_beyond_the_page(waiting: Run, signed_in: Callable[..., Client]) -> None:
    pete = signed_in("pete")
    late = form(pete, waiting, "pete's", "words")
    signed_in("anna").post(f"{waiting.get_absolute_url()}answers/", typed(waiting, "anna's", "words"))
    shown = page(pete.post(f"{waiting.get_absolute_url()}answers/", late), 409).text("run-answers")
    assert "anna was first" in shown
    assert "pete's" in shown
    assert "anna's" in shown
    delivered()
    polled(waiting)
    assert "pete's" in page(pete.get(waiting.get_absolute_url())).text("run-answers")


def test_a_refused_answer_comes_back_and_a_draft_since_then_before_it(
    waiting: Run, olga: Client, api_actor: ApiActor
) -> None:
    first = tool_calls.waiting_calls(waiting)[0]
    api_actor.fault("POST", ".*/submit_tool_outputs$", status=400)
    olga.post(url(waiting), form(olga, waiting, "early", ""))
    olga.post(f"{waiting.get_absolute_url()}answers/", typed(waiting, "sent", "5"))
    delivered()
    assert page(olga.get(waiting.get_absolute_url())).one(id=f"id_{first.field}").text.strip() == "sent"
    olga.post(url(waiting), form(olga, waiting, "mended", "5"))
    assert page(olga.get(waiting.get_absolute_url())).one(id=f"id_{first.field}").text.strip() == "mended"


@pytest.mark.parametrize("version", ["", "-1", "x", "9" * 30, "²"])
def test_odd_versions_and_names_do_no_harm(waiting: Run, olga: Client, version: str) -> None:
    call = tool_calls.waiting_calls(waiting)[0]
    odd = {
        call.field: "kept",
        f"version-{call.pk}": version,
        "output-": "a",
        "output-x": "b",
        f"output-{'9' * 30}": "c",
    }
    assert olga.post(url(waiting), odd | {"page": "\x00"}).status_code == 303
    assert Draft.objects.get().text == "kept"


def test_a_draft_of_megabytes_is_taken(waiting: Run, olga: Client) -> None:
    long = '{"quoted": "%"}' * 150_000
    call = tool_calls.waiting_calls(waiting)[0]
    body = urlencode({call.field: long})
    assert olga.post(url(waiting), body, content_type="application/x-www-form-urlencoded").status_code == 303
    assert Draft.objects.get().text == long
    assert olga.get(waiting.get_absolute_url()).status_code == 200
