"""A computed rating in a real browser: it follows the answers at once, and an override stands beside it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from casereader.db import transaction
from tests import sampled
from tests.browser.harness import Browsing
from tests.browser.reading_room import ReadingRoom
from tests.browser.server import serving
from tests.cast import gather
from tests.web.app import make_app

GROUPS = {"foster_1": 5, "foster_2": 5, "foster_3": 5, "foster_4": 5, "in_home": 20}


@pytest.fixture
def room(sqlite_url: str, tmp_path: Path, browsing: Browsing) -> Iterator[ReadingRoom]:
    """The cast at work on the CFSR-style instrument."""
    app = make_app(sqlite_url, tmp_path)
    instrument = app.extensions["casereader_instruments"]["CFSR-style"]
    with transaction(app.extensions["casereader_engine"]) as session:
        cast = gather(session, instrument=instrument, evaluated=("S1", "S2"))
        sampled.assign(session, cast, instrument, to=[cast.reviewer], groups=GROUPS)
    with serving(app, browsing) as server:
        yield ReadingRoom(app, cast, instrument, server, browsing)
    app.extensions["casereader_engine"].dispose()


def test_a_rating_follows_the_answers_and_an_override_stands_beside_it(room: ReadingRoom) -> None:
    reader = room.person(room.cast.reviewer)
    opened = room.given(room.cast.reviewer)[0]
    reader.visit(f"/readings/{opened.reading.public_id}/S1")
    item, outcome = (reader.page.locator(f"[data-rating={key}]") for key in ("item1", "safety1"))
    expect(item).to_contain_text("Not yet: it follows once every answer it rests on is given.")

    reader.page.locator("#a-Q1A").focus()
    for key in ("1", "Enter", "2"):
        reader.page.keyboard.press(key)
    expect(item.locator("[data-computed]")).to_have_text("Area needing improvement")
    expect(outcome.locator("[data-computed]")).to_have_text("Not achieved")

    reader.page.locator("#q-item1-override").get_by_text("Strength", exact=True).click()
    reader.page.locator("#n-item1-override").fill("Seen on the next morning, as the county's rules allow.")
    expect(item.locator("[data-standing]")).to_have_text(
        "Strength stands in its place. Reason: Seen on the next morning, as the county's rules allow."
    )
    expect(outcome.locator("[data-computed]")).to_have_text("Substantially achieved")
    expect(reader.page.locator("#save-status")).to_contain_text("Saved at")
    assert room.stored(opened)["item1.override"] == "strength"

    reader.visit(f"/readings/{opened.reading.public_id}/check")
    expect(reader.page.locator("#r-item1")).to_contain_text(
        "Computed: Area needing improvement. Strength stands in its place."
    )
    expect(reader.page.locator("#r-item2-override")).to_have_count(0)
    reader.look_over("computed ratings on the check")
    reader.visit(f"/readings/{opened.reading.public_id}/S1")
    reader.look_over("computed ratings in a section", within="#q-item1")
