"""A person at the dashboard without a browser: follows links and posts forms over HTTP, reads what pages show."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TypeVar

import requests

Value = TypeVar("Value")
PATIENCE = 60.0


@dataclass
class Form:
    """Where a form goes, what it would send as it stands, and what its named buttons would add."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """What a page shows that a test asks for: links, forms, and the calls with their arguments to the letter."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.names: list[str] = []
        self.arguments: list[str] = []
        self._into: list[str] | None = None
        self._field = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self._into = None
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "form":
            self.forms.append(Form(given.get("action", "")))
        elif tag == "code" and "data-arguments" in given:
            self._read_into(self.arguments)
        elif given.get("class") == "call-name":
            self._read_into(self.names)
        elif self.forms:
            self._control(tag, given, self.forms[-1])

    def _read_into(self, texts: list[str]) -> None:
        texts.append("")
        self._into = texts

    def _control(self, tag: str, given: dict[str, str], form: Form) -> None:
        name = given.get("name", "")
        if tag == "input" and name and (given.get("type") != "radio" or "checked" in given):
            form.fields[name] = given.get("value", "")
        elif tag == "button" and name:
            form.buttons.setdefault(name, given.get("value", ""))
        elif tag == "textarea":
            form.fields[name] = ""
        elif tag == "select":
            self._field = name
        elif tag == "option" and self._field and ("selected" in given or self._field not in form.fields):
            # The first one, as browsers do, unless another is marked.
            form.fields[self._field] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        self._into = None
        if tag == "select":
            self._field = ""

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._into[-1] += data


class HttpDesk:
    """A session at a running dashboard."""

    def __init__(self, url: str, sign_in_url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        answer = self.session.get(sign_in_url, timeout=30)
        assert answer.ok, answer.text

    def page(self, path: str) -> Page:
        answer = self.session.get(self.url + path, timeout=30)
        assert answer.ok, f"{path}: {answer.status_code}"
        return Page(answer.text)

    def send(self, form: Form, **fields: str) -> str:
        """Posts a form with these fields filled in, line breaks as browsers send them; gives the path it led to."""
        typed = {name: value.replace("\r\n", "\n").replace("\n", "\r\n") for name, value in fields.items()}
        answer = self.session.post(
            self.url + form.action, data=form.fields | typed, headers={"Referer": self.url + "/"}, timeout=30
        )
        assert answer.ok, f"{form.action}: {answer.status_code} {errors_in(answer.text)}"
        return answer.url.removeprefix(self.url)


def until(look: Callable[[], Value | None], *, what: str) -> Value:
    """Looks again until there is something to see."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        seen = look()
        if seen is not None:
            return seen
        time.sleep(0.1)
    raise AssertionError(f"{what} did not come within {PATIENCE:.0f} s")


def errors_in(text: str) -> list[str]:
    """What a page says is wrong with a form."""
    return [re.sub(r"<[^>]*>", " ", each) for each in re.findall(r'class="error"[^>]*>(.*?)</p>', text, re.DOTALL)]
