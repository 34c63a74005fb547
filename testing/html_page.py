"""A page as a browser reads it: elements with their attributes and texts, and what its forms would send."""

from __future__ import annotations

from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

# A disabled set of fields disables what is in it, but for its first legend.
OFF = "fieldset[disabled] > :not(legend:first-of-type)"
CONTROLS = f":is(input, select, textarea, button)[name]:not([name=''], [disabled], {OFF}, {OFF} *)"
BUTTONS = {"submit", "button", "reset", "image"}


@dataclass(frozen=True, eq=False)
class Element:
    """An element of a page."""

    node: LexborNode

    def __eq__(self, other: object) -> bool:
        """Whether both are the same element; nodes of the library are equal where their HTML is."""
        return isinstance(other, Element) and self.node.mem_id == other.node.mem_id

    def __hash__(self) -> int:
        return self.node.mem_id

    @property
    def tag(self) -> str:
        return self.node.tag or ""

    @property
    def attributes(self) -> dict[str, str]:
        return {name: value or "" for name, value in self.node.attributes.items()}

    @property
    def text(self) -> str:
        """All the text in it and in the elements within."""
        return self.node.text()

    @property
    def within(self) -> Element | None:
        return Element(self.node.parent) if self.node.parent else None

    def inside(self, other: Element) -> bool:
        return self == other or (self.within is not None and self.within.inside(other))

    def css(self, selector: str) -> list[Element]:
        """The elements in it that a CSS selector matches."""
        return [Element(each) for each in self.node.css(selector)]


@dataclass
class Form:
    """Where a form goes, what it would send as it stands, and what its named buttons would add.

    Of several fields of one name `fields` has the last; `lists` has all.
    """

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    buttons: dict[str, str] = field(default_factory=dict)


class Page:
    """A whole page, or the piece of one that htmx asks for."""

    def __init__(self, html: str) -> None:
        # A piece is read in a template, as htmx does it, so that it may be the row of a table.
        is_piece = not html.lstrip()[:9].lower().startswith("<!doctype")
        self.document = LexborHTMLParser(html, is_fragment=is_piece, fragment_tag="template")

    @property
    def elements(self) -> list[Element]:
        """All elements, in order."""
        return self.css("*")

    @property
    def links(self) -> list[str]:
        return [each.attributes["href"] for each in self.css("a[href]")]

    @property
    def forms(self) -> list[Form]:
        return [self.read(each) for each in self.css("form")]

    def css(self, selector: str) -> list[Element]:
        """The elements that a CSS selector matches."""
        return [Element(each) for each in self.document.css(selector)]

    def all(self, tag: str = "", **attributes: str) -> list[Element]:
        """The elements of that tag whose attributes are those given (`class_` holds one of the classes)."""
        return self.css(_selector(tag, attributes))

    def one(self, tag: str = "", **attributes: str) -> Element:
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} elements are {_selector(tag, attributes)}"
        return found[0]

    def has(self, id: str) -> bool:
        return bool(self.all(id=id))

    def text(self, id: str) -> str:
        """The text of the element of that id, with single spaces."""
        return " ".join(self.one(id=id).text.split())

    def options(self, action: str, name: str) -> list[str]:
        """The values that a field of the form with that action can be given."""
        form = self.all("form", action=action)[0]
        options = form.css(f"{_selector('select', {'name': name})} option")
        return [_value_of_option(each) for each in options]

    def sends(self, action: str) -> dict[str, str]:
        """What the form with that action sends as it stands."""
        return self.form(action).fields

    def form(self, action: str) -> Form:
        """The first form with that action."""
        return self.read(self.all("form", action=action)[0])

    def read(self, form: Element) -> Form:
        """The form with what its controls would send, those included that stand elsewhere and name it."""
        controls = form.css(f"{CONTROLS}:not([form])")
        if form.node.id:
            controls += self.css(f"{CONTROLS}{_match('form', form.node.id)}")
        read = Form(form.attributes.get("action", ""))
        for control in controls:
            name = control.attributes["name"]
            if control.tag == "button" or control.attributes.get("type") in BUTTONS:
                read.buttons.setdefault(name, control.attributes.get("value", ""))
                continue
            for value in _values_of(control):
                read.fields[name] = value
                read.lists.setdefault(name, []).append(value)
        return read


def normalize_text(text: str) -> str:
    """A text as the field of a page has it that was given it: a line break is one character, and there is no NUL."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")


def _values_of(control: Element) -> list[str]:
    """What a control sends as it stands: one value, or none, or those chosen of several."""
    given = control.attributes
    if control.tag == "textarea":
        return [control.text]
    if control.tag == "select":
        return [_value_of_option(each) for each in _chosen_options(control)]
    if given.get("type") in {"checkbox", "radio"}:
        return [given.get("value", "on")] if "checked" in given else []
    return [] if given.get("type") == "file" else [given.get("value", "")]


def _chosen_options(select: Element) -> list[Element]:
    """The options that are marked; of a list that gives one the last of these, or the first that can be chosen."""
    options = select.css("option")
    enabled = select.css("option:not([disabled], optgroup[disabled] *)")
    marked = [each for each in options if "selected" in each.attributes]
    if "multiple" not in select.attributes:
        marked = marked[-1:] or enabled[:1]
    return [each for each in marked if each in enabled]


def _value_of_option(option: Element) -> str:
    return option.attributes.get("value", " ".join(option.text.split()))


def _selector(tag: str, attributes: dict[str, str]) -> str:
    """The CSS selector of elements with these attributes."""
    return (tag or "*") + "".join(_match(name, value) for name, value in attributes.items())


def _match(name: str, value: str) -> str:
    """The part of a CSS selector that says what an attribute is."""
    text = value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\a ")
    return f'[class~="{text}"]' if name == "class_" else f'[{name}="{text}"]'
