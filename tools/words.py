"""`make words`: finds the words of pages and Python, brings the catalogues of locale/ up to them, and compiles these.

Babel does it, so that no machine needs GNU gettext; what it finds in a template is what makemessages would find there.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
SOURCES = {"dashboard": "*.py", "assistants_app": "*.py", "templates": "*.html"}
PLURAL, CONTEXT, BOTH = (1, 2), ((1, "c"), 2), ((1, "c"), 2, 3)
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), PLURAL),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), CONTEXT),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), BOTH),
}


def found() -> Catalog:
    """All that is marked for translation, with the files it stands in: line numbers would change with every edit."""
    catalog = Catalog(charset="utf-8")
    for folder, pattern in SOURCES.items():
        for path in sorted((ROOT / folder).rglob(pattern)):
            name = str(path.relative_to(ROOT))
            for line, words, comments, context in _marked(path):
                catalog.add(words, None, [(name, line)], auto_comments=comments, context=context)
    return catalog


def _marked(path: Path) -> Iterator[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    text = path.read_text()
    if path.suffix == ".html":
        # What remains of a template looks like Python but for its indentation.
        text = re.sub(r"(?m)^[^\S\n]+", "", templatize(text, origin=str(path)))
    yield from extract("python", io.BytesIO(text.encode()), KEYWORDS, ("Translators",), {"encoding": "utf-8"})


def languages() -> list[str]:
    """Those that are translated into."""
    return [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def path(language: str, kind: str) -> Path:
    """Where the catalogue of a language is: `po` is its source, `mo` what is made of that."""
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / f"django.{kind}"


def source(language: str) -> Catalog:
    """The catalogue as it is written; an empty one of a new language."""
    if not path(language, "po").exists():
        return Catalog(language, project="Switchboard", version="words", fuzzy=False)
    return read_po(io.BytesIO(path(language, "po").read_bytes()), locale=language)


def compiled(catalog: Catalog) -> bytes:
    """What gettext reads. Fuzzy words are left out."""
    made = io.BytesIO()
    write_mo(made, catalog)
    return made.getvalue()


def content(mo: bytes) -> dict[object, object]:
    """What a compiled catalogue says, without its header."""
    return {(each.context, *texts(each.id)): texts(each.string) for each in read_mo(io.BytesIO(mo)) if each.id}


def texts(given: str | Sequence[str] | None) -> tuple[str, ...]:
    """A text, or those that it has for different numbers."""
    return (given,) if isinstance(given, str) else tuple(given or ("",))


def lacking(catalog: Catalog) -> list[str]:
    """The words that want a translator."""
    return [texts(each.id)[0] for each in catalog if each.id and (each.fuzzy or not all(texts(each.string)))]


def revive(catalog: Catalog, every: Catalog) -> None:
    """Takes up the translations of texts that were gone and are found again."""
    for key, gone in list(catalog.obsolete.items()):
        if every.get(texts(gone.id)[0], gone.context):
            del catalog.obsolete[key]
            catalog.add(gone.id, gone.string, context=gone.context)


def main() -> None:
    """Brings every language up to what was found. A text that was changed keeps its translation, marked as fuzzy; one
    that is gone keeps it below, for the day on which it comes back."""
    every = found()
    for language in languages():
        catalog = source(language)
        revive(catalog, every)
        catalog.update(every, update_header_comment=False, update_creation_date=False)
        written, made = path(language, "po"), path(language, "mo")
        written.parent.mkdir(parents=True, exist_ok=True)
        with written.open("wb") as file:
            write_po(file, catalog, width=120, sort_by_file=True, include_lineno=False)
        fresh = compiled(catalog)
        if not made.exists() or content(made.read_bytes()) != content(fresh):
            made.write_bytes(fresh)
        wanting = lacking(catalog)
        sys.stdout.write(f"{language}: {len(catalog)} texts, {len(wanting)} of them to translate\n")
        for words in wanting:
            sys.stdout.write(f"  {words[:100]}\n")


if __name__ == "__main__":
    main()
