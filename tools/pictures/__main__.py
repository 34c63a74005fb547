"""`make pictures`: takes the pictures of docs/images anew. What they look like then is accepted: look at them."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from testing import browser_finder
from testing.page_catalogue import PAGES
from tools.pictures import accepted, camera

MOST = 6_000_000  # bytes, of all together


def main() -> int:
    """Start a fresh dashboard, play its demonstration, and take each page."""
    parser = argparse.ArgumentParser(prog="python -m tools.pictures", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="page", help=f"which: {', '.join(PAGES)} (all, if none is named)")
    parser.add_argument("--folder", type=Path, default=accepted.FOLDER, help="where they go")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_finder.find(), args=browser_finder.arguments())
        with camera.demonstration(Path(folder)) as stack:
            taken = list(camera.take_all(browser, stack, given.names or list(PAGES)))
        browser.close()
    total = accepted.save(taken, given.folder, whole=not given.names)
    print(f"{len(taken)} pictures in {given.folder}, {total / 1000:,.0f} kB in all")  # noqa: T201
    if total > MOST:
        print(f"That is more than {MOST / 1000:,.0f} kB.")  # noqa: T201
    return int(total > MOST)


if __name__ == "__main__":
    sys.exit(main())
