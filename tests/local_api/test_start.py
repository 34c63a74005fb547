import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from testing.backing_services import ROOT
from testing.local_api_process import LocalApi, start


def run(**environment: str) -> tuple[int, str]:
    """A start that has to fail: exit code and what it says."""
    command = [sys.executable, "-m", "local_api"]
    done = subprocess.run(
        command,
        check=False,
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=30,
    )
    return done.returncode, done.stderr.strip()


def test_a_taken_port_is_one_sentence(api: LocalApi, tmp_path: Path) -> None:
    port = api.origin.rsplit(":", 1)[1]
    code, said = run(LOCAL_API_PORT=port, LOCAL_API_DATA=str(tmp_path))
    assert code == 1
    assert said.startswith(f"The local API cannot listen on 127.0.0.1:{port}")
    assert "\n" not in said


@pytest.mark.parametrize(
    ("variable", "value"), [("PACE", "fast"), ("PORT", "http"), ("KEYS", ","), ("EXPIRES_AFTER", "-1")]
)
def test_a_wrong_setting_is_one_sentence(tmp_path: Path, variable: str, value: str) -> None:
    code, said = run(LOCAL_API_DATA=str(tmp_path), **{f"LOCAL_API_{variable}": value})
    assert code == 1
    assert said.startswith(f"LOCAL_API_{variable} cannot be '{value}'")
    assert "\n" not in said


def test_an_impossible_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    code, said = run(LOCAL_API_PORT="0", LOCAL_API_DATA=str(tmp_path / "file" / "folder"))
    assert code == 1
    assert said.startswith("The local API cannot keep its store")
    assert "\n" not in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_in_good_order(tmp_path: Path, number: signal.Signals) -> None:
    api = start(tmp_path)
    api.process.send_signal(number)
    assert api.process.wait(timeout=10) == 0
