"""Where somebody may want to go, by what they type: pages, whatever has that id, names, words. By indexes or in the
newest rows only, so that it is as quick with a million threads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from assistants_app.models import Assistant, Run, Thread
from assistants_app.services import find, search

MOST = 10  # results
EACH = 4  # of one kind that was found by its name or words
NEWEST = 2_000  # assistants whose names are looked at
NEWEST_WORDS = 500  # messages with the words
SHORTEST = 3  # characters that messages are searched for

# name of the URL: (title, icon, more words that it goes by)
Pages = Mapping[str, tuple[str | Promise, str, str | Promise]]
PAGES: Pages = {
    "queue": (_("Queue"), "inbox", _("waiting runs answer")),
    "threads": (_("Threads"), "messages-square", _("conversations messages")),
    "assistants": (_("Assistants"), "bot", _("models tools")),
    "history": (_("History"), "history", _("answers figures median expired export csv")),
    "files": (_("Files"), "file-text", _("uploads attachments images")),
    "vector_stores": (_("Vector stores"), "file-text", _("search knowledge retrieval")),
    "settings": (_("Settings"), "sliders-horizontal", _("theme dark light density time zone language notifications")),
    "help": (_("Help"), "circle-help", _("shortcuts keys roles how")),
}
FOR_EDITORS: Pages = {"rules": (_("Rules"), "zap", _("automatic endpoint deny"))}
FOR_ADMINS: Pages = {"connections": (_("Connections"), "plug", _("servers keys endpoints check"))}
ICONS = {"assistant": "bot", "thread": "messages-square", "message": "messages-square", "file": "file-text"}


@dataclass(frozen=True)
class Place:
    """Somewhere to go."""

    kind: str
    title: str
    url: str
    icon: str
    note: str = ""


def places(words: str, *, is_editor: bool = False, is_admin: bool = False) -> list[Place]:
    """At most MOST places for what somebody typed so far; for nothing, the pages and the runs that wait."""
    words = " ".join(words.replace("\x00", " ").split())
    pages = {**PAGES, **(FOR_EDITORS if is_editor else {}), **(FOR_ADMINS if is_admin else {})}
    found = [*_pages(words, pages)]
    if not words:
        return [*islice((*found, *_waiting("")), MOST)]
    ids = [
        Place(hit.kind, hit.title, hit.url, ICONS.get(hit.kind, "square-function"), hit.connection)
        for hit in find.by_id(words)
    ]
    by_url = {each.url: each for each in (*ids, *found, *_waiting(words), *_assistants(words), *_threads(words))}
    return list(by_url.values())[:MOST]


def _pages(words: str, pages: Pages) -> Iterator[Place]:
    wanted = words.lower()
    for name, (title, icon, more) in pages.items():
        if any(word.startswith(wanted) for word in (str(title).lower(), *str(more).lower().split())):
            yield Place("page", str(title), reverse(name), icon)


def _waiting(words: str) -> Iterator[Place]:
    runs = Run.objects.waiting().select_related("assistant", "connection")
    if words:
        named = Q(assistant__name__icontains=words) | Q(calls__waiting=True, calls__name__icontains=words)
        runs = runs.filter(pk__in=Run.objects.waiting().filter(named).order_by().values("pk"))
    shown = runs.only("remote_id", "assistant_remote_id", "assistant__name", "assistant__remote_id", "connection__name")
    for run in shown[:EACH]:
        title = run.assistant.title if run.assistant else run.assistant_remote_id or run.remote_id
        yield Place("waiting run", title, run.get_absolute_url(), "hand", run.connection.name)


def _assistants(words: str) -> Iterator[Place]:
    newest = Assistant.objects.order_by("-created_at", "-pk").values("pk")[:NEWEST]
    named = Assistant.objects.filter(pk__in=newest, name__icontains=words).select_related("connection")
    shown = named.only("name", "remote_id", "connection__name").order_by("-created_at", "-pk")
    for assistant in shown[:EACH]:
        yield Place("assistant", assistant.title, assistant.get_absolute_url(), "bot", assistant.connection.name)


def _threads(words: str) -> Iterator[Place]:
    if len(words) < SHORTEST:
        return
    said = search.threads_with(Thread.objects.all(), words, unfinished=True, most=NEWEST_WORDS)
    shown = said.select_related("connection").only("remote_id", "preview", "active_at", "connection__name")
    for thread in shown.order_by("-active_at", "-pk")[:EACH]:
        yield Place("thread", thread.title, thread.get_absolute_url(), "messages-square", thread.connection.name)
