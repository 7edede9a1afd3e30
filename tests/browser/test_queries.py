"""Queries in a real browser, by keyboard alone and without scripts: asked, found, answered by a change, resolved."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from casereader import readings
from casereader.db import transaction
from casereader.vocabulary import ReadingState
from tests.browser.harness import NARROW, WIDE, Browsing
from tests.browser.keys import Keys
from tests.browser.reading_room import ReadingRoom, reading_room
from tests.reading import complete
from tests.web.app import make_app

ENDS = (WIDE, NARROW)


@pytest.fixture
def room(sqlite_url: str, tmp_path: Path, browsing: Browsing) -> Iterator[ReadingRoom]:
    """The served app with the cast's sample dealt out."""
    app = make_app(sqlite_url, tmp_path)
    with reading_room(app, browsing) as made:
        yield made
    app.extensions["casereader_engine"].dispose()


@pytest.mark.parametrize("scripts", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_a_moderator_asks_and_the_reader_changes_the_answer_by_keys_alone(room: ReadingRoom, scripts: bool) -> None:
    opened = room.given(room.cast.reviewer)[0]
    with transaction(room.app.extensions["casereader_engine"]) as session:
        mine = readings.find(session, public_id=opened.reading.public_id, account=room.cast.reviewer)
        complete(session, mine, room.instrument, by=room.cast.reviewer, overrides={"C9": "5"})
    moderator = Keys(room.browsing(room.address, java_script_enabled=scripts))
    moderator.sign_in(room.cast.moderator)
    home = f"/inspections/{room.cast.place.inspection.public_id}"
    moderator.visitor.visit(f"{home}/moderation/{opened.reading.public_id}")
    moderator.follow("Ask about this answer: C9")
    moderator.write(moderator.page.get_by_label("Your question"), "Which entries show that?")
    moderator.press("Ask about this answer")
    expect(moderator.page.locator("#r-C9")).to_contain_text("Which entries show that?")

    reader = Keys(room.browsing(room.address, java_script_enabled=scripts))
    reader.sign_in(room.cast.reviewer)
    reader.follow("Answer a query")
    reader.follow("Go to the question")
    expect(reader.page.locator("#r-C9")).to_contain_text("Waits for you")
    reader.follow("Answer the query about C9")
    if scripts:
        reader.visitor.look_over("query-to-answer", widths=ENDS)
    reader.press("Change the answer")
    expect(reader.page).to_have_url(f"{room.address}/readings/{opened.reading.public_id}/C#q-C9")
    expect(reader.page.locator("#q-C9")).to_be_in_viewport()
    if scripts:
        with reader.page.expect_response("**/answers"):
            reader.page.locator("#q-C9 input[value='4']").focus()
            reader.page.keyboard.press("4")
    else:
        reader.to(reader.page.locator("#q-C9 input[value='5']"))
        reader.page.keyboard.press("ArrowRight")
        expect(reader.page.locator("#q-C9 input[value='4']")).to_be_checked()
        reader.press("Save and go on")
    reader.visitor.visit(f"/readings/{opened.reading.public_id}/check")
    reader.tick(reader.page.get_by_label("I have read every record"))
    reader.press("Submit the reading")

    moderator.visitor.visit("/")
    moderator.follow("Look at a query")
    moderator.follow("Look at C9 of")
    expect(moderator.page.get_by_text("The answer was 5 Very good, and is 4 Good now.")).to_be_visible()
    if scripts:
        moderator.visitor.look_over("query-answered", widths=ENDS)
    moderator.press("Resolve this query")
    expect(moderator.page.locator("#r-C9")).to_contain_text("Resolved by")
    if scripts:
        moderator.visitor.look_over("query-beside-its-answer", widths=ENDS)
    moderator.press("Sign this reading off")
    expect(moderator.page.get_by_text("The reading is signed off.")).to_be_visible()
    assert room.state(opened) is ReadingState.SIGNED_OFF
    moderator.visitor.visit(f"{home}/queries")
    expect(moderator.page.get_by_text("No query waits for you.")).to_be_visible()
    if scripts:
        moderator.visitor.look_over("queries", widths=ENDS)
