"""Many assistants at once: first what would change in each, then an operation for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from assistants_app.models import Assistant, BulkChange, Connection, Listing, Operation
from assistants_app.models.people import Role
from assistants_app.services import assistants, bulk, listings, sending
from testing.api_actor import ApiActor
from testing.html_page import Page
from tests.views.conftest import Response, page

pytestmark = pytest.mark.database

URL = "/assistants/bulk/"
ROWS = {"metadata-TOTAL_FORMS": "2", "metadata-INITIAL_FORMS": "0"}


@pytest.fixture
def edda(signed_in: Callable[..., Client]) -> Client:
    """The browser of an editor."""
    return signed_in("edda", Role.EDITOR)


@pytest.fixture
def three(connection: Connection, api_actor: ApiActor) -> list[Assistant]:
    """Three that the dashboard has read; the last one has another model."""
    made = [api_actor.assistant(metadata={"team": "front"}) for _ in range(2)]
    made.append(api_actor.assistant(model="gpt-4.1", metadata={"team": "back", "old": "yes"}))
    assistants.refresh(connection=connection)
    return [Assistant.objects.get(remote_id=each["id"]) for each in made]


def begun(client: Client, kind: str, chosen: list[Assistant], status: int = 200) -> Page:
    given = urlencode({"assistant": [each.pk for each in chosen], "kind": kind}, doseq=True)
    return page(client.get(f"{URL}?{given}"), status)


def sent(shown: Page, **fields: str) -> dict[str, Any]:
    """What the form sends, with all of its assistants."""
    form = shown.form(URL)
    return {**form.fields, **{name: form.lists.get(name, []) for name in ("assistant", "base")}, **fields}


def previewed(client: Client, kind: str, chosen: list[Assistant], **fields: str) -> Page:
    return page(client.post(URL, sent(begun(client, kind, chosen), **fields, act="preview")))


def run(client: Client, shown: Page, **fields: str) -> Response:
    return client.post(URL, sent(shown, act="run", **fields))


def row(shown: Page, assistant: Assistant) -> str:
    return shown.text(f"plan-{assistant.pk}")


def test_it_says_that_nothing_is_chosen(edda: Client) -> None:
    assert "No assistant is chosen" in page(edda.get(URL)).text("main")


def test_more_than_two_hundred_are_refused(edda: Client) -> None:
    given = urlencode({"assistant": range(1, 202), "kind": "model"}, doseq=True)
    assert "You chose 201 assistants; at most 200" in page(edda.get(f"{URL}?{given}"), 422).text("main")


def test_a_preview_says_what_would_change_and_does_nothing(three: list[Assistant], edda: Client) -> None:
    Assistant.objects.filter(pk=three[1].pk).update(gone_at=three[1].first_seen_at)
    shown = previewed(edda, "model", three, model="gpt-4.1")
    assert "Model gpt-4o → gpt-4.1" in row(shown, three[0])
    assert "Cannot" in row(shown, three[1])
    assert "no change" in row(shown, three[2])
    assert "1 of 3 would change" in shown.text("bulk-plan")
    assert not Operation.objects.exists()


def test_a_model_that_its_server_does_not_list_is_warned_of(three: list[Assistant], edda: Client) -> None:
    connection = three[0].connection
    Listing.objects.update_or_create(
        connection=connection, name=listings.MODELS, defaults={"content": '["gpt-4o"]', "due_at": None}
    )
    shown = previewed(edda, "model", three, model="gpt-9")
    assert "does not list this model" in row(shown, three[0])


def test_it_is_done_once_however_often_it_is_sent(three: list[Assistant], edda: Client, api_actor: ApiActor) -> None:
    shown = previewed(edda, "model", three, model="gpt-4.1", reason="Cheaper")
    first, second = run(edda, shown), run(edda, shown)
    assert first.status_code == second.status_code == 303
    assert first["Location"] == second["Location"] == BulkChange.objects.get().get_absolute_url()
    sending.deliver_due()
    assert [each.state for each in Operation.objects.all()] == ["accepted", "accepted"]
    assert run(edda, shown)["Location"] == first["Location"]
    for each in three:
        assert api_actor.get(f"/assistants/{each.remote_id}")["model"] == "gpt-4.1"
        assert api_actor.sent("POST", f"/v1/assistants/{each.remote_id}") == (each != three[2])
    assert three[0].versions.first().note == "Cheaper"  # type: ignore[union-attr]
    assert "2 of 2 done, 0 refused" in page(edda.get(first["Location"])).text("bulk-progress")


def test_one_that_was_changed_elsewhere_is_refused_and_can_be_tried_again(
    three: list[Assistant], edda: Client, api_actor: ApiActor
) -> None:
    shown = previewed(edda, "model", three[:2], model="gpt-4.1")
    api_actor.post(f"/assistants/{three[0].remote_id}", {"name": "Theirs"})
    address = run(edda, shown)["Location"]
    sending.deliver_due()
    told = page(edda.get(address))
    assert "1 of 2 done, 1 refused" in told.text("bulk-progress")
    assert "changed elsewhere meanwhile" in told.text("bulk-progress")
    again = told.sends(URL)
    shown = page(edda.get(URL, again))
    assert "Model gpt-4o → gpt-4.1" in row(shown, three[0])
    assert run(edda, shown).status_code == 303
    sending.deliver_due()
    now = api_actor.get(f"/assistants/{three[0].remote_id}")
    assert (now["name"], now["model"]) == ("Theirs", "gpt-4.1")


def test_keys_are_set_changed_and_taken_away(three: list[Assistant], edda: Client, api_actor: ApiActor) -> None:
    values = {"metadata-0-key": "team", "metadata-0-value": "desk", "metadata-1-key": "new", "metadata-1-value": "é"}
    shown = previewed(edda, "metadata", three, **ROWS, **values, removed="old\nnone")
    assert "team back → desk" in row(shown, three[2])
    assert "old yes →" in row(shown, three[2])
    assert "old" not in row(shown, three[0])
    assert run(edda, shown).status_code == 303
    sending.deliver_due()
    for each in three:
        assert api_actor.get(f"/assistants/{each.remote_id}")["metadata"] == {"team": "desk", "new": "é"}


def test_more_pairs_than_there_may_be_are_said_beside_the_assistant(
    connection: Connection, api_actor: ApiActor, edda: Client
) -> None:
    full = api_actor.assistant(metadata={f"key{number}": "a" for number in range(16)})
    assistants.refresh(connection=connection)
    chosen = Assistant.objects.get(remote_id=full["id"])
    shown = previewed(edda, "metadata", [chosen], **ROWS, **{"metadata-0-key": "b", "metadata-0-value": "c"})
    assert "17 pairs" in row(shown, chosen)
    assert "Nothing would change" in page(run(edda, shown), 422).text("bulk-form")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"metadata-0-key": "", "metadata-0-value": "a"}, "no key"),
        ({"metadata-0-key": "a", "metadata-0-value": "b", "removed": "a"}, "is set above"),
        ({"metadata-0-key": "", "removed": ""}, "Set a key"),
        ({"metadata-0-key": "switchboard_operation", "metadata-0-value": "a"}, "Switchboard's own"),
        ({"metadata-0-key": "a", "metadata-0-value": "b" * 513}, "at most 512"),
    ],
)
def test_what_cannot_be_set_is_told_and_stays(
    values: dict[str, str], words: str, three: list[Assistant], edda: Client
) -> None:
    shown = begun(edda, "metadata", three)
    told = page(edda.post(URL, sent(shown, **{**ROWS, **values, "reason": "Mine"}, act="preview")), 422)
    assert words in told.text("bulk-form")
    assert sent(told)["reason"] == "Mine"


def test_another_pair_keeps_what_was_typed(three: list[Assistant], edda: Client) -> None:
    values = {"metadata-0-key": "a", "metadata-0-value": "b", "removed": "c", "reason": "Mine"}
    told = page(edda.post(URL, sent(begun(edda, "metadata", three), **ROWS, **values, act="more")))
    assert {name: sent(told)[name] for name in values} == values


def test_what_was_typed_after_the_preview_is_previewed_first(three: list[Assistant], edda: Client) -> None:
    shown = previewed(edda, "model", three, model="gpt-4.1")
    told = page(run(edda, shown, model="gpt-5"), 409)
    assert "Nothing is sent yet" in told.text("bulk-form")
    assert "gpt-4o → gpt-5" in row(told, three[0])
    assert not Operation.objects.exists()


def test_the_same_form_with_something_else_in_it_is_not_sent(three: list[Assistant], edda: Client) -> None:
    shown = previewed(edda, "model", three, model="gpt-4.1")
    run(edda, shown)
    digest = bulk.Change("model", "gpt-5").digest
    told = page(run(edda, shown, model="gpt-5", previewed=digest), 409)
    assert "You sent this form before" in told.text("bulk-form")
    assert BulkChange.objects.count() == 1
    assert run(edda, told).status_code == 303


def test_a_deletion_wants_the_number(three: list[Assistant], edda: Client, api_actor: ApiActor) -> None:
    shown = begun(edda, "delete", three)
    assert "cannot be undone" in shown.text("bulk-form")
    assert "3 would be deleted" in page(run(edda, shown, number="2"), 422).text("bulk-form")
    assert "Type how many" in page(run(edda, shown, number=""), 422).text("bulk-form")
    api_actor.post(f"/assistants/{three[1].remote_id}", {"name": "Theirs"})
    api_actor.delete(f"/assistants/{three[2].remote_id}")
    address = run(edda, shown, number="3", reason="Old")["Location"]
    sending.deliver_due()
    told = page(edda.get(address)).text("bulk-progress")
    assert "2 of 3 done, 1 refused" in told
    assert "Not deleted: the assistant was changed elsewhere" in told
    assert Assistant.objects.filter(pk__in=[each.pk for each in three], gone_at=None).get() == three[1]


def test_who_only_looks_cannot_choose(three: list[Assistant], signed_in: Callable[..., Client]) -> None:
    assert not page(signed_in("vera", Role.VIEWER).get("/assistants/")).all("input", name="assistant")
