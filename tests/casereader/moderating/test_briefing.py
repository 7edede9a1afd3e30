"""The morning briefing: disputes of cases that nobody has still to read for the room, marks for who prepares it."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from casereader import readings
from casereader.instrument import Instrument
from casereader.models import Account, AnswerRow, ConflictOfInterest, DrawRecord, Query, Reading
from casereader.moderating import briefing, moderation, settling
from casereader.moderating.briefing import Note, Talk
from casereader.moderating.settlements import Chosen
from casereader.readings import Opened
from casereader.vocabulary import QueryKind, QueryState
from tests.cast import Cast
from tests.reading import NOTE, STARTED, complete, given_to, pair_of, save

NOTES = ("A note that begins with A and is long enough.", "Behind it stands another note, also long enough.")


def finish(session: Session, instrument: Instrument, reading: Reading, note: str, **overrides: str) -> Opened:
    """The reading, with a note on C9, completed by its reviewer."""
    reader = session.get_one(Account, reading.reviewer_id)
    opened = readings.find(session, public_id=reading.public_id, account=reader)
    complete(session, opened, instrument, by=reader, overrides=overrides)
    row = session.exec(select(AnswerRow).where(AnswerRow.reading_id == opened.key, AnswerRow.key == "C9")).one()
    row.note = note
    session.flush()
    return opened


def mark(session: Session, opened: Opened, key: str) -> None:
    """The reader's mark *discuss* on an answer."""
    row = session.exec(select(AnswerRow).where(AnswerRow.reading_id == opened.key, AnswerRow.key == key)).one()
    row.discuss = True
    session.flush()


@pytest.fixture
def pair(session: Session, record: DrawRecord) -> tuple[Reading, Reading]:
    """The two readings of one case, not begun."""
    return pair_of(session, record=record)


def found(session: Session, people: Cast, instrument: Instrument, account: Account | None = None) -> list[Talk]:
    return briefing.disputes(session, place=people.place, instrument=instrument, account=account or people.moderator)


def marked(session: Session, people: Cast, instrument: Instrument) -> list[Talk]:
    return briefing.marks(session, place=people.place, instrument=instrument, account=people.moderator)


@pytest.mark.parametrize(
    ("a", "b", "far", "across"),
    [("4", "3", False, True), ("6", "4", True, False), ("5", "3", True, True)],
)
def test_disputes_are_told_in_the_instrument_s_order_with_both_notes_and_without_ratings_or_names(
    session: Session,
    people: Cast,
    instrument: Instrument,
    pair: tuple[Reading, Reading],
    a: str,
    b: str,
    far: bool,
    across: bool,
) -> None:
    finish(session, instrument, pair[0], NOTES[1], C9=a, D11="4", E7="2", C10="5")
    finish(session, instrument, pair[1], NOTES[0], C9=b, D11="5", E7="4", C10="5", D1="no")

    talks = found(session, people, instrument)

    assert [one.part.key for one in talks] == ["C9", "E7"], "no dispute one point apart, nor on another scale"
    (point,) = talks[0].points
    assert (point.is_far_apart, point.is_across_good) == (far, across)
    assert point.notes == (Note(NOTES[0]), Note(NOTES[1])), "in an order that says nothing of who wrote which"
    assert not {"first", "second", "reader", "rating", "value"} & set(vars(point))


def test_a_mark_is_for_who_prepares_on_any_scale_until_its_reading_is_signed_off(
    session: Session, people: Cast, instrument: Instrument, pair: tuple[Reading, Reading]
) -> None:
    once = next(
        one
        for one in given_to(session, people.reviewer)
        if one.reading.sample_case_id != pair[0].sample_case_id and one.is_open
    )
    opened = finish(session, instrument, once.reading, NOTES[0])
    mark(session, opened, "D1")
    mark(session, opened, "C9")

    talks = marked(session, people, instrument)

    assert [(one.part.key, one.points[0].notes) for one in talks] == [
        ("C9", (Note(NOTES[0]),)),
        ("D1", (Note(NOTE, under="D11"),)),
    ]
    assert found(session, people, instrument) == []
    moderation.sign_off(session, place=people.place, public_id=opened.reading.public_id, by=people.lead, at=STARTED)
    assert marked(session, people, instrument) == []


def test_no_mark_stands_in_the_room_so_that_none_tells_by_its_absence_which_case_is_read_twice(
    session: Session, people: Cast, instrument: Instrument, pair: tuple[Reading, Reading]
) -> None:
    opened = finish(session, instrument, pair[0], NOTES[0], C9="5")
    mark(session, opened, "C9")

    assert found(session, people, instrument) == []
    assert [one.part.key for one in marked(session, people, instrument)] == ["C9"]


def test_a_mark_that_a_moderator_s_own_question_took_up_is_done_with_when_that_is_resolved(
    session: Session, people: Cast, instrument: Instrument, pair: tuple[Reading, Reading]
) -> None:
    opened = finish(session, instrument, pair[0], NOTES[0], C9="5")
    mark(session, opened, "C9")
    key = opened.key
    session.add(
        Query(
            reading_id=key,
            key="C9",
            kind=QueryKind.QUERY,
            state=QueryState.RESOLVED,
            raised_at=STARTED,
            raised_by_id=people.moderator.id or 0,
            resolved_at=STARTED,
            resolved_by_id=people.moderator.id,
        )
    )
    session.flush()

    assert marked(session, people, instrument) == []


@pytest.mark.parametrize("reads", ["reviewer", "local_reviewer"])
def test_what_a_conflict_of_a_reader_covers_is_not_laid_before_the_room(
    session: Session, people: Cast, instrument: Instrument, pair: tuple[Reading, Reading], reads: str
) -> None:
    finish(session, instrument, pair[0], NOTES[0], C9="5")
    opened = finish(session, instrument, pair[1], NOTES[1], C9="3")
    assert len(found(session, people, instrument)) == 1
    session.add(
        ConflictOfInterest(
            account_id=getattr(people, reads).id,
            case_id=opened.case.id,
            reason="Taught the child",
            declared_at=STARTED,
            declared_by_id=getattr(people, reads).id,
        )
    )
    session.flush()

    assert found(session, people, instrument) == []


def test_nothing_of_a_case_is_told_while_anybody_has_it_still_to_read(
    session: Session, people: Cast, instrument: Instrument, pair: tuple[Reading, Reading]
) -> None:
    finish(session, instrument, pair[0], NOTES[0], C9="5")
    assert found(session, people, instrument) == [], "whoever reads it second may sit in the room"
    second = session.get_one(Account, pair[1].reviewer_id)
    save(
        session,
        readings.find(session, public_id=pair[1].public_id, account=second),
        instrument,
        {"C9": {"value": "2"}},
        by=second,
    )
    assert found(session, people, instrument) == []

    finish(session, instrument, pair[1], NOTES[1], C9="3")

    assert len(found(session, people, instrument)) == 1
    assert len(found(session, people, instrument, people.lead)) == 1
    reader = session.get_one(Account, pair[0].reviewer_id)
    readings.reopen(
        session,
        opened=readings.find(session, public_id=pair[0].public_id, account=reader),
        reason="Once more.",
        by=reader,
        at=STARTED,
    )
    assert found(session, people, instrument) == [], "reopened: it is to be read again"


def test_what_is_settled_is_talked_over_no_more_and_what_came_in_earlier_can_be_left_out(
    session: Session, people: Cast, instrument: Instrument, pair: tuple[Reading, Reading]
) -> None:
    finish(session, instrument, pair[0], NOTES[0], C9="5")
    finish(session, instrument, pair[1], NOTES[1], C9="3")
    place, account = people.place, people.moderator
    for since, n in ((STARTED, 1), (STARTED + timedelta(seconds=1), 0)):
        talks = briefing.disputes(session, place=place, instrument=instrument, account=account, since=since)
        assert len(talks) == n

    settling.settle(
        session,
        place=place,
        public_id=pair[0].public_id,
        instrument=instrument,
        chosen={"C9": Chosen("first")},
        by=account,
        at=STARTED,
    )

    assert found(session, people, instrument) == []
