"""A rescue file in a real browser: saved with the network cut, brought in later, and nothing left in the browser."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.harness import NARROW, WIDE, Browsing, Visitor
from tests.browser.reading_room import ReadingRoom, reading_room
from tests.web.app import make_app

WAITING = "Not saved yet. Trying again. {} waiting"
BAR = ".cr_identity"  # the questions under it are looked over with the reading's own pages
NOTE = "Kept up to May by the child’s own worker."

# What a page could have left behind where the next person at this computer might find it.
LEFT_BEHIND = """async () => ({
  local: localStorage.length,
  session: sessionStorage.length,
  databases: (await indexedDB.databases()).length,
  caches: (await caches.keys()).length,
  workers: (await navigator.serviceWorker.getRegistrations()).length,
  files: await (async () => {
    let found = 0;
    for await (const _ of (await navigator.storage.getDirectory()).keys()) found += 1;
    return found;
  })(),
})"""


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
    visitor.page.get_by_role("button", name="See what is in it").click()
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("What the rescue file holds")


def to_the_top(visitor: Visitor) -> None:
    """Further down the bar floats over the questions, and a note in hand is scrolled to when the window changes."""
    visitor.page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")


def close(visitor: Visitor) -> None:
    """Close the page for good: its last try to save, for which no network is cut any more, comes from nobody."""
    visitor.context.clear_cookies()
    visitor.page.close(run_before_unload=False)


def cookies(context: BrowserContext) -> set[str]:
    return {cookie.get("name", "") for cookie in context.cookies()}


def test_answers_typed_without_a_network_come_back_by_a_rescue_file(room: ReadingRoom, tmp_path: Path) -> None:
    reader = room.person(room.cast.reviewer)
    reader.expect_complaint("ERR_INTERNET_DISCONNECTED")
    opened = room.given(room.cast.reviewer)[0]
    reading = opened.reading.public_id
    reader.visit(f"/readings/{reading}/C")
    box = reader.page.locator("#rescue")
    expect(box).to_be_hidden()

    reader.page.locator("#a-C1").focus()
    reader.page.keyboard.press("1")
    expect(reader.page.locator("#save-status")).to_contain_text("Saved at")
    expect(box).to_be_hidden()
    reader.context.set_offline(True)
    for question, key in (("C1", "3"), ("C9", "5"), ("C10", "2")):
        reader.page.locator(f"#a-{question}").focus()
        reader.page.keyboard.press(key)
    reader.page.keyboard.press("n")
    reader.page.keyboard.type(NOTE)
    expect(reader.page.locator("#save-status")).to_have_text(WAITING.format("3 answers"))
    expect(box).to_be_visible()

    path = save_rescue_file(reader, tmp_path)

    assert path.name.startswith(f"casereader-rescue-{reading[:8]}-") and path.suffix == ".json"
    expect(box.get_by_role("status")).to_have_text(f"3 answers in {path.name}, among your downloads.")
    expect(reader.page.locator("#save-status")).to_have_text(WAITING.format("3 answers"))
    to_the_top(reader)
    reader.look_over("rescue-saved", widths=(NARROW,), within=BAR)
    text = path.read_text(encoding="utf-8")
    for readable in (NOTE, opened.case_ref, reading, "C10", room.cast.reviewer.name):
        assert readable not in text + path.name
    assert set(json.loads(text)) == {"casereader", "format", "key", "says", "sealed"}
    reader.page.locator("#n-C10").press_sequentially(" And more.")
    expect(box.get_by_role("status")).to_have_text("You have written more since: save another rescue file.")
    path = save_rescue_file(reader, tmp_path)

    assert set(reader.page.evaluate(LEFT_BEHIND).values()) == {0}
    assert cookies(reader.context) == {"casereader"}
    close(reader)
    assert room.stored(opened)["C1"] == "yes" and "C9" not in room.stored(opened)

    later = room.person(room.cast.reviewer)
    later.expect_complaint("422")
    later.visit("/readings")
    later.page.get_by_role("link", name="Bring in a rescue file").click()
    bring_in(later, path)
    expect(later.page.get_by_text("2 new, 1 to choose")).to_be_visible()
    expect(later.page.get_by_text(NOTE + " And more.")).to_be_visible()
    later.page.get_by_role("button", name="Save to the reading").click()
    expect(later.page.locator("#error-summary")).to_contain_text("C1: choose which is to stand.")
    later.look_over("rescue-unchosen", widths=(WIDE, NARROW))
    later.page.get_by_label("What the file holds").check()
    later.page.get_by_role("button", name="Save to the reading").click()
    expect(later.page.get_by_text("3 answers are saved from the rescue file.")).to_be_visible()
    stored = room.stored(opened)
    assert (stored["C1"], stored["C9"], stored["C10"]) == ("no", "5", "2")
    assert set(later.page.evaluate(LEFT_BEHIND).values()) == {0}


def test_a_rescue_file_is_brought_in_without_scripts(room: ReadingRoom, tmp_path: Path) -> None:
    reader = room.person(room.cast.reviewer)
    reader.expect_complaint("ERR_INTERNET_DISCONNECTED")
    opened = room.given(room.cast.reviewer)[0]
    reader.visit(f"/readings/{opened.reading.public_id}/C")
    reader.context.set_offline(True)
    reader.page.locator("#a-C9").focus()
    reader.page.keyboard.press("5")
    path = save_rescue_file(reader, tmp_path)
    close(reader)

    plain = room.person(room.cast.reviewer, java_script_enabled=False)
    plain.visit(f"/readings/{opened.reading.public_id}/rescue")
    bring_in(plain, path)
    plain.page.get_by_role("button", name="Save to the reading").click()

    expect(plain.page.get_by_text("1 answer is saved from the rescue file.")).to_be_visible()
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
