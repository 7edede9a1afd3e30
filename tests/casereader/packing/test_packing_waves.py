"""An inspection in waves goes to the reading room and comes back, before two people end it and after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from casereader.after_the_draw import stopping
from casereader.after_waves import ending
from casereader.after_waves.after_wave import after_wave, look
from casereader.db import open_session
from casereader.drawing import draws
from casereader.errors import ConflictError, RefusedError
from casereader.figures import results
from casereader.in_waves import looking, looks
from casereader.instrument import Instrument
from casereader.models import Account, Ending, Reading, SampleCase, WaveLook
from casereader.vocabulary import CaseStatus
from tests import watched
from tests.beginnings import begin
from tests.cast import Cast
from tests.offline import PACKED_AT, Installation, Week, laptop_in
from tests.watched import AT

LATER = PACKED_AT + timedelta(days=2)


@pytest.fixture
def people_of(migrated_sqlite: Path, tmp_path: Path, instrument: Instrument) -> Iterator[tuple[Week, Cast]]:
    """An office where the first of three waves is read, and an empty laptop."""
    office = laptop_in(tmp_path, migrated_sqlite, instrument)
    (tmp_path / "room").mkdir()
    with open_session(office.engine, write=True) as session:
        cast = begin(session, instrument)
        watched.draw(session, cast, instrument)
        watched.read(session, cast, watched.of_wave(session, cast, 1))
        for case in watched.of_wave(session, cast, 2, 3):
            watched.give(session, cast, case, instrument, to=cast.reviewer)
        session.commit()
    laptop = laptop_in(tmp_path / "room", migrated_sqlite, instrument)
    yield Week(office, laptop), cast
    for side in (office, laptop):
        side.engine.dispose()


def looked(session: Session, side: Installation) -> looking.Looked:
    key = side.place(session).inspection.id or 0
    return looking.looked(session, [key])[key]


def ask(side: Installation, people: Cast) -> None:
    with side.writing() as session:
        lead = side.person(session, people.lead.email)
        ending.ask(session, place=side.place(session), instrument=side.instrument, reason="Settled", by=lead, at=AT)


def look_at(side: Installation, people: Cast, wave: int, *, by: Account | None = None) -> None:
    with side.writing() as session:
        person = side.person(session, (by or people.lead).email)
        look(session, place=side.place(session), wave=wave, by=person, at=AT)


def agree(side: Installation, people: Cast) -> None:
    with side.writing() as session:
        by = side.person(session, people.coordinator.email)
        ending.agree(session, place=side.place(session), instrument=side.instrument, by=by, at=AT)


def test_a_wave_that_is_read_in_the_reading_room_is_complete_at_the_office_too(people_of: tuple[Week, Cast]) -> None:
    week, people = people_of
    ask(week.office, people)
    week.laptop.unpack(week.office.pack())
    with week.laptop.looking() as session:
        assert looked(session, week.laptop).is_held_back
        assert session.exec(select(Ending)).all() == [], "what was asked tells of figures"
        assert looks.last_wave(session, inspection=week.laptop.place(session).inspection) == 1, "it was seen here"
        query = select(Reading.public_id).join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        second = {case.id for case in watched.of_wave(session, _here(people, week.laptop, session), 2)}
        to_read = list(session.exec(query.where(col(SampleCase.id).in_(second))))
    for reading in to_read:
        week.laptop.hand_in(reading)
    look_at(week.laptop, people, 2)
    with pytest.raises(RefusedError, match="This is done in the reading room"):
        look_at(week.office, people, 1, by=people.coordinator)
    with pytest.raises(RefusedError, match="waits until the inspection is back"):
        ask(week.laptop, people)
    with pytest.raises(RefusedError, match="with its laptop since"):
        agree(week.office, people)

    week.back(at=LATER, is_last=True)

    with week.office.looking() as session:
        place = week.office.place(session)
        seen = after_wave(session, place=place, instrument=week.office.instrument)
        assert seen is not None and seen.n_complete == 2 and looked(session, week.office).is_held_back
        lead = week.office.person(session, people.lead.email)
        rows = session.exec(select(WaveLook).order_by(col(WaveLook.wave))).all()
        assert [(one.wave, one.account_id) for one in rows] == [(1, lead.id), (2, lead.id)]
        assert seen.n_seen == 2, "what was seen in the reading room is fixed at the office"
    with pytest.raises(ConflictError, match="not those any more"):
        agree(week.office, people)
    assert week.office.faults() == [] == week.laptop.faults()


def test_an_ending_that_was_agreed_to_goes_along_so_that_nobody_reads_on_there(people_of: tuple[Week, Cast]) -> None:
    week, people = people_of
    ask(week.office, people)
    agree(week.office, people)
    week.laptop.unpack(week.office.pack())

    with week.laptop.writing() as session:
        place = week.laptop.place(session)
        stopped = session.exec(select(SampleCase).where(SampleCase.status == CaseStatus.NOT_REACHED)).first()
        assert stopped is not None
        with pytest.raises(ConflictError, match="no more of this sample is read"):
            stopping.take_back(
                session,
                inspection=place.inspection,
                public_id=stopped.public_id,
                by=week.laptop.person(session, people.coordinator.email),
                at=AT,
            )
        assert not looked(session, week.laptop).is_held_back
        there = results.results_for(session, [place], week.laptop.instrument).figures.questions
    week.back(at=LATER, is_last=True)

    with week.office.looking() as session:
        here = results.results_for(session, [week.office.place(session)], week.office.instrument).figures.questions
        record = draws.current(session, inspection=week.office.place(session).inspection)
        assert record is not None and ending.of_draw(session, draw_record=record) is not None
    assert set(there["method"]) == {"always-valid"} and there.equals(here)
    assert week.office.faults() == [] == week.laptop.faults()


def _here(people: Cast, side: Installation, session: Session) -> Cast:
    return replace(people, place=side.place(session))
