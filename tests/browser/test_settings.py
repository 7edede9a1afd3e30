"""A reader's own settings in a real browser: they do what they say, and no word is cut off by any of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.harness import NARROW, WIDE, Browsing
from tests.browser.reading_room import ReadingRoom, reading_room
from tests.web.app import make_app

# What would move on the page as it stands: by a transition, an animation, or scrolling softly.
MOVES = """() => [...document.querySelectorAll("*")].filter(one => {
  const {transitionDuration, animationName, scrollBehavior} = getComputedStyle(one);
  return parseFloat(transitionDuration) > 0 || animationName !== "none" || scrollBehavior === "smooth";
}).map(one => one.className)"""


@pytest.fixture
def room(sqlite_url: str, tmp_path: Path, browsing: Browsing) -> Iterator[ReadingRoom]:
    app = make_app(sqlite_url, tmp_path)
    with reading_room(app, browsing) as made:
        yield made
    app.extensions["casereader_engine"].dispose()


def test_every_setting_at_once_leaves_the_form_whole_without_scripts(room: ReadingRoom) -> None:
    reader = room.person(room.cast.reviewer, java_script_enabled=False)
    opened = room.given(room.cast.reviewer)[0]
    section = f"/readings/{opened.reading.public_id}/C"
    reader.visit(section)
    row = reader.page.locator("#q-C9 .cr_cells")
    text = reader.page.locator("#q-C9 .cr_item__label")
    as_row, plain = row.bounding_box(), text.evaluate("one => parseFloat(getComputedStyle(one).fontSize)")

    assert reader.page.evaluate(MOVES)

    reader.leave_by(reader.page.get_by_role("link", name="Your settings"))
    for words in ("as a list", "More space", "Larger text", "No movement"):
        reader.page.get_by_label(words).check()
    reader.leave_by(reader.page.get_by_role("button", name="Save the settings"))
    expect(reader.page.get_by_text("Your settings are saved")).to_be_visible()
    reader.visit(section)
    as_list = row.bounding_box()

    assert as_row is not None and as_list is not None
    assert as_row["height"] < as_row["width"] / 5 and as_list["height"] > as_row["height"] * 3
    assert reader.page.evaluate(MOVES) == []
    style = "one => [parseFloat(getComputedStyle(one).fontSize), getComputedStyle(one).letterSpacing]"
    size, spacing = text.evaluate(style)
    assert size == pytest.approx(plain * 1.25) and spacing != "normal"


def test_the_settings_and_a_section_under_them_read_well(room: ReadingRoom) -> None:
    reader = room.person(room.cast.reviewer)
    reader.visit("/settings")
    reader.look_over("settings", widths=(WIDE, NARROW))
    for words in ("as a list", "More space", "Larger text", "No movement"):
        reader.page.get_by_label(words).check()
    reader.leave_by(reader.page.get_by_role("button", name="Save the settings"))
    opened = room.given(room.cast.reviewer)[0]
    reader.visit(f"/readings/{opened.reading.public_id}/C")

    reader.look_over("section-with-every-setting", widths=(WIDE, NARROW))
