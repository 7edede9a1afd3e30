"""Two readers settle the readings of a case, and a moderator confirms: by keys alone, and once without scripts."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlmodel import select

from casereader import readings
from casereader.db import transaction
from casereader.models import Account, DrawRecord
from tests.browser.harness import Browsing
from tests.browser.keys import Keys
from tests.browser.reading_room import ReadingRoom, reading_room
from tests.reading import complete, pair_of

ENDS = (320, 1280)
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def room(app: Flask, browsing: Browsing) -> Iterator[ReadingRoom]:
    """The reading room."""
    with reading_room(app, browsing) as made:
        yield made


def test_two_readers_settle_by_keys_and_without_scripts_and_a_moderator_confirms(room: ReadingRoom) -> None:
    with transaction(room.app.extensions["casereader_engine"]) as session:
        (record,) = session.exec(select(DrawRecord))
        pair = pair_of(session, record=record)
        readers = [session.get_one(Account, one.reviewer_id) for one in pair]
        for reading, reader, rating in zip(pair, readers, ("5", "3"), strict=True):
            found = readings.find(session, public_id=reading.public_id, account=reader)
            complete(session, found, room.instrument, by=reader, overrides={"C9": rating, "C10": "4", "D1": "yes"})
        first, second = (one.public_id for one in pair)

    one = Keys(room.browsing(room.address))
    one.sign_in(readers[0])
    one.visitor.visit(f"/readings/{first}/settle")
    says = one.page.locator("#settled-text")
    expect(says).to_have_text("0 of 1 questions have a choice; 1 is in dispute")
    other_answer = one.page.get_by_label("Another answer", exact=True)
    one.to(one.page.get_by_label("First: 5 Very good"))
    one.page.keyboard.press("Space")
    expect(says).to_contain_text("1 of 1 questions")
    one.page.keyboard.press("ArrowDown")
    expect(one.page.get_by_label("Second: 3 Adequate")).to_be_checked()
    one.page.keyboard.press("ArrowDown")
    expect(other_answer).to_be_checked()
    reason = one.page.get_by_label("Why, for C9")
    expect(reason).to_be_visible()
    one.to(one.page.get_by_label("The other answer to C9"))
    one.page.keyboard.type("4")
    one.write(reason, "It is analysed, but not all of it.")
    one.visitor.look_over("settle-readers", widths=ENDS)
    one.press("Propose this")
    expect(one.page.get_by_text("your proposal waits for the other reader")).to_be_visible()

    other = room.person(readers[1], java_script_enabled=False)
    other.visit("/readings")
    expect(other.page.get_by_text("a proposal waits for you")).to_be_visible()
    other.visit(f"/readings/{second}/settle")
    expect(other.page.get_by_label("Why, for C9")).to_have_value("It is analysed, but not all of it.")
    other.leave_by(other.page.get_by_role("button", name="Agree to all of it").first)
    expect(other.page.get_by_text("agreed by both")).to_be_visible()

    moderator = Keys(room.browsing(room.address))
    moderator.sign_in(room.cast.moderator)
    base = f"/inspections/{room.cast.place.inspection.public_id}/moderation"
    moderator.visitor.visit(f"{base}/{first}/settle")
    expect(moderator.page.get_by_text("Confirm it in one press")).to_be_visible()
    moderator.press("Confirm what both agreed")
    moderator.visitor.visit(f"{base}/{first}/settle")
    expect(moderator.page.get_by_role("heading", name="were settled")).to_be_visible()
    expect(moderator.page.get_by_text("Why: It is analysed, but not all of it.")).to_be_visible()
    moderator.visitor.look_over("settled", widths=ENDS)
    moderator.visitor.visit(f"/inspections/{room.cast.place.inspection.public_id}/unlocking/readings/{first}")
    expect(moderator.page.get_by_text("the consensus comes apart")).to_be_visible()
    moderator.visitor.look_over("unlock-ask", widths=ENDS)
    moderator.write(moderator.page.get_by_label("Why it should be opened again"), "A record turned up.")
    moderator.press("Ask that it be opened again")
    expect(moderator.page.get_by_text("Waits for a second person")).to_be_visible()
    moderator.visitor.look_over("unlocking", widths=ENDS)
