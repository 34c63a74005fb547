"""Lighthouse from the npm registry, where node is there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests import find_browser

PACKAGE = "lighthouse@12"  # the newest that Node.js 20 can run
CATEGORIES = ("performance", "accessibility", "best-practices")
SECONDS = 300


def missing() -> str:
    """Why it cannot be run here; empty where it can."""
    if not shutil.which("npx"):
        return "npx is not there (it comes with Node.js)"
    done = _run(["npx", "--yes", PACKAGE, "--version"], os.environ)
    return "" if done.returncode == 0 else f"`npx {PACKAGE}` failed: {done.stderr.strip()[-200:]}"


def scores(url: str, cookie: str) -> dict[str, float] | None:
    """Each category's score out of 100, on its own terms: a slow phone on a slow network. None where it failed."""
    with tempfile.TemporaryDirectory() as folder:
        headers, report = Path(folder) / "headers.json", Path(folder) / "report.json"
        headers.write_text(json.dumps({"Cookie": cookie} if cookie else {}))
        command = [
            *("npx", "--yes", PACKAGE, url, "--quiet", "--output=json", f"--output-path={report}"),
            *(f"--only-categories={','.join(CATEGORIES)}", f"--extra-headers={headers}"),
            f"--chrome-flags=--headless=new {' '.join(find_browser.arguments())}",
        ]
        environ = {**os.environ, "CHROME_PATH": find_browser.find(), "TMPDIR": folder}
        done = _run(command, environ)
        if done.returncode or not report.exists():
            print(f"Lighthouse failed at {url}: {done.stderr.strip()[-300:]}")
            return None
        found = json.loads(report.read_text())["categories"]
        scores = {name: found[name]["score"] for name in CATEGORIES}
        return {name: float("nan") if score is None else round(100 * score) for name, score in scores.items()}


def _run(command: list[str], environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=environ, check=False, capture_output=True, text=True, timeout=SECONDS)
