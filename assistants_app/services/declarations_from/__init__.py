"""Declarations of functions drafted from what people have already: Python, OpenAPI, or calls that were made.

Nothing that is pasted is executed or fetched; all of it may be hostile."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.utils.translation import gettext as _

from assistants_app.services.declarations_from import openapi, python_source, samples
from assistants_app.services.declarations_from.drafted import LONGEST_TEXT, Drafted, Found, Unusable

__all__ = ["CALL", "KINDS", "OPENAPI", "PYTHON", "Drafted", "Found", "Unusable", "find", "kind_of"]

PYTHON, OPENAPI, CALL = "python", "openapi", "call"
KINDS: dict[str, Callable[[str], list[Found]]] = {
    PYTHON: python_source.find,
    OPENAPI: openapi.find,
    CALL: samples.find,
}
DEFINES = re.compile(r"^[ \t]*(?:async[ \t]+)?def\s", re.MULTILINE)
OF_OPENAPI = re.compile(
    r"""^[ \t]*["']?(?:openapi|swagger|paths|operationId|requestBody|responses)["']?[ \t]*:""", re.MULTILINE
)
LIKE_JSON = re.compile(r"\s*[{\[]")


def kind_of(text: str) -> str:
    """What a text seems to be: a key of KINDS; "" where nothing tells."""
    if LIKE_JSON.match(text):
        return OPENAPI if OF_OPENAPI.search(re.sub(r"[{,]", "\n", text)) else CALL
    if DEFINES.search(text):
        return PYTHON
    return OPENAPI if OF_OPENAPI.search(text) else ""


def find(text: str, kind: str = "") -> list[Found]:
    """The functions that a text has, at least one. `kind` is a key of KINDS, or "" to find out. Raises Unusable."""
    if len(text) > LONGEST_TEXT:
        words = _("This is longer than %(most)s characters: paste only the part with the function.")
        raise Unusable(words % {"most": f"{LONGEST_TEXT:,}"})
    if not text.strip():
        raise Unusable(_("Paste something first."))
    known = kind if kind in KINDS else kind_of(text)
    if not known:
        raise Unusable(_("It could not be found out what this is: choose it."))
    return KINDS[known](text)
