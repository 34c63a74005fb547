"""Static files: many sources to read, of which a page gets one stylesheet and one script by names with hashes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from operator import itemgetter
from pathlib import Path
from typing import Any

import rcssmin
import rjsmin
from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage

STYLES = (
    *("tokens", "base", "shell", "layout", "buttons", "fields", "layers"),
    *("display", "prose", "table", "timeline", "code", "course", "answers", "components", "connections"),
    *("desk", "rules", "assistants", "bulk"),
)
SCRIPTS = (
    *("words", "pieces", "written", "live", "clock", "keys", "layers", "copy"),
    *("raw", "steady", "tips", "leaving", "palette", "notify"),
    *("claims", "answers", "drafts"),
)
# Loaded by themselves: before anything is painted, or by the few pages that need them.
ALONE = ("theme", "form_drafts", "selection", "resources", "json_editor", "views")
HTMX = "django_htmx/htmx-2.min.js"
# What pages name, and what it is made of, in this order.
BUNDLES = {
    "css/switchboard.css": [f"css/{name}.css" for name in STYLES],
    **{f"js/{name}.js": [f"js/{name}.js"] for name in ALONE},
    "js/switchboard.js": [
        HTMX,
        "vendor/idiomorph/idiomorph-ext.min.js",
        *(f"js/{name}.js" for name in SCRIPTS),
    ],
}
# Packages that make the collected files.
MAKERS = ("django", "whitenoise", "brotli", "rcssmin", "rjsmin")
SOURCES = {source for sources in BUNDLES.values() for source in sources}
OWN_SCRIPT = 'try {{\n(() => {{\n"use strict";\n{text}}})();\n}} catch (error) {{\nreportError(error);\n}}\n'


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """The addresses stay while the process does: each is worked out once."""

    @cache  # noqa: B019  there is one storage a process
    def url(self, name: str | None, force: bool = False) -> str:
        return str(super().url(name, force))

    def collect(self) -> None:
        """Runs collectstatic, unless STATIC_ROOT holds what it would make: it compresses every file anew each time."""
        sources = _hash_sources()
        record = Path(settings.STATIC_ROOT) / "sources.sha256"
        if not record.exists() or record.read_text() != sources:
            record.unlink(missing_ok=True)
            call_command("collectstatic", interactive=False, verbosity=0)
            record.write_text(sources)


def _hash_sources() -> str:
    """A hash of all that the collected files are made of, and of what makes them."""
    versions = [version(name) for name in MAKERS]
    found = sha256(f"{settings.DEBUG} {settings.STATIC_URL} {versions}".encode())
    found.update(Path(__file__).read_bytes() + _path_of(HTMX).read_bytes())
    for path, storage in sorted(FileSystemFinder().list([]), key=itemgetter(0)):
        found.update(f"\0{path}\0".encode() + Path(storage.path(path)).read_bytes())
    return found.hexdigest()


class Finder(FileSystemFinder):
    """Finds what is in static/, with the bundles in the place of their sources.

    Bundles are made when they are asked for: by collectstatic, and with DEBUG by every page.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.made = FileSystemStorage(location=settings.DATA_DIR / "bundles")

    def find(self, path: str, *args: Any, **options: Any) -> Any:
        if path in BUNDLES:
            found = self.make(path)
            return [found] if options.get("find_all") else found
        return super().find(path, *args, **options)

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Any]]:
        yield from (each for each in super().list(ignore_patterns) if each[0] not in SOURCES)
        for name in BUNDLES:
            self.make(name)
            yield name, self.made

    def make(self, name: str) -> str:
        """Writes the bundle, unless it is there as it should be. Gives its path."""
        path = Path(self.made.path(name))
        text = "".join(_part(source) for source in BUNDLES[name])
        if not path.exists() or path.read_text() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return str(path)


def _path_of(source: str) -> Path:
    folder = Path(apps.get_app_config("django_htmx").path) if source == HTMX else settings.BASE_DIR
    return Path(folder / "static" / source)


def _part(source: str) -> str:
    """A source as it stands in a bundle: without what only its readers need, unless somebody develops. A script of ours
    keeps its names and errors to itself, as a module does."""
    text = _path_of(source).read_text()
    if source.startswith("js/"):
        if re.search(r"^(import|export)\b", text, re.MULTILINE):
            raise ImproperlyConfigured(f"static/{source} imports or exports: what pages share goes over events here.")
        text = OWN_SCRIPT.format(text=text)
    if settings.DEBUG:
        return f"/* {source} */\n{text}\n"
    shorten = rcssmin.cssmin if source.startswith("css/") else rjsmin.jsmin
    # Comments that begin with a ! say whose something is.
    return text if ".min." in source else f"{shorten(text, keep_bang_comments=True)}\n"
