"""The whole CRR-1 form in little room: at twice the zoom, in forced colours, on a narrow screen, and no word broken."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.focus import UNSEEN
from tests.browser.harness import AXE_TAGS, NARROW, WIDE, Browsing, Visitor, axe, overflows
from tests.browser.reading_room import ReadingRoom, reading_room
from tests.web.app import make_app

ZOOMED = {"width": 640, "height": 450}  # what 1280 × 900 leaves at 200%

# Brings a part of the reading into view as its link does, with all that folds in it open.
SHOW = """name => {
  const root = document.querySelector("[data-base]");
  const path = name === "tasks" ? root.dataset.base : `${root.dataset.base}/${name}`;
  root.querySelector(`[data-sections] a[href="${path}"]`).click();
  const view = root.querySelector(`[data-view="${name}"]`);
  for (const one of view.querySelectorAll("details")) one.open = true;
  return !view.hidden;
}"""

# What can be pressed in the part in view and is lower than a finger needs; what stands in a line of words may be.
LOW = """name => [...document.querySelector(`[data-view="${name}"]`).querySelectorAll(
  ".cr_cells label, .cr_ticks label, .cr_item__history, summary, select, button")]
  .map(one => [one.getBoundingClientRect().height, one])
  .filter(([height]) => height > 0 && height < 44)
  .map(([height, one]) => `${Math.round(height)} px high: ${one.textContent.trim().slice(0, 40)}`)"""

# Where axe is to look in the part in view: at the first question of each kind, since one macro makes them all; nowhere,
# where the parts before had all of its kinds; and at the whole of a part without questions.
FIRST_OF_A_KIND = """name => {
  const view = `[data-view="${name}"]`;
  window.kinds = name === "tasks" ? new Set() : window.kinds;
  for (const item of document.querySelectorAll(`${view} .cr_item`)) {
    const kind = [...item.querySelectorAll("*")].map(one => `${one.localName}.${one.className}`);
    const key = [...new Set(kind)].join(" ");
    if (window.kinds.has(key) || !item.getClientRects().length) continue;
    window.kinds.add(key);
    item.dataset.first = "";
  }
  if (!document.querySelector(`${view} .cr_item`)) return view;
  return document.querySelector(`${view} [data-first]`) ? `${view} [data-first]` : null;
}"""
AS_LAID_OUT = ("color-contrast", "target-size")  # of a section's parts, all rules are asked once, when it is narrow
RULES = {WIDE: AS_LAID_OUT, NARROW: AXE_TAGS}

# The words of the scales that stand on more than one line, at each width, with every question shown.
BROKEN = """() => {
  const found = [];
  for (const words of document.querySelectorAll(".cr_cells span")) {
    const text = words.firstChild;
    for (const {index, 0: word} of text.data.matchAll(/\\S+/g)) {
      const range = document.createRange();
      range.setStart(text, index);
      range.setEnd(text, index + word.length);
      const lines = new Set([...range.getClientRects()].map(one => Math.round(one.top)));
      if (lines.size !== 1) found.push(`${word}: ${lines.size} lines`);
      const {left, right} = range.getBoundingClientRect(), cell = words.closest("label").getBoundingClientRect();
      if (left < cell.left || right > cell.right) found.push(`${word}: out of its cell`);
    }
  }
  return [...new Set(found)];
}"""
SHOW_ALL = """() => {
  for (const one of document.querySelectorAll("[data-view], [data-view] [data-key], [data-view] [data-section]"))
    one.hidden = false;
}"""
SPACED = """spaced => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: 0.12em !important;"
    + " word-spacing: 0.16em !important; }");
  document.adoptedStyleSheets = spaced ? [sheet] : [];
}"""


@pytest.fixture
def room(sqlite_url: str, tmp_path: Path, browsing: Browsing) -> Iterator[ReadingRoom]:
    app = make_app(sqlite_url, tmp_path)
    with reading_room(app, browsing) as made:
        yield made
    app.extensions["casereader_engine"].dispose()


def opened(room: ReadingRoom, **options: Any) -> tuple[Visitor, str]:
    """A reader with a reading begun, and its address."""
    reader = room.person(room.cast.reviewer, **options)
    base = f"/readings/{room.given(room.cast.reviewer)[0].reading.public_id}"
    reader.visit(base)
    reader.leave_by(reader.page.get_by_role("button", name="Start reading"))
    return reader, base


@pytest.mark.slow
def test_every_part_of_a_reading_fits_at_twice_the_zoom_and_is_seen_in_forced_colours(room: ReadingRoom) -> None:
    reader, _ = opened(room, device_scale_factor=2)
    page = reader.page
    page.set_viewport_size(ZOOMED)
    parts = ["tasks", *(section.id for section in room.instrument.sections), "check"]
    found = []
    for part in parts:
        assert page.evaluate(SHOW, part), part
        found += [f"{part}: {one}" for one in overflows(page) + overflows(page, spaced=True)]
        reader.picture(f"zoomed-{part}")
    page.emulate_media(forced_colors="active")
    for part in parts:
        page.evaluate(SHOW, part)
        found += [f"{part}: {one}" for one in page.evaluate(UNSEEN, f'[data-view="{part}"]')]
    for bar in (".cr_identity", ".cr_notes"):
        found += [f"{bar}: {one}" for one in page.evaluate(UNSEEN, bar)]
    page.emulate_media(forced_colors="none")
    for width in (WIDE, NARROW):
        page.set_viewport_size({"width": width, "height": 900})
        for part in parts:
            page.evaluate(SHOW, part)
            found += [f"{part} at {width} px: {one}" for one in page.evaluate(LOW, part)]
            if within := page.evaluate(FIRST_OF_A_KIND, part):
                found += [f"{part} at {width} px: {one}" for one in axe(page, within=within, only=RULES[width])]
        page.evaluate(
            "() => document.querySelectorAll('[data-first]').forEach(one => one.removeAttribute('data-first'))"
        )
    assert not found, "\n".join(found)


def test_no_word_of_a_scale_is_broken_at_any_width_or_setting(room: ReadingRoom) -> None:
    reader, base = opened(room)
    page = reader.page
    found = broken_words(reader)
    reader.visit("/settings")
    for words in ("More space", "Larger text"):
        page.get_by_label(words).check()
    reader.leave_by(page.get_by_role("button", name="Save the settings"))
    reader.visit(f"{base}/C")
    found += broken_words(reader)
    assert not found, "\n".join(found)


def broken_words(reader: Visitor) -> list[str]:
    """The words of the scales that are broken in a row of cells, as the page stands and with its text spaced."""
    reader.page.evaluate(SHOW_ALL)
    found = []
    for spaced in (False, True):
        reader.page.evaluate(SPACED, spaced)
        for width in (1024, 1099, 1180, 1200, 1240, 1265, 1280):
            reader.page.set_viewport_size({"width": width, "height": 900})
            found += [f"at {width} px{', spaced' if spaced else ''}: {one}" for one in reader.page.evaluate(BROKEN)]
    return found


def hold_to_a_fifth(page: Page) -> None:
    """Hold what stays in view of a page of 640 pixels to a fifth of them, at its top and at its foot."""
    page.evaluate("scrollTo(0, 2000)")
    bars = [page.locator(name).bounding_box() for name in (".cr_identity", ".cr_notes")]
    assert sum(box["height"] for box in bars if box) <= 640 / 5
    assert [bars[0] and bars[0]["y"], bars[1] and bars[1]["y"] + bars[1]["height"]] == [0, 640]


def test_the_bars_leave_four_fifths_of_a_narrow_screen_and_keep_their_labels(room: ReadingRoom) -> None:
    reader, base = opened(room)
    page = reader.page
    reader.visit(f"{base}/C")
    story, notes = page.get_by_label("The child’s story"), page.get_by_label("Running notes")
    for text in (story, notes):
        box = text.bounding_box()
        assert box is not None and box["y"] + box["height"] <= 900, "both are in view before anybody scrolls"
    notes.fill("Seen alone in May.\n" * 60)
    expect(story).to_be_in_viewport(ratio=1)
    expect(page.locator("#save-status")).to_contain_text("Saved at")

    page.set_viewport_size({"width": 320, "height": 640})
    hold_to_a_fifth(page)
    page.clock.set_fixed_time(datetime.now(UTC) + timedelta(days=1))
    reader.visit(f"{base}/C")
    expect(page.locator("#save-status")).to_contain_text(f", {datetime.now(UTC):%-d %b} ")
    hold_to_a_fifth(page)
    for path in (f"{base}/C", f"{base}/history", f"{base}/concern"):
        reader.visit(path)
        bar = page.get_by_role("region", name="This case")
        expect(bar.get_by_text("Stratum")).to_be_hidden()
        bar.get_by_text("About the case").click()
        for label in ("Stratum", "Reading period", "Records"):
            box = bar.get_by_text(label, exact=True).bounding_box()
            assert box is not None and box["width"] > 20 and box["height"] > 10, label
        expect(bar).to_contain_text("not said yet: Social work")
    reader.visit(f"{base}/history")
    table = page.get_by_role("region", name="Changes of answers")
    assert table.evaluate("one => one.scrollWidth <= one.clientWidth"), "the history folds"
