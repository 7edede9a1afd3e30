"""The two readers of a case, and a moderator, at its settling at the same instant, on both databases."""

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from casereader import readings
from casereader.db import transaction
from casereader.instrument import Instrument
from casereader.models import Account, Reading, Settlement
from casereader.moderating import moderation, proposals, seen, settlements, settling
from casereader.moderating.settlements import Chosen
from casereader.programmes import inspections
from tests import sampled
from tests.at_once import at_once
from tests.cast import Cast, gather
from tests.reading import STARTED, complete, pair_of


class Room:
    """Two submitted readings of one case that differ in C9, and a deed of each person in a session of its own."""

    def __init__(self, engine: Engine, instrument: Instrument) -> None:
        self.instrument = instrument
        with transaction(engine) as session:
            self.people: Cast = gather(session, instrument=instrument)
            pair = pair_of(session, record=sampled.assign(session, self.people, instrument))
            for reading, rating in zip(pair, ("5", "3"), strict=True):
                by = session.get_one(Account, reading.reviewer_id)
                opened = readings.find(session, public_id=reading.public_id, account=by)
                complete(session, opened, instrument, by=by, overrides={"C9": rating})
            self.names = [one.public_id for one in pair]
            self.readers = [session.get_one(Account, one.reviewer_id) for one in pair]

    def propose(self, session: Session, which: int, whose: str = "second") -> Settlement:
        return proposals.propose(
            session,
            public_id=self.names[which],
            instrument=self.instrument,
            chosen={"C9": Chosen(whose)},  # type: ignore[arg-type]
            by=self.readers[which],
            at=STARTED,
        )

    def reopen(self, session: Session) -> Reading:
        opened = readings.find(session, public_id=self.names[0], account=self.readers[0], to_change=True)
        return readings.reopen(session, opened=opened, reason="A page.", by=self.readers[0], at=STARTED)

    def mark(self, session: Session) -> str:
        return settlements.mark_of(session.exec(select(Settlement)).one())

    def confirm(self, session: Session, mark: str) -> Reading:
        place = inspections.place_of(session, inspection_id=self.people.place.inspection.id or 0)
        return settling.confirm(
            session,
            place=place,
            public_id=self.names[0],
            instrument=self.instrument,
            mark=mark,
            by=self.people.moderator,
            at=STARTED,
        )


@pytest.fixture
def room(engine: Engine, instrument: Instrument) -> Room:
    return Room(engine, instrument)


def test_of_two_proposals_at_once_the_second_stands_and_the_same_one_is_agreed(engine: Engine, room: Room) -> None:
    refused = at_once(engine, lambda session: room.propose(session, 0), lambda session: room.propose(session, 1))

    assert refused is None
    with transaction(engine) as session:
        kept = session.exec(select(Settlement)).one()
        assert (kept.proposed_by_id, kept.agreed_by_id) == (room.readers[0].id, room.readers[1].id)


def test_nothing_is_confirmed_that_a_reader_changes_at_the_same_moment(engine: Engine, room: Room) -> None:
    with transaction(engine) as session:
        room.propose(session, 0)
    with transaction(engine) as session:
        room.propose(session, 1)
        mark = room.mark(session)

    refused = at_once(
        engine, lambda session: room.propose(session, 1, "first"), lambda session: room.confirm(session, mark)
    )

    assert "changed since" in str(refused)


def test_of_a_confirmation_and_a_second_one_at_once_the_second_is_told(engine: Engine, room: Room) -> None:
    with transaction(engine) as session:
        room.propose(session, 0)
    with transaction(engine) as session:
        room.propose(session, 1)
        mark = room.mark(session)

    refused = at_once(engine, lambda session: room.confirm(session, mark), lambda session: room.confirm(session, mark))

    assert "settled already" in str(refused)


def test_whoever_reopens_as_it_is_confirmed_is_told_that_it_is_signed_off(engine: Engine, room: Room) -> None:
    with transaction(engine) as session:
        room.propose(session, 0)
    with transaction(engine) as session:
        room.propose(session, 1)
        mark = room.mark(session)

    refused = at_once(engine, lambda session: room.confirm(session, mark), room.reopen)

    assert "signed off" in str(refused)


def settle(room: Room, session: Session, mark: str | None = None) -> Reading:
    place = inspections.place_of(session, inspection_id=room.people.place.inspection.id or 0)
    return settling.settle(
        session,
        place=place,
        public_id=room.names[0],
        instrument=room.instrument,
        chosen={"C9": Chosen("first")},
        by=room.people.moderator,
        at=STARTED,
        mark=mark,
    )


def test_of_two_who_settle_at_once_the_second_is_told(engine: Engine, room: Room) -> None:
    refused = at_once(engine, lambda session: settle(room, session), lambda session: settle(room, session))

    assert "settled already" in str(refused)


def test_nothing_is_settled_on_an_answer_that_is_submitted_anew_at_the_same_moment(engine: Engine, room: Room) -> None:
    with transaction(engine) as session:
        place = inspections.place_of(session, inspection_id=room.people.place.inspection.id or 0)
        pair = moderation.find_pair(session, place=place, public_id=room.names[0], account=room.people.moderator)
        mark = seen.mark_of(session, pair, None)
    with transaction(engine) as session:
        room.reopen(session)

    def submit_anew(session: Session) -> None:
        opened = readings.find(session, public_id=room.names[0], account=room.readers[0], to_change=True)
        complete(session, opened, room.instrument, by=room.readers[0], overrides={"C9": "2"})

    refused = at_once(engine, submit_anew, lambda session: settle(room, session, mark))

    assert "changed here since" in str(refused)
