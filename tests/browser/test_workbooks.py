"""A reading workbook in a real browser: given out, saved, filled in by a program, sent back, looked at, taken in."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl.workbook import Workbook
from playwright.sync_api import FilePayload, expect

from casereader.workbooks.layout import ANSWER
from tests.browser.harness import NARROW, WIDE, Browsing
from tests.browser.reading_room import ReadingRoom, reading_room
from tests.reading import full_answers
from tests.web.app import make_app
from tests.workbooks import edited, fill, sheet_of, write

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDTHS = (WIDE, NARROW)


@pytest.fixture
def room(sqlite_url: str, tmp_path: Path, browsing: Browsing) -> Iterator[ReadingRoom]:
    app = make_app(sqlite_url, tmp_path)
    with reading_room(app, browsing) as made:
        yield made
    app.extensions["casereader_engine"].dispose()


def test_a_workbook_goes_out_is_filled_by_a_program_and_comes_back(room: ReadingRoom) -> None:
    opened, other = room.given(room.cast.reviewer)[:2]
    answers = full_answers(room.instrument, opened)
    coordinator = room.person(room.cast.coordinator)
    page = coordinator.page
    coordinator.visit(f"/inspections/{room.cast.place.inspection.public_id}")
    page.get_by_text("Advanced: what only few need").click()
    coordinator.leave_by(page.get_by_role("link", name="Reading without a server"))
    page.get_by_label("Reader", exact=True).select_option(room.cast.reviewer.public_id)
    coordinator.leave_by(page.get_by_role("button", name="Issue a workbook"))
    expect(page.get_by_text("A workbook for Ruaridh Reviewer")).to_be_visible()
    coordinator.look_over("workbooks-index", widths=WIDTHS)
    with page.expect_download() as saving:
        page.get_by_role("link", name="Save the workbook").click()
    file = saving.value.path().read_bytes()

    def spoil(book: Workbook) -> None:
        write(sheet_of(book, opened.case_ref), "C9", ANSWER, "seven")

    def filling(book: Workbook) -> None:
        fill(sheet_of(book, opened.case_ref), room.instrument, answers)
        write(sheet_of(book, other.case_ref), "A2", ANSWER, "16 to 17")

    def send(content: bytes) -> None:
        payload = FilePayload(name="workbook.xlsx", mimeType=XLSX, buffer=content)
        page.get_by_label("The workbook that came back").set_input_files(payload)
        coordinator.leave_by(page.get_by_role("button", name="Look at the workbook"))

    coordinator.expect_complaint("422")
    send(edited(file, spoil))
    expect(page.get_by_text("C9: “seven” is not an answer here")).to_be_visible()
    coordinator.look_over("workbooks-faults", widths=WIDTHS)

    send(edited(file, filling))
    expect(page.get_by_role("heading", level=1)).to_have_text("What the workbook would do")
    coordinator.look_over("workbooks-preview", widths=WIDTHS)
    choices = page.get_by_role("group", name=f"What becomes of {other.case_ref}?")
    expect(choices.get_by_label("Take in 1 new answer")).to_be_checked()
    coordinator.leave_by(page.get_by_role("button", name="Take the workbook in"))
    expect(page.get_by_role("heading", name=f"Receipt for {opened.case_ref}")).to_be_visible()
    coordinator.look_over("workbooks-receipts", widths=WIDTHS)

    assert room.stored(opened) == {key: one.value for key, one in answers.items() if one.value is not None}
    assert room.stored(other)["A2"] == "16-17"


def test_the_blank_form_can_be_read_and_printed(room: ReadingRoom) -> None:
    coordinator = room.person(room.cast.coordinator)
    coordinator.visit(f"/inspections/{room.cast.place.inspection.public_id}/workbooks/blank-form")

    coordinator.look_over("workbooks-blank-form", widths=WIDTHS)
    if coordinator.pictures is not None:
        coordinator.page.pdf(path=coordinator.pictures / "workbooks-blank-form.pdf", format="A4")
    coordinator.page.emulate_media(media="print")
    assert coordinator.page.get_by_role("button", name="Sign out").is_hidden()
