"""Functions, and what they return."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.test import Client

from assistants_app.models import Assistant, OutputSchema, Run
from assistants_app.models.people import Role
from tests.views.conftest import page

PLACE = "/functions/returns/"


@pytest.fixture
def edda(signed_in: Callable[..., Client]) -> Client:
    """The browser of an editor."""
    return signed_in("edda", Role.EDITOR)


def written(run: Run, text: str, act: str = "save", **more: str) -> dict[str, str]:
    return {"connection": str(run.connection_id), "name": "get_weather", "text": text, "act": act, **more}


def test_functions_are_listed_with_what_they_return(waiting: Run, edda: Client) -> None:
    functions = [{"name": "get_weather", "returns": {"type": "string"}}, {"name": "get_tide", "description": "High."}]
    tools = [{"type": "function", "function": each} for each in functions]
    Assistant.objects.filter(remote_id=waiting.assistant_remote_id).update(raw=json.dumps({"tools": tools}))
    edda.post(PLACE, written(waiting, '{"type": "number"}') | {"name": "get_ready"})
    shown = page(edda.get("/functions/"))
    every = [" ".join(each.text.split()) for each in shown.all("tr")][1:]
    # Other tests make assistants at this server too.
    rows = [row for row in every if row.startswith(("get_ready ", "get_tide ", "get_weather "))]
    assert [row.split()[0] for row in rows] == ["get_ready", "get_tide", "get_weather"]
    assert "written down by edda" in rows[0]
    assert "anything" in rows[1]
    assert "as declared" in rows[2]


def test_what_is_written_down_is_saved_and_leads_back(waiting: Run, edda: Client) -> None:
    back = waiting.get_absolute_url()
    response = edda.post(PLACE, written(waiting, '{"type": "number", "multipleOf": 0.01}', back=back))
    assert (response.status_code, response["Location"]) == (303, back)
    (saved,) = OutputSchema.objects.all()
    assert (saved.name, saved.by.username, str(saved.schema["multipleOf"])) == ("get_weather", "edda", "0.01")
    shown = page(edda.get(f"{PLACE}?connection={waiting.connection_id}&name=get_weather"))
    assert shown.sends(PLACE)["text"] == saved.text


def test_the_form_that_it_makes_is_shown_before_it_is_saved(waiting: Run, edda: Client) -> None:
    shown = page(edda.post(PLACE, written(waiting, '{"type": "number"}', act="try")))
    assert shown.all("input", name="trial:")
    assert not OutputSchema.objects.exists()


@pytest.mark.parametrize("text", ["{", "[]", '{"type": "odd"}', '{"$ref": "http://127.0.0.1/"}'])
def test_what_is_no_schema_is_told_beside_its_field_and_kept(waiting: Run, edda: Client, text: str) -> None:
    shown = page(edda.post(PLACE, written(waiting, text)), 422)
    assert shown.has("id_text_error")
    assert shown.sends(PLACE)["text"] == text
    assert not OutputSchema.objects.exists()


def test_nothing_written_down_means_the_declaration_again(waiting: Run, edda: Client) -> None:
    edda.post(PLACE, written(waiting, '{"type": "number"}'))
    edda.post(PLACE, written(waiting, " "))
    assert not OutputSchema.objects.exists()


@pytest.mark.parametrize(
    "back", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", "/\\elsewhere"]
)
def test_it_leads_to_no_other_site(waiting: Run, edda: Client, back: str) -> None:
    response = edda.post(PLACE, written(waiting, '{"type": "number"}', back=back))
    assert response["Location"] == "/functions/"


def test_an_operator_cannot_write_it_down(waiting: Run, olga: Client) -> None:
    page(olga.post(PLACE, written(waiting, '{"type": "number"}')), 403)
    link = [each for each in page(olga.get(waiting.get_absolute_url())).all("a") if PLACE in each.attributes["href"]]
    assert link == []
