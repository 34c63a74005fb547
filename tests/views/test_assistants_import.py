"""Bringing assistants in, and copying them: both end in the form of a new one, with what does not come along."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from assistants_app.models import Assistant, Connection, FormDraft, Listing, Operation
from assistants_app.models.people import Role
from assistants_app.services import assistants, configurations, connections, listings, yaml_text
from testing.api_actor import ApiActor
from testing.generation import EXAMPLES
from testing.html_page import Page
from testing.local_api_process import LocalApi
from tests.views.conftest import page
from tests.views.test_assistant_round_trips import as_a_browser, latest, often, recorded_tools, typed_assistants

IMPORT = "/assistants/import/"
SECOND: dict[str, Any] = {
    "name": "Porter",
    "instructions": "Be kind.",
    "temperature": 0.5,
    "tools": [
        {"type": "code_interpreter"},
        {"type": "file_search", "file_search": {"max_num_results": 7}},
        {"type": "function", "function": {"name": "ring", "strict": True, "parameters": {"type": "object"}}},
    ],
    "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object"}}},
    "metadata": {"team": "front"},
}


@pytest.fixture
def edda(signed_in: Callable[..., Client]) -> Client:
    """The browser of an editor."""
    return signed_in("edda", Role.EDITOR)


@pytest.fixture
def older(connection: Connection, local_api: LocalApi) -> Connection:
    """Another connection, of the first dialect."""
    made = connections.set_up(name="Older", base_url=local_api.url, key="local", dialect="v1", streaming=False)
    Connection.objects.update(due_at=None)
    return made


def known(connection: Connection, api_actor: ApiActor, **fields: Any) -> Assistant:
    made = api_actor.assistant(**fields)
    assistants.refresh(connection=connection)
    return Assistant.objects.get(remote_id=made["id"], connection=connection)


def copy_to(connection: Connection, assistant: Assistant) -> str:
    return f"/assistants/new/?connection={connection.pk}&copy=~{assistant.pk}"


def made(client: Client, url: str, api_actor: ApiActor, **typed: str) -> dict[str, Any]:
    """What comes of sending the form as it stands."""
    response = client.post(url, {**as_a_browser(client, url), **typed, "act": "save"})
    assert response.status_code == 303, Page(response.content.decode()).text("assistant-form")
    operation = latest()
    assert operation.state == "accepted", operation.error
    return dict(api_actor.get(f"/assistants/{operation.result_remote_id}"))


def test_where_several_answer_one_chooses_where_the_copy_goes(
    connection: Connection, older: Connection, api_actor: ApiActor, edda: Client
) -> None:
    assistant = known(connection, api_actor, name="Porter")
    closed = connections.set_up(name="Closed", base_url=connection.base_url, key="local")
    Connection.objects.filter(pk=closed.pk).update(gone_at=closed.due_at)
    shown = page(edda.get(f"/assistants/new/?copy={assistant.remote_id}&version=1"))
    ways = [each.attributes["href"] for each in shown.all("a") if "copy=" in each.attributes.get("href", "")]
    assert ways == [
        f"/assistants/new/?copy={assistant.remote_id}&version=1&connection={each.pk}" for each in (older, connection)
    ]


def test_a_copy_on_the_same_connection_is_the_same_but_for_its_name(
    connection: Connection, api_actor: ApiActor, edda: Client
) -> None:
    assistant = known(connection, api_actor, **SECOND)
    shown = page(edda.get(copy_to(connection, assistant)))
    assert "Everything comes along" in shown.text("begun")
    copy = made(edda, copy_to(connection, assistant), api_actor)
    assert copy["id"] != assistant.remote_id
    assert copy["name"] == "Porter (copy)"
    assert configurations.of(copy) == {**configurations.of(assistant.object), "name": "Porter (copy)"}


def test_a_copy_in_the_other_dialect_lists_what_stays_behind(
    connection: Connection, older: Connection, api_actor: ApiActor, edda: Client
) -> None:
    file = {"tool_resources": {"code_interpreter": {"file_ids": [a_file(connection)]}}}
    assistant = known(connection, api_actor, **SECOND, **file)
    listing = listings.want(older, listings.MODELS)
    Listing.objects.filter(pk=listing.pk).update(content='["elsewhere"]')  # type: ignore[union-attr]
    Assistant.objects.filter(connection=older).delete()
    shown = page(edda.get(copy_to(older, assistant))).text("begun")
    for words in (
        *(file["tool_resources"]["code_interpreter"]["file_ids"][0], '"max_num_results": 7'),
        *('"strict": true', "Response format", '"name": "answer"', "retrieval", "gpt-4o"),
    ):
        assert words in shown
    copy = made(edda, copy_to(older, assistant), api_actor)
    assert [tool["type"] for tool in copy["tools"]] == ["code_interpreter", "file_search", "function"]
    assert copy["tools"][2]["function"] == {"name": "ring", "parameters": {"type": "object"}}
    assert (copy["instructions"], copy["temperature"]) == ("Be kind.", 0.5)


def a_file(connection: Connection) -> str:
    client = connections.for_people(connection)
    return client.files.create(filename="a.txt", content=b"words", purpose="assistants").id


def test_a_copy_from_the_first_dialect_lists_its_files(
    connection: Connection, older: Connection, api_actor: ApiActor, edda: Client
) -> None:
    api_actor.session.headers["OpenAI-Beta"] = "assistants=v1"
    file_id = a_file(older)
    assistant = known(older, api_actor, name="Old", tools=[{"type": "retrieval"}], file_ids=[file_id])
    Assistant.objects.filter(connection=connection).delete()
    shown = page(edda.get(copy_to(connection, assistant))).text("begun")
    assert file_id in shown
    assert "file_search instead of retrieval" in shown
    api_actor.session.headers["OpenAI-Beta"] = "assistants=v2"
    assert made(edda, copy_to(connection, assistant), api_actor)["tools"][0]["type"] == "file_search"


def test_what_no_field_can_write_is_copied_to_the_letter(
    connection: Connection, api_actor: ApiActor, edda: Client
) -> None:
    odd = {"type": "object", "properties": {"\u2028": {"enum": [1.0, None, "\u0000"]}}, "x": {}}
    assistant = known(connection, api_actor, tools=[{"type": "function", "function": {"name": "f", "parameters": odd}}])
    assert made(edda, copy_to(connection, assistant), api_actor)["tools"][0]["function"]["parameters"] == odd


def test_what_is_typed_into_a_copy_is_kept_apart_from_other_drafts(
    connection: Connection, api_actor: ApiActor, edda: Client
) -> None:
    assistant = known(connection, api_actor, name="Porter")
    url = copy_to(connection, assistant)
    edda.post(url, {**as_a_browser(edda, url), "instructions": "Typed", "act": "draft"})
    assert "Typed" in page(edda.get(url)).sends(url)["instructions"]
    plain = f"/assistants/new/?connection={connection.pk}"
    assert page(edda.get(plain)).sends(plain)["instructions"] == ""


def test_sixteen_pairs_of_metadata_leave_one_behind(connection: Connection, api_actor: ApiActor, edda: Client) -> None:
    assistant = known(connection, api_actor, metadata={f"k{number}": "v" for number in range(16)})
    assert "k15" in page(edda.get(copy_to(connection, assistant))).text("begun")
    assert len(made(edda, copy_to(connection, assistant), api_actor)["metadata"]) == 16


def read(client: Client, text: str) -> str:
    """The address that reading it leads to."""
    response = client.post(IMPORT, {"text": text})
    assert response.status_code == 303, Page(response.content.decode()).text("import")
    return str(response["Location"])


@pytest.mark.parametrize("name", ["json", "yaml"])
def test_what_was_exported_is_imported_as_it_was(
    connection: Connection, api_actor: ApiActor, edda: Client, name: str
) -> None:
    assistant = known(connection, api_actor, **SECOND)
    file = edda.get(f"{assistant.get_absolute_url()}export/?as={name}&download=1").content
    answer = edda.post(IMPORT, {"text": "", "file": SimpleUploadedFile(f"a.{name}", file)})
    assert answer.status_code == 303
    again = made(edda, f"{answer['Location']}&connection={connection.pk}", api_actor)
    assert configurations.of(again) == configurations.of(assistant.object)


def test_of_several_one_is_chosen(connection: Connection, api_actor: ApiActor, edda: Client) -> None:
    several = json.dumps({"object": "list", "data": [{"model": "m", "name": "One"}, {"model": "m", "name": "Two"}]})
    where = read(edda, several)
    shown = page(edda.get(where))
    ways = [each.attributes["href"] for each in shown.all("a") if "item=" in each.attributes.get("href", "")]
    assert len(ways) == 2
    assert where in [each.attributes["href"] for each in page(edda.get(ways[1])).all("a") if "href" in each.attributes]
    assert made(edda, ways[1], api_actor)["name"] == "Two"
    assert "One" in page(edda.get(where)).text("entries")


def test_what_an_assistant_does_not_have_is_listed(connection: Connection, edda: Client) -> None:
    given = {"model": "m", "voice": "deep", "metadata": [1], "tools": "none", "temperature": "hot", "name": {"a": 1}}
    shown = page(edda.get(read(edda, json.dumps(given)))).text("begun")
    for words in ("voice", "deep", "Metadata", "Tools", "hot", "Name"):
        assert words in shown


def test_hostile_texts_in_a_file_are_shown(connection: Connection, edda: Client) -> None:
    odd = "\u0000\ud800</script>\u202e"
    given = {
        "model": odd,
        "name": odd,
        odd: odd,
        "tools": [{"type": odd}, {"type": "function", "function": {"name": odd}}],
    }
    several = json.dumps(
        [given, {"switchboard": 1, "kind": "assistant", "from": {"assistant": odd}, "configuration": given}]
    )
    where = read(edda, several)
    assert edda.get(where).status_code == 200
    for item in (0, 1):
        url = where.replace(IMPORT, "/assistants/new/") + f"&item={item}"
        assert edda.get(url).status_code == 200
        assert edda.post(url, {"act": "draft", "name": "x"}).status_code == 200


@pytest.mark.parametrize(
    ("sent", "field", "words"),
    [
        ({"text": ""}, "text", "Paste something"),
        ({"text": '{"model": "m",}'}, "text", "line 1"),
        ({"text": "a: *b"}, "text", "aliases"),
        ({"text": "x", "file": b"y"}, "text", "not both"),
        ({"text": "", "file": b"\xff\xfe"}, "file", "UTF-8"),
        ({"text": "", "file": b"model: [\n"}, "file", "line 2"),
        ({"text": "", "file": b" " * 2_000_001}, "file", "at most"),
    ],
)
def test_what_cannot_be_read_is_told_beside_its_field(
    connection: Connection, edda: Client, sent: dict[str, Any], field: str, words: str
) -> None:
    given = {name: SimpleUploadedFile("a.txt", value) if name == "file" else value for name, value in sent.items()}
    shown = page(edda.post(IMPORT, given), 422)
    assert words in shown.text(f"id_{field}_error")
    assert shown.sends(IMPORT)["text"].strip() == sent["text"].strip()
    assert not FormDraft.objects.exists()


def test_what_somebody_else_read_is_not_there(
    connection: Connection, edda: Client, signed_in: Callable[..., Client]
) -> None:
    where = read(edda, '{"model": "m"}')
    other = signed_in("emil", Role.EDITOR)
    assert other.get(where).status_code == 404
    assert other.get("/assistants/new/?import=nonsense").status_code == 404
    assert "not kept any more" in page(other.get(f"{IMPORT}?import=nonsense")).text("main")


@pytest.mark.parametrize("write", [json.dumps, yaml_text.write])
def test_real_declarations_are_imported_to_the_letter(
    connection: Connection, edda: Client, api_actor: ApiActor, write: Callable[[Any], str]
) -> None:
    tools = recorded_tools()
    where = read(edda, write({"model": "m", "tools": tools}))
    again = made(edda, f"{where}&connection={connection.pk}", api_actor)
    assert json.dumps(again["tools"]) == json.dumps(tools)


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("dialect", ["v2", "v1"])
def test_what_is_exported_and_imported_is_made_as_it_was(
    connection: Connection, edda: Client, api_actor: ApiActor, dialect: str
) -> None:
    connections.save(connection, dialect=dialect)
    Connection.objects.update(due_at=None)
    api_actor.session.headers["OpenAI-Beta"] = f"assistants={dialect}"

    def there_and_back(configuration: dict[str, Any]) -> None:
        first = api_actor.assistant(**configuration)
        assistants.refresh(connection=connection)
        assistant = Assistant.objects.get(remote_id=first["id"])
        for name in ("json", "yaml"):
            file = edda.get(f"{assistant.get_absolute_url()}export/?as={name}&download=1").content.decode()
            again = made(edda, f"{read(edda, file)}&connection={connection.pk}", api_actor)
            assert configurations.of(again) == configurations.of(first)
            api_actor.delete(f"/assistants/{again['id']}")
        api_actor.delete(f"/assistants/{first['id']}")
        Operation.objects.all().delete()
        Assistant.objects.all().delete()

    often(EXAMPLES // 8, typed_assistants(dialect), there_and_back)
