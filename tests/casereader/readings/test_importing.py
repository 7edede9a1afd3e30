"""Readings made elsewhere: checked like any other, all faults at once, once."""

from datetime import date

import pytest
from sqlmodel import Session, select

from casereader import readings
from casereader.errors import RefusedError
from casereader.instrument import Answer, Instrument
from casereader.models import DrawRecord, Reading
from casereader.readings import Imported, Opened
from casereader.vocabulary import CaseStatus, ReadingKind, ReadingState
from tests.cast import Cast
from tests.reading import STARTED, full_answers, given_to

DIGEST = "ab" * 32


def imported(
    opened: Opened, people: Cast, answers: dict[str, Answer], kind: ReadingKind = ReadingKind.FIRST
) -> Imported:
    return Imported(
        sample_case=opened.sample_case,
        case_ref=opened.case_ref,
        group=opened.case.group,
        kind=kind,
        reader=people.reviewer,
        answers=answers,
        read_on=date(2026, 6, 9),
    )


def bring_in(session: Session, people: Cast, instrument: Instrument, rows: list[Imported], digest: str = DIGEST) -> int:
    return readings.record_imported(
        session,
        readings=rows,
        instrument=instrument,
        digest=digest,
        inspection_id=people.place.inspection.id or 0,
        by=people.coordinator,
        at=STARTED,
    )


@pytest.fixture
def every(session: Session, people: Cast, record: DrawRecord) -> list[Opened]:
    assert record.id
    return given_to(session, people.reviewer)


def test_imported_readings_are_submitted_count_and_decide_their_cases(
    session: Session, people: Cast, instrument: Instrument, every: list[Opened]
) -> None:
    rows = [imported(one, people, full_answers(instrument, one)) for one in every]

    assert bring_in(session, people, instrument, rows) == len(every)

    session.expire_all()
    counted = readings.counting(session, people.place.inspection.id or 0)
    assert {one.sample_case_id for one in counted} == {one.sample_case.id for one in every}
    assert {one.state for one in counted} == {ReadingState.SUBMITTED}
    assert {one.sample_case.status for one in every} == {CaseStatus.READ}
    assert readings.answers_of(session, every[0].key) == full_answers(instrument, every[0])


def test_a_case_without_an_assignment_gets_a_reading(
    session: Session, people: Cast, instrument: Instrument, every: list[Opened]
) -> None:
    opened = every[0]
    session.delete(opened.reading)
    session.flush()

    assert bring_in(session, people, instrument, [imported(opened, people, {"C9": Answer("5", "A\r\nB")})]) == 1

    (made,) = session.exec(select(Reading).where(Reading.imported_from == DIGEST))
    assert readings.answers_of(session, made.id or 0) == {"C9": Answer("5", "A\nB")}
    assert (made.version, made.read_on) == (1, date(2026, 6, 9))


def test_the_same_file_twice_changes_nothing(
    session: Session, people: Cast, instrument: Instrument, every: list[Opened]
) -> None:
    rows = [imported(every[0], people, {"C9": Answer("5")})]
    bring_in(session, people, instrument, rows)

    assert bring_in(session, people, instrument, rows) == 0
    with pytest.raises(RefusedError, match="there is a first reading of it already"):
        bring_in(session, people, instrument, rows, digest="cd" * 32)


def test_all_faults_are_told_at_once_and_nothing_is_written(
    session: Session, people: Cast, instrument: Instrument, every: list[Opened]
) -> None:
    rows = [
        imported(every[0], people, {"C9": Answer("7"), "Z1": Answer("1")}),
        imported(every[0], people, {}),
        imported(every[1], people, {"C10": Answer("6", "\0")}),
    ]

    with pytest.raises(RefusedError) as refused:
        bring_in(session, people, instrument, rows)

    assert len(refused.value.reasons) == 4
    assert all(reason.startswith("T0") for reason in refused.value.reasons)
    assert session.exec(select(Reading).where(Reading.imported_from == DIGEST)).all() == []
