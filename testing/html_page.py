"""A page as a browser takes it apart: elements with their attributes, texts, and what a form would send."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass
class Element:
    """An element; `text` is all the text in it and in the elements within."""

    tag: str
    attributes: dict[str, str]
    within: Element | None
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def inside(self, other: Element) -> bool:
        return self is other or (self.within is not None and self.within.inside(other))


class Page(HTMLParser):
    """All elements of an HTML text, in order."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs}, self._open[-1] if self._open else None)
        self.elements.append(made)
        if tag not in VOID:
            self._open.append(made)

    def handle_endtag(self, tag: str) -> None:
        if any(each.tag == tag for each in self._open):
            while self._open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        for each in self._open:
            each.text += data

    def all(self, tag: str = "", **attributes: str) -> list[Element]:
        """The elements of that tag whose attributes are those given (`class_` holds one of the classes)."""
        return [each for each in self.elements if tag in {"", each.tag} and _fits(each, attributes)]

    def one(self, tag: str = "", **attributes: str) -> Element:
        (found,) = self.all(tag, **attributes)
        return found

    def has(self, id: str) -> bool:
        return bool(self.all(id=id))

    def text(self, id: str) -> str:
        """The text of the element of that id, with single spaces."""
        return " ".join(self.one(id=id).text.split())

    def options(self, action: str, name: str) -> list[str]:
        """The values that a field of the form with that action can be given."""
        form = next(each for each in self.all("form") if each.attributes.get("action") == action)
        selects = [each for each in self.all("select", name=name) if each.inside(form)]
        return [
            each.attributes.get("value", "")
            for each in self.all("option")
            if any(each.inside(select) for select in selects)
        ]

    def sends(self, action: str) -> dict[str, str]:
        """What the form with that action sends as it stands."""
        form = next(each for each in self.all("form") if each.attributes.get("action") == action)
        sent: dict[str, str] = {}
        shut = [each for each in self.all("fieldset") if "disabled" in each.attributes]
        inside = (each for each in self.elements if each.inside(form))
        for each in (each for each in inside if not any(each.inside(fieldset) for fieldset in shut)):
            name = each.attributes.get("name", "")
            if each.tag == "textarea":
                # The first line break of a text area is not part of its value.
                sent[name] = each.text.removeprefix("\r\n").removeprefix("\n")
            elif each.tag == "input" and (each.attributes.get("type") != "radio" or "checked" in each.attributes):
                sent[name] = each.attributes.get("value", "")
            elif each.tag == "option" and "selected" in each.attributes and each.within is not None:
                select = each.within if each.within.tag == "select" else each.within.within  # or a group of options
                assert select is not None
                sent[select.attributes["name"]] = each.attributes.get("value", "")
        return sent


def _fits(element: Element, attributes: dict[str, str]) -> bool:
    for name, value in attributes.items():
        if name == "class_":
            if value not in element.attributes.get("class", "").split():
                return False
        elif element.attributes.get(name) != value:
            return False
    return True
