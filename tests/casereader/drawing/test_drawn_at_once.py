"""Two people draw at the same instant, each over a connection of their own: one draw, and the other is told."""

from __future__ import annotations

import threading

from sqlalchemy import Engine
from sqlmodel import Session, select

from casereader.db import open_session, snapshot, transaction
from casereader.drawing import draws, plans
from casereader.errors import ConflictError
from casereader.instrument import Instrument
from casereader.models import Account, DrawRecord
from tests import sampled
from tests.casereader.readings.test_at_once import LONG_ENOUGH
from tests.cast import gather


def test_of_two_people_who_draw_at_once_one_draws_and_the_other_is_told(engine: Engine, instrument: Instrument) -> None:
    with transaction(engine) as session:
        people = gather(session, instrument=instrument)
        sampled.fix(session, people, sampled.receive(session, people, instrument))
        plans.confirm(session, inspection=people.place.inspection, by=people.lead, at=sampled.AT)
    told: list[BaseException] = []

    def draw(session: Session, by: Account, value: str) -> None:
        draws.make(session, inspection=people.place.inspection, public_value=value, by=by, at=sampled.AT)

    def other() -> None:
        try:
            with transaction(engine) as session:
                draw(session, people.lead, "2 3")
        except Exception as error:
            told.append(error)

    thread = threading.Thread(target=other)
    with open_session(engine, write=True) as session:
        draw(session, people.coordinator, "4 8 15")
        thread.start()
        thread.join(LONG_ENOUGH)
        session.commit()
    thread.join()

    (error,) = told
    assert isinstance(error, ConflictError), repr(error)
    with snapshot(engine) as session:
        assert session.exec(select(DrawRecord)).one().public_value == "4 8 15"
