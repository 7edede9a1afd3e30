"""Submission, reopening, countersigning, what cannot be read, and which readings count."""

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from casereader import assignments, readings
from casereader.after_the_draw import replacements
from casereader.errors import AbsentError, ConflictError, RefusedError
from casereader.instrument import Instrument
from casereader.models import AuditEvent, DrawRecord, Reading, Replacement, SampleCase
from casereader.readings import IncompleteError, Opened
from casereader.vocabulary import INELIGIBLE_REASONS, CaseStatus, ReadingKind, ReadingState
from tests.cast import Cast
from tests.reading import STARTED, again, complete, given_to, pair_of, save


def statuses(session: Session) -> dict[int | None, CaseStatus]:
    session.expire_all()
    return {one.id: one.status for one in session.exec(select(SampleCase))}


def test_a_complete_reading_is_submitted_and_its_case_is_read(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    reading = complete(session, opened, instrument, by=people.reviewer)

    assert (reading.state, reading.submitted_at, reading.read_on) == (
        ReadingState.SUBMITTED,
        STARTED,
        STARTED.date(),
    )
    assert not reading.needs_countersigning
    assert statuses(session)[opened.sample_case.id] is CaseStatus.READ
    counted = readings.counting(session, people.place.inspection.id or 0)
    assert [one.id for one in counted] == [reading.id]


def test_an_incomplete_reading_is_refused_with_everything_that_is_missing(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    save(session, opened, instrument, {"C9": {"value": "1"}}, by=people.reviewer)

    with pytest.raises(IncompleteError) as refused:
        readings.submit(session, opened=opened, instrument=instrument, declared=True, by=people.reviewer, at=STARTED)

    keys = [one.key for one in refused.value.missing]
    assert "C1" in keys and "D11" in keys
    (says,) = [one.says for one in refused.value.missing if one.key == "C9"]
    assert says.startswith("“Unsatisfactory” needs a note")
    assert opened.reading.state is ReadingState.IN_PROGRESS


def test_minutes_are_measured_from_the_saves_unless_the_reader_gives_them(
    session: Session, people: Cast, instrument: Instrument, record: DrawRecord
) -> None:
    assert record.id
    measured, given = given_to(session, people.reviewer)[:2]
    for minute in (0, 10, 20):
        at = STARTED + timedelta(minutes=minute)
        save(session, measured, instrument, {"C9": {"value": str(minute // 10 + 3)}}, by=people.reviewer, at=at)
    later = STARTED + timedelta(minutes=25)

    assert complete(session, measured, instrument, by=people.reviewer, at=later).minutes == 25
    assert complete(session, given, instrument, by=people.reviewer, overrides={"J9": "42"}).minutes == 42


def test_a_reopened_reading_counts_no_more_until_it_is_submitted_again(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    complete(session, opened, instrument, by=people.reviewer)
    with pytest.raises(RefusedError, match="why"):
        readings.reopen(session, opened=opened, reason=" ", by=people.reviewer, at=STARTED)

    readings.reopen(session, opened=opened, reason="A record turned up.", by=people.reviewer, at=STARTED)

    assert statuses(session)[opened.sample_case.id] is CaseStatus.WAITING
    assert readings.counting(session, people.place.inspection.id or 0) == []
    opened = again(session, opened, people.reviewer)
    readings.submit(session, opened=opened, instrument=instrument, declared=True, by=people.reviewer, at=STARTED)
    assert statuses(session)[opened.sample_case.id] is CaseStatus.READ


def test_a_local_reviewer_s_reading_counts_only_when_the_paired_inspector_has_countersigned(
    session: Session, people: Cast, instrument: Instrument, record: DrawRecord
) -> None:
    assert record.id
    opened = given_to(session, people.local_reviewer)[0]
    reading = complete(session, opened, instrument, by=people.local_reviewer)
    key = people.place.inspection.id or 0
    assert readings.counting(session, key) == []
    assert statuses(session)[opened.sample_case.id] is CaseStatus.WAITING
    for account in (people.local_reviewer, people.second_reviewer, people.moderator, people.lead):
        with pytest.raises(AbsentError):
            readings.countersign(session, public_id=reading.public_id, by=account, at=STARTED)

    assert [one.key for one in readings.to_countersign(session, account=people.reviewer)] == [reading.id]
    readings.countersign(session, public_id=reading.public_id, by=people.reviewer, at=STARTED)

    assert reading.state is ReadingState.COUNTERSIGNED
    assert [one.id for one in readings.counting(session, key)] == [reading.id]
    assert statuses(session)[opened.sample_case.id] is CaseStatus.READ
    assert readings.to_countersign(session, account=people.reviewer) == []
    readings.reopen(session, opened=opened, reason="Mistake.", by=people.local_reviewer, at=STARTED)
    assert (reading.countersigned_at, reading.countersigned_by_id) == (None, None)
    assert readings.counting(session, key) == []


def test_a_paired_inspector_who_reads_the_same_case_sees_it_only_after_their_own_is_in(
    session: Session, people: Cast, instrument: Instrument, record: DrawRecord
) -> None:
    assert record.id
    twice = set(session.exec(select(Reading.sample_case_id).where(Reading.kind == ReadingKind.SECOND)))
    opened = next(one for one in given_to(session, people.local_reviewer) if one.reading.sample_case_id not in twice)
    second = next(one.reading for one in given_to(session, people.reviewer) if one.reading.sample_case_id not in twice)
    second.sample_case_id, second.kind = opened.reading.sample_case_id, ReadingKind.SECOND
    session.add(second)
    session.flush()
    reading = complete(session, opened, instrument, by=people.local_reviewer)

    assert readings.to_countersign(session, account=people.reviewer) == []
    own = readings.find(session, public_id=second.public_id, account=people.reviewer)
    complete(session, own, instrument, by=people.reviewer)
    assert [one.key for one in readings.to_countersign(session, account=people.reviewer)] == [reading.id]


def test_a_second_reading_alone_never_counts(
    session: Session, people: Cast, instrument: Instrument, record: DrawRecord
) -> None:
    first, second = pair_of(session, record=record)
    reader = next(one for one in (people.reviewer, people.second_reviewer) if one.id == second.reviewer_id)
    opened = readings.find(session, public_id=second.public_id, account=reader)
    complete(session, opened, instrument, by=reader)

    assert readings.counting(session, people.place.inspection.id or 0) == []
    assert statuses(session)[first.sample_case_id] is CaseStatus.WAITING


def test_readings_of_a_voided_draw_count_for_nothing_and_are_found_no_more(
    session: Session, people: Cast, instrument: Instrument, opened: Opened, record: DrawRecord
) -> None:
    complete(session, opened, instrument, by=people.reviewer)
    record.voided_at, record.void_reason = STARTED, "A wrong list."
    record.voided_by_id, record.void_confirmed_by_id = people.coordinator.id, people.lead.id
    session.add(record)
    session.flush()

    assert readings.counting(session, people.place.inspection.id or 0) == []
    assert readings.mine(session, account=people.reviewer) == []


def test_a_not_produced_record_is_decided_with_its_reason_and_may_turn_up(
    session: Session, people: Cast, opened: Opened
) -> None:
    readings.say_not_produced(session, opened=opened, reason="Lost in a move.", by=people.reviewer, at=STARTED)

    case = opened.sample_case
    assert (case.status, case.reason, case.decided_at, case.decided_by_id) == (
        CaseStatus.NOT_PRODUCED,
        "Lost in a move.",
        STARTED,
        people.reviewer.id,
    )
    with pytest.raises(ConflictError):
        readings.hand_back(session, opened=opened, reason="x", by=people.reviewer, at=STARTED)
    readings.say_turned_up(session, opened=opened, by=people.reviewer, at=STARTED)
    assert (case.status, case.reason, case.decided_at) == (CaseStatus.WAITING, None, None)


def test_an_ineligible_case_waits_for_somebody_else_to_confirm(
    session: Session, people: Cast, instrument: Instrument, opened: Opened
) -> None:
    with pytest.raises(RefusedError, match="listed reasons"):
        readings.propose_ineligible(session, opened=opened, reason="Too hard", by=people.reviewer, at=STARTED)

    readings.propose_ineligible(session, opened=opened, reason=INELIGIBLE_REASONS[0], by=people.reviewer, at=STARTED)

    opened = again(session, opened, people.reviewer)
    assert opened.is_set_aside and opened.sample_case.status is CaseStatus.WAITING
    with pytest.raises(ConflictError, match="not eligible"):
        save(session, opened, instrument, {"C9": {"value": "5"}}, by=people.reviewer)
    proposed = session.exec(select(Replacement)).one()
    replacements.turn_down(
        session, inspection=people.place.inspection, replacement=proposed, by=people.moderator, at=STARTED
    )
    assert again(session, opened, people.reviewer).is_open


def test_a_conflict_of_interest_hands_the_case_back_and_another_reads_it(
    session: Session, people: Cast, opened: Opened, record: DrawRecord
) -> None:
    assert record.id
    readings.hand_back(session, opened=opened, reason="I taught the child.", by=people.reviewer, at=STARTED)

    with pytest.raises(AbsentError):
        again(session, opened, people.reviewer)
    give = {"inspection": people.place.inspection, "reading": opened.reading, "by": people.coordinator, "at": STARTED}
    with pytest.raises(RefusedError, match="handed this case back"):
        assignments.give(session, to=people.reviewer, reason="Again", **give)  # type: ignore[arg-type]
    twin = {one.sample_case.id for one in readings.mine(session, account=people.second_reviewer)}
    other = people.second_reviewer if opened.sample_case.id not in twin else people.local_reviewer
    assignments.give(session, to=other, reason="Conflict of interest", **give)  # type: ignore[arg-type]
    assert readings.find(session, public_id=opened.reading.public_id, account=other).is_open


def test_every_step_is_on_the_trail(session: Session, people: Cast, instrument: Instrument, opened: Opened) -> None:
    complete(session, opened, instrument, by=people.reviewer)
    readings.reopen(session, opened=opened, reason="Mistake.", by=people.reviewer, at=STARTED)

    of_reading = select(AuditEvent).where(AuditEvent.object_id == opened.reading.public_id)
    events = session.exec(of_reading.order_by(col(AuditEvent.n))).all()
    assert [event.action for event in events] == ["answers saved", "reading submitted", "reading reopened"]
    assert "Mistake." not in str([event.body for event in events])
