"""The form reports when it is used, and only then."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.harness import Browsing
from tests.browser.reading_room import ReadingRoom, reading_room
from tests.web.app import make_app


@pytest.fixture
def room(sqlite_url: str, tmp_path: Path, browsing: Browsing) -> Iterator[ReadingRoom]:
    app = make_app(sqlite_url, tmp_path)
    with reading_room(app, browsing) as made:
        yield made
    app.extensions["casereader_engine"].dispose()


def test_a_minute_in_which_nothing_is_touched_is_not_reported(room: ReadingRoom) -> None:
    reader = room.person(room.cast.reviewer)
    opened = room.given(room.cast.reviewer)[0]
    sent: list[str] = []
    reader.page.on("request", lambda one: sent.append(one.url) if one.url.endswith("/active") else None)
    reader.page.clock.install()
    reader.visit(f"/readings/{opened.reading.public_id}/check")

    reader.page.clock.run_for(180_000)
    assert sent == []

    with reader.page.expect_response("**/active") as answer:
        reader.page.keyboard.press("Tab")
        reader.page.clock.run_for(61_000)

    assert answer.value.ok and answer.value.json() == {"minutes": 0}
    expect(reader.page.get_by_text("Measured on this record so far: 0 minutes.")).to_be_visible()
