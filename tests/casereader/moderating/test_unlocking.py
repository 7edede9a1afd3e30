"""Opening a signed-off reading again: two people, one of them a lead; a settled pair comes apart, a locked one not."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from casereader import readings
from casereader.errors import AbsentError, ConflictError, RefusedError
from casereader.instrument import Instrument
from casereader.models import Account, Action, DrawRecord, Reading, SampleCase, Settlement, Unlock
from casereader.moderating import moderation, settlements, settling, unlocking
from casereader.moderating.settlements import Chosen
from casereader.people import accounts
from casereader.programmes import inspections
from casereader.vocabulary import CaseStatus, ReadingKind, ReadingState, Role
from tests.cast import Cast
from tests.reading import STARTED, complete, given_to, pair_of

LATER = STARTED + timedelta(days=1)


@pytest.fixture
def pair(session: Session, people: Cast, instrument: Instrument, record: DrawRecord) -> tuple[Reading, Reading]:
    """Two readings of one case, both signed off; they differ in C9 (5 and 3)."""
    found = pair_of(session, record=record)
    for reading, rating in zip(found, ("5", "3"), strict=True):
        submit(session, reading, instrument, C9=rating)
        moderation.sign_off(session, place=people.place, public_id=reading.public_id, by=people.moderator, at=STARTED)
    return found


def submit(
    session: Session, reading: Reading, instrument: Instrument, *, at: datetime = STARTED, **overrides: str
) -> None:
    reader = session.get_one(Account, reading.reviewer_id)
    opened = readings.find(session, public_id=reading.public_id, account=reader)
    complete(session, opened, instrument, by=reader, at=at, overrides=overrides)


def settle(session: Session, people: Cast, instrument: Instrument, reading: Reading) -> Reading:
    return settling.settle(
        session,
        place=people.place,
        public_id=reading.public_id,
        instrument=instrument,
        chosen={"C9": Chosen("second")},
        by=people.moderator,
        at=STARTED,
    )


def ask(session: Session, people: Cast, reading: Reading, by: Account) -> Unlock:
    return unlocking.ask(
        session, place=people.place, public_id=reading.public_id, reason="A record turned up.", by=by, at=LATER
    )


def grant(session: Session, people: Cast, asked: Unlock, by: Account) -> Reading:
    return unlocking.grant(
        session, place=people.place, public_id=asked.public_id, answer="Read it again.", by=by, at=LATER
    )


def test_a_reading_goes_back_to_its_reader_once_another_person_grants_it(
    session: Session, people: Cast, instrument: Instrument, pair: tuple[Reading, Reading]
) -> None:
    first, _ = pair
    case = session.get_one(SampleCase, first.sample_case_id)
    asked = ask(session, people, first, people.moderator)
    assert first.state is ReadingState.SIGNED_OFF and case.status is CaseStatus.READ

    grant(session, people, asked, people.lead)

    assert (first.state, first.submitted_at, first.signed_off_by_id) == (ReadingState.IN_PROGRESS, None, None)
    assert (first.reopened_reason, first.first_submitted_at) == ("A record turned up.", STARTED)
    assert (asked.is_granted, asked.decided_by_id, asked.answer) == (True, people.lead.id, "Read it again.")
    session.refresh(case)
    assert case.status is CaseStatus.WAITING
    submit(session, first, instrument, at=LATER, C9="2")
    history = readings.history(session, reading_id=first.id or 0, question_keys=["C9"])
    assert [one.row.after["value"] for one in history] == ["2", "5"], "the history is kept"
    assert first.first_submitted_at == STARTED
    measured = readings.values_as_submitted(session, [first.id or 0])[first.id or 0]
    assert measured["C9"] == "5", "agreement is of the answers as first submitted"


def test_the_one_who_decides_is_another_and_one_of_the_two_a_lead(
    session: Session, people: Cast, pair: tuple[Reading, Reading]
) -> None:
    asked = ask(session, people, pair[0], people.moderator)
    for by, why in ((people.moderator, "somebody else"), (people.coordinator, "must be a lead")):
        with pytest.raises(RefusedError, match=why):
            grant(session, people, asked, by)
        with pytest.raises(RefusedError, match=why):
            unlocking.refuse(session, place=people.place, public_id=asked.public_id, answer="No.", by=by, at=LATER)
    other = ask(session, people, pair[1], people.lead)
    assert grant(session, people, other, people.coordinator).state is ReadingState.IN_PROGRESS


def test_whose_account_one_made_is_no_second_person(
    session: Session, people: Cast, pair: tuple[Reading, Reading]
) -> None:
    made = accounts.create(session, email="made@cast.example", name="Made Up", by=people.lead, at=STARTED)
    inspections.give_role(
        session,
        inspection=people.place.inspection,
        account=made,
        role=Role.MODERATOR,
        by=people.coordinator,
        at=STARTED,
    )
    asked = ask(session, people, pair[0], made)

    with pytest.raises(RefusedError, match="do not count as two people"):
        grant(session, people, asked, people.lead)


def test_nobody_decides_on_their_own_reading(session: Session, people: Cast, pair: tuple[Reading, Reading]) -> None:
    reader = session.get_one(Account, pair[0].reviewer_id)
    inspections.give_role(
        session, inspection=people.place.inspection, account=reader, role=Role.LEAD, by=people.lead, at=STARTED
    )
    asked = ask(session, people, pair[0], people.moderator)

    with pytest.raises(RefusedError, match="your own reading"):
        grant(session, people, asked, reader)


def test_what_is_refused_or_taken_back_leaves_the_reading_as_it_is(
    session: Session, people: Cast, pair: tuple[Reading, Reading]
) -> None:
    first, _ = pair
    asked = ask(session, people, first, people.moderator)
    with pytest.raises(ConflictError, match="asked already"):
        ask(session, people, first, people.lead)
    with pytest.raises(RefusedError, match="Say why"):
        unlocking.refuse(session, place=people.place, public_id=asked.public_id, answer=" ", by=people.lead, at=LATER)
    unlocking.refuse(session, place=people.place, public_id=asked.public_id, answer="No.", by=people.lead, at=LATER)
    with pytest.raises(ConflictError, match="decided or taken back already"):
        grant(session, people, asked, people.lead)
    again = ask(session, people, first, people.moderator)
    with pytest.raises(RefusedError, match="Somebody else asked"):
        unlocking.take_back(session, place=people.place, public_id=again.public_id, by=people.lead, at=LATER)
    unlocking.take_back(session, place=people.place, public_id=again.public_id, by=people.moderator, at=LATER)

    assert first.state is ReadingState.SIGNED_OFF
    found = unlocking.of_inspection(session, place=people.place, account=people.lead)
    ended = {(one.unlock.is_granted, one.decider, one.unlock.taken_back_at is not None) for one in found}
    assert ended == {(False, people.lead.name, False), (None, "", True)}
    assert {one.unlock.reason for one in found} == {"A record turned up."}, "the reason of what is taken back is kept"
    assert ask(session, people, first, people.lead).waits


def test_a_settled_pair_comes_apart_and_its_answers_are_kept(
    session: Session, people: Cast, instrument: Instrument, pair: tuple[Reading, Reading]
) -> None:
    first, second = pair
    consensus = settle(session, people, instrument, first)
    key, case = consensus.id, first.sample_case_id
    inspection, lead = people.place.inspection.id or 0, people.lead.id or 0
    session.add(
        Action(inspection_id=inspection, reading_id=key or 0, what="A plan.", raised_at=STARTED, raised_by_id=lead)
    )
    session.flush()
    asked = ask(session, people, second, people.moderator)
    assert any("comes apart" in one for one in unlocking.warnings(session, place=people.place, reading=second))

    grant(session, people, asked, people.lead)

    assert (first.state, second.state) == (ReadingState.SIGNED_OFF, ReadingState.IN_PROGRESS)
    assert session.exec(select(Reading).where(Reading.id == key)).first() is None
    kept = session.exec(select(Settlement)).one()
    assert (kept.undone_by_id, kept.settled_by_id) == (people.lead.id, people.moderator.id)
    assert kept.answers["C9"]["value"] == "3"
    assert session.exec(select(Action)).one().reading_id == first.id, "what must be put right is not lost"
    assert [one.id for one in readings.counting(session, people.place.inspection.id or 0)] == [first.id]
    assert [name for _, name in settlements.undone(session, sample_case_id=case)] == [people.lead.name]

    submit(session, second, instrument, C9="3")
    settle(session, people, instrument, first)
    assert len(session.exec(select(Settlement)).all()) == 2


def test_a_consensus_from_before_settlements_were_kept_comes_apart_too(
    session: Session, people: Cast, instrument: Instrument, pair: tuple[Reading, Reading]
) -> None:
    settle(session, people, instrument, pair[0])
    session.delete(session.exec(select(Settlement)).one())
    session.flush()

    grant(session, people, ask(session, people, pair[0], people.moderator), people.lead)

    kept = session.exec(select(Settlement)).one()
    assert (kept.settled_by_id, kept.undone_by_id) == (people.moderator.id, people.lead.id)
    assert kept.answers["C9"]["value"] == "3"


def test_a_local_reviewer_s_reading_must_be_countersigned_again(
    session: Session, people: Cast, instrument: Instrument, record: DrawRecord
) -> None:
    assert record.id
    opened = given_to(session, people.local_reviewer)[0]
    complete(session, opened, instrument, by=people.local_reviewer)
    name = opened.reading.public_id
    readings.countersign(session, public_id=name, by=people.reviewer, at=STARTED)
    moderation.sign_off(session, place=people.place, public_id=name, by=people.moderator, at=STARTED)

    grant(session, people, ask(session, people, opened.reading, people.moderator), people.lead)
    submit(session, opened.reading, instrument)

    assert (opened.reading.state, opened.reading.countersigned_at) == (ReadingState.SUBMITTED, None)
    with pytest.raises(RefusedError, match="countersigns"):
        moderation.sign_off(session, place=people.place, public_id=name, by=people.moderator, at=LATER)


def test_what_is_locked_never_opens_again(
    session: Session, people: Cast, instrument: Instrument, pair: tuple[Reading, Reading]
) -> None:
    first, second = pair
    asked = ask(session, people, first, people.moderator)
    readings.lock_all(session, place=people.place, by=people.lead, at=LATER)

    with pytest.raises(ConflictError, match="never opens again"):
        grant(session, people, asked, people.lead)
    with pytest.raises(ConflictError, match="never opens again"):
        ask(session, people, second, people.moderator)
    assert instrument.id and first.state is ReadingState.LOCKED


def test_only_what_is_signed_off_is_asked_for_and_a_consensus_is_not(
    session: Session, people: Cast, instrument: Instrument, record: DrawRecord
) -> None:
    first, second = pair_of(session, record=record)
    with pytest.raises(AbsentError):
        ask(session, people, first, people.moderator)
    submit(session, first, instrument, C9="5")
    with pytest.raises(ConflictError, match="its reader can reopen it"):
        ask(session, people, first, people.moderator)
    submit(session, second, instrument, C9="3")
    consensus = settle(session, people, instrument, first)
    with pytest.raises(ConflictError, match="one of the two readings"):
        ask(session, people, consensus, people.moderator)
    assert consensus.kind is ReadingKind.CONSENSUS


def test_what_is_asked_of_a_reading_is_hidden_from_who_must_stay_blind(
    session: Session, people: Cast, pair: tuple[Reading, Reading]
) -> None:
    first, second = pair
    asked = ask(session, people, first, people.moderator)
    reader = session.get_one(Account, second.reviewer_id)
    inspections.give_role(
        session, inspection=people.place.inspection, account=reader, role=Role.LEAD, by=people.lead, at=STARTED
    )
    assert len(unlocking.of_inspection(session, place=people.place, account=reader)) == 1
    grant(session, people, ask(session, people, second, people.moderator), people.lead)

    found = unlocking.of_inspection(session, place=people.place, account=reader)

    assert [one.reading.id for one in found] == [second.id], "their own, and nothing of the other reading"
    with pytest.raises(AbsentError):
        unlocking.find(session, place=people.place, public_id=asked.public_id, account=reader)
