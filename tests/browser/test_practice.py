"""A practice case in a real browser: answered with the keys of the real form, then beside the model answers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from casereader import practice
from casereader.db import transaction
from casereader.practice import PracticeCase
from casereader.readings import Change
from tests.browser.harness import NARROW, WIDE, Browsing
from tests.browser.reading_room import ReadingRoom, reading_room
from tests.reading import STARTED
from tests.web.app import make_app


@pytest.fixture
def room(sqlite_url: str, tmp_path: Path, browsing: Browsing) -> Iterator[ReadingRoom]:
    app = make_app(sqlite_url, tmp_path)
    with reading_room(app, browsing) as made:
        yield made
    app.extensions["casereader_engine"].dispose()


def test_a_practice_case_is_answered_by_keys_and_compared(room: ReadingRoom) -> None:
    case: PracticeCase = room.app.extensions["casereader_practice"]["practice-1"]
    reader = room.person(room.cast.reviewer)
    page = reader.page
    reader.visit("/readings")
    for link in ("Practice cases", case.title, "Answer the sections"):
        reader.leave_by(page.get_by_role("link", name=link))
    page.locator("#a-C1").focus()
    for key in (*("1", "Enter") * 2, "3"):
        page.keyboard.press(key)
    reader.look_over("practice-section", widths=(WIDE, NARROW))
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    with page.expect_event("dialog"):
        page.get_by_role("link", name="Practice cases").click()
    assert asked == ["beforeunload"], "what is not saved is not dropped without asking"
    reader.leave_by(page.get_by_role("button", name="Save", exact=True).first)
    expect(page.locator("#q-C3").get_by_label("No", exact=True)).to_be_checked()

    changes: dict[str, Change] = {
        key: {"value": one.value, "note": one.note, "sources": one.sources} for key, one in case.model.items()
    }
    with transaction(room.app.extensions["casereader_engine"]) as session:
        practice.save(session, account=room.cast.reviewer, case=case, changes=changes, version=2, at=STARTED)
    reader.visit("/practice/practice-1/check")
    reader.leave_by(page.get_by_role("button", name="Submit and see the model answers"))

    expect(page.get_by_text(f"{len(case.model)} of your {len(case.model)} answers")).to_be_visible()
    reader.look_over("practice-model-answers", widths=(WIDE, NARROW))
