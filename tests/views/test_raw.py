"""The raw objects: as the server gave them, and for a dialog in the page."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse

from assistants_app.models import Run
from tests.views.conftest import page, piece

KINDS = ["assistant", "thread", "message", "run", "step"]


def address(run: Run, kind: str) -> str:
    assert run.assistant is not None
    return {
        "assistant": lambda: reverse("assistant_raw", args=[run.assistant.reference]),
        "thread": lambda: reverse("thread_raw", args=[run.thread.reference]),
        "message": lambda: reverse("thread_message_raw", args=[run.thread.reference, run.thread.messages.all()[0].pk]),
        "run": lambda: reverse("run_raw", args=[run.reference]),
        "step": lambda: reverse("run_step_raw", args=[run.reference, run.steps.all()[0].pk]),
    }[kind]()


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_the_servers_json(waiting: Run, olga: Client, kind: str) -> None:
    response = olga.get(address(waiting, kind))
    assert response["Content-Type"] == "application/json"
    assert json.loads(response.content)["object"].split(".")[-1] == kind


@pytest.mark.parametrize("kind", KINDS)
def test_htmx_gets_it_indented_with_a_way_to_copy_it(waiting: Run, olga: Client, kind: str) -> None:
    here = address(waiting, kind)
    shown = page(piece(olga, here, "raw-object"))
    assert shown.text("raw-title") == f"Raw {kind}"
    assert json.loads(shown.one(id="raw-text").text)["id"]
    assert "\n" in shown.one(id="raw-text").text
    assert shown.all("a")[0].attributes["href"] == here


def test_a_huge_one_is_shown_by_its_beginning(waiting: Run, olga: Client) -> None:
    Run.objects.update(raw=json.dumps({"instructions": "<i>" * 1_000_000}))
    response = piece(olga, address(waiting, "run"), "raw-object")
    assert len(response.content) < 100_000
    assert "The plain page has all" in page(response).text("raw-object")


def test_pages_lead_to_the_raw_objects_they_show(waiting: Run, olga: Client) -> None:
    thread = page(olga.get(waiting.thread.get_absolute_url()))
    linked = {each.attributes["href"] for each in thread.all("a", class_="raw") if "raw" in each.attributes["href"]}
    assert linked == {address(waiting, kind) for kind in ("thread", "message", "run")}
    run = page(olga.get(waiting.get_absolute_url()))
    linked = {each.attributes["href"] for each in run.all("a", class_="raw") if "raw" in each.attributes["href"]}
    assert linked == {address(waiting, kind) for kind in ("message", "run", "step")}


def test_a_message_or_step_of_something_else_is_not_found(waiting: Run, olga: Client) -> None:
    page(olga.get(reverse("thread_message_raw", args=[waiting.thread.reference, 10**9])), 404)
    page(olga.get(reverse("run_step_raw", args=[waiting.reference, 10**9])), 404)
