"""The wheel: what is in it, and that it runs where nothing else of this repository is."""

import os
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from testing import wheel as wheels
from testing.api_actor import ApiActor
from testing.backing_services import free_port
from testing.http_desk import HttpDesk, until
from testing.stack import Stack
from tests.test_killed import accepted, settled, waiting

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wheels.build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that has the wheel and what it requires, no more."""
    return wheels.install(wheel, tmp_path_factory.mktemp("installed"))


def environment(home: Path) -> dict[str, str]:
    """What a login shell of somebody new has, with ports that are free."""
    ports = {"PORT": str(free_port()), "LOCAL_API_PORT": str(free_port())}
    return {"PATH": os.defpath, "HOME": str(home), "READY_SECONDS": "300", **ports}


@pytest.fixture(scope="module")
def stack(programs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """`switchboard run` in an empty folder."""
    home = tmp_path_factory.mktemp("home")
    environ = environment(home)
    output = home / "output"
    command = [str(programs / "python"), "-m", "launcher.leash", "TERM", str(programs / "switchboard"), "run"]
    with output.open("wb") as file:
        process = subprocess.Popen(
            command, cwd=tmp_path_factory.mktemp("empty"), env=environ, stdout=file, stderr=subprocess.STDOUT
        )
    data = home / ".local/share/switchboard"
    running = Stack(folder=data, environ=environ, process=process, output=output)
    running.wait_until_ready(seconds=320)
    yield running
    assert running.stop() == 0


def test_the_wheel_has_what_the_dashboard_runs_with_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name for name in names if ".dist-info/" not in name} == wheels.expected_files()
    assert {"dashboard/locale/de/LC_MESSAGES/django.mo", "local_api/scripts/on_call.json"} <= set(names)


@pytest.fixture(scope="module")
def desk(stack: Stack) -> HttpDesk:
    """The admin, who used the link that the start printed."""
    return HttpDesk(stack.url, stack.sign_in_url)


def test_an_installed_wheel_answers_a_tool_call_and_connects_a_second_server(
    programs: Path, desk: HttpDesk, stack: Stack
) -> None:
    answer_the_demonstration(desk, ApiActor(stack.local_api()))
    # Only now: with two connections to one server, an id no longer tells which of its two copies is meant.
    environ = stack.environ | {"API_KEY": stack.local_api_key}
    assert "Second answers." in run(programs, "connect", "Second", stack.local_api_url, environ=environ)
    assert "Second" in desk.session.get(f"{stack.url}/connections/", timeout=30).text


def answer_the_demonstration(desk: HttpDesk, actor: ApiActor) -> None:
    """Answer the two calls of the demonstration's run that waits for both, and see it completed."""
    labels = {thread["metadata"].get("demonstration"): thread["id"] for thread in actor.get("/threads")["data"]}
    thread = labels["orders-two-questions waiting"]
    run = actor.get(f"/threads/{thread}/runs")["data"][0]["id"]
    page = until(lambda: waiting(desk, run), what="the form for the answers")
    form = next(form for form in page.forms if form.action.endswith("/answers/"))
    outputs = {name: '{"status": "in_transit"}' for name in form.fields if name.startswith("output")}
    assert len(outputs) == 2
    desk.send(form, **outputs)
    until(lambda: accepted(actor, thread, run), what="the answers at the server")
    until(lambda: settled(desk, run), what="the end of the run on its page")


def test_a_person_who_was_added_signs_in_with_either_link(programs: Path, stack: Stack) -> None:
    first = run(programs, "add-person", "petra", "viewer", environ=stack.environ)
    assert HttpDesk(stack.url, first.strip()).page("/queue/").links
    second = run(programs, "sign-in-link", "petra", environ=stack.environ)
    assert HttpDesk(stack.url, second.strip()).page("/queue/").links


def run(programs: Path, *arguments: str, environ: dict[str, str]) -> str:
    """What the installed command says, from a folder that has nothing to do with it."""
    command = [str(programs / "switchboard"), *arguments]
    return subprocess.run(command, cwd="/", env=environ, check=True, capture_output=True, text=True).stdout
