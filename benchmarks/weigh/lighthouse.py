"""Lighthouse from the npm registry, where node is there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Playwright

from testing import browser_finder
from testing.backing_services import free_port

PACKAGE = "lighthouse@12"  # the newest that Node.js 20 can run
CATEGORIES = ("performance", "accessibility", "best-practices")
SECONDS = 300


def missing() -> str:
    """Why it cannot be run here; empty where it can."""
    if not shutil.which("npx"):
        return "npx is not there (it comes with Node.js)"
    done = _run(["npx", "--yes", PACKAGE, "--version"], os.environ)
    return "" if done.returncode == 0 else f"`npx {PACKAGE}` failed: {done.stderr.strip()[-200:]}"


@contextmanager
def browser(playwright: Playwright, cookies: Sequence[Any]) -> Iterator[int]:
    """A browser that has these cookies, which Lighthouse leaves there (a header of its own would not go along with what
    scripts ask for), and the port by which it is steered."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        flags = [*browser_finder.arguments(), f"--remote-debugging-port={port}"]
        context = playwright.chromium.launch_persistent_context(
            folder, executable_path=browser_finder.find(), args=flags
        )
        context.add_cookies(cookies)
        yield port
        context.close()


def scores(url: str, port: int) -> dict[str, float] | None:
    """Each category's score out of 100, on its own terms: a slow phone on a slow network. None where it failed."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [
            *("npx", "--yes", PACKAGE, url, "--quiet", "--output=json", f"--output-path={report}"),
            *(f"--only-categories={','.join(CATEGORIES)}", f"--port={port}"),
        ]
        done = _run(command, {**os.environ, "TMPDIR": folder})
        if done.returncode or not report.exists():
            print(f"Lighthouse failed at {url}: {done.stderr.strip()[-300:]}")
            return None
        found = json.loads(report.read_text())["categories"]
        scores = {name: found[name]["score"] for name in CATEGORIES}
        return {name: float("nan") if score is None else round(100 * score) for name, score in scores.items()}


def _run(command: list[str], environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=environ, check=False, capture_output=True, text=True, timeout=SECONDS)
