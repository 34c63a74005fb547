"""`streaming`: from the moment at which a server sends a word to the page that shows it, and to the official SDK.

Each batch, people start runs in open threads in Chromium, and as many are streamed by the SDK at the same time. One
stream a batch is broken off in its midst.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import openai
from playwright.sync_api import Page, sync_playwright

from benchmarks import processes
from benchmarks.glass.run import _signed_in as signed_in
from benchmarks.options import Options
from benchmarks.polling.contest import percentile
from benchmarks.report import Table
from testing import browser_finder
from testing.backing_services import free_port
from testing.stack import Stack, start_stack

LONGEST = 90.0  # seconds
# The first time that each word is on the page. What is read is the text: a word is the moment at which it was sent.
WATCH = """
window.words = new Map();
new MutationObserver(() => {
  const now = Date.now() / 1000;
  for (const { textContent } of document.querySelectorAll("#thread-timeline .written:not([hidden])"))
    for (const [word] of textContent.matchAll(/\\d{10}\\.\\d{4}/g)) if (!words.has(word)) words.set(word, now);
}).observe(document, {subtree: true, childList: true, characterData: true});
"""
RUNS = (
    "import json; from assistants_app.models import Run; "
    "print(json.dumps({run.remote_id: [run.changed_at.timestamp(), run.raw] for run in Run.objects.all()}))"
)


def run(options: Options) -> Iterator[Table]:
    port = free_port()
    server = processes.start("benchmarks.streaming.server", port)
    environ = {"LOCAL_API": "off", "DEMONSTRATION": "off", "DATABASE_URL": "", "BROKER_URL": "", "API_KEY": "clock"}
    try:
        processes.wait_for_line(server)
        with tempfile.TemporaryDirectory(prefix="switchboard-benchmark-") as folder:
            stack = start_stack(Path(folder) / "data", env=environ)
            try:
                _connect(stack, port)
                shown, told = _watched(stack, port, options.changes)
                rows = json.loads(stack.manage("shell", "--no-imports", "-c", RUNS))
            finally:
                stack.stop()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/state", timeout=30) as reply:
            state = json.load(reply)
    finally:
        processes.kill(server)
    yield _table(shown, told, rows, state)


def _connect(stack: Stack, port: int) -> None:
    """The check that it does finds much that this server lacks: that it answers is enough."""
    try:
        stack.manage("connect", "Clock", f"http://127.0.0.1:{port}/v1")
    except subprocess.CalledProcessError as error:
        raise RuntimeError(error.stdout + error.stderr) from error


def _table(shown: list[float], told: list[float], rows: dict[str, Any], state: dict[str, Any]) -> Table:
    raw = {run: (at, json.loads(text)) for run, (at, text) in rows.items() if run not in state["cut"]}
    seen = [at - float(read["metadata"]["at"]) for at, read in raw.values() if read["status"] == "completed"]
    polls = sum(state["polled"][run] for run in raw)
    again = [each for run, each in state["cut"].items() if run in rows]
    table = Table(
        f"From a server's word to who waits for it: {len(raw)} runs streamed to the end, {len(again)} cut",
        ["what", "p50 ms", "p95 ms", "max ms", "x SDK p50"],
        notes=[
            f"Polls of the streamed runs while they went on: {polls} (P4: 0).",
            "From a cut to the next poll: "
            + ", ".join("none" if each is None else f"{each * 1000:.0f} ms" for each in again)
            + " (P4: within 5 s).",
            "Goal of the run's end: 100 ms p95 (P4). Words come every 40 ms; pages get them ten times a second.",
        ],
    )
    for what, delays in (
        ("the run's end, in the database", seen),
        ("a word, in the open thread in Chromium", shown),
        ("a word, official SDK runs.stream", told),
    ):
        values = [each * 1000 for each in delays]
        p50 = median(values)
        table.rows.append([what, p50, percentile(values, 0.95), max(values), p50 / (median(told) * 1000)])
    return table


def _watched(stack: Stack, port: int, count: int) -> tuple[list[float], list[float]]:
    shown: list[float] = []
    told: list[float] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_finder.find(), args=["--no-sandbox"])
        desk, pages = signed_in(browser, stack)
        for page in pages:
            page.context.add_init_script(WATCH)
        for number in range(0, count, len(pages)):
            ids = [f"thread_{number + place}" for place in range(len(pages) - 1)] + [f"thread_cut_{number}"]
            _make_known(desk, stack, ids)
            for page, key in zip(pages, ids, strict=True):
                _open(page, f"{stack.url}/threads/{key}/")
            listening = [threading.Thread(target=_listen, args=(port, f"sdk_{each}", told)) for each in ids[:-1]]
            for each in listening:
                each.start()
            for page in pages:
                page.get_by_role("button", name="Run only").click()
            for page, key in zip(pages, ids, strict=True):
                words = _words(page)
                shown += [] if "cut" in key else [at - float(word) for word, at in words]
            for each in listening:
                each.join()
        browser.close()
    return shown, told


def _make_known(desk: Page, stack: Stack, ids: list[str]) -> None:
    desk.goto(f"{stack.url}/threads/")
    desk.locator("#add-threads summary").click()
    desk.locator("#add-threads textarea").fill(" ".join(ids))
    desk.get_by_role("button", name="Add threads").click()
    desk.wait_for_load_state()


def _open(page: Page, url: str) -> None:
    """Opens a thread once the dashboard knows it, and an assistant for it."""
    until = time.monotonic() + LONGEST
    chosen = page.locator("#compose option", has_text="Clock")
    while (answer := page.goto(url)) is None or answer.status == 404 or not chosen.count():
        if time.monotonic() > until:
            raise RuntimeError(f"{url} could not be used within {LONGEST} s.")
        time.sleep(0.2)
    page.get_by_label("Answered by").select_option(label="Clock")


def _words(page: Page) -> list[tuple[str, float]]:
    """Each word with the moment at which it stood on the page, once the run is done."""
    page.locator("#thread-timeline .badge-completed").first.wait_for(timeout=LONGEST * 1000)
    found: list[tuple[str, float]] = page.evaluate("[...window.words]")
    return found


def _listen(port: int, thread_id: str, told: list[float]) -> None:
    client = openai.OpenAI(api_key="clock", base_url=f"http://127.0.0.1:{port}/v1")
    with client.beta.threads.runs.stream(thread_id=thread_id, assistant_id="asst_1") as stream:
        for text in stream.text_deltas:
            now = time.time()
            told.extend(now - float(word) for word in re.findall(r"\d{10}\.\d{4}", text))
