"""Answer templates: written by editors on the page of a function, used by operators in the form."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.test import Client

from assistants_app.models import AnswerTemplate, Run, ToolCall
from assistants_app.models.people import Role
from tests.views.conftest import page, typed

JSON = '{"city": {{ city }}, "note": "for {{ city }}"}'


@pytest.fixture
def edda(signed_in: Callable[..., Client]) -> Client:
    """The browser of an editor."""
    return signed_in("edda", Role.EDITOR)


def place(run: Run, name: str = "get_weather") -> str:
    return f"/functions/templates/?connection={run.connection_id}&name={name}"


def write(edda: Client, run: Run, **more: str) -> AnswerTemplate:
    given = {"title": "Rain", "format": "json", "text": JSON, "act": "save", **more}
    response = edda.post(place(run), given)
    assert response.status_code == 303, response.content.decode()[:3000]
    return AnswerTemplate.objects.latest("pk")


def test_a_template_is_tried_on_the_latest_arguments_before_it_is_saved(waiting: Run, edda: Client) -> None:
    shown = page(edda.post(place(waiting), {"title": "Rain", "format": "json", "text": JSON, "act": "try"}))
    assert shown.text("template-answer") == '{"city": "Oslo", "note": "for Oslo"}'
    assert not AnswerTemplate.objects.exists()


def test_it_is_saved_listed_and_changed(waiting: Run, edda: Client) -> None:
    made = write(edda, waiting)
    assert (made.function, made.by.username) == ("get_weather", "edda")
    listed = page(edda.get(place(waiting)))
    link = next(each.attributes["href"] for each in listed.all("a") if "template=" in each.attributes["href"])
    sent = page(edda.get(link)).sends(link)
    assert (sent["title"], sent["text"]) == ("Rain", JSON)
    edda.post(link, sent | {"text": "{{ city }}", "format": "text", "act": "save"})
    assert list(AnswerTemplate.objects.values_list("pk", "text")) == [(made.pk, "{{ city }}")]
    assert "1 template" in page(edda.get("/functions/")).text("main")


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"text": "{{ a[ }}"}, "id_text_error"),
        ({"text": ""}, "id_text_error"),
        ({"text": "{"}, "id_text_error"),
        ({"title": ""}, "id_title_error"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field_and_kept(
    waiting: Run, edda: Client, wrong: dict[str, str], where: str
) -> None:
    given = {"title": "Rain", "format": "json", "text": JSON, "act": "save"} | wrong
    shown = page(edda.post(place(waiting), given), 422)
    assert shown.has(where)
    action = place(waiting)
    assert shown.sends(action)["text"] == given["text"]


def test_a_second_one_of_the_same_name_is_refused(waiting: Run, edda: Client) -> None:
    write(edda, waiting)
    shown = page(edda.post(place(waiting), {"title": "Rain", "format": "text", "text": "x", "act": "save"}), 422)
    assert "of this name already" in shown.text("id_title_error")


def test_it_is_deleted(waiting: Run, edda: Client) -> None:
    made = write(edda, waiting)
    edda.post("/functions/templates/delete/", {"template": made.pk})
    assert not AnswerTemplate.objects.exists()
    assert edda.post("/functions/templates/delete/", {"template": "x"}).status_code == 404


def test_it_leads_back_to_the_run_that_one_came_from(waiting: Run, edda: Client) -> None:
    back = waiting.get_absolute_url()
    shown = page(edda.get(f"{place(waiting)}&back={quote(back)}"))
    assert [each for each in shown.all("a", href=back) if "Back" in each.text]


def test_an_operator_has_it_one_press_away(waiting: Run, edda: Client, olga: Client) -> None:
    made = write(edda, waiting)
    call = waiting.calls.get(name="get_weather")
    here = waiting.get_absolute_url()
    shown = page(olga.get(here))
    assert '{"city": "Oslo", "note": "for Oslo"}' in shown.text(f"templates-{call.field}")
    (button,) = shown.all("button", value=f"template {call.pk} {made.pk}")
    sent = typed(waiting, "", "high") | {"act": button.attributes["value"]}
    form = page(olga.post(f"{here}answers/", sent)).sends(f"{here}answers/")
    assert form[call.field] == '{"city": "Oslo", "note": "for Oslo"}'
    assert form[call.format_field] == "json"
    # The rest of what was typed stays.
    assert form[waiting.calls.get(name="get_tide").field] == "high"


def test_what_its_arguments_lack_is_named_and_left_to_be_filled_in(waiting: Run, edda: Client, olga: Client) -> None:
    made = write(edda, waiting, format="text", text="{{ city }} {{ country }}")
    call = waiting.calls.get(name="get_weather")
    here = waiting.get_absolute_url()
    assert "fill in by hand: country" in page(olga.get(here)).text(f"templates-{call.field}")
    sent = typed(waiting, "", "") | {"act": f"template {call.pk} {made.pk}"}
    assert page(olga.post(f"{here}answers/", sent)).sends(f"{here}answers/")[call.field] == "Oslo {{ country }}"


def test_a_template_of_another_function_is_not_used(waiting: Run, edda: Client, olga: Client) -> None:
    made = write(edda, waiting)
    call = waiting.calls.get(name="get_tide")
    here = waiting.get_absolute_url()
    for which in (f"{call.pk} {made.pk}", f"{call.pk} 99", "x y", ""):
        sent = typed(waiting, "a", "b") | {"act": f"template {which}"}
        assert page(olga.post(f"{here}answers/", sent)).sends(f"{here}answers/")[call.field] == "b"


@pytest.mark.parametrize("arguments", ["", "no json", "[1]", '{"city": "\\ud83d\\u0000"}', '{"city": null}'])
def test_odd_arguments_break_no_page(waiting: Run, edda: Client, olga: Client, arguments: str) -> None:
    write(edda, waiting)
    ToolCall.objects.update(arguments=arguments)
    page(olga.get(waiting.get_absolute_url()))
    page(edda.get(place(waiting)))


def test_hostile_arguments_stay_letters(waiting: Run, edda: Client, olga: Client) -> None:
    write(edda, waiting)
    ToolCall.objects.update(arguments='{"city": "\\"}, <script>{{ country }}"}')
    shown = page(olga.get(waiting.get_absolute_url()))
    call = waiting.calls.get(name="get_weather")
    assert r'{"city": "\"}, <script>{{ country }}"' in shown.text(f"templates-{call.field}")
