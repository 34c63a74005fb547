"""What changed between two texts, as people see it."""

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistants_app.templatetags.diff import MOST_WORDS, diff
from testing.generation import EXAMPLES


def sides(html: str) -> tuple[str, str]:
    """The old and the new text that a difference was made of."""
    inner = re.sub(r"<summary>.*?</summary>", "", html)
    texts = [re.sub(f"<{tag}>.*?</{tag}>", "", inner, flags=re.DOTALL) for tag in ("ins", "del")]
    return tuple(re.sub(r"<[^>]+>", "", text) for text in texts)  # type: ignore[return-value]


def test_it_marks_the_words_that_changed() -> None:
    html = diff("Never promise a refund.\n", "Always promise a small refund.\n")
    assert "<del>Never</del><ins>Always</ins> promise a" in html
    assert html.count("<ins>") == 2


def test_it_escapes_both_texts() -> None:
    html = diff("<script>", "<img onerror=x>")
    assert "<script" not in html
    assert "<img" not in html


def test_it_folds_what_stayed() -> None:
    same = "".join(f"line {number}\n" for number in range(100))
    html = diff(f"{same}old\n{same}", f"{same}new\n{same}")
    assert html.count("<summary>97 lines as before</summary>") == 2


def test_it_shows_a_rewritten_text_as_replaced() -> None:
    old, new = ("a " * (MOST_WORDS + 1)).strip(), ("b " * (MOST_WORDS + 1)).strip()
    assert f"<del>{old}</del><ins>{new}</ins>" in diff(old, new)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text("ab \n,", max_size=60), st.text("ab \n,", max_size=60))
def test_both_texts_are_in_it_to_the_letter(old: str, new: str) -> None:
    assert sides(diff(old, new)) == (old, new)
