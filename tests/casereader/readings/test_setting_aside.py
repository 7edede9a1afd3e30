"""Cases that two people read: neither can undo what the other began, nor learns from it that there is another."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from casereader import assignments, readings
from casereader.errors import ConflictError
from casereader.instrument import Instrument
from casereader.models import Account, DrawRecord, Reading
from casereader.readings import Change, Opened
from casereader.vocabulary import INELIGIBLE_REASONS, CaseStatus, ReadingState
from tests.cast import Cast
from tests.reading import STARTED, complete, pair_of, save

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

Pair = tuple[tuple[Opened, Account], tuple[Opened, Account]]
GIVES_AWAY = ("second", "other", "another", "submitted", "reader", "produced", "eligible")


def found(session: Session, reading: Reading) -> tuple[Opened, Account]:
    account = session.get_one(Account, reading.reviewer_id)
    return readings.find(session, public_id=reading.public_id, account=account), account


@pytest.fixture(params=["the second reader says it", "the first reader says it"])
def pair(request: pytest.FixtureRequest, session: Session, record: DrawRecord) -> Pair:
    """The reading of whoever says it, and the other one of its case."""
    first, second = (found(session, reading) for reading in pair_of(session, record=record))
    return (second, first) if request.param.startswith("the second") else (first, second)


def say_not_produced(session: Session, opened: Opened, by: Account) -> None:
    readings.say_not_produced(session, opened=opened, reason="Lost in a move.", by=by, at=STARTED)


def say_ineligible(session: Session, opened: Opened, by: Account) -> None:
    readings.propose_ineligible(session, opened=opened, reason=INELIGIBLE_REASONS[0], by=by, at=STARTED)


SAY = pytest.mark.parametrize("say", [say_not_produced, say_ineligible])


@SAY
@pytest.mark.parametrize("how_far", ["begun", "submitted"])
def test_a_case_that_its_other_reader_has_begun_is_not_set_aside(
    session: Session,
    people: Cast,
    instrument: Instrument,
    pair: Pair,
    say: Callable[[Session, Opened, Account], None],
    how_far: str,
) -> None:
    (opened, who), (other, reader) = pair
    if how_far == "begun":
        readings.begin(session, opened=other, instrument=instrument, by=reader, at=STARTED)
    else:
        complete(session, other, instrument, by=reader)
    counted = [one.id for one in readings.counting(session, people.place.inspection.id or 0)]
    status = opened.sample_case.status

    with pytest.raises(ConflictError) as refused:
        say(session, opened, who)

    assert "Tell the coordinator" in str(refused.value)
    assert not [word for word in GIVES_AWAY if word in str(refused.value)], "the words fit a case read once as well"
    assert opened.sample_case.status is status
    assert [one.id for one in readings.counting(session, people.place.inspection.id or 0)] == counted
    if how_far == "begun":
        save(session, found(session, other.reading)[0], instrument, {"C9": {"value": "5"}}, by=reader)
    readings.hand_back(session, opened=opened, reason="I taught the child.", by=who, at=STARTED)


@SAY
def test_what_was_said_before_either_began_closes_both_and_tells_the_other_no_reason(
    session: Session,
    instrument: Instrument,
    pair: Pair,
    say: Callable[[Session, Opened, Account], None],
) -> None:
    (opened, who), (other, reader) = pair

    say(session, opened, who)

    mine, theirs = found(session, opened.reading)[0], found(session, other.reading)[0]
    assert mine.is_said_here and not theirs.is_said_here
    for deed in (
        lambda: save(session, theirs, instrument, {"C9": {"value": "5"}}, by=reader),
        lambda: readings.begin(session, opened=theirs, instrument=instrument, by=reader, at=STARTED),
        lambda: say(session, theirs, reader),
    ):
        with pytest.raises(ConflictError) as refused:
            deed()
        assert not [word for word in GIVES_AWAY if word in str(refused.value)]


@pytest.mark.parametrize("way", ["not produced", "ineligible", "conflict"])
def test_a_reading_that_was_started_and_not_answered_is_set_aside_as_if_it_had_not_been(
    session: Session, people: Cast, instrument: Instrument, opened: Opened, way: str
) -> None:
    who, filled_in = people.reviewer, instrument.filled_in
    readings.begin(session, opened=opened, instrument=instrument, by=who, at=STARTED)
    opened = found(session, opened.reading)[0]
    assert readings.answers_of(session, opened.key), "the list knows something of every case"

    if way == "not produced":
        readings.say_not_produced(session, opened=opened, reason="Lost.", by=who, at=STARTED, filled_in=filled_in)
        readings.say_turned_up(session, opened=found(session, opened.reading)[0], by=who, at=STARTED)
    elif way == "ineligible":
        reason = INELIGIBLE_REASONS[0]
        readings.propose_ineligible(session, opened=opened, reason=reason, by=who, at=STARTED, filled_in=filled_in)
    else:
        readings.hand_back(session, opened=opened, reason="I knew him.", by=who, at=STARTED, filled_in=filled_in)

    reading = opened.reading
    assert (reading.state, reading.started_at) == (ReadingState.ASSIGNED, None)
    assert readings.answers_of(session, opened.key) == {}
    if way == "not produced":
        opened = found(session, reading)[0]
        readings.begin(session, opened=opened, instrument=instrument, by=who, at=STARTED)
        assert readings.answers_of(session, opened.key), "it begins afresh"


@pytest.mark.parametrize("change", [{"C9": {"value": "5"}}, {"C9": {"discuss": True}}, {"A1": {"note": "Seen."}}])
def test_whatever_a_reader_answered_keeps_the_reading_theirs(
    session: Session, people: Cast, instrument: Instrument, opened: Opened, change: dict[str, Change]
) -> None:
    who, filled_in = people.reviewer, instrument.filled_in
    readings.begin(session, opened=opened, instrument=instrument, by=who, at=STARTED)
    if "A1" in change:
        change = {min(filled_in): change["A1"]}
    save(session, found(session, opened.reading)[0], instrument, change, by=who)
    opened = found(session, opened.reading)[0]

    for deed in (
        lambda: readings.say_not_produced(
            session, opened=opened, reason="Lost.", by=who, at=STARTED, filled_in=filled_in
        ),
        lambda: readings.hand_back(session, opened=opened, reason="Known.", by=who, at=STARTED, filled_in=filled_in),
    ):
        with pytest.raises(ConflictError, match="You have answered"):
            deed()
    assert found(session, opened.reading)[0].is_open


def test_only_whoever_said_that_a_record_was_not_produced_takes_it_back(session: Session, pair: Pair) -> None:
    (opened, who), (other, reader) = pair
    say_not_produced(session, opened, who)

    with pytest.raises(ConflictError, match="Tell the coordinator"):
        readings.say_turned_up(session, opened=found(session, other.reading)[0], by=reader, at=STARTED)
    assert opened.sample_case.status is CaseStatus.NOT_PRODUCED
    readings.say_turned_up(session, opened=found(session, opened.reading)[0], by=who, at=STARTED)

    assert found(session, opened.reading)[0].is_open and found(session, other.reading)[0].is_open


def test_a_record_that_turned_up_is_read_if_a_reading_of_it_counts(
    session: Session, people: Cast, instrument: Instrument, record: DrawRecord
) -> None:
    (first, reader), (second, who) = (found(session, reading) for reading in pair_of(session, record=record))
    complete(session, first, instrument, by=reader)
    if first.reading.needs_countersigning:
        readings.countersign(session, public_id=first.reading.public_id, by=people.reviewer, at=STARTED)
    case = second.sample_case
    case.status, case.reason, case.decided_at, case.decided_by_id = CaseStatus.NOT_PRODUCED, "Lost.", STARTED, who.id

    readings.say_turned_up(session, opened=second, by=who, at=STARTED)

    assert case.status is CaseStatus.READ
    assert first.key in [one.id for one in readings.counting(session, people.place.inspection.id or 0)]


def test_whoever_takes_a_reading_over_can_say_that_its_record_has_turned_up(
    session: Session, people: Cast, opened: Opened
) -> None:
    say_not_produced(session, opened, people.reviewer)
    held = select(Reading.reviewer_id).where(Reading.sample_case_id == opened.sample_case.id)
    readers = (people.second_reviewer, people.local_reviewer)
    to = next(one for one in readers if one.id not in set(session.exec(held)))
    later = STARTED + timedelta(hours=1)
    assignments.give(
        session,
        inspection=people.place.inspection,
        reading=opened.reading,
        to=to,
        reason="On leave.",
        by=people.coordinator,
        at=later,
    )

    readings.say_turned_up(session, opened=found(session, opened.reading)[0], by=to, at=later)

    assert found(session, opened.reading)[0].is_open
