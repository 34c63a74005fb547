"""Puts one visit to a page on the scale: what came over the wire, by kind, and what the browser did with it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page

KINDS = {"Document": "html", "Stylesheet": "css", "Script": "js", "Font": "fonts"}
QUIET = 1500  # milliseconds after the page has loaded; what it asks for meanwhile counts too
# Run before anything of the page: what the browser says of painting, of long tasks and of what moved.
WATCH = """
window.seen = {paint: 0, blocked: 0, shift: 0};
new PerformanceObserver(list => list.getEntriesByName("first-contentful-paint").forEach(each => {
  seen.paint = each.startTime;
})).observe({type: "paint", buffered: true});
new PerformanceObserver(list => list.getEntries().forEach(each => {
  seen.blocked += Math.max(0, each.duration - 50);
})).observe({type: "longtask", buffered: true});
new PerformanceObserver(list => list.getEntries().forEach(each => {
  if (!each.hadRecentInput) seen.shift += each.value;
})).observe({type: "layout-shift", buffered: true});
"""


@dataclass
class Visit:
    """Bytes by kind (`html`, `css`, `js`, `fonts`, `other`), requests, milliseconds, and the hosts that were asked."""

    status: int = 0
    sizes: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    hosts: set[str] = field(default_factory=set)
    nodes: int = 0
    paint: float = 0
    blocked: float = 0
    shift: float = 0

    @property
    def total(self) -> int:
        """All bytes, fonts aside."""
        return self.sizes.total() - self.sizes["fonts"]


@dataclass
class _Request:
    kind: str
    host: str
    cached: bool = False
    size: int = 0


class _Wire:
    """What a page asks for, as the browser's own tools tell it."""

    def __init__(self, page: Page) -> None:
        self.asked: dict[str, _Request] = {}
        tools = page.context.new_cdp_session(page)
        tools.on("Network.requestWillBeSent", self._begun)
        tools.on("Network.requestServedFromCache", lambda event: self._update(event, cached=True))
        tools.on("Network.responseReceived", self._answered)
        tools.on("Network.dataReceived", self._came)
        tools.on("Network.loadingFinished", lambda event: self._update(event, size=int(event["encodedDataLength"])))
        tools.send("Network.enable")

    def sent(self) -> list[_Request]:
        """The requests that left the browser."""
        return [request for request in self.asked.values() if not request.cached]

    def _update(self, event: Any, **values: Any) -> None:
        if event["requestId"] in self.asked:
            self.asked[event["requestId"]] = replace(self.asked[event["requestId"]], **values)

    def _begun(self, event: Any) -> None:
        url = urlsplit(event["request"]["url"])
        if url.scheme in {"http", "https"}:
            self.asked[event["requestId"]] = _Request(KINDS.get(event.get("type", ""), "other"), url.netloc)

    def _answered(self, event: Any) -> None:
        answer = event["response"]
        self._update(event, size=int(answer["encodedDataLength"]))
        if answer.get("fromDiskCache"):
            self._update(event, cached=True)

    def _came(self, event: Any) -> None:
        """Part of an answer; a stream is never finished."""
        if request := self.asked.get(event["requestId"]):
            request.size += int(event["encodedDataLength"])


def weigh(page: Page, url: str) -> Visit:
    """Opens the address and waits until the page is quiet."""
    wire = _Wire(page)
    page.add_init_script(WATCH)
    answer = page.goto(url, wait_until="load")
    page.wait_for_timeout(QUIET)
    seen = page.evaluate("seen")
    visit = Visit(
        status=answer.status if answer else 0,
        requests=len(wire.sent()),
        hosts={request.host for request in wire.asked.values()},
        nodes=page.evaluate("document.querySelectorAll('*').length"),
        paint=seen["paint"],
        blocked=seen["blocked"],
        shift=seen["shift"],
    )
    for request in wire.sent():
        visit.sizes[request.kind] += request.size
    return visit
