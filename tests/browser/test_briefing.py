"""The morning briefing in a browser: it reads well wide and narrow, and each section is a page on paper."""

import pytest
from flask import Flask
from sqlmodel import select

from casereader import readings
from casereader.db import transaction
from casereader.models import Account, DrawRecord
from tests.browser.harness import NARROW, WIDE, Browsing
from tests.browser.reading_room import ReadingRoom, reading_room
from tests.reading import complete, pair_of

RATED = ({"C9": "5", "C10": "5", "D11": "5", "E7": "4"}, {"C9": "3", "C10": "3", "D11": "3", "E7": "3"})


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_briefing_can_stand_in_the_room_and_lie_on_the_table(app: Flask, browsing: Browsing) -> None:
    with reading_room(app, browsing) as room:
        _read_twice(room)
        moderator = room.person(room.cast.moderator)
        page = moderator.page
        page.get_by_role("link", name="Prepare the morning briefing").click()
        page.get_by_role("heading", name="C10 Chronology").wait_for()
        moderator.look_over("briefing", widths=(WIDE, NARROW))

        paper = page.pdf(format="A4")
        assert paper.count(b"/Type /Page\n") == 3, "assessment, planning and review"
        page.emulate_media(media="print")
        assert not page.get_by_role("link", name="Settle it").first.is_visible()
        assert page.get_by_text("Strengths just outweigh weaknesses.").first.is_visible()


def _read_twice(room: ReadingRoom) -> None:
    with transaction(room.app.extensions["casereader_engine"]) as session:
        pair = pair_of(session, record=session.exec(select(DrawRecord)).one())
        for reading, ratings in zip(pair, RATED, strict=True):
            reader = session.get_one(Account, reading.reviewer_id)
            opened = readings.find(session, public_id=reading.public_id, account=reader)
            complete(session, opened, room.instrument, by=reader, overrides=ratings)
