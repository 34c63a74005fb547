"""All pages there are, from the map of addresses: a new one cannot be forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit
from uuid import UUID

from django.urls import reverse
from playwright.sync_api import Page

from assistants_app.urls import urlpatterns
from testing.html_page import Page as HtmlPage
from testing.http_desk import until

# A page of the demonstration of each noun: where to begin, and the link to follow. Lists are narrowed to it, because
# other tests make more of everything.
NOUNS = {
    "run": ("/queue/?function=query_metrics", "left to answer query_metrics"),
    "thread": ("/threads/?words=swap+the+jacket", "I'd like to swap the jacket"),
    "assistant": ("/assistants/?q=Order+support", "Order support"),
    "connection": ("/connections/", "Local"),
    "file": ("/files/?q=gateway-runbook", "gateway-runbook.md"),
    "vector": ("/vector-stores/?q=Runbooks", "Runbooks"),
}
# The same pages where they look otherwise.
STATES = {
    "no threads found": "/threads/?words=nowhere",
    "threads past the end": "/threads/?before=9999-01-01T00:00:00%2B00:00~1",
    "no assistants found": "/assistants/?q=nowhere",
    "found nothing": "/find?q=run_none",
    "absent": "/threads/none/",
    "no files found": "/files/?q=nowhere",
    "connection of Azure": "/connections/add/?kind=azure_openai",
    "figures": "/history/?tab=figures",
    "side panel": "/styleguide/?panel=step&tab=raw",
}


def every_page(page: Page) -> dict[str, str]:
    """The addresses of all pages by name, asked for without visiting one. An address of the map that is no page answers
    with a file, takes forms only or leads elsewhere."""
    known = {noun: address_of(page, *way) for noun, way in NOUNS.items()} | {"rule": _rule(page)}
    found = {name: path for name, path in _addresses(known).items() if _is_page(page, path)}
    return {**found, **STATES, "failed run": _failed_run(page)}


def _addresses(known: dict[str, str]) -> dict[str, str]:
    """Every address of the map; one that needs an id has it from the noun that its name begins with. What needs a key
    beside is a text, no page."""
    named = {str(each.name): each for each in urlpatterns if len(each.pattern.converters) < 2}
    references = {noun: path.strip("/").split("/")[-1] for noun, path in known.items()} | {
        "history": "answers",
        "bulk": str(UUID(int=0)),  # of none: its own test looks at that page
    }
    return {
        name: reverse(name, args=[references[name.split("_")[0]]] if each.pattern.converters else [])
        for name, each in named.items()
    }


def _is_page(page: Page, path: str) -> bool:
    answer = page.request.get(path, max_redirects=0)
    return answer.status == 200 and answer.text().startswith("<!doctype html>")


def address_of(page: Page, start: str, words: str) -> str:
    """Where the first link of a list with these words leads. Some lists are read once somebody looks at them."""

    def look() -> str | None:
        return next((path for path, text in _links(page, start, class_="row-link") if words in text), None)

    return until(look, what=f"{words} in {start}")


def _links(page: Page, path: str, **attributes: str) -> Iterator[tuple[str, str]]:
    """The links of a page with these attributes: where each leads, and its text."""
    answer = page.request.get(path)
    assert answer.ok, f"{path}: {answer.status}"
    for each in HtmlPage(answer.text()).all("a", **attributes):
        yield each.attributes["href"], " ".join(each.text.split())


def _rule(page: Page) -> str:
    """One rule, made if there is none: the demonstration has none that could answer by itself."""
    rules = [path for path, _ in _links(page, "/rules/", class_="row-link")]
    if rules:
        return rules[0]
    page.goto("/rules/add/?function=get_order")
    page.get_by_label("Name").fill("Orders of tests")
    page.get_by_label("Answer", exact=True).fill("{{ order_id }}")
    page.get_by_role("button", name="Save and try").click()
    page.wait_for_url(re.compile(r"/rules/\d+/"))
    return urlsplit(page.url).path


def _failed_run(page: Page) -> str:
    thread = address_of(page, "/threads/?words=parcel+10311", "My parcel 10311")
    return next(path for path, _ in _links(page, thread) if path.startswith("/runs/"))


def unfold(page: Page) -> None:
    """Opens whatever is folded away in the content, but for menus, which lie over it."""
    page.evaluate("document.querySelectorAll('main details:not(.menu)').forEach(each => each.open = true)")
