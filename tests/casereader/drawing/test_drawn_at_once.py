"""Two people draw at the same instant, each over a connection of their own: one draw, and the other is told."""

from __future__ import annotations

from sqlalchemy import Engine
from sqlmodel import Session, select

from casereader.db import snapshot, transaction
from casereader.drawing import draws, plans
from casereader.instrument import Instrument
from casereader.models import Account, DrawRecord
from tests import sampled
from tests.at_once import at_once
from tests.cast import gather


def test_of_two_people_who_draw_at_once_one_draws_and_the_other_is_told(engine: Engine, instrument: Instrument) -> None:
    with transaction(engine) as session:
        people = gather(session, instrument=instrument)
        sampled.fix(session, people, sampled.receive(session, people, instrument))
        plans.confirm(session, inspection=people.place.inspection, by=people.lead, at=sampled.AT)

    def draw(session: Session, by: Account, value: str) -> None:
        draws.make(session, inspection=people.place.inspection, public_value=value, by=by, at=sampled.AT)

    refused = at_once(
        engine,
        lambda session: draw(session, people.coordinator, "4 8 15"),
        lambda session: draw(session, people.lead, "2 3"),
    )

    assert refused is not None
    with snapshot(engine) as session:
        assert session.exec(select(DrawRecord)).one().public_value == "4 8 15"
