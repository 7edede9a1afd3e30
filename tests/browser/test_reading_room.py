"""One reading in a real browser: by keyboard, with the network cut, in two tabs, and what is missing at the end."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlmodel import select

from casereader import concerns, readings
from casereader.concerns import Told
from casereader.db import transaction
from casereader.models import Account, DrawRecord
from casereader.vocabulary import ConcernKind, ToldHow
from tests.browser.harness import Browsing, Visitor
from tests.browser.reading_room import ReadingRoom, reading_room
from tests.reading import STARTED, complete, given_to, pair_of
from tests.web.app import make_app


@pytest.fixture
def room(sqlite_url: str, tmp_path: Path, browsing: Browsing) -> Iterator[ReadingRoom]:
    app = make_app(sqlite_url, tmp_path)
    with reading_room(app, browsing) as made:
        yield made
    app.extensions["casereader_engine"].dispose()


def saved(visitor: Visitor) -> None:
    """Wait until the line says that all is saved."""
    expect(visitor.page.locator("#save-status")).to_contain_text("Saved at", timeout=15_000)


def press(visitor: Visitor, *keys: str) -> None:
    for key in keys:
        visitor.page.keyboard.press(key)


def test_two_sections_are_answered_by_keyboard_alone(room: ReadingRoom) -> None:
    reader = room.person(room.cast.reviewer)
    opened = room.given(room.cast.reviewer)[0]
    reader.visit(f"/readings/{opened.reading.public_id}/C")
    reader.page.locator("#a-C1").focus()
    press(reader, *("1", "Enter") * 8, "5", "Enter", "4")
    saved(reader)
    stored = room.stored(opened)
    assert [stored[f"C{number}"] for number in range(1, 11)] == ["yes"] * 8 + ["5", "4"]

    press(reader, "n")
    reader.page.keyboard.type("Chronology kept by social work to May.")
    press(reader, "Tab", "Space")
    reader.page.get_by_role("button", name="Save and go on").focus()
    press(reader, "Enter")
    expect(reader.page.get_by_role("heading", level=1)).to_have_text("D. Planning")
    reader.page.locator("#a-D1").focus()
    press(reader, "1", "Enter", "3", "n")
    reader.page.keyboard.type("Nobody is named for two of the outcomes.")
    saved(reader)
    stored = room.stored(opened)
    assert (stored["D1"], stored["D2"]) == ("yes", "no")


def test_a_cut_network_is_told_truthfully_and_nothing_is_lost(room: ReadingRoom) -> None:
    reader = room.person(room.cast.reviewer)
    reader.expect_complaint("ERR_INTERNET_DISCONNECTED")
    opened = room.given(room.cast.reviewer)[0]
    reader.visit(f"/readings/{opened.reading.public_id}/C")
    line = reader.page.locator("#save-status")

    reader.context.set_offline(True)
    reader.page.locator("#a-C9").focus()
    press(reader, "5")
    expect(line).to_have_text("Not saved yet. Trying again. 1 answer waiting")
    assert room.stored(opened) == {}
    press(reader, "Enter", "3")
    expect(line).to_have_text("Not saved yet. Trying again. 2 answers waiting")
    reader.context.set_offline(False)

    saved(reader)
    assert (room.stored(opened)["C9"], room.stored(opened)["C10"]) == ("5", "3")


def test_a_second_tab_is_told_and_never_writes_over_the_first(room: ReadingRoom) -> None:
    reader = room.person(room.cast.reviewer)
    reader.expect_complaint("409")
    opened = room.given(room.cast.reviewer)[0]
    path = f"/readings/{opened.reading.public_id}/C"
    reader.visit(path)
    other = reader.context.new_page()
    other.goto(room.address + path)
    other.locator("#a-C9").focus()
    other.keyboard.press("6")
    expect(other.locator("#save-status")).to_contain_text("Saved at")

    reader.page.locator("#a-C9").focus()
    press(reader, "2")

    line = reader.page.locator("#save-status")
    expect(line).to_contain_text("Not saved.")
    expect(line).to_contain_text(room.cast.reviewer.name)
    assert room.stored(opened)["C9"] == "6"


def test_skip_logic_follows_the_server(room: ReadingRoom) -> None:
    reader = room.person(room.cast.reviewer)
    opened = room.given(room.cast.reviewer)[0]
    reader.visit(f"/readings/{opened.reading.public_id}/H")
    recognised = reader.page.locator("#q-H4-recognised")
    expect(recognised).to_be_hidden()

    reader.page.locator("#a-H4-present").focus()
    press(reader, "3")

    expect(recognised).to_be_visible()
    assert room.stored(opened)["H4.present"] == "indicated"


def test_every_page_of_a_reading_reads_well(room: ReadingRoom) -> None:
    reader = room.person(room.cast.reviewer)
    reader.expect_complaint("422")
    opened = room.given(room.cast.reviewer)[0]
    base = f"/readings/{opened.reading.public_id}"
    for name in ("", "/not-readable", "/concern"):
        reader.visit(base + name)
        reader.look_over(f"reading{name.replace('/', '-') or '-tasks'}")
    reader.page.locator("a", has_text="All sections").first.click()
    reader.page.get_by_role("button", name="Start reading").click()
    for section in ("A", "C", "H", "J"):
        reader.visit(f"{base}/{section}")
        reader.look_over(f"reading-section-{section}")
    reader.visit(f"{base}/C")
    reader.page.locator("#a-C9").focus()
    press(reader, "2", "d")
    saved(reader)
    reader.page.evaluate("scrollTo(0, 0)")
    reader.look_over("reading-section-C-answered")
    reader.visit("/readings")
    reader.look_over("reading-list")
    for name in ("/check", "/history"):
        reader.visit(base + name)
        reader.look_over(f"reading{name.replace('/', '-')}")
    reader.visit(f"{base}/check")
    reader.page.get_by_label("I have read every record").check()
    reader.page.get_by_role("button", name="Submit the reading").click()
    expect(reader.page.locator("#error-summary")).to_contain_text("C10 Chronology: This is not answered yet.")
    reader.look_over("reading-refused")
    reader.page.locator("#error-summary").get_by_role("link", name="C10 Chronology").first.click()
    expect(reader.page).to_have_url(f"{room.address}{base}/C#q-C10")


def test_the_pages_of_moderation_read_well(room: ReadingRoom) -> None:
    with transaction(room.app.extensions["casereader_engine"]) as session:
        (record,) = session.exec(select(DrawRecord))
        for reading, rating in zip(pair_of(session, record=record), ("5", "3"), strict=True):
            account = session.get_one(Account, reading.reviewer_id)
            found = readings.find(session, public_id=reading.public_id, account=account)
            complete(session, found, room.instrument, by=account, overrides={"C9": rating, "D1": "cannot_tell"})
        first = pair_of(session, record=record)[0].public_id
        local = given_to(session, room.cast.local_reviewer)[0]
        complete(session, local, room.instrument, by=room.cast.local_reviewer)
        concern = concerns.raise_concern(
            session,
            opened=local,
            instrument=room.instrument,
            told=Told("The lead", ToldHow.IN_PERSON, "10.40"),
            kind=ConcernKind.IMMEDIATE,
            seen="Three entries name the same injury.",
            needed="A check today.",
            by=room.cast.local_reviewer,
            at=STARTED,
        ).public_id
    base = f"/inspections/{room.cast.place.inspection.public_id}"
    lead = room.person(room.cast.lead)
    pages = {
        "moderation": f"{base}/moderation",
        "moderation-reading": f"{base}/moderation/{first}",
        "moderation-settle": f"{base}/moderation/{first}/settle",
        "concerns": f"{base}/concerns",
        "concern": f"{base}/concerns/{concern}",
        "concern-paper": f"{base}/concerns/{concern}/paper",
    }
    for name, path in pages.items():
        lead.visit(path)
        lead.look_over(name)
    pair = room.person(room.cast.reviewer)
    pair.visit(f"{base}/countersigning/{local.reading.public_id}")
    pair.look_over("countersigning")


def test_a_section_is_answered_without_scripts(room: ReadingRoom) -> None:
    opened = room.given(room.cast.reviewer)[0]
    path = f"/readings/{opened.reading.public_id}/C"
    plain = room.person(room.cast.reviewer, java_script_enabled=False)
    plain.visit(path)
    plain.page.get_by_role("group", name="C9").get_by_label("5 Very good").check()
    plain.page.get_by_role("button", name="Save", exact=True).click()
    assert plain.page.get_by_role("group", name="C9").get_by_label("5 Very good").is_checked()
    assert room.stored(opened)["C9"] == "5"
