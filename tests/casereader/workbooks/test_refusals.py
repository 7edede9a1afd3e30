"""What of a workbook is refused by its cell, and which of its cases take nothing in."""

from io import BytesIO

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from sqlmodel import Session, col, func, select

from casereader import assignments, readings
from casereader.instrument import Instrument, missing
from casereader.models import Reading, WorkbookReturn
from casereader.readings import Opened
from casereader.vocabulary import ReadingKind
from casereader.workbooks.layout import ANSWER, GROUND, GUIDE, NOTE, discuss_column
from tests.casereader.workbooks.conftest import BACK, Desk
from tests.cast import Cast
from tests.reading import complete
from tests.workbooks import case_sheets, edited, row_of, sheet_of, write

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_every_fault_is_told_at_once_by_its_sheet_and_cell_and_nothing_is_kept(desk: Desk, cases: list[Opened]) -> None:
    opened, other = cases[:2]

    def spoil(book: Workbook) -> None:
        sheet = sheet_of(book, opened.case_ref)
        write(sheet, "C9", ANSWER, "7")
        write(sheet, "C1", ANSWER, "=1+1")
        write(sheet, "C2", ANSWER, BACK.replace(tzinfo=None))
        write(sheet, "F6", ANSWER, 99)
        write(sheet, "C10", ANSWER, "Cannot be evaluated")
        write(sheet, "C10", GROUND, "no such ground")
        write(sheet, "C3", NOTE, "x" * 20_001)
        write(sheet, "C3", discuss_column(desk.instrument), "perhaps")
        second = sheet_of(book, other.case_ref)
        second.cell(row_of(second, "D1"), 1).value = "Z1"
        write(second, "D3", ANSWER, "Maybe")

    content = desk.file(desk.issue(desk.people.reviewer), spoil)
    found = desk.refused(content)

    said = {(sheet, cell[:1]): says for sheet, cell, says in found}
    here = {cell: says for sheet, cell, says in found if sheet == opened.case_ref}
    there = [says for sheet, _, says in found if sheet == other.case_ref]
    assert len(here) == 7 and len(found) == len(here) + len(there)
    assert any(cell[0] == "D" and says.startswith("C9: “7” is not an answer here") for cell, says in here.items())
    assert "This is a formula. Write the answer itself." in here.values()
    assert "This is a date, not a text. Write it again as a text." in here.values()
    assert "F6: “99” is not a whole number from 0 to 50." in here.values()
    assert said[opened.case_ref, "E"].startswith("C10: “no such ground” is not a ground")
    assert "20,001 characters" in said[opened.case_ref, "F"]
    assert "Write x to tick it, or clear the cell." in here.values()
    assert any(says.startswith("D3: “Maybe” is not an answer here") for says in there)
    assert any("These rows are gone: D1" in says for says in there)
    saved = select(func.count()).select_from(Reading).where(col(Reading.saved_at).is_not(None))
    assert desk.session.exec(saved).one() == 0
    assert desk.session.exec(select(WorkbookReturn)).all() == []


def test_a_workbook_whose_identification_was_altered_is_refused(desk: Desk) -> None:
    file = desk.file(desk.issue(desk.people.reviewer))

    def alter(label: str, value: str) -> list[tuple[str, str, str]]:
        def edit(book: Workbook) -> None:
            guide = book[GUIDE]
            row = next(row for row in range(1, guide.max_row + 1) if guide.cell(row, 1).value == label)
            guide.cell(row, 2).value = value

        return desk.refused(edited(file, edit))

    ((sheet, cell, says),) = alter("Reader", "Shona Second")
    assert (sheet, cell[0]) == (GUIDE, "B") and "“Reader” was changed" in says
    ((_, _, says),) = alter("Mark", "0" * 64)
    assert "The mark is not the one that was issued" in says
    ((_, _, says),) = alter("Workbook", "A" * 22)
    assert "No such workbook was issued in this inspection" in says


def test_a_workbook_made_elsewhere_is_refused(desk: Desk) -> None:
    book = Workbook()
    assert book.active is not None
    book.active["A1"] = "C9"
    stream = BytesIO()
    book.save(stream)

    ((sheet, _, says),) = desk.refused(stream.getvalue())
    assert sheet == GUIDE and "does not say which workbook this is" in says


def test_a_sheet_of_another_readers_workbook_is_refused(desk: Desk) -> None:
    theirs = openpyxl.load_workbook(BytesIO(desk.file(desk.issue(desk.people.second_reviewer))))

    def swap(book: Workbook) -> None:
        for row in case_sheets(theirs)[0].iter_rows():
            for cell in row:
                case_sheets(book)[0][cell.coordinate] = cell.value

    ((_, cell, says),) = desk.refused(desk.file(desk.issue(desk.people.reviewer), swap))
    assert cell == "B7" and "belongs to another workbook" in says


def test_a_sheet_that_was_copied_is_refused_and_so_is_one_of_the_readers_own(desk: Desk) -> None:
    def copy(book: Workbook) -> None:
        book.copy_worksheet(case_sheets(book)[0])
        book.create_sheet("My notes")["A1"] = "to do"

    twice, own = desk.refused(desk.file(desk.issue(desk.people.reviewer), copy))
    assert "is there twice" in twice[2]
    assert own[0] == "My notes" and "none of the workbook’s own" in own[2]


def test_a_case_that_changed_hands_is_left_to_its_new_reader(
    desk: Desk, cases: list[Opened], people: Cast, session: Session
) -> None:
    workbook = desk.issue(people.reviewer)
    file = desk.file(workbook, lambda book: [write(sheet, "C9", ANSWER, "4 Good") for sheet in case_sheets(book)])
    moved = next(
        one
        for one in cases
        if not session.exec(
            select(Reading.id).where(
                Reading.sample_case_id == one.reading.sample_case_id, Reading.kind != ReadingKind.FIRST
            )
        ).first()
    )
    assignments.give(
        session,
        inspection=people.place.inspection,
        reading=session.get_one(Reading, moved.key),
        to=people.second_reviewer,
        reason="Illness",
        by=people.coordinator,
        at=BACK,
    )

    taken = desk.take(desk.receive(file))

    (receipt,) = [one for one in taken.receipts if one["reading"] == moved.reading.public_id]
    assert receipt["closed"] == "This reading is not with Ruaridh Reviewer any more."
    assert desk.stored(moved) == {}
    assert (receipt["missing"], receipt["digest"]) == (None, ""), "how far its new reader is, is not told here"


def test_a_reading_submitted_meanwhile_stays_as_it_is(desk: Desk, cases: list[Opened], instrument: Instrument) -> None:
    workbook = desk.issue(desk.people.reviewer)
    file = desk.file(workbook, lambda book: write(sheet_of(book, cases[0].case_ref), "C9", ANSWER, "1 Unsatisfactory"))
    complete(desk.session, cases[0], instrument, by=desk.people.reviewer)

    taken = desk.take(desk.receive(file))

    (receipt,) = [one for one in taken.receipts if one["reading"] == cases[0].reading.public_id]
    assert receipt["closed"].startswith("This reading was submitted.") and receipt["missing"] == 0
    assert desk.stored(cases[0])["C9"].value == "4"


def test_a_workbook_of_an_older_version_of_the_instrument_takes_nothing_in(desk: Desk, cases: list[Opened]) -> None:
    workbook = desk.issue(desk.people.reviewer)
    file = desk.file(workbook, lambda book: write(sheet_of(book, cases[0].case_ref), "C9", ANSWER, "4 Good"))
    desk.session.get_one(Reading, cases[0].key).instrument_version = "2.0"
    desk.session.flush()

    back = desk.receive(file)
    (seen,) = [one for one in desk.look(back) if one.reading == cases[0].reading.public_id]

    says = "The workbook was issued on CRR-1 1.0, and the reading is on CRR-1 2.0 now. Issue a new workbook."
    assert seen.closed == says
    assert not seen.has_news
    (receipt,) = [one for one in desk.take(back).receipts if one["reading"] == cases[0].reading.public_id]
    assert receipt["missing"] is None, "that version is not installed here"


def test_a_sheet_that_was_taken_out_takes_nothing_in_and_is_told(desk: Desk, cases: list[Opened]) -> None:
    workbook = desk.issue(desk.people.reviewer)
    back = desk.receive(desk.file(workbook, lambda book: book.remove(sheet_of(book, cases[0].case_ref))))

    (seen,) = [one for one in desk.look(back) if not one.is_there]

    assert seen.closed == "The workbook came back without its sheet."
    assert back.notes == [f"There is no sheet for {cases[0].case_ref}: nothing is taken in for it."]
    (receipt,) = [one for one in desk.take(back).receipts if one["reading"] == cases[0].reading.public_id]
    facts = readings.known_facts(desk.instrument, cases[0])
    lacking = missing(desk.instrument, facts, stratum=cases[0].stratum(desk.instrument))
    assert receipt["missing"] == len(lacking) > 0, "what is missing is told, though nothing was taken in"


def test_a_note_that_looks_as_if_it_named_somebody_is_pointed_out_by_its_cell(desk: Desk, cases: list[Opened]) -> None:
    def name(book: Workbook) -> None:
        write(sheet_of(book, cases[0].case_ref), "C9", NOTE, "Lives at EH1 1AA with an aunt.")

    back = desk.receive(desk.file(desk.issue(desk.people.reviewer), name))

    (note,) = back.notes
    assert note.startswith(f"Sheet {cases[0].case_ref}, cell F") and "looks like a postcode" in note
    assert "EH1" not in note
