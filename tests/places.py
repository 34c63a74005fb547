"""The pages of the demonstration that are pictured and weighed, as a person comes to them."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page


@dataclass(frozen=True)
class Place:
    """An address, or where the way to it begins: the row with these words, then the first link to a run."""

    path: str
    row: str = ""
    run: bool = False
    act: str = ""  # the page of an act below that
    stranger: bool = False  # for who has not signed in


# A new page is a line here.
PLACES = {
    "queue": Place("/queue/"),
    "waiting run": Place("/queue/", "left to answer query_metrics"),
    "run with two calls": Place("/queue/", "left to answer track_parcel, check_return"),
    "failed run": Place("/threads/?status=failed", "My parcel 10311", run=True),
    "finished run": Place("/threads/?status=completed", "I'd like to swap the jacket", run=True),
    "finished thread": Place("/threads/?status=completed", "I'd like to swap the jacket"),
    "threads": Place("/threads/"),
    "no threads found": Place("/threads/?words=nowhere"),
    "assistants": Place("/assistants/"),
    "assistant": Place("/assistants/", "Order support"),
    "editing an assistant": Place("/assistants/", "Order support", act="edit/"),
    "versions of an assistant": Place("/assistants/", "Order support", act="versions/"),
    "new assistant": Place("/assistants/new/"),
    "importing assistants": Place("/assistants/import/"),
    "exporting an assistant": Place("/assistants/", "Order support", act="export/?as=responses"),
    "trying an assistant": Place("/assistants/", "Order support", act="?panel=try"),
    "trying two versions": Place("/assistants/", "Order support", act="try/?left=1&right=1"),
    "history": Place("/history/?function=nowhere"),
    "figures": Place("/history/?tab=figures&function=nowhere"),
    "metadata of a thread": Place("/threads/?status=completed", "I'd like to swap the jacket", act="metadata/"),
    "deleting a thread": Place("/threads/?status=completed", "I'd like to swap the jacket", act="delete/"),
    "writing with options": Place("/threads/?status=completed", "I'd like to swap the jacket", act="compose/"),
    "new thread": Place("/threads/new/"),
    "files": Place("/files/"),
    "file": Place("/files/", "gateway-runbook.md"),
    "vector stores": Place("/vector-stores/"),
    "vector store": Place("/vector-stores/", "Runbooks"),
    "new vector store": Place("/vector-stores/new/"),
    "connections": Place("/connections/"),
    "connection": Place("/connections/", "Local"),
    "kinds of connections": Place("/connections/add/"),
    "new connection": Place("/connections/add/?kind=azure_openai"),
    "functions": Place("/functions/"),
    "what a function returns": Place("/functions/returns/?name=get_order"),
    "templates of a function": Place("/functions/templates/?name=get_order"),
    "rules": Place("/rules/"),
    "new rule": Place("/rules/add/?function=get_order"),
    "settings": Place("/settings/"),
    "notifications": Place("/notifications/"),
    "team": Place("/notifications/team/"),
    "help": Place("/help/"),
    "components": Place("/styleguide/"),
    "find": Place("/find"),
    "found nothing": Place("/find?q=run_none"),
    "absent": Place("/threads/none/"),
    "sign in": Place("/sign-in/", stranger=True),
}


def address(page: Page, name: str) -> str:
    """The path of a page; the way to it is followed where it has no fixed one."""
    place = PLACES[name]
    path = place.path
    if place.row:
        page.goto(path)
        path = page.locator(".row-link", has_text=place.row).first.get_attribute("href") or ""
    if place.run:
        page.goto(path)
        path = page.locator("main a[href^='/runs/']").first.get_attribute("href") or ""
    return path + place.act


def visit(page: Page, name: str) -> None:
    """Opens a page of the demonstration."""
    page.goto(address(page, name))
