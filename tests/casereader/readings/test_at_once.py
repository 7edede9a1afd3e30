"""Two people at one case at the same instant, each in a transaction of their own, on both databases."""

from sqlalchemy import Engine
from sqlmodel import Session, select

from casereader import readings
from casereader.after_the_draw import replacements, stopping
from casereader.db import transaction
from casereader.instrument import Instrument
from casereader.models import Account, Reading, RecordRequest, Replacement, SampleCase
from casereader.programmes import inspections
from casereader.reading_week import records
from casereader.readings import Opened
from casereader.vocabulary import INELIGIBLE_REASONS, CaseStatus, ReadingState, RecordState
from tests import sampled
from tests.at_once import Deed, at_once
from tests.cast import gather
from tests.reading import STARTED, complete, pair_of


def test_of_two_readers_of_a_case_at_once_the_second_is_told_what_the_first_did(
    engine: Engine, instrument: Instrument
) -> None:
    with transaction(engine) as session:
        people = gather(session, instrument=instrument)
        names = [one.public_id for one in pair_of(session, record=sampled.assign(session, people, instrument))]

    def found(session: Session, which: int) -> tuple[Opened, Account]:
        reading = session.exec(select(Reading).where(Reading.public_id == names[which])).one()
        account = session.get_one(Account, reading.reviewer_id)
        return readings.find(session, public_id=names[which], account=account, to_change=True), account

    def begin(session: Session) -> None:
        opened, account = found(session, 1)
        readings.begin(session, opened=opened, instrument=instrument, by=account, at=STARTED)

    def say_not_produced(session: Session) -> None:
        opened, account = found(session, 0)
        readings.say_not_produced(session, opened=opened, reason="Lost in a move.", by=account, at=STARTED)

    def say_ineligible(session: Session) -> None:
        opened, account = found(session, 0)
        readings.propose_ineligible(session, opened=opened, reason=INELIGIBLE_REASONS[0], by=account, at=STARTED)

    def turn_down(session: Session) -> None:
        place = inspections.place_of(session, inspection_id=people.place.inspection.id or 0)
        waiting = session.exec(select(Replacement)).one()
        replacements.turn_down(
            session, inspection=place.inspection, replacement=waiting, by=people.moderator, at=STARTED
        )

    def turned_up(session: Session) -> None:
        opened, account = found(session, 0)
        readings.say_turned_up(session, opened=opened, by=account, at=STARTED)

    def stands(session: Session) -> tuple[CaseStatus, ReadingState]:
        opened, _ = found(session, 1)
        return opened.sample_case.status, opened.reading.state

    for say, take_back in ((say_not_produced, turned_up), (say_ineligible, turn_down)):
        assert "is not read" in str(at_once(engine, say, begin)), say.__name__
        with transaction(engine) as session:
            assert stands(session)[1] is ReadingState.ASSIGNED, say.__name__
            take_back(session)

    assert "cannot be set aside" in str(at_once(engine, begin, say_not_produced))
    with transaction(engine) as session:
        assert stands(session) == (CaseStatus.WAITING, ReadingState.IN_PROGRESS)


def test_a_reading_handed_in_while_its_case_is_stopped_is_kept_and_the_stopping_refused(
    engine: Engine, instrument: Instrument
) -> None:
    with transaction(engine) as session:
        people = gather(session, instrument=instrument)
        sampled.assign(session, people, instrument)
        name = readings.mine(session, account=people.reviewer)[0].reading.public_id

    def hand_in(session: Session) -> None:
        opened = readings.find(session, public_id=name, account=people.reviewer, to_change=True)
        complete(session, opened, instrument, by=people.reviewer)

    def stop(session: Session) -> None:
        case = session.exec(select(SampleCase).join(Reading).where(Reading.public_id == name)).one()
        stopping.stop(
            session,
            inspection=people.place.inspection,
            public_ids=[case.public_id],
            reason="No time.",
            by=people.coordinator,
            at=STARTED,
        )

    assert "cannot be stopped any more" in str(at_once(engine, hand_in, stop))
    with transaction(engine) as session:
        opened = readings.find(session, public_id=name, account=people.reviewer)
        assert (opened.sample_case.status, opened.reading.state) == (CaseStatus.READ, ReadingState.SUBMITTED)


def test_two_people_who_mark_the_same_record_at_once_mark_it_one_after_the_other(
    engine: Engine, instrument: Instrument
) -> None:
    with transaction(engine) as session:
        people = gather(session, instrument=instrument)
        sampled.draw(session, people, instrument)

    def marking(state: RecordState) -> Deed:
        def deed(session: Session) -> None:
            cases = records.tracked(session, inspection=people.place.inspection, instrument=instrument)
            records.mark(
                session,
                inspection=people.place.inspection,
                cases=cases,
                one_by_one=[(cases[0].public_id, "health")],
                state=state,
                by=people.coordinator,
                at=STARTED,
            )

        return deed

    assert at_once(engine, marking(RecordState.REQUESTED), marking(RecordState.SUPPLIED)) is None
    with transaction(engine) as session:
        assert session.exec(select(RecordRequest.state)).all() == [RecordState.SUPPLIED]
