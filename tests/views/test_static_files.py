"""What pages load beside their HTML: one stylesheet and one script, made of the files in static/."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from dashboard import static_files
from testing.html_page import Page
from tests.views.conftest import page

A_YEAR = 365 * 24 * 60 * 60


def addresses(shown: Page) -> list[str]:
    """What the page has the browser load."""
    tags = {"script": "src", "img": "src", "link": "href"}
    return [each.attributes[tags[each.tag]] for each in shown.elements if tags.get(each.tag, "") in each.attributes]


def loaded(address: str, client: Client, **headers: str) -> tuple[Any, str]:
    """An answer, and the text in it: read to its end, it is closed."""
    answer: Any = client.get(address, headers=headers)
    assert answer.status_code == 200, address
    text = b"".join(answer.streaming_content)
    return answer, text.decode(errors="replace")


def test_a_page_has_one_stylesheet_and_one_script_beside_that_of_its_theme(olga: Client) -> None:
    shown = page(olga.get(reverse("threads")))
    assert len([each for each in shown.elements if each.attributes.get("rel") == "stylesheet"]) == 1
    assert len([each for each in shown.elements if each.tag == "script"]) == 2


def test_every_source_is_part_of_what_pages_load() -> None:
    folder = settings.BASE_DIR / "static"
    there = {str(path.relative_to(folder)) for kind in ("css", "js") for path in (folder / kind).iterdir()}
    assert there - static_files.SOURCES == set()


def test_what_pages_load_stays_with_the_browser_for_a_year(olga: Client) -> None:
    for address in addresses(page(olga.get(reverse("threads")))):
        answer, _ = loaded(address, olga)
        kept = answer["Cache-Control"].split(", ")
        assert "immutable" in kept and "public" in kept
        assert int(next(each for each in kept if each.startswith("max-age=")).removeprefix("max-age=")) >= A_YEAR


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_styles_and_scripts_come_compressed(olga: Client, encoding: str) -> None:
    texts = [each for each in addresses(page(olga.get(reverse("threads")))) if each.endswith((".css", "board.js"))]
    for address in texts:
        answer, _ = loaded(address, olga, **{"Accept-Encoding": encoding})
        assert (answer["Content-Encoding"], answer["Vary"]) == (encoding, "Accept-Encoding")


def test_while_one_develops_a_page_loads_the_sources_as_they_are_now(settings: Any, tmp_path: Path) -> None:
    settings.DEBUG = True
    settings.STATIC_ROOT = tmp_path / "nothing collected"
    for name, sources in static_files.BUNDLES.items():
        _, text = loaded(f"/static/{name}", Client())
        assert all(f"/* {source} */" in text for source in sources)


def test_a_script_that_imports_is_refused(settings: Any, tmp_path: Path) -> None:
    settings.BASE_DIR = tmp_path
    (tmp_path / "static" / "js").mkdir(parents=True)
    (tmp_path / "static" / "js" / "late.js").write_text('import { words } from "./pieces.js";\n')
    with pytest.raises(ImproperlyConfigured, match=r"js/late\.js imports"):
        static_files._part("js/late.js")


@pytest.mark.slow
def test_files_are_collected_again_only_when_a_source_has_changed(settings: Any, tmp_path: Path) -> None:
    source = tmp_path / "source" / "note.txt"
    source.parent.mkdir()
    settings.STATICFILES_DIRS = [*settings.STATICFILES_DIRS, source.parent]
    settings.STATIC_ROOT = tmp_path / "collected"
    for text in ("first", "second"):
        source.write_text(text)
        storage = static_files.StaticFiles()
        storage.collect()
        (collected,) = settings.STATIC_ROOT.glob("note.*.txt")
        assert collected.read_text() == text
        collected.unlink()
        storage.collect()
        assert not collected.exists()


@pytest.mark.slow
def test_a_source_that_was_moved_is_collected_where_it_is_now(settings: Any, tmp_path: Path) -> None:
    before, after = tmp_path / "source" / "before" / "note.txt", tmp_path / "source" / "after" / "note.txt"
    settings.STATICFILES_DIRS = [*settings.STATICFILES_DIRS, tmp_path / "source"]
    settings.STATIC_ROOT = tmp_path / "collected"
    for path in (before, after):
        path.parent.mkdir(parents=True)
    before.write_text("moved")
    static_files.StaticFiles().collect()
    before.rename(after)
    static_files.StaticFiles().collect()
    assert list(settings.STATIC_ROOT.glob("after/note.*.txt"))
