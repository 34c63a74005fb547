"""JSON that a model wrote, as people see it."""

import json

from assistants_app.templatetags.tree import LONG_STRING, MOST_ITEMS, indented, tree


def test_it_escapes_keys_and_values() -> None:
    html = tree(json.dumps({"<b>": "<script>alert(1)</script>"}))
    assert "<script" not in html
    assert "&lt;b&gt;" in html


def test_it_shows_what_is_no_json_as_it_is() -> None:
    assert '{"half": ' in tree('{"half": ').replace("&quot;", '"')


def test_it_can_be_sent_with_half_a_surrogate_pair() -> None:
    assert tree('{"a": "\\ud800"}').encode()
    assert indented('{"a": "\\ud800"}').encode()


def test_it_folds_a_long_string_and_keeps_all_of_it() -> None:
    html = tree(json.dumps({"text": "x" * LONG_STRING + "y" * 50}))
    assert "<details" in html
    assert html.count("y") >= 50


def test_it_says_how_many_items_it_left_out() -> None:
    assert "3 more" in tree(json.dumps(list(range(MOST_ITEMS + 3))))


def test_it_survives_any_depth() -> None:
    assert tree("[" * 900 + "]" * 900)
    assert tree("[" * 100_000)


def test_it_tells_empty_from_missing() -> None:
    html = tree('{"a": "", "b": null, "c": [], "d": {}}')
    assert all(shown in html for shown in ("empty", "null", "[]", "{}"))
