"""The command `switchboard`, as a checkout has it: `python -m launcher`."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from testing.backing_services import ROOT, free_port

COMMANDS = ("run", "prepare", "sign-in-link", "connect", "add-person", "web", "worker", "beat", "local-api")


def switchboard(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "launcher", *arguments],
        cwd=ROOT,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_arguments_it_prints_its_help() -> None:
    done = switchboard()
    assert done.returncode == 0
    assert done.stdout == switchboard("--help").stdout
    assert [name for name in COMMANDS if f"\n    {name}" not in done.stdout] == []


def test_its_version_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert switchboard("--version").stdout == f"switchboard {project['version']}\n"


def test_it_refuses_an_unknown_command() -> None:
    done = switchboard("walk")
    assert done.returncode == 2
    assert "'walk'" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("name", ["prepare", "sign-in-link", "connect", "add-person"])
def test_help_of_a_management_command_names_it_as_it_is_typed(name: str) -> None:
    done = switchboard(name, "--help")
    assert done.returncode == 0
    assert done.stdout.startswith(f"usage: switchboard {name} ")


def test_a_wrong_setting_is_one_sentence(tmp_path: Path) -> None:
    done = switchboard("sign-in-link", DATA_DIR=str(tmp_path), TICK_SECONDS="soon")
    assert (done.returncode, done.stderr) == (1, "TICK_SECONDS must be a number, not 'soon'.\n")


@pytest.mark.parametrize(
    ("command", "variables", "told"),
    [
        (["sign-in-link"], {}, "Run `switchboard prepare` first"),
        (["sign-in-link"], {"DATABASE_URL": "postgres://u:secret@127.0.0.1:1/x"}, "check DATABASE_URL"),
        (["sign-in-link"], {"DATABASE_URL": "secret"}, "DATABASE_URL must begin with postgres:// or sqlite://."),
        (["sign-in-link"], {"DATABASE_URL": "postgres://u:secret@[::1/x"}, "DATABASE_URL is no address of a database"),
        (["sign-in-link"], {"DATA_DIR": "/proc/nowhere"}, "set DATA_DIR to a folder of yours"),
        (["connect", "Ours", "https://api.example.org/v1"], {"API_KEY": ""}, "There is no key: set API_KEY"),
    ],
)
def test_what_can_be_put_right_is_one_sentence(
    tmp_path: Path, command: list[str], variables: dict[str, str], told: str
) -> None:
    done = switchboard(*command, **{"DATA_DIR": str(tmp_path), "DATABASE_URL": "", **variables})
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr


def test_without_another_broker_a_process_looks_for_the_one_of_its_data_folder(tmp_path: Path) -> None:
    shown = "from django.conf import settings; print(settings.CELERY_BROKER_URL)"
    environ = {
        **os.environ,
        "DATA_DIR": str(tmp_path),
        "BROKER_URL": "",
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", shown], cwd=ROOT, env=environ, check=True, capture_output=True, text=True
    )
    assert done.stdout.startswith("redis+socket:///")
    assert done.stdout.endswith("/broker.sock\n")


def test_the_data_folder_is_made_absolute_for_the_process_that_follows(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "launcher", "local-api"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "DATA_DIR": "data", "LOCAL_API_PORT": str(free_port())}
    with subprocess.Popen(command, cwd=tmp_path, env=environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"Local API: http://127.0.0.1:{environ['LOCAL_API_PORT']}/v1\n"
        process.terminate()
    assert list((tmp_path / "data" / "local_api").iterdir())
