"""Drafts of what is no text: fields, decisions, what was begun in a form that was looked at, and in a run before."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from assistants_app.models import Connection, Draft, Operation, Run
from assistants_app.models.people import Role
from assistants_app.services import output_schemas, tool_calls
from testing.api_actor import ApiActor
from tests.conftest import known_run, polled
from tests.views.conftest import delivered, page

FORECAST = {
    "type": "object",
    "required": ["degrees"],
    "properties": {"degrees": {"type": "number"}, "hours": {"type": "array", "items": {"type": "integer"}}},
}


@pytest.fixture
def known(waiting: Run, person: Callable[..., Any]) -> Run:
    """The waiting run, of whose first function somebody wrote down what it returns."""
    editor = person("edda", Role.EDITOR)
    output_schemas.save(connection=waiting.connection, name="get_weather", text=json.dumps(FORECAST), by=editor)
    return waiting


@pytest.fixture
def asking(connection: Connection, api_actor: ApiActor) -> Run:
    """A run that wants consent to two calls."""
    return polled(known_run(connection, api_actor.asking_consent(("read_note", {"id": 7}), ("delete_note", {"id": 7}))))


def answers(run: Run) -> str:
    return f"{run.get_absolute_url()}answers/"


def saving(run: Run) -> str:
    return f"{run.get_absolute_url()}drafts/"


def opened(client: Client, run: Run) -> dict[str, str]:
    """What the form of the page would send."""
    return page(client.get(run.get_absolute_url())).sends(answers(run))


def begun(client: Client, run: Run, *hours: str, degrees: str = "4.50") -> dict[str, str]:
    """What the form sends with these in the fields of its first call."""
    field = tool_calls.waiting_calls(run)[0].field
    listed = {f"{field}:/hours/-": str(len(hours))} | {f"{field}:/hours/{n}": each for n, each in enumerate(hours)}
    return opened(client, run) | {f"{field}:/degrees": degrees} | listed


def test_fields_and_items_of_a_list_are_there_again(known: Run, signed_in: Callable[..., Client]) -> None:
    anna, pete = signed_in("anna"), signed_in("pete")
    assert anna.post(saving(known), begun(anna, known, "7", "19")).status_code == 303
    sent = opened(pete, known)
    field = tool_calls.waiting_calls(known)[0].field
    assert [sent[f"{field}:/{name}"] for name in ("degrees", "hours/-", "hours/1")] == ["4.50", "2", "19"]
    assert sent[f"format-{field.removeprefix('output-')}"] == "form"


def test_a_form_that_nobody_typed_in_is_no_draft(known: Run, olga: Client) -> None:
    olga.post(saving(known), opened(olga, known))
    assert not Draft.objects.exists()


def test_fields_that_are_known_no_longer_stay_readable(known: Run, olga: Client, person: Callable[..., Any]) -> None:
    olga.post(saving(known), begun(olga, known, "7"))
    output_schemas.save(connection=known.connection, name="get_weather", text="", by=person("edda", Role.EDITOR))
    call = tool_calls.waiting_calls(known)[0]
    assert opened(olga, known)[call.field] == "degrees: 4.50\nhours/0: 7"


@pytest.mark.usefixtures("api_actor")
def test_the_same_answer_of_another_person_is_done_once_it_is_accepted(
    known: Run, signed_in: Callable[..., Client]
) -> None:
    anna, pete = signed_in("anna"), signed_in("pete")
    anna.post(saving(known), begun(anna, known, "7"))
    second = tool_calls.waiting_calls(known)[1]
    assert pete.post(answers(known), opened(pete, known) | {second.field: "high"}).status_code == 303
    assert [each.state for each in delivered()] == ["accepted"]
    assert not Draft.objects.exists()


def test_decisions_are_there_again(asking: Run, signed_in: Callable[..., Client]) -> None:
    anna, pete = signed_in("anna"), signed_in("pete")
    first = tool_calls.waiting_calls(asking)[0]
    anna.post(saving(asking), opened(anna, asking) | {first.field: "deny"})
    shown = page(pete.get(asking.get_absolute_url()))
    assert shown.sends(answers(asking))[first.field] == "deny"
    assert "by anna" in shown.text(f"draft-{first.pk}")


@pytest.mark.parametrize(
    ("more", "status"), [({"act": "preview"}, 422), ({"act": "more FIELD:/hours/1"}, 200), ({}, 422)]
)
def test_what_is_looked_at_and_not_sent_is_saved(known: Run, olga: Client, more: dict[str, str], status: int) -> None:
    field = tool_calls.waiting_calls(known)[0].field
    sent = begun(olga, known, "7") | {name: text.replace("FIELD", field) for name, text in more.items()}
    page(olga.post(answers(known), sent), status)
    assert Draft.objects.get().values[f"{field}:/hours/0"] == "7"
    assert not Operation.objects.exists()


def test_looking_writes_over_nobodys_words_and_theirs_can_be_used(known: Run, signed_in: Callable[..., Client]) -> None:
    anna, pete = signed_in("anna"), signed_in("pete")
    late = begun(pete, known, "1", degrees="9")
    anna.post(saving(known), begun(anna, known, "7", "19"))
    shown = page(pete.post(answers(known), late | {"act": "preview"}), 422)
    call = tool_calls.waiting_calls(known)[0]
    assert "anna saved other words meanwhile" in shown.text(f"draft-{call.pk}")
    sent = shown.sends(answers(known))
    assert sent[f"{call.field}:/degrees"] == "9"
    shown = page(pete.post(answers(known), sent | {"act": f"theirs {call.pk}"}))
    assert "meanwhile" not in shown.text(f"draft-{call.pk}")
    sent = shown.sends(answers(known))
    assert [sent[f"{call.field}:/{name}"] for name in ("degrees", "hours/-", "hours/1")] == ["4.50", "2", "19"]
    assert Draft.objects.get().by.username == "anna"


def test_a_field_that_is_sent_twice_does_no_harm(known: Run, olga: Client) -> None:
    field = tool_calls.waiting_calls(known)[0].field
    olga.post(saving(known), {f"{field}:/degrees": ["1", "2"], f"{field}:/hours/-": ["1", "x"]})
    assert opened(olga, known)[f"{field}:/degrees"] == "2"


def test_what_was_drafted_in_a_run_before_is_filled_into_the_fields_of_the_next(
    known: Run, olga: Client, api_actor: ApiActor
) -> None:
    olga.post(saving(known), begun(olga, known, "7", degrees="not yet"))
    api_actor.post(f"/threads/{known.thread.remote_id}/runs/{known.remote_id}/cancel")
    assert polled(known).status == "cancelled"
    olga.post(f"{known.get_absolute_url()}again/")
    delivered()
    run = Run.objects.exclude(pk=known.pk).latest("pk")
    run = polled(run)
    call = next(each for each in tool_calls.waiting_calls(run) if each.name == "get_weather")
    shown = page(olga.get(run.get_absolute_url()))
    sent = shown.sends(answers(run))
    assert [sent[f"{call.field}:/{name}"] for name in ("degrees", "hours/0")] == ["not yet", "7"]
    assert "for you to confirm: olga" in shown.text(f"call-{call.pk}")
    assert Draft.objects.filter(call__run=run).count() == 0
