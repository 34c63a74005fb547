"""Every URL of the map: who may ask for it, how, and with which headers it answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, reverse

from assistants_app.models import BulkChange, Connection, File, Operation, Rule, Run, VectorStore
from assistants_app.models.people import Role
from assistants_app.services import bulk, connections, files, mirror, people, rules, vector_stores
from assistants_app.urls import urlpatterns
from testing.html_page import Page
from tests.views.conftest import Response, page

PIXEL = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010806000000")
NAMED: dict[str, URLPattern] = {str(each.name): each for each in urlpatterns}
ACTS = {
    "notifications_test",
    "notifications_silence",
    "notifications_team_remove",
    "connection_key",
    "connection_check",
    "connection_allow",
    "connection_archive",
    "connection_remove",
    "sign_out",
    "settings_choose",
    "settings_first_steps",
    "threads_add",
    "threads_create",
    "files_upload",
    "file_refresh",
    "resource_upload",
    "resource_store",
    "vector_store_refresh",
    "vector_store_files",
    "vector_store_file_refresh",
    "thread_messages",
    "thread_runs",
    "thread_refresh",
    "function_template_delete",
    "rule_switch",
    "rule_delete",
    "thread_message_refresh",
    "run_step_refresh",
    "run_answers",
    "run_again",
    "run_cancel",
    "run_refresh",
    "run_claim",
    "run_claim_release",
    "run_claim_take_over",
    "run_drafts",
    "queue_view_save",
    "queue_view_rename",
    "queue_view_delete",
}
# A form at its own address.
BOTH = {
    "connection_edit",
    "connections_add",
    "function_returns",
    "function_templates",
    "notifications",
    "notifications_team",
    "rules_add",
    "rule_edit",
    "settings",
    "sign_in",
    *("assistants_new", "assistant_edit", "assistant_delete", "assistant_files", "assistants_import", "assistant_try"),
    *("thread_metadata", "thread_delete", "thread_message_metadata", "thread_message_delete", "run_metadata"),
    *("threads_new", "thread_compose", "file_delete"),
    "bulk",
    *("vector_stores_new", "vector_store_delete", "vector_store_file_remove"),
}
# What somebody does for themselves alone.
OWN = {
    "sign_out",
    "settings_choose",
    "settings_first_steps",
    "queue_view_save",
    "queue_view_rename",
    "queue_view_delete",
}
OF_MESSAGES = [name for name in NAMED if name.startswith("thread_message") and name != "thread_messages"]
GUARDED = sorted(name for name, each in NAMED.items() if getattr(each.callback, "least_role", None))


def kept_file(connection: Connection) -> File:
    """A file on the server, an image, as it was read."""
    if (known := File.objects.filter(connection=connection).first()) is None:
        client = connections.for_people(connection)
        mirror.files(connection, [client.files.create(filename="a.png", content=PIXEL, purpose="vision")])
        known = File.objects.get(connection=connection)
    return known


def kept_store(connection: Connection) -> VectorStore:
    """A vector store on the server with that file in it, as it was read."""
    if (known := VectorStore.objects.filter(connection=connection).first()) is None:
        client = connections.for_people(connection)
        body = {"name": "Kept", "file_ids": [kept_file(connection).remote_id]}
        mirror.vector_stores(connection, [client.vector_stores.create(body)])
        known = VectorStore.objects.get(connection=connection)
        vector_stores.refresh_one(store=known)
    return known


def address(name: str, run: Run) -> str:
    """The URL of that name for objects that are there."""
    if name in {"file_content", "file_image", "resources"}:
        wanted = {"connection": run.connection_id, "id": kept_file(run.connection).remote_id, "field": "file_ids"}
        return f"{reverse(name)}?{urlencode(wanted)}"
    if not NAMED[name].pattern.converters:
        return reverse(name)
    assert run.assistant is not None
    noun = name.split("_", maxsplit=1)[0]
    fixed: dict[str, Callable[[], list[Any]]] = {
        "history": lambda: ["answers"],
        "connection": lambda: [run.connection_id],
        "rule": lambda: [a_rule(run).pk],
        "bulk": lambda: [a_bulk_change(run).uuid],
        "resource": lambda: [an_upload(run).uuid, "file_ids"],
    }
    if noun in fixed:
        return reverse(name, args=fixed[noun]())
    rows: dict[str, Callable[[], Any]] = {
        "run": lambda: run,
        "thread": lambda: run.thread,
        "assistant": lambda: run.assistant,
        "file": lambda: kept_file(run.connection),
        "vector": lambda: kept_store(run.connection),
    }
    row = rows[noun]()
    more = {
        **dict.fromkeys(("vector_store_file_refresh", "vector_store_file_remove"), lambda: [row.files.all()[0].pk]),
        "run_call": lambda: [run.calls.all()[0].pk, "arguments"],
        "run_draft": lambda: [run.calls.all()[0].pk],
        **dict.fromkeys(("run_step_raw", "run_step_refresh"), lambda: [run.steps.all()[0].pk]),
        **dict.fromkeys(OF_MESSAGES, lambda: [run.thread.messages.all()[0].pk]),
    }.get(name, list)
    return reverse(name, args=[row.reference, *more()])


def a_rule(run: Run) -> Rule:
    """A rule for calls of the run; made where there is none (any more)."""
    by = people.ensure(username="writer", role=Role.EDITOR)
    given = {"connection": run.connection, "title": "Rule", "function": "get_weather", "text": "rain"}
    return Rule.objects.first() or rules.save(Rule(), by=by, conditions=[], **given)


def a_bulk_change(run: Run) -> BulkChange:
    """A deletion of the run's assistant; made where there is none."""
    by, change = people.ensure(username="writer", role=Role.EDITOR), bulk.Change("delete")
    assert run.assistant is not None
    planned = bulk.plan(change=change, chosen=[run.assistant])
    return BulkChange.objects.first() or bulk.run(uuid=uuid4(), change=change, planned=planned, by=by)


def an_upload(run: Run) -> Operation:
    """A file that is on its way to the server."""
    by = people.ensure(username="writer", role=Role.EDITOR)
    return files.upload(
        connection=run.connection,
        by=by,
        once=UUID(int=run.pk),
        filename=kept_file(run.connection).filename,
        content=b"a",
        media_type="",
        purpose="assistants",
    )


def ask(client: Client, name: str, run: Run) -> Response:
    """Request the URL of that name as a browser does."""
    return request(client, name, address(name, run))


def request(client: Client, name: str, here: str) -> Response:
    """Request this address as a browser does: acts by POST, pages by GET."""
    return (client.post if name in ACTS else client.get)(here)


def least_role(name: str) -> Role:
    """The least role that the URL of that name needs."""
    needed: Role = NAMED[name].callback.least_role  # type: ignore[attr-defined]  # put there by views.rights
    return needed


def test_every_view_names_the_least_role_it_needs() -> None:
    assert [name for name, each in NAMED.items() if not hasattr(each.callback, "least_role")] == []


def test_only_signing_in_and_out_home_and_health_are_for_everybody() -> None:
    public = {name for name in NAMED if least_role(name) == Role.NONE}
    assert public == {"home", "healthz", "sign_in", "sign_in_link", "sign_out"}


def test_all_acts_but_refreshing_and_ones_own_need_an_operator() -> None:
    acts = {name for name in ACTS - OWN if not name.endswith("_refresh")}
    acts = {name for name in acts if not name.startswith(("connection", "rule", "function")) and "team" not in name}
    assert {least_role(name) for name in acts} == {Role.OPERATOR}


def test_connections_are_for_admins_alone() -> None:
    roles = {least_role(name) for name in NAMED if name.startswith("connection")}
    assert roles == {Role.ADMIN}


def test_rules_and_what_is_written_of_functions_are_for_editors() -> None:
    assert {least_role(name) for name in NAMED if name.startswith(("rule", "function_"))} == {Role.EDITOR}


@pytest.mark.parametrize("noun", sorted({name.partition("_")[0] for name in NAMED}))
def test_urls_refuse_strangers_small_roles_wrong_methods_and_forms_without_a_token(
    noun: str, waiting: Run, signed_in: Callable[..., Client]
) -> None:
    clients = {role: signed_in(role.label, role) for role in Role if role > Role.NONE}
    for name in sorted(each for each in NAMED if each.partition("_")[0] == noun):
        here = address(name, waiting)
        if name in GUARDED:
            check_stranger(name, here)
            for role in Role:
                if Role.NONE < role < least_role(name):
                    check_small_role(name, here, clients[role], role)
        if name not in BOTH:
            check_wrong_methods(name, here, clients[Role.ADMIN])
        if name in ACTS | BOTH:
            check_missing_token(here, clients[Role.ADMIN])


def check_stranger(name: str, here: str) -> None:
    """A stranger is sent to sign in, and from there to the page they wanted."""
    response = request(Client(), name, here)
    back = "/" if name in ACTS else quote(here)
    assert (response.status_code, response["Location"]) == (302, f"{reverse('sign_in')}?next={back}"), name


def check_small_role(name: str, here: str, client: Client, role: Role) -> None:
    """Somebody with too small a role is told which one is needed."""
    shown = page(request(client, name, here), 403).text("main")
    assert f"role {least_role(name).label}" in shown, name
    assert f"signed in as {role.label}" in shown, name


def check_wrong_methods(name: str, here: str, client: Client) -> None:
    """Every method but the one of the URL is refused on a page of words."""
    wrong = {"GET", "PUT", "PATCH", "DELETE"} if name in ACTS else {"POST", "PUT", "PATCH", "DELETE"}
    responses = {method: client.generic(method, here) for method in wrong}
    assert {each.status_code for each in responses.values()} == {405}, name
    assert "cannot be opened like this" in responses["PUT"].content.decode()


def check_missing_token(here: str, known: Client) -> None:
    """A form without its CSRF token is refused, with a hint at what happened."""
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = known.cookies
    assert "open too long" in page(strict.post(here, {"method": "POST"}), 403).text("main")


def test_a_stranger_who_sent_a_form_comes_back_to_its_page(waiting: Run, client: Client) -> None:
    here = waiting.get_absolute_url()
    response = client.post(f"{here}answers/", headers={"Referer": f"http://testserver{here}?a=1"})
    assert response["Location"] == f"{reverse('sign_in')}?next={quote(here + '?a=1')}"


def test_a_stranger_is_not_sent_to_another_site(waiting: Run, client: Client) -> None:
    response = client.post("/threads/add/", headers={"Referer": "https://elsewhere.example/threads/"})
    assert response["Location"] == f"{reverse('sign_in')}?next=/"


def test_htmx_takes_a_stranger_to_sign_in_as_a_whole_page(waiting: Run, client: Client) -> None:
    headers = {"HX-Request": "true", "HX-Target": "queue-list", "HX-Current-URL": "http://testserver/queue/?a=1"}
    response = client.get("/queue/", headers=headers)
    assert response["HX-Redirect"] == f"{reverse('sign_in')}?next={quote('/queue/?a=1')}"


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR, Role.EDITOR, Role.ADMIN])
def test_a_role_may_do_what_needs_it_and_what_those_below_may(
    role: Role, waiting: Run, signed_in: Callable[..., Client]
) -> None:
    client = signed_in("somebody", role)
    needs = {name: least_role(name) for name in GUARDED}
    of_those_below = {least: name for name, least in needs.items() if least < role}  # one of each
    allowed = [name for name, least in needs.items() if least == role] + list(of_those_below.values())
    pages = {name: ask(client, name, waiting).status_code for name in allowed if name not in ACTS}
    assert pages == dict.fromkeys(pages, 200)
    assert 403 not in {ask(client, name, waiting).status_code for name in allowed if name in ACTS}


def test_somebody_without_a_role_sees_nothing(waiting: Run, signed_in: Callable[..., Client]) -> None:
    client = signed_in("nobody", Role.VIEWER)
    User.objects.get(username="nobody").groups.clear()
    assert {ask(client, name, waiting).status_code for name in GUARDED} == {403}


def test_a_form_with_its_token_is_taken(waiting: Run, signed_in: Callable[..., Client]) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = signed_in("olga").cookies
    here = waiting.get_absolute_url()
    sent = page(strict.get(here)).sends(f"{here}refresh/")
    assert strict.post(f"{here}refresh/", sent).status_code == 303


def test_every_answer_is_protected_and_no_page_has_a_script_or_style_of_its_own(
    waiting: Run, signed_in: Callable[..., Client]
) -> None:
    client = signed_in("admin", Role.ADMIN)
    found = {name: client.get(address(name, waiting)) for name in NAMED if name not in ACTS}
    found["404"] = client.get("/runs/none/")
    found["405"] = client.get("/sign-out/")
    found["422"] = client.post(address("thread_messages", waiting), {"text": ""})
    found["stranger"] = Client().get("/sign-in/")
    found["htmx"] = client.get("/queue/", headers={"HX-Request": "true", "HX-Target": "queue-list"})
    for name, response in found.items():
        check_headers(name, response)
        if name in GUARDED:
            check_caching(name, response)
        if not response.streaming:  # a file
            check_markup(name, response)


def check_headers(name: str, response: Response) -> None:
    policy = dict(part.strip().partition(" ")[::2] for part in response["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'", name
    assert (policy["script-src"], policy["style-src"], policy["form-action"]) == ("'self'",) * 3
    assert "unsafe" not in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"


def check_caching(name: str, response: Response) -> None:
    """What somebody sees is kept by no shared cache."""
    assert {"private", "no-cache"} <= set(response["Cache-Control"].split(", ")), name
    assert {"Cookie", "HX-Request", "HX-Target"} <= set(response["Vary"].split(", ")), name


def check_markup(name: str, response: Response) -> None:
    """Scripts and styles come from files of the dashboard alone."""
    for element in Page(response.content.decode(errors="replace")).elements:
        assert not [each for each in element.attributes if each.startswith("on") or each == "style"], name
        assert element.tag != "style"
        assert element.tag != "script" or (element.attributes["src"].startswith("/static/") and not element.text)


@pytest.mark.parametrize("host", ["elsewhere.example", "127.0.0.1.elsewhere.example", "localhost@elsewhere.example"])
def test_a_foreign_host_is_refused(host: str, client: Client) -> None:
    assert client.get("/sign-in/", headers={"Host": host}).status_code == 400


def test_a_session_cookie_is_out_of_reach_of_scripts_and_other_sites(olga: Client) -> None:
    password = "a long enough phrase"
    user = olga.get("/queue/").wsgi_request.user
    user.set_password(password)
    user.save()
    cookies = Client().post("/sign-in/", {"username": user.username, "password": password}).cookies
    assert cookies["sessionid"]["httponly"]
    assert cookies["sessionid"]["samesite"] == "Lax"
