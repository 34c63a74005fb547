"""A person at the dashboard without a browser: follows links and posts forms over HTTP, reads what pages show."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import requests

from testing.html_page import Form, Page

Value = TypeVar("Value")
PATIENCE = 180.0  # seconds: the machine may be busy


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
        sent = form.fields | fields
        data = {name: value.replace("\r\n", "\n").replace("\n", "\r\n") for name, value in sent.items()}
        answer = self.session.post(self.url + form.action, data=data, headers={"Referer": self.url + "/"}, timeout=30)
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
    return [each.text for each in Page(text).all("p", class_="error")]
