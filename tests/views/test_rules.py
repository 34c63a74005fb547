"""Rules: the list, the form, what one would have done, and switching it on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from assistants_app.models import Assistant, Connection, Rule, Run
from assistants_app.models.people import Role
from assistants_app.services import conditions, rules
from tests.views.conftest import delivered, page, typed

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def edda(signed_in: Callable[..., Client]) -> Client:
    """The browser of an editor."""
    return signed_in("edda", Role.EDITOR)


def said(connection: Connection, **more: str) -> dict[str, str]:
    """What the form of a rule sends."""
    whole = {"title": "Oslo", "connection": str(connection.pk), "function": "get_weather", "act": "answer"}
    whole |= {"format": "text", "text": "rain in {{ city }}", "seconds": "10", "retries": "2"}
    whole |= {"most_an_hour": "60", "place": "10"}
    return whole | {"conditions-TOTAL_FORMS": "1", "conditions-INITIAL_FORMS": "0"} | more


def condition(argument: str, way: str, value: str) -> dict[str, str]:
    given = {"argument": argument, "way": way, "value": value}
    return {f"conditions-0-{name}": text for name, text in given.items()}


def made(edda: Client, connection: Connection, **more: str) -> Rule:
    response = edda.post("/rules/add/", said(connection, **more))
    assert response.status_code == 303, response.content.decode()[:3000]
    return Rule.objects.latest("pk")


def test_without_any_it_says_what_a_rule_is(connection: Connection, edda: Client) -> None:
    assert "No rules yet" in page(edda.get("/rules/")).text("main")


@pytest.mark.usefixtures("api_actor")
def test_a_rule_is_made_off_and_leads_to_what_it_would_have_done(waiting: Run, edda: Client) -> None:
    run = waiting
    edda.post(f"{run.get_absolute_url()}answers/", typed(run, "rain in Oslo", "high"))
    delivered()
    rule = made(edda, run.connection, **condition("city", "one_of", "Oslo\r\nBergen"))
    assert (rule.is_on, rule.by.username) == (False, "edda")
    assert rule.conditions == [{"argument": "city", "way": "one_of", "value": "Oslo\nBergen"}]
    shown = page(edda.get(rule.get_absolute_url()))
    assert shown.text("tried") == (
        "The newest 1 call of this function: 1 answered (1 the same as it was) · 0 do not fit."
    )
    assert "rain in Oslo" in shown.text("main")


def test_what_does_not_fit_is_counted_and_not_listed(waiting: Run, edda: Client) -> None:
    rule = made(edda, waiting.connection, **condition("city", "is", "Paris"))
    shown = page(edda.get(rule.get_absolute_url()))
    assert "1 do not fit" in shown.text("tried")
    assert "No past call fits" in shown.text("main")


def test_what_was_tried_is_switched_on_and_off(waiting: Run, edda: Client) -> None:
    rule = made(edda, waiting.connection)
    where = f"/rules/{rule.pk}/switch/"
    edda.post(where, page(edda.get(rule.get_absolute_url())).sends(where))
    rule.refresh_from_db()
    assert (rule.is_on, rule.on_by.username) == (True, "edda")  # type: ignore[union-attr]
    assert "On" in page(edda.get("/rules/")).text(f"rule-{rule.pk}")
    edda.post(where, page(edda.get(rule.get_absolute_url())).sends(where))
    rule.refresh_from_db()
    assert not rule.is_on


def test_what_was_changed_since_it_was_tried_is_not_switched_on(waiting: Run, edda: Client) -> None:
    rule = made(edda, waiting.connection)
    where = f"/rules/{rule.pk}/switch/"
    sent = page(edda.get(rule.get_absolute_url())).sends(where)
    edda.post(f"/rules/{rule.pk}/edit/", said(waiting.connection, text="sun"))
    shown = page(edda.post(where, sent, follow=True))
    assert "Somebody changed this rule meanwhile" in shown.text("main")
    assert not Rule.objects.get().is_on


def test_a_change_switches_it_off(waiting: Run, edda: Client) -> None:
    rule = made(edda, waiting.connection)
    rules.switch_on(rule, version=1, by=rule.by)
    shown = page(edda.get(f"/rules/{rule.pk}/edit/"))
    assert "This rule is on" in shown.text("main")
    sent = shown.sends(f"/rules/{rule.pk}/edit/")
    assert (sent["title"], sent["text"]) == ("Oslo", "rain in {{ city }}")
    edda.post(f"/rules/{rule.pk}/edit/", sent | {"title": "Norway"})
    changed = Rule.objects.get()
    assert (changed.title, changed.is_on, changed.version) == ("Norway", False, 2)


@pytest.mark.parametrize(
    ("wrong", "where", "words"),
    [
        ({"text": "{{ a[ }}"}, "id_text_error", "no path to an argument"),
        ({"text": " "}, "id_text_error", "Write the answer"),
        ({"format": "json", "text": '{"a": {{ city }}'}, "id_text_error", "not JSON"),
        ({"act": "deny", "reason": ""}, "id_reason_error", "Write the reason"),
        ({"act": "call", "url": "http://elsewhere.example/"}, "id_url_error", "RULE_HOSTS"),
        ({"act": "call", "url": "file:///etc/passwd"}, "id_url_error", "no URL"),
        ({"act": "call", "url": "http://a:b@elsewhere.example/"}, "id_url_error", "Leave out"),
        ({"act": "call", "secret": "short"}, "id_secret_error", "A secret"),
        ({"most_an_hour": "0"}, "id_most_an_hour_error", "1"),
        (condition("city", "matches", "(a+)+"), "id_conditions-0-value_error", "too long"),
        (condition("days", "least", "many"), "id_conditions-0-value_error", "no number"),
        (condition("a[", "present", ""), "id_conditions-0-argument_error", "no path"),
        (condition("", "is", "1"), "id_conditions-0-argument_error", "which argument"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field_and_kept(
    connection: Connection, edda: Client, wrong: dict[str, str], where: str, words: str
) -> None:
    shown = page(edda.post("/rules/add/", said(connection, **wrong)), 422)
    assert words in shown.text(where)
    assert shown.sends("/rules/add/")["title"] == "Oslo"
    assert not Rule.objects.exists()


def test_an_assistant_of_another_connection_is_refused(connection: Connection, edda: Client) -> None:
    other = Connection.objects.create(name="Other", base_url="http://127.0.0.1:1/v1")
    foreign = Assistant.objects.create(connection=other, remote_id="asst_1")
    shown = page(edda.post("/rules/add/", said(connection, assistant=str(foreign.pk))), 422)
    assert "of another connection" in shown.text("id_assistant_error")


def test_one_more_condition_keeps_what_was_typed(connection: Connection, edda: Client) -> None:
    sent = said(connection, title="", act_on="more", **condition("city", "is", "Oslo"))
    shown = page(edda.post("/rules/add/", sent))
    again = shown.sends("/rules/add/")
    assert (again["conditions-0-value"], again["conditions-1-value"], again["text"]) == ("Oslo", "", sent["text"])
    assert not shown.has("id_title_error")


def test_a_secret_is_kept_locked_and_never_shown(
    connection: Connection, edda: Client, settings: pytest.FixtureRequest
) -> None:
    settings.RULE_HOSTS = ["hooks.example"]  # type: ignore[attr-defined]
    call = {"act": "call", "url": "https://hooks.example/weather"}
    wrong = edda.post("/rules/add/", said(connection, **call, secret=SECRET, title=""))
    assert SECRET not in wrong.content.decode()
    # What was typed into a form that was not right holds, though no page can show it.
    rule = made(edda, connection, **call)
    assert rule.secret == SECRET
    assert SECRET not in rule.encrypted_secret
    for path in ("", "edit/"):
        assert SECRET not in edda.get(f"/rules/{rule.pk}/{path}").content.decode()
    edda.post(f"/rules/{rule.pk}/edit/", said(connection, **call))
    assert Rule.objects.get().secret == SECRET


def test_a_secret_of_a_form_that_was_left_goes_into_no_other(
    connection: Connection, edda: Client, settings: pytest.FixtureRequest
) -> None:
    settings.RULE_HOSTS = ["hooks.example"]  # type: ignore[attr-defined]
    call = {"act": "call", "url": "https://hooks.example/weather"}
    edda.post("/rules/add/", said(connection, **call, secret=SECRET, title=""))
    edda.get("/rules/add/")
    assert made(edda, connection, **call).secret == ""


def test_another_act_needs_no_secret(connection: Connection, edda: Client, settings: pytest.FixtureRequest) -> None:
    settings.RULE_HOSTS = ["hooks.example"]  # type: ignore[attr-defined]
    call = {"act": "call", "url": "https://hooks.example/weather"}
    rule = made(edda, connection, **call, secret=SECRET)
    edda.post(f"/rules/{rule.pk}/edit/", said(connection))
    assert Rule.objects.get().secret == ""


def test_a_rule_that_comes_first_is_named(waiting: Run, edda: Client) -> None:
    first = made(edda, waiting.connection, title="Before", place="1")
    rules.switch_on(first, version=1, by=first.by)
    rule = made(edda, waiting.connection)
    assert "“Before” comes before it" in page(edda.get(rule.get_absolute_url())).text("main")


def test_a_rule_at_its_number_rests_and_says_until_when(waiting: Run, edda: Client) -> None:
    from assistants_app.services import rulings
    from tests.services.test_rulings import ruled

    rule = made(edda, waiting.connection, most_an_hour="1")
    rules.switch_on(rule, version=1, by=rule.by)
    ruled()
    assert rulings.of(waiting.calls.get(name="get_weather")) is not None
    assert "as many as it may" in page(edda.get(rule.get_absolute_url())).text("main")
    assert "Resting" in page(edda.get("/rules/")).text(f"rule-{rule.pk}")


def test_a_rule_is_deleted(waiting: Run, edda: Client) -> None:
    rule = made(edda, waiting.connection)
    assert edda.post(f"/rules/{rule.pk}/delete/").status_code == 303
    assert not Rule.objects.exists()


def test_links_lead_to_a_rule_with_its_fields_filled_in(waiting: Run, edda: Client) -> None:
    shown = page(edda.get(waiting.get_absolute_url()))
    link = next(each.attributes["href"] for each in shown.all("a") if "/rules/add/" in each.attributes["href"])
    sent = page(edda.get(link)).sends("/rules/add/")
    assert (sent["function"], sent["connection"]) == ("get_weather", str(waiting.connection_id))
    assert sent["assistant"] == str(waiting.assistant_id)


def test_the_dry_run_costs_the_same_for_many_calls(
    waiting: Run, edda: Client, django_assert_max_num_queries: Callable[..., object]
) -> None:
    from assistants_app.models import ToolCall

    rule = made(edda, waiting.connection, format="json", text='"{{ city }}"', **condition("city", "present", ""))
    ToolCall.objects.bulk_create(
        ToolCall(run=waiting, remote_id=f"call_{n}", name="get_weather", arguments=f'{{"city": "{n}"}}')
        for n in range(60)
    )
    with django_assert_max_num_queries(12):  # type: ignore[attr-defined]
        page(edda.get(rule.get_absolute_url()))


def test_conditions_are_read_as_they_were_written() -> None:
    stored = conditions.Condition("a", "is", "1").stored
    assert str(conditions.read([stored])[0]) == "a is 1"
