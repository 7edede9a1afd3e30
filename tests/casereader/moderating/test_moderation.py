"""Moderation: who sees which reading when, signing off, disputes, and settling two readings into a consensus."""

import pytest
from sqlmodel import Session, select

from casereader import audit, readings
from casereader.errors import AbsentError, ConflictError, RefusedError
from casereader.instrument import Answer, Instrument
from casereader.models import Account, DrawRecord, Reading, SavedReply
from casereader.moderating import moderation, settling, unlocking
from casereader.moderating.consensus import UnsettledError, settled_answers
from casereader.moderating.settlements import Chosen
from casereader.readings import Opened
from casereader.vocabulary import ReadingKind, ReadingState
from tests.cast import Cast
from tests.reading import STARTED, complete, pair_of


def finish(session: Session, people: Cast, instrument: Instrument, reading: Reading, **overrides: str) -> Opened:
    """The reading, completed by its reviewer."""
    reader = session.get_one(Account, reading.reviewer_id)
    opened = readings.find(session, public_id=reading.public_id, account=reader)
    complete(session, opened, instrument, by=reader, overrides=overrides)
    if reading.needs_countersigning:
        readings.countersign(session, public_id=reading.public_id, by=people.reviewer, at=STARTED)
    return opened


@pytest.fixture
def pair(session: Session, people: Cast, instrument: Instrument, record: DrawRecord) -> tuple[Reading, Reading]:
    """Two submitted readings of one case that differ in C9 (5 and 3), C10 (5 and 4) and D1."""
    first, second = pair_of(session, record=record)
    finish(session, people, instrument, first, C9="5", C10="5", D1="yes")
    finish(session, people, instrument, second, C9="3", C10="4", D1="cannot_tell")
    return first, second


def listed(session: Session, people: Cast, instrument: Instrument, account: Account) -> list[moderation.Submitted]:
    return moderation.submitted(session, place=people.place, instrument=instrument, account=account)


def test_disputes_show_only_when_both_readings_are_in(
    session: Session, people: Cast, instrument: Instrument, record: DrawRecord
) -> None:
    first, second = pair_of(session, record=record)
    finish(session, people, instrument, first, C9="5")
    assert [one.disputes for one in listed(session, people, instrument, people.moderator)] == [None]

    finish(session, people, instrument, second, C9="3")

    assert [one.disputes for one in listed(session, people, instrument, people.moderator)] == [1, 1]


def test_a_moderator_with_a_reading_of_the_case_to_submit_sees_no_other_of_it(
    session: Session, people: Cast, instrument: Instrument, record: DrawRecord
) -> None:
    first, second = pair_of(session, record=record)
    finish(session, people, instrument, first)
    reader = session.get_one(Account, second.reviewer_id)

    assert listed(session, people, instrument, reader) == []
    with pytest.raises(AbsentError):
        moderation.find(session, place=people.place, public_id=first.public_id, account=reader)
    assert len(listed(session, people, instrument, people.moderator)) == 1


def test_a_reading_that_is_not_submitted_is_nobody_else_s_to_see(
    session: Session, people: Cast, record: DrawRecord
) -> None:
    first, _ = pair_of(session, record=record)

    for account in (people.moderator, people.lead):
        with pytest.raises(AbsentError):
            moderation.find(session, place=people.place, public_id=first.public_id, account=account)


@pytest.mark.parametrize(
    ("a", "b", "disputed"),
    [
        ("4", "3", True),
        ("3", "4", True),
        ("6", "5", False),
        ("6", "4", True),
        ("3", "2", False),
        ("3", "1", True),
        ("5", "5", False),
        ("5", "cannot_be_evaluated", False),
    ],
)
def test_ratings_two_points_apart_or_on_both_sides_of_good_are_in_dispute(
    instrument: Instrument, a: str, b: str, disputed: bool
) -> None:
    assert moderation.is_dispute(instrument.part("C9"), a, b) is disputed
    assert not moderation.is_dispute(instrument.part("C1"), "yes", "no")


def test_a_reading_is_signed_off_by_another_and_then_stays_as_it_is(
    session: Session, people: Cast, instrument: Instrument, pair: tuple[Reading, Reading]
) -> None:
    first, _ = pair
    reader = session.get_one(Account, first.reviewer_id)
    with pytest.raises(RefusedError, match="your own"):
        moderation.sign_off(session, place=people.place, public_id=first.public_id, by=reader, at=STARTED)

    moderation.sign_off(session, place=people.place, public_id=first.public_id, by=people.moderator, at=STARTED)
    moderation.sign_off(session, place=people.place, public_id=first.public_id, by=people.lead, at=STARTED)

    assert (first.state, first.signed_off_by_id) == (ReadingState.SIGNED_OFF, people.moderator.id)
    assert session.exec(select(SavedReply).where(SavedReply.reading_id == first.id)).all() == []
    opened = readings.find(session, public_id=first.public_id, account=reader)
    with pytest.raises(ConflictError, match="signed off"):
        readings.reopen(session, opened=opened, reason="Late thought.", by=reader, at=STARTED)
    assert first in readings.counting(session, people.place.inspection.id or 0)
    assert instrument.id == first.instrument_id


def test_a_local_reviewer_s_reading_is_countersigned_before_it_is_signed_off(
    session: Session, people: Cast, instrument: Instrument, record: DrawRecord
) -> None:
    assert record.id
    opened = next(
        one for one in readings.mine(session, account=people.local_reviewer) if one.reading.kind is ReadingKind.FIRST
    )
    complete(session, opened, instrument, by=people.local_reviewer)
    name = opened.reading.public_id

    with pytest.raises(RefusedError, match="countersigns"):
        moderation.sign_off(session, place=people.place, public_id=name, by=people.moderator, at=STARTED)
    readings.countersign(session, public_id=name, by=people.reviewer, at=STARTED)
    moderation.sign_off(session, place=people.place, public_id=name, by=people.moderator, at=STARTED)

    assert opened.reading.state is ReadingState.SIGNED_OFF


def test_settling_makes_a_consensus_that_counts_and_keeps_the_originals(
    session: Session, people: Cast, instrument: Instrument, pair: tuple[Reading, Reading]
) -> None:
    first, second = pair
    chosen = {
        "C9": Chosen("second"),
        "C10": Chosen("first"),
        "D1": Chosen("other", value="no", reason="No plan dated after March."),
    }

    consensus = settling.settle(
        session,
        place=people.place,
        public_id=second.public_id,
        instrument=instrument,
        chosen=chosen,
        by=people.moderator,
        at=STARTED,
    )

    answers = readings.answers_of(session, consensus.id or 0)
    assert (answers["C9"].value, answers["C10"].value) == ("3", "5")
    assert answers["D1"] == Answer("no", "No plan dated after March.")
    assert answers["E7"].value == "4"
    assert (first.state, second.state) == (ReadingState.SETTLED, ReadingState.SETTLED)
    assert [one.id for one in readings.counting(session, people.place.inspection.id or 0)] == [consensus.id]
    assert readings.answers_of(session, first.id or 0)["C9"].value == "5", "agreement is measured on the originals"
    with pytest.raises(ConflictError, match="settled already"):
        settling.settle(
            session,
            place=people.place,
            public_id=first.public_id,
            instrument=instrument,
            chosen=chosen,
            by=people.moderator,
            at=STARTED,
        )


def test_everything_that_is_not_settled_is_told_at_once(
    session: Session, people: Cast, instrument: Instrument, pair: tuple[Reading, Reading]
) -> None:
    with pytest.raises(UnsettledError) as refused:
        settling.settle(
            session,
            place=people.place,
            public_id=pair[0].public_id,
            instrument=instrument,
            chosen={"C9": Chosen("other", value="9"), "C10": Chosen("other", reason="x")},
            by=people.moderator,
            at=STARTED,
        )

    assert list(refused.value.faults) == ["C9", "C10", "D1"]
    assert pair[0].state is not ReadingState.SETTLED


def test_the_readers_do_not_settle_their_own(
    session: Session, people: Cast, instrument: Instrument, pair: tuple[Reading, Reading]
) -> None:
    for reading in pair:
        reader = session.get_one(Account, reading.reviewer_id)
        with pytest.raises(ConflictError, match="your own"):
            settling.settle(
                session,
                place=people.place,
                public_id=reading.public_id,
                instrument=instrument,
                chosen={},
                by=reader,
                at=STARTED,
            )


def test_a_question_that_the_chosen_answers_open_is_asked_for(instrument: Instrument) -> None:
    first, second = {"D8": Answer("no")}, {"D8": Answer("cannot_tell")}
    other = Chosen("other", value="yes", reason="Six weeks without a visit.")

    with pytest.raises(UnsettledError) as refused:
        settled_answers(instrument, first, second, {"D8": other}, stratum="b")
    assert "D8.reason" in refused.value.faults

    with pytest.raises(UnsettledError) as refused:
        reason = Chosen("other", value="staffing", reason="The worker had left.")
        settled_answers(instrument, first, second, {"D8": other, "D8.reason": reason}, stratum="b")
    assert "D8.reason" not in refused.value.faults


SETTLED = {"C9": Chosen("second"), "C10": Chosen("first"), "D1": Chosen("first")}


def settle(session: Session, people: Cast, instrument: Instrument, reading: Reading) -> Reading:
    return settling.settle(
        session,
        place=people.place,
        public_id=reading.public_id,
        instrument=instrument,
        chosen=SETTLED,
        by=people.lead,
        at=STARTED,
    )


def test_settling_signs_off_both_readings_as_signing_off_does(
    session: Session, people: Cast, instrument: Instrument, pair: tuple[Reading, Reading]
) -> None:
    first, second = pair
    moderation.sign_off(session, place=people.place, public_id=first.public_id, by=people.moderator, at=STARTED)

    settle(session, people, instrument, first)

    signed = audit.deeds(session, "reading signed off", object_ids=[first.public_id, second.public_id])
    assert [(one.object_id, one.by_id) for one in signed] == [
        (first.public_id, people.moderator.id),
        (second.public_id, people.lead.id),
    ]
    assert session.exec(select(SavedReply)).all() == [], "a save sent again is answered by what is signed off"


def test_a_consensus_is_signed_by_whoever_settled_and_locked_with_its_pair(
    session: Session, people: Cast, instrument: Instrument, pair: tuple[Reading, Reading]
) -> None:
    consensus = settle(session, people, instrument, pair[0])
    assert (consensus.state, consensus.signed_off_by_id) == (ReadingState.SETTLED, people.lead.id)

    assert readings.lock_all(session, place=people.place, by=people.lead, at=STARTED) == 3

    assert {one.state for one in (*pair, consensus)} == {ReadingState.LOCKED}
    assert [one.id for one in readings.counting(session, people.place.inspection.id or 0)] == [consensus.id]


def test_a_settled_pair_is_opened_again_and_then_locked_without_its_consensus(
    session: Session, people: Cast, instrument: Instrument, pair: tuple[Reading, Reading]
) -> None:
    first, second = pair
    settle(session, people, instrument, first)
    asked = unlocking.ask(
        session, place=people.place, public_id=second.public_id, reason="A page.", by=people.moderator, at=STARTED
    )
    unlocking.grant(session, place=people.place, public_id=asked.public_id, answer="Yes.", by=people.lead, at=STARTED)

    assert readings.lock_all(session, place=people.place, by=people.lead, at=STARTED) == 1

    assert (first.state, second.state) == (ReadingState.LOCKED, ReadingState.IN_PROGRESS)
