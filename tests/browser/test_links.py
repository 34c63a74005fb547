"""Follows every link of every page, and finds no dead end."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

import pytest
from playwright.sync_api import Page

from testing.api_actor import ApiActor
from testing.html_page import Page as Shown
from tests.browser.browser_desk import call, waiting_run

STARTS = ["/", "/queue/?connection=1", "/threads/?words=nowhere", "/assistants/?q=nowhere", "/palette?q=nowhere"]
ABSENT = ["/find?q=none", "/threads/none/", "/nowhere/"]
MOST = 8  # addresses that differ only in ids and values: other tests make hundreds of threads and runs
# Which elements lead to the address that is in which of their attributes.
LEADS = {
    ":is(a, link, use)[href]": "href",
    ":is(script, img)[src]": "src",
    "form[action]:not([method=post])": "action",
    "[hx-get]": "hx-get",
}


@dataclass
class Leads:
    """Where a page leads, and the places in it that can be led to."""

    addresses: set[str] = field(default_factory=set)
    places: set[str] = field(default_factory=set)


def leads_of(text: str) -> Leads:
    """Where a page leads; not where people wanted to who wrote a link in a text (nofollow)."""
    page = Shown(text)
    found = [(each, name) for selector, name in LEADS.items() for each in page.css(f"{selector}:not([rel*=nofollow])")]
    places = {each.attributes["id"] for each in page.css("[id]")}
    return Leads({each.attributes[name] for each, name in found}, places)


def shape_of(address: str) -> str:
    """The address without what differs between things of one kind: ids, and the values of its query."""
    parts = urlsplit(address)
    path = "/".join("*" if re.search(r"[\d_]", each) else each for each in parts.path.split("/"))
    return f"{path}?{'&'.join(sorted({name for name, _ in parse_qsl(parts.query)}))}"


def crawl(page: Page, base: str) -> Iterator[str]:
    """Follows all shapes of addresses there are; gives what is wrong."""
    absent = {urljoin(base, each) for each in ABSENT}
    waiting = [*absent, *(urljoin(base, each) for each in STARTS)]
    seen: dict[str, Leads] = {}
    followed: Counter[str] = Counter()
    while waiting:
        address = waiting.pop()
        shape = shape_of(address)
        if address in seen or followed[shape] == MOST:
            continue
        followed[shape] += 1
        answer = page.request.get(address)
        kind = answer.headers.get("content-type", "")
        seen[address] = leads = leads_of(answer.text()) if "html" in kind or "svg" in kind else Leads()
        if answer.status != (404 if address in absent else 200):
            yield f"{answer.status} at {address}"
        here = {urljoin(answer.url, each) for each in leads.addresses}
        if answer.text().startswith("<!doctype") and not here - {address}:
            yield f"{address} leads nowhere"
        yield from (f"{address} leads to another site: {each}" for each in here if not each.startswith(base))
        leads.addresses = {each for each in here if each.startswith(base)}
        waiting += [urldefrag(each).url for each in leads.addresses]
    for address, leads in seen.items():
        for target, place in (urldefrag(each) for each in leads.addresses):
            if place and target in seen and place not in seen[target].places:
                yield f"{address} leads to #{place}, which {target} has not"


@pytest.mark.slow
@pytest.mark.timeout(300, func_only=True)  # hundreds of pages
def test_every_link_leads_somewhere(page: Page, api_actor: ApiActor) -> None:
    waiting_run(page, api_actor, [call("on_the_way")])
    assert list(crawl(page, urljoin(page.url, "/"))) == []
