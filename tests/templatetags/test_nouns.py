"""What is said of nouns, and what scripts say."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string

from assistants_app.templatetags.nouns import copy_id_of, copy_raw_of, name_of, raw_of

SCRIPTS = Path(settings.BASE_DIR) / "static" / "js"
SAID = re.compile(r'\bsay\("([\w-]+)"|"((?:time|days|hours|minutes|seconds)-[a-z]+)"')


def test_each_noun_has_its_sentences() -> None:
    assert [copy_id_of("run"), raw_of("run"), raw_of("raw run")] == ["Copy the run's id", "Raw run", "Raw run"]
    assert [copy_raw_of("raw run"), name_of("tool call")] == ["Copy the raw run", "Tool call"]
    assert raw_of("what the server said") == "What the server said"


def test_a_noun_that_is_not_known_is_shown_as_it_is() -> None:
    assert name_of("invoice") == "Invoice"
    assert [copy_id_of("invoice"), raw_of("invoice")] == ["Copy the id", "Raw object"]


@pytest.mark.parametrize("script", sorted(SCRIPTS.glob("*.js")), ids=lambda path: path.stem)
def test_the_page_has_what_a_script_says(script: Path) -> None:
    words = set(re.findall(r'data-word="([\w-]+)"', render_to_string("shell/_words.html")))
    said = {one or other for one, other in SAID.findall(script.read_text())}
    assert {name for name in said if not {name, f"{name}-1"} & words} == set()
