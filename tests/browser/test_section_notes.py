"""Beside the questions of a section, with scripts: what it lacks, and one note for several questions."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.harness import Browsing
from tests.browser.reading_room import ReadingRoom, reading_room
from tests.reading import NOTE
from tests.web.app import make_app


@pytest.fixture
def room(sqlite_url: str, tmp_path: Path, browsing: Browsing) -> Iterator[ReadingRoom]:
    """The served app with the cast's sample dealt out."""
    app = make_app(sqlite_url, tmp_path)
    with reading_room(app, browsing) as made:
        yield made
    app.extensions["casereader_engine"].dispose()


def test_a_section_lists_what_it_lacks_and_a_question_takes_the_note_of_another(room: ReadingRoom) -> None:
    reviewer = room.person(room.cast.reviewer)
    opened = room.given(room.cast.reviewer)[0]
    reviewer.visit(f"/readings/{opened.reading.public_id}/C")
    page = reviewer.page
    section = page.locator("[data-view=C]")
    lacks = section.locator("[data-lacking]")
    expect(lacks).to_be_hidden()

    section.locator("#q-C1").get_by_label("No", exact=True).check()
    expect(lacks.locator("summary")).to_contain_text("What is missing in this section: ")
    lacks.locator("summary").click()
    expect(lacks.get_by_role("link", name="C1: “No” needs a note")).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 900})
    section.locator("#q-C9 input[type=radio]").first.focus()
    page.keyboard.press("n")
    page.keyboard.type("Jack’s")
    expect(section.locator("#w-C9")).to_contain_text("looks like a name")
    box = section.locator("#n-C9").bounding_box()
    assert box is not None and box["y"] >= 0 and box["y"] + box["height"] <= 900, "the note is wholly in view"
    section.locator("#n-C9").fill(NOTE)
    page.keyboard.press("Control+Enter")
    expect(section.locator("#q-C9 [name='C9__sources']").first).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(section.locator("#q-C9 [name='C9__sources']").first).not_to_be_focused()
    section.locator("#n-C1").evaluate("note => { note.closest('details').open = true; }")
    section.locator("#s-C1").fill("C9")
    section.locator("#s-C1").press("Tab")

    expect(section.locator("#n-C1")).to_have_value("see C9")
    expect(lacks.get_by_role("link", name="C1: “No” needs a note")).to_have_count(0)
    expect(page.locator("#save-status")).to_contain_text("Saved at")
    reviewer.picture("section-lacks")
    section.locator("#s-C9").fill("C1")
    section.locator("#s-C9").press("Tab")
    expect(section.get_by_role("status").filter(has_text="has a note of its own")).to_be_visible()
    expect(section.locator("#n-C9")).to_have_value(NOTE)
