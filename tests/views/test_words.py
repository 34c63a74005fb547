"""Pages in the language of whoever reads them: all of their words, and only theirs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from assistants_app.forms import run_options, uploads
from assistants_app.models import (
    Assistant,
    Connection,
    File,
    Message,
    Operation,
    Run,
    RunStep,
    Thread,
    ToolCall,
    VectorStore,
)
from assistants_app.models.people import Role
from assistants_app.services import people, preferences, tokens
from assistants_app.services.rendering import place
from assistants_app.templatetags.switchboard import STATUSES
from assistants_app.views import styleguide
from testing.html_page import Page
from testing.page_catalogue import PAGES
from tests.views.conftest import Response, page, piece
from tests.views.test_map import ACTS, NAMED, address

GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}
ENGLISH = {"Accept-Language": "en"}
HEARD = ("title", "aria-label", "placeholder", "alt", "label", "data-say", "data-confirm", "data-confirm-title")
WRITTEN_OUT = ["script", "style", "pre", "code", "kbd", "q"]  # what these hold is no label
# What is called the same in both languages.
NAMES = {
    *("Switchboard", "English", "Deutsch", "UTC", "JSON", "YAML", "Live", "Styleguide", "Tool", "python"),
    *("Responses API", "OpenAI Agents SDK"),
    *("Thread", "Threads", "Status", "Name", "Text", "Format", "System", "Code", "Dialog", "Tabs", "Tokens", "Tools"),
    *("Operator", "Editor", "Admin", "operator", "editor", "admin"),
    *("Person", "Webhook", "Team", "Teams", "Test", "YAML", "OpenAI Agents SDK", "Responses API"),
    *("none", "minimal", "low", "medium", "high", "xhigh", "max"),
    *("code_interpreter", "file_search", "json_object", "json_schema", *(value for value, _ in uploads.PURPOSES)),
}
EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")
LETTERS = re.compile(r"[^\W\d_]{2,}")
ENDED = ("completed", "failed", "incomplete", "expired", "cancelled", "cancelling", "queued", "in_progress")
CODES = ("rate_limit_exceeded", "server_error", "invalid_prompt", "")
CUT_SHORT = ("max_completion_tokens", "max_prompt_tokens", "content_filter")
UNFINISHED = ("max_tokens", "content_filter", "run_cancelled", "run_expired", "run_failed", "otherwise")


def words(response: Response) -> set[str]:
    """What a page says, as far as it is words: its texts, and the attributes that somebody sees or hears."""
    if not response["Content-Type"].startswith("text/html"):
        return set()
    root = Page(response.content.decode()).document.root
    if root is None:
        return set()
    parts = [root, *root.template_fragments()]  # with what scripts take out of templates
    given = [pair for part in parts for node in part.css("*") for pair in node.attributes.items()]
    said = {value or "" for name, value in given if name in HEARD}
    for part in parts:
        part.strip_tags(WRITTEN_OUT)
        said |= {node.text_content or "" for node in part.traverse(include_text=True)}
    return {" ".join(each.split()) for each in said if LETTERS.search(each)}


def strings(value: Any) -> Iterator[str]:
    """Every string in what was JSON, the names of values too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from strings([*value, *value.values()])
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)


def known() -> set[str]:
    """All that was stored here, and what zones of time are called."""
    rows = [*Assistant.objects.all(), *Thread.objects.all(), *Message.objects.all(), *Run.objects.all()]
    rows += [*File.objects.all(), *VectorStore.objects.all()]
    calls = ToolCall.objects.all()
    raw = [*(row.object for row in rows), *(json.loads(call.arguments) for call in calls)]
    columns = [str(value) for row in [*rows, *calls, *RunStep.objects.all()] for value in vars(row).values()]
    zones = [name.partition("/")[2].replace("_", " ") for name in preferences.zones()]
    people = [*User.objects.values_list("username", flat=True), "ol"]  # and what stands for olga
    asked = ", ".join(call.name for call in calls)
    return {bare(each) for each in [*strings(raw), *columns, *zones, *people, asked, *connections()]}


def connections() -> list[str]:
    return list(Connection.objects.values_list("name", flat=True))


def bare(text: str) -> str:
    """A text without what stands around its words."""
    return EDGES.sub("", " ".join(text.split()))


def same(client: Client, url: str, allowed: Collection[str] = ()) -> set[str]:
    """What a page says in both languages with the same letters, though it is nobody's name and nobody wrote it."""
    english, german = client.get(url, headers=ENGLISH), client.get(url, headers=GERMAN)
    assert english.status_code == german.status_code
    fine = NAMES | set(STATUSES) | known() | set(allowed) | {bare(run_options.EXAMPLE)}
    shared = {each: each.split(" · ") for each in words(english) & words(german)}
    return {each for each, pieces in shared.items() if not all(is_fine(piece, fine) for piece in pieces)}


def is_fine(text: str, fine: Collection[str]) -> bool:
    """Whether these, or each of these in a row, are fine, or no words; what is cut short is what it is the start of."""
    if text.endswith("…"):
        return any(each.startswith(bare(text)) for each in fine)
    return any(
        all(bare(each) in fine or not LETTERS.search(bare(each)) for each in row) for row in ([text], text.split(", "))
    )


@pytest.fixture
def much(waiting: Run) -> list[Run]:
    """The waiting run, and runs, messages and operations of every kind in its thread."""
    now, thread, connection = timezone.now(), waiting.thread, waiting.connection
    made = {"thread": thread, "connection": connection, "created_at": now, "ended_at": now}
    runs = [Run(remote_id=f"run_{each}", status=each, **made) for each in ENDED]
    runs += [Run(remote_id=f"run_{n}", status="failed", error_code=code, **made) for n, code in enumerate(CODES)]
    runs += [Run(remote_id=each, status="incomplete", error_message=each, **made) for each in CUT_SHORT]
    runs += [
        Run(remote_id="run_gone", status="failed", gone_at=now, **made),
        Run(remote_id="run_parked", status="queued", parked_at=now, parked_because="Kaputt", **made),
    ]
    runs = Run.objects.bulk_create(runs)
    places = [place("incomplete", reason=each) for each in UNFINISHED]
    places += [place("refusal"), place("code", language="python"), place("image", file="file-1")]
    places += [place("cite", key="a", number=1), place("file", file="", label="", name=""), place("cut")]
    places += [place("notes", key="a", notes=[{"number": 1, "file": "file-1", "quote": "Q"}])]
    places += [place("attachments", files=[{"file": "file-1", "tools": ["file_search"]}])]
    places += [place("address", url=url) for url in ("https://example.org/1.png", "data:none")]
    Message.objects.create(thread=thread, remote_id="msg_much", role="user", html="".join(places), created_at=now)
    by = _person()
    Operation.objects.bulk_create(
        Operation(kind=kind, state=state, key=f"{kind}{state}", connection=connection, thread=thread, by=by)
        for kind in (Operation.Kind.CREATE_MESSAGE, Operation.Kind.CREATE_RUN, Operation.Kind.CANCEL_RUN)
        for state in Operation.State
    )
    return [waiting, *runs]


def _person() -> User:
    return people.ensure(username="olga", role=Role.OPERATOR)


# ---- Every page


def of_all(client: Client, addresses: Iterable[str]) -> dict[str, set[str]]:
    """What the pages at these addresses say alike in both languages, where they do."""
    found = {address: same(client, address) for address in addresses}
    return {address: shared for address, shared in found.items() if shared}


@pytest.mark.slow
@pytest.mark.timeout(600)  # some 60 pages, twice
def test_every_page_is_all_in_german(waiting: Run, olga: Client) -> None:
    pages = set(NAMED) - ACTS - {"home", "healthz", "sign_in_link", "styleguide"}
    states = ["/threads/?after=~1", "/assistants/?q=none", "/sign-out/"]
    assert of_all(olga, [*(address(name, waiting) for name in pages), *states]) == {}


def test_pages_are_all_in_german_where_they_have_nothing_to_show(olga: Client) -> None:
    paths = {each.path for each in PAGES.values() if not each.row} - {"/styleguide/"}
    assert of_all(olga, paths) == {}


@pytest.mark.slow
def test_whatever_becomes_of_a_run_is_told_in_german(much: list[Run], olga: Client) -> None:
    assert of_all(olga, (run.get_absolute_url() for run in much)) == {}


def test_whatever_is_in_a_thread_is_told_in_german(much: list[Run], olga: Client) -> None:
    assert same(olga, much[0].thread.get_absolute_url(), {"file_search"}) == set()


def test_the_styleguide_is_all_in_german_but_for_its_samples(olga: Client) -> None:
    samples = [" ".join(each.split()) for each in (styleguide.OLD, styleguide.NEW, "Some words")]
    values = {bare(each) for each in strings(json.loads(styleguide.JSON))}
    values |= {bare(each) for each in [*strings(styleguide.RETURNS), *styleguide.RETURNS["properties"]]}
    values |= {*styleguide.METADATA, *styleguide.METADATA.values()}
    values |= {"null", "true", "paused", "Aa", "me", "iv", "sku", "FF"}
    shared = same(olga, "/styleguide/", values | set(tokens.declared()))
    assert {each for each in shared if not any(bare(each) in sample for sample in samples)} == set()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ADMIN])
def test_every_role_reads_german(role: Role, waiting: Run, signed_in: Callable[..., Client]) -> None:
    assert of_all(signed_in("olga", role), ["/threads/", "/help/", waiting.thread.get_absolute_url()]) == {}


def test_the_catalogue_in_german_is_german(waiting: Run, olga: Client) -> None:
    said = words(olga.get("/queue/", headers=GERMAN))
    assert {"Warteschlange", "Assistenten", "Einstellungen", "Hilfe"} <= said
    assert page(olga.get("/queue/", headers=GERMAN)).one("html").attributes["lang"] == "de"


# ---- Whose language


def test_a_stranger_signs_in_in_the_language_of_the_browser(client: Client, db: None) -> None:
    german = client.get("/sign-in/", headers=GERMAN)
    assert page(german).one("h1").text == "Anmelden"
    assert (german["Content-Language"], "Accept-Language" in german["Vary"]) == ("de", True)
    english = client.get("/sign-in/", headers={"Accept-Language": "fr"})
    assert (page(english).one("h1").text, english["Content-Language"]) == ("Sign in", "en")
    wrong = client.post("/sign-in/", {"username": "a", "password": "b"}, headers=GERMAN)
    assert "Passwort" in page(wrong).text("sign-in-error")


@pytest.mark.parametrize(("chosen", "asked", "read"), [("de", "en", "de"), ("en", "de", "en"), ("browser", "de", "de")])
def test_what_a_person_chose_wins_over_the_browser(olga: Client, chosen: str, asked: str, read: str) -> None:
    preferences.change(user=_person(), language=chosen)
    response = olga.get("/queue/", headers={"Accept-Language": asked})
    assert (page(response).one("html").attributes["lang"], response["Content-Language"]) == (read, read)


def test_a_language_that_is_gone_is_that_of_the_browser(olga: Client) -> None:
    preferences.change(user=_person(), language="tlh")
    assert olga.get("/queue/", headers=GERMAN)["Content-Language"] == "de"


def test_a_piece_and_the_palette_are_in_the_language_of_their_page(waiting: Run, olga: Client) -> None:
    preferences.change(user=_person(), language="de")
    assert "Aktion nötig" in piece(olga, waiting.get_absolute_url(), "run-head").content.decode()
    found = piece(olga, "/palette?q=Einst", "palette-places").content.decode()
    assert "Einstellungen" in found
    assert "Seite" in found


@pytest.mark.parametrize(
    ("path", "status", "title"), [("/none", 404, "Hier ist nichts"), ("/sign-out/", 405, "Diese Adresse lässt sich")]
)
def test_error_pages_are_in_the_language_of_the_browser(
    path: str, status: int, title: str, client: Client, db: None
) -> None:
    shown = page(client.get(path, headers=GERMAN), status)
    assert title in shown.one("h1").text
    assert shown.one("html").attributes["lang"] == "de"


def test_what_is_refused_before_anybody_is_known_is_told_in_the_language_of_the_browser(client: Client) -> None:
    shown = page(client.get("/queue/", headers={**GERMAN, "Host": "elsewhere.example"}), 400)
    assert shown.one("h1").text == "Diese Anfrage war nicht zu lesen"


def test_a_role_that_is_too_small_is_named_in_german(waiting: Run, signed_in: Callable[..., Client]) -> None:
    refused = signed_in("vera", Role.VIEWER).post("/threads/add/", headers=GERMAN)
    words = page(refused, 403).text("main")
    assert "die Rolle Operator nötig" in words
    assert "als Betrachter angemeldet" in words


def test_what_programs_read_is_in_no_language(waiting: Run, olga: Client) -> None:
    for path in ("/healthz", "/queue/waiting/", f"{waiting.get_absolute_url()}raw/"):
        german = olga.get(path, headers=GERMAN)
        assert "Content-Language" not in german
        assert json.loads(german.content) == json.loads(olga.get(path, headers=ENGLISH).content)


def test_what_is_made_once_a_process_is_made_once_a_language(waiting: Run, olga: Client) -> None:
    path = waiting.get_absolute_url()
    seen = [words(olga.get(path, headers=each)) for each in (GERMAN, ENGLISH, GERMAN)]
    assert ["Aktion nötig" in each for each in seen] == [True, False, True]
    assert ["Needs action" in each for each in seen] == [False, True, False]


# ---- What is told


@pytest.mark.parametrize(
    ("ids", "told"),
    [
        ("a", "1 Thread hinzugefügt. Er wird jetzt gelesen."),
        ("a b", "2 Threads hinzugefügt. Sie werden jetzt gelesen."),
    ],
)
def test_one_is_told_otherwise_than_many(connection: Connection, olga: Client, ids: str, told: str) -> None:
    sent = {"connection": connection.pk, "ids": ids}
    assert told in page(olga.post("/threads/add/", sent, headers=GERMAN, follow=True)).text("problems")


def test_numbers_are_written_as_the_language_writes_them(connection: Connection, olga: Client) -> None:
    ids = " ".join(f"thread_{n}" for n in range(1001))
    told = page(olga.post("/threads/add/", {"connection": connection.pk, "ids": ids}, headers=GERMAN), 422)
    assert "höchstens 1.000 Threads auf einmal hinzu, nicht 1.001" in told.text("main")


def test_what_is_wrong_with_an_answer_is_told_in_german(waiting: Run, olga: Client) -> None:
    here = waiting.get_absolute_url()
    sent = page(olga.get(here)).sends(f"{here}answers/")
    fields = {name: "json" if name.startswith("format-") else '{"a": }' for name in sent if "-" in name}
    shown = page(olga.post(f"{here}answers/", {**sent, **fields}, headers=GERMAN), 422)
    assert "Das ist kein JSON: Hier fehlt ein Wert (Zeile 1, Spalte 7)." in shown.text("answers")


def test_settings_offer_the_languages_in_their_own_words(olga: Client) -> None:
    options = page(olga.get("/settings/", headers=GERMAN)).all("option")
    assert [each.text for each in options if each.attributes["value"] in {"browser", "en", "de"}][-3:] == [
        *("Wie mein Browser", "English", "Deutsch")
    ]


def test_drawings_are_drawn_the_same_in_every_language(waiting: Run, olga: Client) -> None:
    drawn = {
        each.attributes.get(name, "")
        for path in ("/styleguide/", waiting.get_absolute_url())
        for each in page(olga.get(path, headers=GERMAN)).elements
        for name in ("x", "y", "width", "height", "max", "value")
        if each.tag in {"rect", "progress", "text"}
    }
    assert [each for each in drawn if "," in each] == []
