"""What is said of the API's nouns, each time whole: other languages bend a noun by the words around it."""

from __future__ import annotations

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

NAMES = {
    "assistant": _("Assistant"),
    "thread": _("Thread"),
    "message": _("Message"),
    "run": _("Run"),
    "waiting run": _("Waiting run"),
    "step": _("Run step"),
    "run step": _("Run step"),
    "tool call": _("Tool call"),
    "file": _("File"),
    "vector store": _("Vector store"),
    "page": _("Page"),
}
COPY_ID = {
    "assistant": _("Copy the assistant's id"),
    "thread": _("Copy the thread's id"),
    "message": _("Copy the message's id"),
    "run": _("Copy the run's id"),
    "step": _("Copy the step's id"),
    "file": _("Copy the file's id"),
    "vector store": _("Copy the vector store's id"),
}
RAW = {
    "assistant": _("Raw assistant"),
    "thread": _("Raw thread"),
    "message": _("Raw message"),
    "run": _("Raw run"),
    "step": _("Raw step"),
    "file": _("Raw file"),
    "vector store": _("Raw vector store"),
    "export": _("The export"),
    "content": _("What it is"),
}
COPY_RAW = {
    "assistant": _("Copy the raw assistant"),
    "thread": _("Copy the raw thread"),
    "message": _("Copy the raw message"),
    "run": _("Copy the raw run"),
    "step": _("Copy the raw step"),
    "file": _("Copy the raw file"),
    "vector store": _("Copy the raw vector store"),
    "export": _("Copy the export"),
    "content": _("Copy what it is"),
}
ANSWER = "what the server said"


def name_of(noun: str) -> str:
    """A noun as a label; one that is not known as it was given."""
    return str(NAMES.get(noun, capfirst(noun)))


def copy_id_of(noun: str) -> str:
    """What the button does that copies the id of such an object."""
    return str(COPY_ID.get(noun) or _("Copy the id"))


def raw_of(noun: str) -> str:
    """What a raw object is called: of "run" or "raw run"; the answer of a server has a name, too."""
    if noun == ANSWER:
        return str(_("What the server said"))
    return str(RAW.get(noun.removeprefix("raw ")) or _("Raw object"))


def copy_raw_of(noun: str) -> str:
    """What the button does that copies a raw object."""
    if noun == ANSWER:
        return str(_("Copy what the server said"))
    return str(COPY_RAW.get(noun.removeprefix("raw ")) or _("Copy the raw object"))
