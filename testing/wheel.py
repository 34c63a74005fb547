"""The wheel of this checkout, and environments into which it is installed."""

import subprocess
import sys
from pathlib import Path

from testing.backing_services import ROOT

# What an installed dashboard runs with, as it lies in a checkout and in the wheel.
PACKAGES = ("assistants_app", "dashboard", "launcher", "local_api")
RESOURCES = ("templates", "static", "locale")


def build(folder: Path) -> Path:
    """Build the source distribution, and the wheel from that. Returns the wheel's path."""
    run_uv("build", "--quiet", "--no-build-isolation", "--out-dir", str(folder), str(ROOT))
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(wheel: Path, folder: Path) -> Path:
    """Install the wheel and the locked requirements into a new environment. Returns its folder of programs."""
    programs = folder / "bin"
    run_uv("venv", "--quiet", "--python", sys.executable, str(folder))
    into = ("pip", "install", "--quiet", "--python", str(programs / "python"))
    run_uv(*into, "--require-hashes", "--requirements", str(ROOT / "requirements/run.txt"))
    run_uv(*into, "--no-deps", str(wheel))
    return programs


def run_uv(*arguments: str) -> None:
    """Run uv, which tools/environment.sh installs beside Python."""
    subprocess.run([sys.executable, "-m", "uv", *arguments], check=True)


def expected_files() -> set[str]:
    """The files that the wheel should have, by their names in it: those that git knows, but for metadata."""
    listed = subprocess.run(
        ["git", "ls-files", "--", *PACKAGES, *RESOURCES], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    return {f"dashboard/{name}" if name.split("/")[0] in RESOURCES else name for name in listed}
