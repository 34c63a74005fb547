"""The pages of the demonstration that are pictured and weighed, as a person comes to them."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page


@dataclass(frozen=True)
class CataloguePage:
    """An address, or where the way to it begins: the row with these words, then the first link to a run."""

    path: str
    row: str = ""
    run: bool = False
    act: str = ""  # the page of an act below that
    stranger: bool = False  # for who has not signed in


# A new page is a line here.
PAGES = {
    "queue": CataloguePage("/queue/"),
    "waiting run": CataloguePage("/queue/", "left to answer query_metrics"),
    "run with two calls": CataloguePage("/queue/", "left to answer track_parcel, check_return"),
    "failed run": CataloguePage("/threads/?status=failed", "My parcel 10311", run=True),
    "finished run": CataloguePage("/threads/?status=completed", "I'd like to swap the jacket", run=True),
    "finished thread": CataloguePage("/threads/?status=completed", "I'd like to swap the jacket"),
    "threads": CataloguePage("/threads/"),
    "no threads found": CataloguePage("/threads/?words=nowhere"),
    "assistants": CataloguePage("/assistants/"),
    "assistant": CataloguePage("/assistants/", "Order support"),
    "editing an assistant": CataloguePage("/assistants/", "Order support", act="edit/"),
    "versions of an assistant": CataloguePage("/assistants/", "Order support", act="versions/"),
    "new assistant": CataloguePage("/assistants/new/"),
    "importing assistants": CataloguePage("/assistants/import/"),
    "exporting an assistant": CataloguePage("/assistants/", "Order support", act="export/?as=responses"),
    "trying an assistant": CataloguePage("/assistants/", "Order support", act="?panel=try"),
    "trying two versions": CataloguePage("/assistants/", "Order support", act="try/?left=1&right=1"),
    "history": CataloguePage("/history/?function=nowhere"),
    "figures": CataloguePage("/history/?tab=figures&function=nowhere"),
    "metadata of a thread": CataloguePage("/threads/?status=completed", "I'd like to swap the jacket", act="metadata/"),
    "deleting a thread": CataloguePage("/threads/?status=completed", "I'd like to swap the jacket", act="delete/"),
    "writing with options": CataloguePage("/threads/?status=completed", "I'd like to swap the jacket", act="compose/"),
    "new thread": CataloguePage("/threads/new/"),
    "files": CataloguePage("/files/"),
    "file": CataloguePage("/files/", "gateway-runbook.md"),
    "vector stores": CataloguePage("/vector-stores/"),
    "vector store": CataloguePage("/vector-stores/", "Runbooks"),
    "new vector store": CataloguePage("/vector-stores/new/"),
    "connections": CataloguePage("/connections/"),
    "connection": CataloguePage("/connections/", "Local"),
    "kinds of connections": CataloguePage("/connections/add/"),
    "new connection": CataloguePage("/connections/add/?kind=azure_openai"),
    "functions": CataloguePage("/functions/"),
    "what a function returns": CataloguePage("/functions/returns/?name=get_order"),
    "templates of a function": CataloguePage("/functions/templates/?name=get_order"),
    "rules": CataloguePage("/rules/"),
    "new rule": CataloguePage("/rules/add/?function=get_order"),
    "settings": CataloguePage("/settings/"),
    "notifications": CataloguePage("/notifications/"),
    "team": CataloguePage("/notifications/team/"),
    "help": CataloguePage("/help/"),
    "components": CataloguePage("/styleguide/"),
    "find": CataloguePage("/find"),
    "found nothing": CataloguePage("/find?q=run_none"),
    "absent": CataloguePage("/threads/none/"),
    "sign in": CataloguePage("/sign-in/", stranger=True),
}


def address(page: Page, name: str) -> str:
    """The path of a page; the way to it is followed where it has no fixed one."""
    place = PAGES[name]
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
