"""Two people, or one who pressed twice, take the same step with a matter of concern at the same instant: it is one."""

from __future__ import annotations

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from casereader import concerns
from casereader.db import snapshot, transaction
from casereader.instrument import Instrument
from casereader.models import ConcernStep
from casereader.vocabulary import ConcernState
from tests import sampled
from tests.at_once import at_once
from tests.casereader.concerns.test_concerns import raise_one
from tests.cast import gather
from tests.reading import STARTED, given_to


def test_a_step_that_is_taken_twice_at_once_is_one(engine: Engine, instrument: Instrument) -> None:
    with transaction(engine) as session:
        people = gather(session, instrument=instrument)
        sampled.assign(session, people, instrument)
        raised = raise_one(session, people, instrument, given_to(session, people.reviewer)[0])

    def receive(session: Session) -> None:
        concerns.find(session, public_id=raised.public_id, account=people.lead)  # as the page does before
        concerns.receive(session, public_id=raised.public_id, by=people.lead, at=STARTED)

    def pass_on(session: Session) -> None:
        concerns.find(session, public_id=raised.public_id, account=people.lead)
        concerns.follow(
            session,
            public_id=raised.public_id,
            to=ConcernState.PASSED_ON,
            done="Rang them.",
            partnership_ref="",
            by=people.lead,
            at=STARTED,
        )

    for step in (receive, pass_on):
        assert at_once(engine, step, step) is None

    with snapshot(engine) as session:
        steps = session.exec(select(ConcernStep.state).order_by(col(ConcernStep.id))).all()
    assert steps == [ConcernState.RECEIVED, ConcernState.PASSED_ON]
