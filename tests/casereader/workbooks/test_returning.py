"""A reading workbook goes out, is filled in by another program, and comes back: whole, twice, and late."""

from datetime import timedelta

import pytest
from openpyxl.styles import Font
from openpyxl.workbook import Workbook
from sqlmodel import Session, func, select

from casereader import readings, workbooks
from casereader.errors import ConflictError, RefusedError
from casereader.instrument import Answer
from casereader.models import AnswerRevision, AuditEvent
from casereader.readings import Opened
from casereader.vocabulary import ReadingKind, ReadingState
from casereader.workbooks.layout import ANSWER, FIRST_ROW, FIRST_SOURCE, NOTE
from tests.casereader.workbooks.conftest import BACK, ISSUED, Desk
from tests.reading import NOTE as A_NOTE
from tests.reading import again, full_answers, given_to, save
from tests.workbooks import Edit, case_sheets, fill, row_of, sheet_of, sheets_of, write

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def rated(opened: Opened) -> Edit:
    """Rates the assessment of one case."""
    return lambda book: write(sheet_of(book, opened.case_ref), "C9", ANSWER, "4 Good")


def revisions(session: Session) -> int:
    return session.exec(select(func.count()).select_from(AnswerRevision)).one()


def test_a_filled_workbook_comes_back_with_every_answer_and_the_reading_can_be_submitted(
    desk: Desk, cases: list[Opened]
) -> None:
    opened, *others = cases
    answers = full_answers(desk.instrument, opened)
    workbook = desk.issue(desk.people.reviewer)

    back = desk.receive(
        desk.file(workbook, lambda book: fill(sheet_of(book, opened.case_ref), desk.instrument, answers))
    )
    taken = desk.take(back)

    given = {key: answer for key, answer in answers.items() if answer != Answer(None)}
    assert desk.stored(opened) == given
    (receipt,) = [one for one in taken.receipts if one["reading"] == opened.reading.public_id]
    facts = readings.known_facts(desk.instrument, opened)
    assert set(receipt["added"]) == given.keys() - facts.keys()
    assert (receipt["over"], receipt["kept"], receipt["missing"], receipt["same"]) == ([], [], 0, len(facts))
    assert {again(desk.session, one, desk.people.reviewer).reading.state for one in others} == {ReadingState.ASSIGNED}
    now = again(desk.session, opened, desk.people.reviewer)
    reading = readings.submit(
        desk.session, opened=now, instrument=desk.instrument, declared=True, by=desk.people.reviewer, at=BACK
    )
    assert reading.state is ReadingState.SUBMITTED


@SQLITE
def test_a_workbook_that_another_program_saved_anew_is_taken_as_it_is(desk: Desk, cases: list[Opened]) -> None:
    """LibreOffice keeps numbers as numbers and the results of formulas, gives blank cells styles, and names itself."""

    def save_anew(book: Workbook) -> None:
        book.properties.creator = "LibreOffice"
        for sheet in case_sheets(book):
            for row in sheet.iter_rows(min_row=FIRST_ROW + 1, max_row=sheet.max_row + 40, max_col=20):
                for cell in row:
                    cell.font = Font(name="Carlito", family=2)
                    if cell.data_type == "f":
                        cell.value = "done"
        own = sheet_of(book, cases[0].case_ref)
        write(own, "F6", ANSWER, 12.0)
        write(own, "C9", ANSWER, "4 Good")
        own.cell(row_of(own, "C9"), FIRST_SOURCE + 1).value = True

    back = desk.receive(desk.file(desk.issue(desk.people.reviewer), save_anew))
    desk.take(back)

    stored = desk.stored(cases[0])
    assert (stored["F6"].value, stored["C9"].value) == ("12", "4")
    assert stored["C9"].sources == (desk.instrument.sources[0].value,)


@SQLITE
def test_the_same_workbook_a_second_time_changes_nothing(desk: Desk, cases: list[Opened]) -> None:
    answers = full_answers(desk.instrument, cases[0])
    file = desk.file(
        desk.issue(desk.people.reviewer), lambda book: fill(sheet_of(book, cases[0].case_ref), desk.instrument, answers)
    )
    first = desk.take(desk.receive(file))
    before, version = revisions(desk.session), again(desk.session, cases[0], desk.people.reviewer).reading.version

    again_received = desk.receive(file)
    assert not any(one.has_news for one in desk.look(again_received))
    second = desk.take(again_received)
    assert desk.take(first) is first

    assert revisions(desk.session) == before
    assert again(desk.session, cases[0], desk.people.reviewer).reading.version == version
    assert all(not one["added"] and not one["over"] for one in second.receipts)


def test_what_the_server_has_is_written_over_only_where_that_was_chosen_for_the_case(
    desk: Desk, cases: list[Opened]
) -> None:
    opened, other = cases[:2]
    reviewer = desk.people.reviewer
    for one in (opened, other):
        save(desk.session, one, desk.instrument, {"C9": {"value": "3"}, "C1": {"value": "yes"}}, by=reviewer)
    workbook = desk.issue(reviewer, at=ISSUED + timedelta(hours=5))
    newer = again(desk.session, opened, reviewer)
    save(
        desk.session,
        newer,
        desk.instrument,
        {"C9": {"value": "5"}, "C2": {"value": "yes"}},
        by=reviewer,
        at=ISSUED + timedelta(hours=6),
    )

    def filling(book: Workbook) -> None:
        for one in (opened, other):
            write(sheet_of(book, one.case_ref), "C9", ANSWER, "4 Good")
            write(sheet_of(book, one.case_ref), "C3", ANSWER, "Yes")

    back = desk.receive(desk.file(workbook, filling))
    seen = {one.reading: one for one in desk.look(back)}
    clash, plain = seen[opened.reading.public_id], seen[other.reading.public_id]
    assert (clash.compared.added, clash.compared.both, clash.compared.left) == (("C3",), ("C9",), ("C2",))
    assert (plain.compared.added, plain.compared.changed, plain.compared.both) == (("C3",), ("C9",), ())
    assert clash.saved_at["C9"] == ISSUED + timedelta(hours=6)
    with pytest.raises(RefusedError) as undecided:
        desk.take(back)
    assert {says.split(":")[0] for says in undecided.value.reasons} == {opened.case_ref, other.case_ref}

    desk.take(back, {clash.reading: workbooks.NEW, plain.reading: workbooks.ALL})

    assert {key: desk.stored(opened)[key].value for key in ("C9", "C2", "C3")} == {"C9": "5", "C2": "yes", "C3": "yes"}
    assert {key: desk.stored(other)[key].value for key in ("C9", "C3", "C1")} == {"C9": "4", "C3": "yes", "C1": "yes"}
    history = readings.history(desk.session, reading_id=other.key, question_keys=["C9"])
    assert [(one.row.after["value"], one.who) for one in history] == [
        ("4", "Catriona Coordinator"),
        ("3", "Ruaridh Reviewer"),
    ]


@SQLITE
def test_an_answer_taken_away_in_the_workbook_is_taken_away_only_by_choice(desk: Desk, cases: list[Opened]) -> None:
    opened = cases[0]
    save(desk.session, opened, desk.instrument, {"C9": {"value": "3"}}, by=desk.people.reviewer)
    workbook = desk.issue(desk.people.reviewer)
    back = desk.receive(desk.file(workbook, lambda book: write(sheet_of(book, opened.case_ref), "C9", ANSWER, None)))

    (clash,) = [one for one in desk.look(back) if one.must_choose]
    desk.take(back, {clash.reading: workbooks.ALL})

    assert clash.compared.changed == ("C9",)
    assert desk.stored(opened)["C9"] == Answer(None)


@SQLITE
def test_nothing_is_taken_in_for_a_case_for_which_that_was_chosen(desk: Desk, cases: list[Opened]) -> None:
    workbook = desk.issue(desk.people.reviewer)
    back = desk.receive(
        desk.file(workbook, lambda book: write(sheet_of(book, cases[0].case_ref), "C9", ANSWER, "4 Good"))
    )

    taken = desk.take(back, {cases[0].reading.public_id: workbooks.NONE})

    assert desk.stored(cases[0]) == {}
    assert [one["kept"] for one in taken.receipts if one["kept"]] == [["C9"]]


@SQLITE
def test_what_was_saved_after_the_preview_stops_the_taking_in(desk: Desk, cases: list[Opened]) -> None:
    opened = cases[0]
    workbook = desk.issue(desk.people.reviewer)
    back = desk.receive(
        desk.file(workbook, lambda book: write(sheet_of(book, opened.case_ref), "C9", ANSWER, "4 Good"))
    )
    seen = workbooks.seen(desk.look(back))
    save(desk.session, opened, desk.instrument, {"C9": {"value": "2"}}, by=desk.people.reviewer)

    with pytest.raises(ConflictError, match="saved since this page was opened"):
        desk.take(back, as_seen=seen)
    assert desk.stored(opened)["C9"].value == "2"


@SQLITE
def test_a_later_return_of_the_same_workbook_takes_the_place_of_one_that_waits(desk: Desk, cases: list[Opened]) -> None:
    workbook = desk.issue(desk.people.reviewer)
    first = desk.receive(
        desk.file(workbook, lambda book: write(sheet_of(book, cases[0].case_ref), "C9", ANSWER, "4 Good"))
    )
    second = desk.receive(desk.file(workbook))

    assert workbooks.returns_of(desk.session, inspection=desk.people.place.inspection) == [second]
    assert (first.answers, first.dropped_at) == ({}, BACK)
    with pytest.raises(ConflictError, match="put aside"):
        desk.take(first)


@SQLITE
def test_what_waits_is_kept_no_longer_than_the_choice(desk: Desk, cases: list[Opened]) -> None:
    workbook = desk.issue(desk.people.reviewer)
    file = desk.file(workbook, lambda book: write(sheet_of(book, cases[0].case_ref), "C9", NOTE, A_NOTE))
    taken, dropped = desk.take(desk.receive(file)), desk.receive(file)
    workbooks.drop(desk.session, place=desk.people.place, returned=dropped, by=desk.people.coordinator, at=BACK)

    assert (taken.answers, taken.notes, dropped.answers, dropped.notes) == ({}, [], {}, [])


@SQLITE
def test_issue_and_return_are_in_the_trail_without_what_was_answered(desk: Desk, cases: list[Opened]) -> None:
    workbook = desk.issue(desk.people.reviewer)
    file = desk.file(workbook, lambda book: write(sheet_of(book, cases[0].case_ref), "C9", NOTE, A_NOTE))
    desk.take(desk.receive(file))

    trail = desk.session.exec(select(AuditEvent).where(AuditEvent.object_id == workbook.public_id)).all()
    assert [one.action for one in trail] == ["workbook issued", "workbook received", "workbook taken in"]
    assert {one.actor_id for one in trail} == {desk.people.coordinator.id}
    assert trail[0].body["mark"] == workbook.mark
    assert trail[2].body["readings"][cases[0].reading.public_id] == {"added": 1, "over": 0, "kept": 0}
    assert A_NOTE not in str([one.body for one in trail])


@SQLITE
def test_blind_second_readings_are_in_the_workbook_and_not_told_apart(desk: Desk) -> None:
    readers = (desk.people.reviewer, desk.people.second_reviewer)
    reader = next(one for one in readers if given_to(desk.session, one, kind=ReadingKind.SECOND))
    (second,) = given_to(desk.session, reader, kind=ReadingKind.SECOND)
    workbook = desk.issue(reader)

    assert second.case_ref in {case["reference"] for case in workbook.cases}
    words = " ".join(cell.text for sheet in sheets_of(desk.file(workbook)) for cell in sheet.cells).casefold()
    assert "second reading" not in words and "blind" not in words and "first reading" not in words
