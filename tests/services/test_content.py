"""What messages say, as HTML: files, citations and code, whatever a server writes."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from assistants_app.api.dialects import DIALECTS
from assistants_app.services import content, highlighting
from assistants_app.templatetags.content import dressed, is_tall
from testing.html_page import Page

SOURCE = "【4:0†source】"


def said(*parts: Any, **more: Any) -> Page:
    """A message with these parts, as a page shows it."""
    raw = {"id": "msg_1", "role": "assistant", "content": list(parts), **more}
    return Page(dressed(content.html(DIALECTS["v2"].read_message(raw))))


def text(value: str, *annotations: dict[str, Any]) -> dict[str, Any]:
    return {"type": "text", "text": {"value": value, "annotations": list(annotations)}}


def cited(value: str, file_id: str = "file-1", **more: Any) -> dict[str, Any]:
    start = value.index(SOURCE)
    where = {"start_index": start, "end_index": start + len(SOURCE)}
    return {"type": "file_citation", "text": SOURCE, "file_citation": {"file_id": file_id}, **where, **more}


def made(path: str, file_id: str = "file-2") -> dict[str, Any]:
    return {"type": "file_path", "text": path, "file_path": {"file_id": file_id}}


def chips(page: Page) -> list[str]:
    return [each.text for each in page.all("span", class_="chip")]


def test_a_citation_is_a_footnote_where_it_stands() -> None:
    value = f"It is **so**{SOURCE}, they say."
    page = said(text(value, cited(value)))
    mark = page.one("a")
    note = page.one("li")
    assert page.all("p")[0].text == "It is so1, they say."
    assert mark.attributes["href"] == f"#{note.attributes['id']}"
    assert "file-1" in note.text


def test_the_same_source_has_one_number() -> None:
    value = f"One{SOURCE} two{SOURCE} three{SOURCE}"
    last = {**cited(value, "file-9"), "start_index": len(value) - len(SOURCE), "end_index": len(value)}
    page = said(text(value, cited(value), {**cited(value), "start_index": None, "end_index": None}, last))
    assert [each.text for each in page.all("sup")] == ["1", "1", "2"]
    assert len(page.all("li")) == 2


def test_a_path_of_a_file_is_a_chip_that_has_the_words_of_its_link() -> None:
    page = said(text("Take [the **plan**](sandbox:/mnt/data/plan.csv) with you.", made("sandbox:/mnt/data/plan.csv")))
    assert chips(page) == ["the planfile-2"]
    assert not page.all("a")
    assert page.one("button").attributes["data-copy"] == "file-2"


def test_code_keeps_the_letters_of_what_is_annotated_in_it() -> None:
    value = f"```python\nx = '{SOURCE}'\n```\n`{SOURCE}`"
    page = said(text(value, cited(value)))
    assert [each.text for each in page.all("code")][:2] == [f"x = '{SOURCE}'\n", SOURCE]


@pytest.mark.parametrize(
    "annotation",
    [
        {},
        {"type": "file_citation"},
        {"type": "file_citation", "start_index": -1, "end_index": 10**30, "text": None, "file_citation": 7},
        {
            "type": "file_citation",
            "start_index": 2,
            "end_index": 1,
            "text": "absent",
            "file_citation": {"file_id": "f"},
        },
        {"type": "file_path", "start_index": True, "end_index": [], "text": "a", "file_path": {}},
        {"type": "brand_new", "text": "and", "start_index": 0, "end_index": 3},
    ],
)
def test_odd_annotations_leave_the_text_as_it_is(annotation: dict[str, Any]) -> None:
    page = said(text("Salt & pepper \ufdd00\ufdd1 and more", annotation, annotation))
    assert "Salt & pepper" in page.all("p")[0].text
    assert "more" in page.all("p")[0].text


def test_no_text_can_forge_a_place() -> None:
    forged = '<!--file %7B%22file%22%3A%22x%22%7D--> <!--notes {}--> [a](https://a.example "<!--cite {}-->")'
    page = said(text(forged), {"type": forged}, {"type": "refusal", "refusal": forged})
    assert page.all("sup") == []
    assert [each for each in page.elements if each.attributes.get("data-copy")] == []


def test_images_and_files_stand_where_they_were_sent() -> None:
    page = said(
        text("Before"),
        {"type": "image_file", "image_file": {"file_id": "file-3"}},
        {"type": "image_url", "image_url": {"url": "https://elsewhere.example/a.png"}},
        {"type": "image_url", "image_url": {"url": "javascript:alert(1)"}},
        text("After"),
        attachments=[{"file_id": "file-4", "tools": [{"type": "file_search"}]}, {}],
    )
    words = "".join(each.text for each in page.elements if each.within is None)
    places = [words.index(each) for each in ("Before", "file-3", "elsewhere", "javascript", "After", "file-4")]
    assert places == sorted(places)
    assert [each.attributes["href"] for each in page.all("a")] == ["https://elsewhere.example/a.png"]
    assert not page.all("img")


def test_why_a_message_is_not_whole_is_said_in_it() -> None:
    page = said(text("Half of"), incomplete_details={"reason": "content_filter"})
    assert "the server's content filter cut it" in page.one("p", class_="stopped").text
    assert "brewing" in said(text("x"), incomplete_details={"reason": "brewing"}).one("p", class_="stopped").text


def test_code_has_its_colours_and_keeps_its_letters() -> None:
    code = 'def f(x):\n    """Say <so> & no more."""\n\treturn x + 1  # done\n'
    page = said(text(f"```python\n{code}```"))
    assert page.one("pre").text == code
    assert {each.attributes["class"] for each in page.all("span") if each.inside(page.one("pre"))} >= {
        "hl-keyword",
        "hl-string",
        "hl-number",
        "hl-comment",
    }
    assert page.one("div", class_="code-label").text == "python"


@pytest.mark.parametrize("name", sorted(highlighting.LANGUAGES))
def test_every_language_is_known_and_loses_no_letter(name: str) -> None:
    code = "\n\n a < b && 'c' /* \" */ # d\r\n{%x%} <e f='g'>\\\n"
    letters = unescape(re.sub("<[^>]*>", "", highlighting.code(code, name)))
    assert letters == code.replace("\r\n", "\n")


@pytest.mark.parametrize("words", ["```nonsense\n<b>\n```", "```python\n" + "(" * 20_000 + "\n```", "    <b>\n"])
def test_other_code_stays_plain(words: str) -> None:
    page = said(text(words))
    assert not [each for each in page.all("span") if each.inside(page.one("pre"))]
    assert page.one("pre").text.strip()[0] in "<("


def test_thousands_of_parts_make_a_small_page() -> None:
    image = {"type": "image_file", "image_file": {"file_id": "f" * 400}}
    raw = {"id": "m", "content": [image] * 5_000, "attachments": [{"file_id": "f" * 400}] * 5_000}
    assert len(content.html(DIALECTS["v2"].read_message(raw))) < 500_000


@pytest.mark.parametrize(("value", "tall"), [("word " * 40, False), ("word " * 4_000, True), ("- a\n" * 99, True)])
def test_what_is_longer_than_two_screens_is_folded(value: str, tall: bool) -> None:
    raw = {"id": "m", "content": [text(value)]}
    assert is_tall(content.html(DIALECTS["v2"].read_message(raw))) is tall
