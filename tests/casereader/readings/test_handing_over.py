"""A reading that goes to somebody else before it is begun: nothing of its first reader goes with it."""

from datetime import date

import pytest
from sqlmodel import Session, select

from casereader import assignments, readings
from casereader.instrument import Answer, Instrument
from casereader.models import Account, ActiveMinute, DrawRecord, Reading
from casereader.readings import NOTES, STORY, Imported, Notes, Opened
from casereader.vocabulary import ReadingKind
from tests.cast import Cast
from tests.reading import STARTED, save

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def noted(session: Session, people: Cast, instrument: Instrument, record: DrawRecord) -> Opened:
    """A reading of a case read once, with notes, a story and minutes of the reviewer, and not begun."""
    twice = select(Reading.sample_case_id).where(Reading.kind == ReadingKind.SECOND)
    cases = set(session.exec(twice))
    assert record.id
    opened = next(one for one in readings.mine(session, account=people.reviewer) if one.sample_case.id not in cases)
    changes = {NOTES: {"value": "Seen alone."}, STORY: {"value": "Moved twice."}}
    save(session, opened, instrument, changes, by=people.reviewer)
    readings.note_active(session, opened=opened, minutes_ago=[0, 1, 2], at=STARTED)
    return opened


def kept(session: Session, opened: Opened) -> tuple[Notes, int]:
    minutes = session.exec(select(ActiveMinute).where(ActiveMinute.reading_id == opened.key)).all()
    return readings.notes_of(session, opened.key), len(minutes)


def give(session: Session, people: Cast, opened: Opened, to: Account) -> None:
    assignments.give(
        session,
        inspection=people.place.inspection,
        reading=opened.reading,
        to=to,
        reason="On leave.",
        by=people.coordinator,
        at=STARTED,
    )


def test_notes_and_minutes_are_erased_when_the_case_is_handed_back(
    session: Session, people: Cast, noted: Opened
) -> None:
    assert kept(session, noted) == (Notes("Seen alone.", "Moved twice."), 3)

    readings.hand_back(session, opened=noted, reason="I taught the child.", by=people.reviewer, at=STARTED)

    assert kept(session, noted) == (Notes(), 0)


def test_whoever_is_given_a_reading_finds_nothing_of_its_reader_before(
    session: Session, people: Cast, noted: Opened
) -> None:
    give(session, people, noted, people.second_reviewer)

    assert kept(session, noted) == (Notes(), 0)


@pytest.mark.parametrize("changes_hands", [True, False])
def test_a_reading_brought_in_for_another_loses_the_notes_and_for_its_own_reader_keeps_them(
    session: Session, people: Cast, instrument: Instrument, noted: Opened, changes_hands: bool
) -> None:
    reader = people.second_reviewer if changes_hands else people.reviewer
    row = Imported(
        sample_case=noted.sample_case,
        case_ref=noted.case_ref,
        group=noted.case.group,
        kind=ReadingKind.FIRST,
        reader=reader,
        answers={"C9": Answer("5")},
        read_on=date(2026, 6, 9),
    )

    readings.record_imported(
        session,
        readings=[row],
        instrument=instrument,
        digest="ab" * 32,
        inspection_id=people.place.inspection.id or 0,
        by=people.coordinator,
        at=STARTED,
    )

    assert kept(session, noted) == ((Notes(), 0) if changes_hands else (Notes("Seen alone.", "Moved twice."), 3))
