"""A rescue file in a real browser, where its way is not the usual one, which is part of a whole reading's story."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.harness import Browsing, Visitor
from tests.browser.reading_room import ReadingRoom, close, reading_room
from tests.web.app import make_app


@pytest.fixture
def room(sqlite_url: str, tmp_path: Path, browsing: Browsing) -> Iterator[ReadingRoom]:
    app = make_app(sqlite_url, tmp_path)
    with reading_room(app, browsing) as made:
        yield made
    app.extensions["casereader_engine"].dispose()


def save_rescue_file(visitor: Visitor, folder: Path) -> Path:
    with visitor.page.expect_download() as coming:
        visitor.page.get_by_role("button", name="Save a rescue file").press("Enter")  # the bar grows and shrinks
    path = folder / coming.value.suggested_filename
    coming.value.save_as(path)
    return path


def bring_in(visitor: Visitor, path: Path) -> None:
    visitor.page.get_by_label("Rescue file").set_input_files(path)
    visitor.leave_by(visitor.page.get_by_role("button", name="See what is in it"))
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("What the rescue file holds")


def test_a_rescue_file_is_brought_in_without_scripts(room: ReadingRoom, tmp_path: Path) -> None:
    reader = room.person(room.cast.reviewer)
    reader.expect_complaint("ERR_INTERNET_DISCONNECTED")
    opened = room.given(room.cast.reviewer)[0]
    reader.visit(f"/readings/{opened.reading.public_id}/C")
    reader.context.set_offline(True)
    reader.page.locator("#a-C9").focus()
    reader.page.keyboard.press("5")
    save_rescue_file(reader, tmp_path)
    said = reader.page.locator("#rescue").get_by_role("status")
    reader.page.locator("#a-C10").focus()
    reader.page.keyboard.press("4")
    expect(said).to_have_text("You have written more since: save another rescue file.")
    path = save_rescue_file(reader, tmp_path)
    close(reader)

    plain = room.person(room.cast.reviewer, java_script_enabled=False)
    plain.visit(f"/readings/{opened.reading.public_id}/rescue")
    bring_in(plain, path)
    plain.leave_by(plain.page.get_by_role("button", name="Save to the reading"))

    expect(plain.page.get_by_text("2 answers are saved from the rescue file.")).to_be_visible()
    assert room.stored(opened)["C9"] == "5"


def test_somebody_signed_out_can_save_what_waits(room: ReadingRoom, tmp_path: Path) -> None:
    reader = room.person(room.cast.reviewer)
    reader.expect_complaint("Failed to load resource")
    opened = room.given(room.cast.reviewer)[0]
    reader.visit(f"/readings/{opened.reading.public_id}/C")
    reader.context.clear_cookies()
    reader.page.locator("#a-C9").focus()
    reader.page.keyboard.press("5")
    expect(reader.page.locator("#save-status")).to_contain_text("signed out")
    reader.page.keyboard.press("Escape")

    path = save_rescue_file(reader, tmp_path)

    later = room.person(room.cast.reviewer)
    later.visit("/readings/rescue")
    bring_in(later, path)
    expect(later.page.get_by_text("1 answer of this reading: 1 new")).to_be_visible()


def test_a_page_that_cannot_seal_says_so_and_offers_no_file(room: ReadingRoom) -> None:
    reader = room.person(room.cast.reviewer)
    reader.expect_complaint("ERR_INTERNET_DISCONNECTED")
    reader.page.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', {get: () => undefined})")
    reader.visit(f"/readings/{room.given(room.cast.reviewer)[0].reading.public_id}/C")
    reader.context.set_offline(True)
    reader.page.locator("#a-C9").focus()
    reader.page.keyboard.press("5")

    box = reader.page.locator("#rescue")
    expect(box.get_by_role("status")).to_contain_text("this page did not come by https. Copy what you need.")
    expect(box.get_by_role("button")).to_be_hidden()


def test_more_text_than_a_file_takes_is_said_and_not_cut(room: ReadingRoom) -> None:
    reader = room.person(room.cast.reviewer)
    reader.expect_complaint("ERR_INTERNET_DISCONNECTED")
    reader.visit(f"/readings/{room.given(room.cast.reviewer)[0].reading.public_id}/C")
    reader.context.set_offline(True)
    reader.page.evaluate("document.getElementById('rescue').dataset.largest = '300'")
    reader.page.locator("#a-C9").focus()
    reader.page.keyboard.press("5")
    reader.page.get_by_role("button", name="Save a rescue file").click()

    status = reader.page.locator("#rescue").get_by_role("status")
    expect(status).to_have_text("There is more text here than one rescue file takes. Copy what you need.")
