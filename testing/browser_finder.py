"""A Chromium for the browser tests: one that is there, else one that can be had."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

# The shell first: without the windows nobody sees, a page opens in a third of the time.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NONE = (
    "No browser was found for the tests: install Chromium (on Debian and Ubuntu: apt-get install chromium), "
    "or set CHROMIUM to the path of one."
)


class NoBrowser(Exception):
    """There is none, and none can be had. The text says what to do."""


def find() -> str:
    """The path of a Chromium that starts, downloaded or installed if need be. Raises NoBrowser."""
    if given := os.environ.get("CHROMIUM"):
        if path := shutil.which(given):
            return path
        raise NoBrowser(f"CHROMIUM is {given}, which is no program: set it to the path of a Chromium.")
    path = present() or downloaded() or installed()
    if path is None:
        raise NoBrowser(NONE)
    return path


def arguments() -> list[str]:
    """What to start it with: as root it refuses to run in its sandbox."""
    return ["--no-sandbox"] if os.geteuid() == 0 else []


def present() -> str | None:
    """One on PATH."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def downloaded() -> str | None:
    """Playwright's own, if it is there or can be downloaded."""
    own = playwrights_own()
    if own is None and attempt([sys.executable, "-m", "playwright", "install", "chromium"], seconds=300):
        own = playwrights_own()
    return own


def playwrights_own() -> str | None:
    """Where Playwright keeps its Chromium, if that one starts here (its libraries may be missing)."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    starts = Path(path).exists() and attempt([path, "--headless", *arguments(), "--version"], seconds=30)
    return path if starts else None


def installed() -> str | None:
    """Debian's package (older Debians have no shell apart), for root on a machine with apt-get."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    attempt(["apt-get", "update"], seconds=300, environ=environ)
    for package in ("chromium-headless-shell", "chromium"):
        if attempt(["apt-get", "install", "-y", "--no-install-recommends", package], seconds=900, environ=environ):
            break
    return present()


def attempt(command: list[str], *, seconds: float, environ: dict[str, str] | None = None) -> bool:
    """Whether the command succeeds in that time."""
    try:
        done = subprocess.run(
            command,
            env=environ,
            timeout=seconds,
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
