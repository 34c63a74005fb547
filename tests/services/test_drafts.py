"""Drafts of answers: nobody writes over what they have not seen, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection as database

from assistants_app.models import Connection, Draft, Run, ToolCall
from assistants_app.models.claims import NO_PAGE
from assistants_app.services import drafts
from assistants_app.services.drafts import Typed
from tests.views.test_queue import wait

pytestmark = pytest.mark.database

HERE, THERE = UUID(int=1), UUID(int=2)


@pytest.fixture
def call(connection: Connection) -> ToolCall:
    wait(connection, 1)
    return ToolCall.objects.select_related("run").get()


def save(call: ToolCall, text: str, by: User, *, version: int = 0, page: UUID = HERE) -> bool:
    """Whether it was taken."""
    typed = Typed(call.pk, {f"output-{call.pk}": [text], f"format-{call.pk}": ["text"]}, version)
    return not drafts.save(run=call.run, typed=[typed], by=by, page=page)


def test_a_draft_is_kept_to_the_letter(call: ToolCall, person: Callable[..., User]) -> None:
    odd = ' \r\n\x00 "\ud83d" ü 😀 \n'
    assert save(call, odd, person("anna"))
    draft = Draft.objects.get()
    assert draft.fields == {f"output-{call.pk}": [odd], f"format-{call.pk}": ["text"]}
    assert (draft.by.username, draft.version) == ("anna", 1)


def test_nothing_typed_is_no_draft(call: ToolCall, person: Callable[..., User]) -> None:
    assert save(call, "  \n", person("anna"))
    assert not Draft.objects.exists()


def test_each_save_is_a_version(call: ToolCall, person: Callable[..., User]) -> None:
    for number, text in enumerate(["a", "ab", "ab", "abc"]):
        assert save(call, text, person("anna"), version=min(number, 2))
    assert Draft.objects.get().version == 3


def test_two_who_began_from_the_same_version_do_not_write_over_each_other(
    call: ToolCall, person: Callable[..., User]
) -> None:
    assert save(call, "anna's", person("anna"), page=HERE)
    assert not save(call, "pete's", person("pete"), page=THERE)
    assert Draft.objects.get().text == "anna's"
    assert save(call, "pete's, knowing anna's", person("pete"), version=1, page=THERE)
    assert not save(call, "anna's again", person("anna"), version=1, page=uuid4())
    assert Draft.objects.get().text == "pete's, knowing anna's"


def test_a_page_that_did_not_hear_of_its_own_save_goes_on(call: ToolCall, person: Callable[..., User]) -> None:
    assert save(call, "a", person("anna"))
    assert save(call, "ab", person("anna"), version=0)
    assert not save(call, "c", person("anna"), version=0, page=NO_PAGE)
    assert Draft.objects.get().text == "ab"


def test_the_same_words_are_no_conflict(call: ToolCall, person: Callable[..., User]) -> None:
    assert save(call, "4", person("anna"))
    assert save(call, "4", person("pete"), page=THERE)
    assert Draft.objects.get().by.username == "anna"


def test_the_call_of_another_run_is_left_alone(connection: Connection, person: Callable[..., User]) -> None:
    one, other = wait(connection, 2)
    typed = Typed(other.calls.get().pk, {f"output-{other.calls.get().pk}": ["x"]}, 0)
    assert drafts.save(run=one, typed=[typed], by=person("anna"), page=HERE) == set()
    assert not Draft.objects.exists()


def test_when_the_answers_are_accepted_the_drafts_of_their_sender_are_done(
    call: ToolCall, person: Callable[..., User]
) -> None:
    save(call, "mine", person("anna"))
    call.output = "mine"
    drafts.accepted(calls=[call], by=person("anna").pk)
    assert not Draft.objects.exists()


def test_what_another_person_had_begun_stays(call: ToolCall, person: Callable[..., User]) -> None:
    save(call, "better words", person("pete"))
    ToolCall.objects.update(output="sent by anna", waiting=False)
    drafts.accepted(calls=[call], by=person("anna").pk)
    assert Draft.objects.get().text == "better words"


def test_what_arrives_after_it_was_sent_is_no_draft(call: ToolCall, person: Callable[..., User]) -> None:
    ToolCall.objects.update(output="sent", waiting=False)
    assert save(call, "sent", person("anna"), version=3)
    assert not Draft.objects.exists()


def test_a_form_begins_with_the_drafts(call: ToolCall, person: Callable[..., User]) -> None:
    save(call, "begun", person("anna"))
    found = Run.objects.get().calls.select_related("draft__by")
    assert drafts.begun(found) == {call.pk: {f"output-{call.pk}": "begun", f"format-{call.pk}": "text"}}


def test_an_answer_of_several_fields_is_told_by_their_names(call: ToolCall, person: Callable[..., User]) -> None:
    named = {":/city": ["Oslo"], ":/days": ["Mon", "Tue"], ":/stops/-": ["0"], "": [""]}
    fields = {f"output-{call.pk}{name}": values for name, values in named.items()} | {f"format-{call.pk}": ["form"]}
    drafts.save(run=call.run, typed=[Typed(call.pk, fields, 0)], by=person("anna"), page=HERE)
    assert Draft.objects.get().text == "city: Oslo\ndays: Mon, Tue"


@pytest.mark.django_db(transaction=True)
def test_of_many_first_words_at_once_one_is_kept_and_the_others_are_told(person: Callable[..., User]) -> None:
    from assistants_app.services import connections

    wait(connections.set_up(name="Test", base_url="http://127.0.0.1:1/v1", key="local"), 1)
    call = ToolCall.objects.select_related("run").get()
    crowd = [person(f"person{n}") for n in range(8)]

    def write(user: User) -> bool:
        try:
            return save(call, f"by {user.username}", user, page=uuid4())
        finally:
            database.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(write, crowd)) == 1
