"""When a reader falls out: begun readings go on or start anew with somebody else, one by one or all in one step."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from casereader import assignments, readings
from casereader.errors import AbsentError, RefusedError
from casereader.instrument import Instrument
from casereader.models import Account, AnswerRevision, DrawRecord, Reading
from casereader.programmes import inspections
from casereader.readings import NOTES, Notes, Opened
from casereader.vocabulary import Begun, ReadingKind, ReadingState
from tests.cast import Cast
from tests.reading import STARTED, again, complete, given_to, save

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def begun(session: Session, people: Cast, instrument: Instrument, record: DrawRecord) -> Opened:
    """A reading of the reviewer, of a case read once, with an answer and a note."""
    assert record.id
    twice = set(session.exec(select(Reading.sample_case_id).where(Reading.kind == ReadingKind.SECOND)))
    opened = next(one for one in given_to(session, people.reviewer) if one.sample_case.id not in twice)
    changes = {"C9": {"value": "2", "note": "Nothing was analysed, in May or later."}, NOTES: {"value": "Seen alone."}}
    save(session, opened, instrument, changes, by=people.reviewer)
    return opened


def give(session: Session, people: Cast, opened: Opened, to: Account, how: Begun | None) -> None:
    assignments.give(
        session,
        inspection=people.place.inspection,
        reading=opened.reading,
        to=to,
        reason="Illness.",
        begun=how,
        by=people.coordinator,
        at=STARTED,
    )


def test_a_begun_reading_changes_hands_only_when_it_is_said_what_becomes_of_its_answers(
    session: Session, people: Cast, begun: Opened
) -> None:
    with pytest.raises(RefusedError, match="kept or it starts anew"):
        give(session, people, begun, people.second_reviewer, None)


def test_whoever_loses_the_role_of_a_reader_is_named_with_the_records_left_until_others_have_them(
    session: Session, people: Cast, begun: Opened
) -> None:
    inspection = people.place.inspection
    assert assignments.left_behind(session, inspection=inspection) == []
    for entry in inspections.members(session, inspection=inspection, account=people.reviewer):
        inspections.take_role(session, inspection=inspection, entry=entry, by=people.coordinator, at=STARTED)

    ((who, n),) = assignments.left_behind(session, inspection=inspection)
    assert who == people.reviewer
    assert n >= len(given_to(session, people.reviewer))
    give(session, people, begun, people.second_reviewer, Begun.KEEP)
    assert assignments.left_behind(session, inspection=inspection) == [(people.reviewer, n - 1)]


def test_whoever_keeps_the_answers_goes_on_with_them_and_is_told_whose_they_are(
    session: Session, people: Cast, begun: Opened
) -> None:
    give(session, people, begun, people.second_reviewer, Begun.KEEP)

    opened = again(session, begun, people.second_reviewer)
    assert opened.reading.state is ReadingState.IN_PROGRESS
    assert readings.answers_of(session, opened.key)["C9"].value == "2"
    assert readings.begun_by(session, opened=opened) == people.reviewer.name
    assert {one.who for one in readings.history(session, reading_id=opened.key)} == {people.reviewer.name}
    assert readings.notes_of(session, opened.key) == Notes()
    with pytest.raises(AbsentError):
        again(session, begun, people.reviewer)


def test_whoever_starts_anew_finds_no_answer_and_no_history_but_the_revisions_keep_both(
    session: Session, people: Cast, instrument: Instrument, begun: Opened
) -> None:
    give(session, people, begun, people.second_reviewer, Begun.ANEW)

    opened = again(session, begun, people.second_reviewer)
    assert (opened.reading.state, opened.reading.begun_by_id) == (ReadingState.ASSIGNED, None)
    assert readings.answers_of(session, opened.key) == {}
    assert readings.history(session, reading_id=opened.key) == []
    assert readings.minutes_so_far(session, reading_id=opened.key) == 0
    kept = session.exec(select(AnswerRevision).where(AnswerRevision.reading_id == opened.key)).all()
    assert "2" in {row.after["value"] for row in kept}

    save(session, opened, instrument, {"C9": {"value": "5"}}, by=people.second_reviewer)
    assert {one.who for one in readings.history(session, reading_id=opened.key)} == {people.second_reviewer.name}


@pytest.mark.parametrize("how", Begun)
def test_whoever_began_the_first_reading_never_gets_the_second(
    session: Session, people: Cast, instrument: Instrument, record: DrawRecord, how: Begun
) -> None:
    assert record.id
    second = session.exec(select(Reading).where(Reading.kind == ReadingKind.SECOND)).first()
    assert second is not None
    first = session.exec(
        select(Reading).where(Reading.sample_case_id == second.sample_case_id, Reading.kind == ReadingKind.FIRST)
    ).one()
    holder = session.get_one(Account, first.reviewer_id)
    opened = readings.find(session, public_id=first.public_id, account=holder)
    save(session, opened, instrument, {"C9": {"value": "2"}}, by=holder)
    others = assignments.may_take(session, inspection=people.place.inspection, reading=first)
    if not others:
        pytest.fail("the cast has nobody to take the first reading over")
    give(session, people, opened, others[0], how)

    assert holder not in assignments.may_take(session, inspection=people.place.inspection, reading=second)


def test_a_submitted_reading_never_changes_hands(
    session: Session, people: Cast, instrument: Instrument, begun: Opened
) -> None:
    complete(session, again(session, begun, people.reviewer), instrument, by=people.reviewer)

    with pytest.raises(RefusedError, match="is submitted"):
        give(session, people, begun, people.second_reviewer, Begun.KEEP)


def test_all_open_readings_of_one_who_falls_ill_go_to_the_others_as_it_was_shown(
    session: Session, people: Cast, instrument: Instrument, begun: Opened
) -> None:
    inspection = people.place.inspection
    done = next(one for one in given_to(session, people.reviewer) if one.key != begun.key)
    complete(session, done, instrument, by=people.reviewer)
    shown = assignments.moves_of(session, inspection=inspection, reader=people.reviewer, today=STARTED.date())
    assert done.case_ref not in {one.case_ref for one in shown.moves}
    move = {
        "inspection": inspection,
        "reader": people.reviewer,
        "as_shown": shown.digest,
        "takes_days": True,
        "by": people.coordinator,
        "at": STARTED,
    }
    with pytest.raises(RefusedError) as refused:
        assignments.move_all(session, begun=None, reason="", **move)
    assert len(refused.value.reasons) == 2

    moved = assignments.move_all(session, begun=Begun.KEEP, reason="Illness.", **move)

    going = {one.reading.public_id: one.to for one in moved.moves if one.to is not None}
    assert going
    for one in moved.moves:
        expected = one.to.id if one.to else people.reviewer.id
        assert session.get_one(Reading, one.reading.id).reviewer_id == expected
    pairs = session.exec(select(Reading.sample_case_id, Reading.reviewer_id)).all()
    assert len(pairs) == len(set(pairs))
    with pytest.raises(RefusedError, match="Nothing of"):
        assignments.move_all(session, begun=Begun.KEEP, reason="Again.", **move)
