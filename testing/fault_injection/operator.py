"""Somebody at a browser: opens a run, fills in the form, posts it (again, where the connection broke), reads what is
shown."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, Literal

import requests

from testing.html_page import Form, Page

PATIENCE = 240.0
# The dashboard first has to read all the runs that were made for it.
PATIENCE_AT_FIRST = 1200.0
UNDER_WAY = "sending"
Shown = Literal["accepted", "refused", "sending", "nothing"]
SAID: dict[str, Shown] = {
    "The API accepted the answers.": "accepted",
    "The server refused the answers.": "refused",
    "The answers were not accepted.": "refused",
    "Sending the answers.": "sending",
}


@dataclass(frozen=True)
class Attempt:
    """What somebody posted for the calls of a run, and what the dashboard said."""

    by: str
    texts: tuple[str, ...]
    status: int
    page: str

    @property
    def was_taken(self) -> bool:
        return self.status in {200, 303}

    @property
    def keeps_what_was_typed(self) -> bool:
        shown = Page(self.page)
        texts = {each.text for each in shown.all("code")} | {each.text for each in shown.all("textarea")}
        return set(self.texts) <= texts


class Operator:
    """A browser of its own with somebody's cookies. `broken_pages` gets those that answered with a 5xx."""

    def __init__(
        self, name: str, url: str, cookies: dict[str, str], *, has_script: bool, broken_pages: list[str]
    ) -> None:
        self.name = name
        self.broken_pages = broken_pages
        self.url = url
        self.has_script = has_script
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.cookies.update(cookies)

    def opened(self, run_id: str, *, seconds: float = PATIENCE_AT_FIRST) -> Form:
        """The form of a run, once there is one. Raises TimeoutError where there is none for so long."""
        path, action = f"/runs/{run_id}/", f"/runs/{run_id}/answers/"
        piece = {"HX-Request": "true", "HX-Target": "run-answers"}
        ends = time.monotonic() + seconds
        for wait in waits():
            if time.monotonic() > ends:
                break
            answer = self._patiently("GET", path, headers=piece)
            if answer.ok and (form := form_in(Page(answer.text), action)) is not None:
                return form
            time.sleep(wait)
        raise TimeoutError(f"the form of {run_id} did not come within {seconds:.0f} s")

    def other_tab(self) -> Operator:
        """Another connection of the same browser."""
        cookies = self.session.cookies.get_dict()
        return Operator(self.name, self.url, cookies, has_script=self.has_script, broken_pages=self.broken_pages)

    def posts(self, form: Form, texts: tuple[str, ...]) -> Attempt:
        """Posts answers as a browser does; once more where the connection broke."""
        outputs = [name for name in form.fields if name.startswith("output-")]
        typed = {name: text.replace("\n", "\r\n") for name, text in zip(outputs, texts, strict=True)}
        answer = self._patiently("POST", form.action, data=form.fields | typed, headers=self._headers("run-answers"))
        return Attempt(self.name, texts, answer.status_code, answer.text)

    def cancels(self, run_id: str) -> None:
        """Presses Cancel run."""
        action = f"/runs/{run_id}/cancel/"
        form = form_in(Page(self._patiently("GET", f"/runs/{run_id}/").text), action)
        if form is not None:
            self._patiently("POST", action, data=form.fields, headers=self._headers("run-head"))

    def sees(self, run_id: str) -> Page:
        """The piece of the run's page that tells of the answers, as it fetches itself."""
        headers = {"HX-Request": "true", "HX-Target": "run-answers", "HX-Trigger": "run-answers"}
        answer = self._patiently("GET", f"/runs/{run_id}/", headers=headers)
        assert answer.ok, f"/runs/{run_id}/: {answer.status_code}"
        return Page(answer.text)

    def reads(self, path: str) -> Page:
        """A whole page."""
        answer = self._patiently("GET", path)
        assert answer.ok, f"{path}: {answer.status_code}"
        return Page(answer.text)

    def fills(self, path: str, form: str, *, to: str = "", **fields: str) -> None:
        """Fills in a form of a page and sends it, elsewhere (`to`) where its button says so; once more where the
        connection broke."""
        sent = {**self.reads(path).sends(form), **fields}
        answer = self._patiently("POST", to or form, data=sent, headers={"Referer": self.url + "/"})
        assert answer.status_code == 303, f"{to or form}: {answer.status_code}"

    def _headers(self, target: str) -> dict[str, str]:
        htmx = {"HX-Request": "true", "HX-Target": target} if self.has_script else {}
        return {"Referer": self.url + "/", **htmx}

    def _patiently(self, method: str, path: str, **more: Any) -> requests.Response:
        """Asks again where the connection broke or the page was an error, as one does; a slow page is waited for."""
        ends = time.monotonic() + PATIENCE
        while True:
            try:
                answer = self.session.request(method, self.url + path, timeout=PATIENCE, allow_redirects=False, **more)
            except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
                if time.monotonic() > ends:
                    raise
            else:
                if answer.status_code < 500 or time.monotonic() > ends:
                    return answer
                self.broken_pages.append(f"{method} {path}: {answer.status_code}")
            time.sleep(0.3)


def waits() -> Iterator[float]:
    """Seconds between two looks: each a little longer, so that many who look leave the machine to the work."""
    return (min(4.0, 0.7 * 1.3**times) for times in count())


def form_in(page: Page, action: str) -> Form | None:
    """The form with that action, if the page has it."""
    return next((form for form in page.forms if form.action == action), None)


def shown_in(piece: Page) -> Shown:
    """How the sending stands, as the page tells it."""
    return SAID[piece.one(id="sent").attributes["data-say"]] if piece.has("sent") else "nothing"


def answered_by(piece: Page) -> set[str]:
    """Who answered the calls that are not waited for any more, as the page tells it."""
    return {each.text.strip() for each in piece.all("span", class_="state")}
