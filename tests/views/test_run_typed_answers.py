"""Answering with fields for what a function returns, with errors, with what was answered before; and looking first."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from assistants_app.models import Assistant, Connection, Operation, OutputSchema, Run
from assistants_app.models.people import Role
from assistants_app.services import output_schemas, tool_calls
from testing.api_actor import ApiActor
from tests.conftest import known_run, polled
from tests.views.conftest import TIDE, WEATHER, delivered, page, typed

FORECAST = {
    "type": "object",
    "required": ["degrees", "rain"],
    "properties": {
        "degrees": {"type": "number", "minimum": -90},
        "rain": {"type": "boolean"},
        "hours": {"type": "array", "items": {"type": "integer"}},
        "sky": {"enum": ["clear", "grey"]},
    },
}


@pytest.fixture
def known(waiting: Run, person: Callable[..., Any]) -> Run:
    """The waiting run, of whose first function somebody wrote down what it returns."""
    editor = person("edda", Role.EDITOR)
    output_schemas.save(connection=waiting.connection, name="get_weather", text=json.dumps(FORECAST), by=editor)
    return waiting


def url(run: Run) -> str:
    return f"{run.get_absolute_url()}answers/"


def filled(run: Run, **values: str) -> dict[str, str]:
    """What the form sends: fields of the first call, text for the second."""
    first, second = tool_calls.waiting_calls(run)
    sent = typed(run, "", "high") | {f"format-{first.pk}": "form"}
    assert second.field in sent
    return sent | {f"{first.field}:/{name.replace('__', '/')}": value for name, value in values.items()}


def test_numbers_stay_numbers(known: Run, olga: Client, api_actor: ApiActor) -> None:
    many = {"degrees": "12345678901234567890.10", "rain": "true", "hours__-": "2", "hours__0": "7", "hours__1": "19"}
    assert olga.post(url(known), filled(known, **many, sky='"grey"')).status_code == 303
    assert [each.state for each in delivered()] == ["accepted"]
    steps = api_actor.get(f"/threads/{known.thread.remote_id}/runs/{known.remote_id}/steps")["data"]
    calls = next(each for each in steps if each["type"] == "tool_calls")["step_details"]["tool_calls"]
    expected = '{"degrees": 12345678901234567890.10, "rain": true, "hours": [7, 19], "sky": "grey"}'
    assert [call["function"]["output"] for call in calls] == [expected, "high"]


def test_what_is_missing_or_wrong_is_told_beside_its_field_and_all_is_kept(known: Run, olga: Client) -> None:
    shown = page(olga.post(url(known), filled(known, degrees="-300", sky='"grey"')), 422)
    first = tool_calls.waiting_calls(known)[0]
    assert "degrees: Must be at least" not in shown.text("answer-errors")
    assert "rain: Choose one." in shown.text("answer-errors")
    sent = shown.sends(url(known))
    assert (sent[f"{first.field}:/degrees"], sent[f"{first.field}:/sky"]) == ("-300", '"grey"')
    shown = page(olga.post(url(known), filled(known, degrees="-300", rain="false")), 422)
    assert "degrees: Must be at least -90." in shown.text("answer-errors")
    assert not Operation.objects.exists()


def test_json_is_checked_against_what_the_function_returns(known: Run, olga: Client) -> None:
    shown = page(olga.post(url(known), typed(known, '{"degrees": "4"}', "1", format="json")), 422)
    assert "degrees: Must be a number." in shown.text("answer-errors")
    olga.post(url(known), typed(known, '{"degrees":  4.0, "rain": false}', "1", format="json"))
    assert Operation.objects.get().payload["tool_outputs"][0]["output"] == '{"degrees":  4.0, "rain": false}'


def test_any_text_can_be_sent_as_text(known: Run, olga: Client) -> None:
    assert olga.post(url(known), typed(known, "no idea", "high")).status_code == 303


def test_a_declaration_that_says_what_it_returns_is_enough(waiting: Run, olga: Client) -> None:
    function = {"name": "get_tide", "output_schema": {"type": "number"}}
    Assistant.objects.update(raw=json.dumps({"tools": [{"type": "function", "function": function}]}))
    second = tool_calls.waiting_calls(waiting)[1]
    shown = page(olga.get(waiting.get_absolute_url()))
    assert shown.all("input", name=f"{second.field}:")
    olga.post(url(waiting), typed(waiting, "4", "") | {f"format-{second.pk}": "form", f"{second.field}:": "0.50"})
    assert Operation.objects.get().payload["tool_outputs"][1]["output"] == "0.50"


@pytest.mark.parametrize(
    "declared", [{"output_schema": {"type": "odd"}}, {"returns": []}, {"parameters": {"returns": 5}}]
)
def test_a_declaration_that_cannot_be_used_does_no_harm(waiting: Run, olga: Client, declared: dict[str, Any]) -> None:
    tool = {"type": "function", "function": {"name": "get_tide", **declared}}
    Assistant.objects.update(raw=json.dumps({"tools": [tool]}))
    shown = page(olga.get(waiting.get_absolute_url()))
    assert len(shown.all("textarea")) == 2


def test_items_are_added_and_taken_away_without_sending_anything(known: Run, olga: Client) -> None:
    first = tool_calls.waiting_calls(known)[0]
    sent = filled(known, degrees="4", **{"hours__-": "1", "hours__0": "7"})
    shown = page(olga.post(url(known), sent | {"act": f"more {first.field}:/hours/1"}))
    assert shown.sends(url(known))[f"{first.field}:/hours/-"] == "2"
    shown = page(olga.post(url(known), shown.sends(url(known)) | {"act": f"less {first.field}:/hours/0"}))
    again = shown.sends(url(known))
    assert (again[f"{first.field}:/hours/-"], again[f"{first.field}:/hours/0"]) == ("1", "")
    assert (again[f"{first.field}:/degrees"], shown.has("answer-errors")) == ("4", False)
    assert not Operation.objects.exists()


def test_an_error_is_sent_so_that_the_model_knows(waiting: Run, olga: Client) -> None:
    olga.post(url(waiting), typed(waiting, 'No "such" city', "unreachable", format="error"))
    outputs = [each["output"] for each in Operation.objects.get().payload["tool_outputs"]]
    assert [json.loads(each) for each in outputs] == [{"error": 'No "such" city'}, {"error": "unreachable"}]


def test_a_preview_shows_exactly_what_would_be_sent_and_sends_nothing(waiting: Run, olga: Client) -> None:
    sent = typed(waiting, '4 "degrees"', "5")
    shown = page(olga.post(url(waiting), sent | {"act": "preview"}))
    letters = json.loads(shown.text("preview-letters"))
    assert [each["output"] for each in letters["tool_outputs"]] == ['4 "degrees"', "5"]
    assert not Operation.objects.exists()
    olga.post(url(waiting), shown.sends(url(waiting)))
    assert json.loads(Operation.objects.get().body) == letters


def test_a_preview_of_what_is_not_whole_says_what_is_missing(waiting: Run, olga: Client) -> None:
    shown = page(olga.post(url(waiting), typed(waiting, "4", "") | {"act": "preview"}), 422)
    assert "Every call needs an answer" in shown.text("answer-errors")
    assert not shown.has("preview")


def test_json_is_formatted_without_changing_what_it_says(waiting: Run, olga: Client) -> None:
    first = tool_calls.waiting_calls(waiting)[0]
    sent = typed(waiting, '{"a":1.00,"b":12345678901234567890}', "", format="json") | {"act": f"tidy {first.field}"}
    shown = page(olga.post(url(waiting), sent))
    assert shown.sends(url(waiting))[first.field] == '{\n  "a": 1.00,\n  "b": 12345678901234567890\n}'
    sent[first.field] = "{not json"
    assert page(olga.post(url(waiting), sent)).sends(url(waiting))[first.field] == "{not json"


@pytest.mark.parametrize(
    "act", ["use", "use x y", "use 1 1", "use 99 99", "more", "less", "tidy output-0", "more output-1:/x/²", "\x00"]
)
def test_odd_acts_do_no_harm(known: Run, olga: Client, act: str) -> None:
    assert olga.post(url(known), filled(known) | {"act": act}).status_code in {200, 422}
    assert not Operation.objects.exists()


# ---- What was answered before


def test_answers_to_the_same_arguments_are_offered_with_who_gave_them(
    waiting: Run, olga: Client, connection: Connection, api_actor: ApiActor
) -> None:
    olga.post(url(waiting), typed(waiting, "4 degrees", "high"))
    assert [each.state for each in delivered()] == ["accepted"]
    run = polled(known_run(connection, api_actor.run([WEATHER, ("get_tide", {"port": "Oslo"})])))
    first, second = tool_calls.waiting_calls(run)
    shown = page(olga.get(run.get_absolute_url()))
    remembered = shown.text(f"remembered-{first.field}")
    assert "same arguments" in remembered
    assert "olga" in remembered
    assert "4 degrees" in remembered
    assert not shown.has(f"remembered-{second.field}")
    use = next(
        each.attributes["value"] for each in shown.all("button") if each.attributes.get("value", "").startswith("use ")
    )
    assert page(olga.post(url(run), typed(run, "", "") | {"act": use})).sends(url(run))[first.field] == "4 degrees"


def test_answers_of_other_functions_and_connections_are_not_used(
    waiting: Run, olga: Client, connection: Connection, api_actor: ApiActor
) -> None:
    olga.post(url(waiting), typed(waiting, "4 degrees", "high"))
    delivered()
    weather, tide = waiting.calls.all()
    run = polled(known_run(connection, api_actor.run([TIDE])))
    (call,) = tool_calls.waiting_calls(run)
    sent = typed(run, "mine") | {"act": f"use {call.pk} {weather.pk}"}
    assert page(olga.post(url(run), sent)).sends(url(run))[call.field] == "mine"
    assert tide.name == call.name


def test_what_was_answered_before_goes_into_the_fields(
    known: Run, olga: Client, connection: Connection, api_actor: ApiActor
) -> None:
    olga.post(url(known), filled(known, degrees="4.50", rain="true"))
    delivered()
    run = polled(known_run(connection, api_actor.run([WEATHER])))
    (call,) = tool_calls.waiting_calls(run)
    before = known.calls.get(name="get_weather")
    shown = page(olga.post(url(run), typed(run, "") | {"act": f"use {call.pk} {before.pk}"}))
    sent = shown.sends(url(run))
    assert (sent[f"{call.field}:/degrees"], sent[f"{call.field}:/rain"]) == ("4.50", "true")
    assert sent[f"format-{call.pk}"] == "form"
    assert OutputSchema.objects.count() == 1
