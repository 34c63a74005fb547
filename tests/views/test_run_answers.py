"""Answering a run: once, completely, and never losing what somebody typed."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from django.test import Client

from assistants_app.models import Connection, Operation, Run
from assistants_app.models.people import Role
from assistants_app.services import tool_calls
from testing.api_actor import ApiActor
from tests.conftest import known_run, polled
from tests.views.conftest import TIDE, WEATHER, delivered, page, typed


def url(run: Run) -> str:
    return f"{run.get_absolute_url()}answers/"


def test_answers_are_stored_and_the_browser_goes_back_to_the_run(waiting: Run, olga: Client) -> None:
    response = olga.post(url(waiting), typed(waiting, "4 degrees", "high at noon"))
    assert (response.status_code, response["Location"]) == (303, waiting.get_absolute_url())
    (operation,) = Operation.objects.all()
    assert [each["output"] for each in operation.payload["tool_outputs"]] == ["4 degrees", "high at noon"]
    assert (operation.kind, operation.by.username) == ("submit_tool_outputs", "olga")


def test_answers_arrive_to_the_letter(waiting: Run, olga: Client, api_actor: ApiActor) -> None:
    texts = (' {"deg": 4}\n', '<b>"\u202e🌧\\n</b>\ttail ')
    olga.post(url(waiting), typed(waiting, *texts))
    assert [each.state for each in delivered()] == ["accepted"]
    steps = api_actor.get(f"/threads/{waiting.thread.remote_id}/runs/{waiting.remote_id}/steps")["data"]
    calls = next(each for each in steps if each["type"] == "tool_calls")["step_details"]["tool_calls"]
    assert tuple(call["function"]["output"] for call in calls) == texts


def test_the_line_breaks_that_browsers_post_are_those_of_the_keyboard(waiting: Run, olga: Client) -> None:
    olga.post(url(waiting), typed(waiting, "one\r\ntwo", "three"))
    assert Operation.objects.get().payload["tool_outputs"][0]["output"] == "one\ntwo"


def test_htmx_gets_the_piece_with_the_state_of_the_sending(waiting: Run, olga: Client) -> None:
    headers = {"HX-Request": "true", "HX-Target": "run-answers"}
    shown = page(olga.post(url(waiting), typed(waiting, "4", "5"), headers=headers))
    assert shown.elements[0].attributes["id"] == "run-answers"
    assert "Sending" in shown.text("sent")
    assert not shown.all("textarea")


@pytest.mark.parametrize("empty", ["", " ", "\r\n\t"])
def test_an_empty_answer_is_refused_beside_its_field(waiting: Run, olga: Client, empty: str) -> None:
    shown = page(olga.post(url(waiting), typed(waiting, "kept <b>", empty)), 422)
    first, second = tool_calls.waiting_calls(waiting)
    assert "Every call needs an answer" in shown.text(f"id_output-{second.pk}_error")
    assert not shown.has(f"id_output-{first.pk}_error")
    assert shown.sends(url(waiting))[first.field] == "kept <b>"
    assert not Operation.objects.exists()


def test_a_missing_call_is_refused_beside_its_field(waiting: Run, olga: Client) -> None:
    sent = typed(waiting, "kept", "gone")
    second = tool_calls.waiting_calls(waiting)[1]
    del sent[second.field]
    shown = page(olga.post(url(waiting), sent), 422)
    assert "Every call needs an answer" in shown.text(f"id_{second.field}_error")


@pytest.mark.parametrize("broken", ['{"a": }', "{", "NaN", "[1,]", "1" * 5000, "[" * 100_000])
def test_what_is_declared_as_json_must_be_json(waiting: Run, olga: Client, broken: str) -> None:
    shown = page(olga.post(url(waiting), typed(waiting, "{}", broken, format="json")), 422)
    second = tool_calls.waiting_calls(waiting)[1]
    assert "This is not JSON" in shown.text(f"id_{second.field}_error")
    sent = shown.sends(url(waiting))
    assert (sent[second.field], sent[f"format-{second.pk}"]) == (broken, "json")


def test_json_is_sent_as_it_was_typed_and_not_written_anew(waiting: Run, olga: Client) -> None:
    olga.post(url(waiting), typed(waiting, '{"a":  1.0, "a": 2}', "[]", format="json"))
    assert Operation.objects.get().payload["tool_outputs"][0]["output"] == '{"a":  1.0, "a": 2}'


def test_a_character_that_no_database_takes_is_refused_beside_its_field(waiting: Run, olga: Client) -> None:
    shown = page(olga.post(url(waiting), typed(waiting, "a\x00b", "fine")), 422)
    first = tool_calls.waiting_calls(waiting)[0]
    assert "Null characters" in shown.text(f"id_{first.field}_error")


@pytest.mark.slow
def test_an_answer_of_megabytes_is_taken(waiting: Run, olga: Client) -> None:
    long = '{"quoted": "%"}' * 150_000
    body = urlencode(typed(waiting, long, "short"))
    assert olga.post(url(waiting), body, content_type="application/x-www-form-urlencoded").status_code == 303
    assert Operation.objects.get().payload["tool_outputs"][0]["output"] == long


def test_a_double_click_sends_once(waiting: Run, olga: Client) -> None:
    sent = typed(waiting, "4", "5")
    assert [olga.post(url(waiting), sent).status_code for _ in range(3)] == [303] * 3
    assert Operation.objects.count() == 1


@pytest.mark.usefixtures("api_actor")
def test_the_back_button_after_the_server_took_them_is_no_error(waiting: Run, olga: Client) -> None:
    sent = typed(waiting, "4", "5")
    olga.post(url(waiting), sent)
    assert [each.state for each in delivered()] == ["accepted"]
    polled(waiting)
    assert olga.post(url(waiting), sent).status_code == 303


def test_other_answers_from_a_second_tab_are_kept_and_not_sent(waiting: Run, olga: Client) -> None:
    olga.post(url(waiting), typed(waiting, "4", "5"))
    shown = page(olga.post(url(waiting), typed(waiting, "from the other tab", "5")), 409)
    assert "You have answered these calls already" in shown.text("run-answers")
    assert "from the other tab" in shown.text("run-answers")


@pytest.mark.usefixtures("api_actor")
@pytest.mark.parametrize("settled", [False, True])
def test_a_second_person_is_told_who_was_first_and_keeps_the_text(
    waiting: Run, signed_in: Callable[..., Client], settled: bool
) -> None:
    late = typed(waiting, "mine <i>", "too")
    signed_in("olga").post(url(waiting), typed(waiting, "4", "5"))
    if settled:
        delivered()
        polled(waiting)
    shown = page(signed_in("pete").post(url(waiting), late), 409)
    assert "olga was first" in shown.text("run-answers")
    assert "mine <i>" in [each.text for each in shown.all("code")]
    assert Operation.objects.count() == 1


def test_answers_to_calls_that_changed_are_kept_and_not_sent(waiting: Run, olga: Client, api_actor: ApiActor) -> None:
    sent = typed(waiting, "too", "late")
    api_actor.outputs(waiting.thread.remote_id, waiting.remote_id)
    polled(waiting)
    shown = page(olga.post(url(waiting), sent), 409)
    assert "Your answers were not sent" in shown.text("run-answers")
    kept = shown.one(class_="kept")
    assert [each.text for each in shown.all("code") if each.inside(kept)] == ["too", "late"]
    assert not Operation.objects.exists()


@pytest.mark.parametrize("calls", ["", "x", "submit:1:2", "\x00"])
def test_a_form_that_does_not_say_for_which_calls_is_not_sent(waiting: Run, olga: Client, calls: str) -> None:
    page(olga.post(url(waiting), {**typed(waiting, "4", "5"), "calls": calls}), 409)
    assert not Operation.objects.exists()


def test_odd_names_of_fields_do_no_harm(waiting: Run, olga: Client) -> None:
    odd = {"output-": "a", "output-x": "b", f"output-{'9' * 30}": "c", "output-²": "d", "output-0": "kept"}
    shown = page(olga.post(url(waiting), odd), 409)
    assert "kept" in shown.text("run-answers")


def test_a_refused_answer_can_be_mended_and_sent_again(waiting: Run, olga: Client, api_actor: ApiActor) -> None:
    api_actor.fault("POST", ".*/submit_tool_outputs$", status=400)
    olga.post(url(waiting), typed(waiting, "4", "5"))
    delivered()
    shown = page(olga.get(waiting.get_absolute_url()))
    assert "The server refused the answers (400)" in shown.text("sent")
    assert olga.post(url(waiting), typed(waiting, "4", "mended")).status_code == 303
    assert [each.state for each in delivered()] == ["refused", "accepted"]


def test_what_was_refused_is_told_after_the_run_has_ended_too(waiting: Run, olga: Client, api_actor: ApiActor) -> None:
    api_actor.post(f"/threads/{waiting.thread.remote_id}/runs/{waiting.remote_id}/cancel")
    api_actor.get(f"/threads/{waiting.thread.remote_id}/runs/{waiting.remote_id}")
    olga.post(url(waiting), typed(waiting, "precious", "work"))
    delivered()
    assert polled(waiting).status == "cancelled"
    shown = page(olga.get(waiting.get_absolute_url())).text("sent")
    assert "do not accept tool outputs" in shown
    assert "precious" in shown


def test_answers_whose_fate_is_not_known_yet_are_not_called_missing(
    connection: Connection, olga: Client, api_actor: ApiActor
) -> None:
    run = polled(known_run(connection, api_actor.run([WEATHER], [TIDE])))
    api_actor.fault("POST", ".*/submit_tool_outputs$", after_effect=True, cut="before")
    olga.post(url(run), typed(run, "4"))
    assert [each.state for each in delivered()] == ["unknown"]
    shown = page(olga.get(polled(run).get_absolute_url()))
    (first,) = shown.all("details", class_="call")
    assert "sending" in first.text
    assert shown.all("form", action=url(run))


def test_a_full_server_is_named_with_the_time_of_the_next_try(waiting: Run, olga: Client, api_actor: ApiActor) -> None:
    api_actor.fault("POST", ".*/submit_tool_outputs$", status=429, headers={"Retry-After": "30"})
    olga.post(url(waiting), typed(waiting, "4", "5"))
    (operation,) = delivered()
    assert operation.due_at is not None
    shown = page(olga.get(waiting.get_absolute_url())).text("sent")
    assert "Waiting to be sent again" in shown
    assert f"The answers go out again at {operation.due_at:%H:%M:%S}." in shown


@pytest.mark.usefixtures("api_actor")
def test_what_was_never_sent_is_not_called_refused_by_the_server(waiting: Run, olga: Client) -> None:
    olga.post(url(waiting), typed(waiting, "4", "5"))
    Run.objects.update(status="expired")
    delivered()
    shown = page(olga.get(waiting.get_absolute_url())).text("sent")
    assert "The answers were not accepted." in shown
    assert "The run had ended (expired) before this could be sent." in shown


def test_a_viewer_cannot_answer(waiting: Run, signed_in: Callable[..., Client]) -> None:
    page(signed_in("vera", Role.VIEWER).post(url(waiting), typed(waiting, "4", "5")), 403)
    assert not Operation.objects.exists()
