"""What the tests read out of a page, as Chromium would send it."""

from testing.html_page import Page

FORM = """
<form action="/here/" id="form">
  <input name="text" value="a"><input name="bare"><input value="no name"><input name="" value="no name">
  <input name="off" value="a" disabled><input type="submit" name="submit" value="a"><input type="file" name="file">
  <input type="checkbox" name="ticked" checked><input type="checkbox" name="unticked" value="a">
  <input type="radio" name="radio" value="a"><input type="radio" name="radio" value="b" checked>
  <textarea name="lines">\n\n  a &amp; b\n</textarea>
  <select name="first"><option value="a" disabled>A<option value="b">B<option value="c">C</select>
  <select name="marked"><option>a<optgroup label="g"><option selected> b  c </option></optgroup></select>
  <select name="nothing"><option value="a" selected disabled>Choose<option value="b">B</select>
  <select name="several" multiple><option value="a">A<option value="b" selected>B<option selected>c</select>
  <select name="none" multiple><option value="a">A</select>
  <fieldset disabled><legend><input name="in_legend" value="a"></legend>
    <input name="shut" value="a"><fieldset><textarea name="further_in">a</textarea></fieldset></fieldset>
  <input name="elsewhere" form="other" value="a"><button name="act" value="go">Go</button>
</form>
<form id="other" action="/there/"></form>
<input name="outside" form="form" value="a">
"""
SENT = {"text": "a", "bare": "", "ticked": "on", "radio": "b", "lines": "\n  a & b\n", "first": "b", "marked": "b c"}
SENT |= {"several": "c", "in_legend": "a", "outside": "a"}


def test_a_form_sends_what_a_browser_sends() -> None:
    assert Page(FORM).sends("/here/") == SENT
    assert Page(f"<!doctype html>{FORM}").sends("/there/") == {"elsewhere": "a"}
    assert Page(FORM).form("/here/").lists["several"] == ["b", "c"]
    assert Page(FORM).form("/here/").buttons == {"submit": "a", "act": "go"}


def test_a_piece_may_be_a_row_of_a_table() -> None:
    row = Page('<tr id="row"><td>a</td></tr><tr id="next"></tr>')
    assert [each.attributes.get("id") for each in row.elements if each.within is None] == ["row", "next"]
    assert row.one("td").inside(row.one(id="row"))
    assert not row.one("td").inside(row.one(id="next"))
