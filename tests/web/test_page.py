"""The page checks find what they are for: each fault is put into a sound page and must be named."""

import pytest

from tests.web.client import filled_in
from tests.web.page import Page

SOUND = """<!DOCTYPE html>
<html lang="en-GB"><head><meta charset="utf-8"><title>Upload a list – casereader</title></head>
<body><!-- a remark --><h1>Upload a list</h1><form method="post" action="/lists">
<input type="hidden" name="csrf_token" value="t0ken"><label for="name">Name</label>
<input id="name" name="name" value="Spring"><label>Size <select name="size"><option value="1">One</option>
<option value="2" selected>Two</option></select></label><label><input type="checkbox" name="kind" value="a" checked>
A</label><label><input type="checkbox" name="kind" value="b" checked>B</label><label for="note">Note</label>
<textarea id="note" name="note">
Long</textarea></form></body></html>"""

NARROW = """<table><caption>Cases</caption><tr><th rowspan="2">Case</th><th colspan="2">Readings</th></tr>
<tr><th>First</th><th>Second</th></tr><tr><td>A-1</td><td>Read</td></tr></table>"""


def test_a_sound_page_has_no_faults_and_fills_in_its_own_form() -> None:
    page = Page(SOUND)

    assert page.faults() == []
    assert page.heading == "Upload a list"
    assert filled_in(page.form("/lists")) == {
        "csrf_token": "t0ken",
        "name": "Spring",
        "size": "2",
        "kind": ["a", "b"],
        "note": "Long",
    }


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("</h1>", "</h1><h1>Again</h1>", "not one h1"),
        ("<title>Upload", "<title>Download", "does not match h1"),
        ("<h1>", '<p class="cr_title__caption">Glen, Spring</p><h1>', "does not say that it is of “Glen, Spring”"),
        ("</form>", "</form></div>", "strict parser"),
        (' lang="en-GB"', "", "no language"),
        ("</form>", '</form><p id="name">x</p>', "stands 2 times"),
        ('<label for="name">Name</label>', "", "name=name> has no label"),
        ('for="note"', 'for="notes"', "is for no field"),
        (' method="post"', "", "has no method"),
        (' value="t0ken"', "", "0 csrf tokens"),
        ("</form>", "</form><script>alert(1)</script>", "inline script"),
        ("<body>", "<body onload='x()'>", "inline handler onload"),
        ("<h1>", '<h1 style="color:red">', "inline style"),
        ("</form>", '</form><img src="x.png">', "without alternative text"),
        ("</form>", '</form><a href="#nowhere">Go</a>', "leads nowhere"),
        ('id="note"', 'id="note" aria-describedby="hint"', "names no element"),
        ("Name</label>", "Name nan</label>", "only a program would say"),
        ('value="Spring"', 'type="file"', "not multipart"),
        ("</form>", "</form>" + NARROW, "table “Cases” has rows of different width: [2, 3] cells"),
    ],
)
def test_each_fault_is_named(old: str, new: str, fault: str) -> None:
    assert old in SOUND

    faults = Page(SOUND.replace(old, new, 1)).faults()

    assert any(fault in found for found in faults), faults


def test_a_refused_form_needs_one_error_summary_and_any_other_page_none() -> None:
    summary = '<div class="ds_error-summary"><ul><li><a href="#name">Enter a name.</a></li></ul></div><form'
    refused = Page(SOUND.replace("<form", summary, 1), status=422)

    assert refused.faults() == []
    assert refused.errors == ["Enter a name."]
    assert "0 error summaries" in Page(SOUND, status=422).faults()[0]
    assert "1 error summaries" in Page(SOUND.replace("<form", summary, 1)).faults()[0]
