"""A practised person at the desk: keys, what the page asks for meanwhile, and how long it takes beside the typing."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page, expect

PATIENCE = 60_000  # milliseconds
KINDS = {"Document": "documents", "XHR": "pieces"}


@dataclass
class Sitting:
    """What answering took: `keys` beside the words of the answers (a chord is one), and `requests` by kind."""

    seconds: float = 0.0
    keys: int = 0
    requests: Counter[str] = field(default_factory=Counter)


class Person:
    """Works the queue by keyboard. Answers come in at once, as if pasted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.sitting = Sitting()
        self._wire = page.context.new_cdp_session(page)
        self._asked: dict[str, str] = {}
        self._wire.on("Network.requestWillBeSent", self._ask)
        self._wire.on("Network.requestServedFromCache", self._forget)
        self._wire.on("Network.responseReceived", self._answer)
        self._wire.send("Network.enable")

    def answer_all(self, runs: int, texts: list[str]) -> Sitting:
        """Answers so many runs of the queue, which is open, each with these texts, one for each of its calls."""
        self.sitting = Sitting()
        self._asked.clear()
        began = time.monotonic()
        for _ in range(runs):
            self._answer_one(texts)
        expect(self.page.locator("#run-head .badge-completed")).to_be_visible(timeout=PATIENCE)
        self.sitting.seconds = time.monotonic() - began
        self.sitting.requests = Counter(self._asked.values())
        return self.sitting

    def _answer_one(self, texts: list[str]) -> None:
        before = self.page.url
        self._press("]")
        self.page.wait_for_url(lambda url: url != before)
        fields = self.page.locator("#answers textarea[name^=output]")
        for number, text in enumerate(texts):
            expect(fields.nth(number)).to_be_focused(timeout=PATIENCE)
            self.page.keyboard.insert_text(text)
            self._press("Control+Enter")
        # The page says that the answers are stored; whoever works on need not wait for more.
        expect(self.page.locator("#answers-title")).to_be_focused(timeout=PATIENCE)

    def _press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.sitting.keys += 1

    def _ask(self, event: Any) -> None:
        if event["request"]["url"].startswith("http"):
            is_sent = event["request"]["method"] == "POST"
            self._asked[event["requestId"]] = "sent" if is_sent else KINDS.get(event.get("type", ""), "other")

    def _forget(self, event: dict[str, Any]) -> None:
        """Forgets a request that the cache answered."""
        self._asked.pop(event["requestId"], None)

    def _answer(self, event: Any) -> None:
        if event["response"].get("fromDiskCache"):
            self._asked.pop(event["requestId"], None)
