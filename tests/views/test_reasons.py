"""Why runs did not get to their end, in words."""

from __future__ import annotations

import pytest
from django.test import Client

from assistants_app.models import Run, ToolCall
from assistants_app.services import reasons
from tests.views.conftest import page

KNOWN = [
    *(("failed", code, "The server's own words <b>") for code in reasons.FAILED),
    *(("incomplete", "", reason) for reason in reasons.INCOMPLETE),
    ("expired", "", ""),
]


@pytest.mark.parametrize(("status", "code", "message"), KNOWN)
def test_what_happened_what_is_unharmed_and_the_next_step(
    waiting: Run, olga: Client, status: str, code: str, message: str
) -> None:
    Run.objects.update(status=status, error_code=code, error_message=message)
    ToolCall.objects.update(waiting=False)
    why = reasons.of_run(Run.objects.get())
    assert why is not None
    head = page(olga.get(waiting.get_absolute_url())).text("run-head")
    timeline = page(olga.get(waiting.thread.get_absolute_url())).text("thread-timeline")
    for words in map(str, (why.what, why.unharmed, why.next)):
        assert words
        assert words in head
    assert str(why.what) in timeline
    assert str(why.next) in timeline
    assert ("The server's own words <b>" in head) == (status == "failed")


@pytest.mark.parametrize("status", ["failed", "incomplete"])
def test_what_is_not_known_is_told_in_the_servers_own_words(waiting: Run, olga: Client, status: str) -> None:
    Run.objects.update(status=status, error_code="brand_new", error_message="The <moon> is full.")
    head = page(olga.get(waiting.get_absolute_url())).text("run-head")
    assert "The <moon> is full." in head
    assert "brand_new" in head
