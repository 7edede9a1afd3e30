"""Who takes part: readers with a record each, others with one to hand in, and what the coordinators work on.

Made by the verbs that people use, but for the readings that are rolled up, which `bench.programme` puts in at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from flask import Flask
from sqlmodel import Session

from bench import programme
from casereader import readings
from casereader.db import snapshot, transaction
from casereader.instrument import Instrument
from casereader.models import Account
from casereader.people import sessions
from casereader.programmes import adding, inspections
from casereader.vocabulary import Factor, Role
from tests import readers
from tests.cast import BEGAN, Cast
from tests.readers import Seat
from tests.reading import full_answers, given_to, save

READ = 3  # inspections that are rolled up, of 100 readings and 10 second ones each
TO_DRAW = 40  # inspections whose list is uploaded and drawn meanwhile, at the most
ONE_IN = 5  # so many who save, beside one who hands a reading in


@dataclass(frozen=True)
class World:
    """Everybody, and where they are at work."""

    saving: list[Seat]
    finishing: list[Seat]
    listing: str  # the cookies of the coordinator in a browser for each task, and of the lead
    counting: str
    exporting: str
    lead: str
    to_draw: list[str]
    read: list[str]
    programme: str


def build(app: Flask, n: int) -> World:
    """Put them into an empty, migrated database, and sign them in."""
    n_finishing = max(1, n // ONE_IN)
    cast = readers.prepare(app, n + n_finishing)
    instrument: Instrument = app.extensions["casereader_instruments"]["CRR-1"]
    engine = app.extensions["casereader_engine"]
    with Session(engine.execution_options(write=True), expire_on_commit=False) as session:  # past the trail
        read = programme.build(session, cast, instrument, name="Read before", inspections_of_it=READ)
        session.commit()
    with transaction(engine) as session:
        to_draw = [_empty(session, cast, number) for number in range(TO_DRAW)]
        for account in readers.everybody(session)[n:]:
            _answer_all(session, account, instrument)
        listing, counting, exporting, lead = (
            readers.cookie_of(app, _begin(session, account))
            for account in (cast.coordinator, cast.coordinator, cast.coordinator, cast.lead)
        )
    seats = readers.seats(app)
    keys = [place.inspection.public_id for place in read]
    return World(seats[:n], seats[n:], listing, counting, exporting, lead, to_draw, keys, read[0].programme.public_id)


def not_stored(app: Flask, told: dict[str, tuple[int, str]], question: str) -> list[str]:
    """Readings that do not hold the version and the note that their reader was told are saved."""
    held = {}
    with snapshot(app.extensions["casereader_engine"]) as session:
        for account in readers.everybody(session):
            for opened in readings.mine(session, account=account):
                answer = readings.answers_of(session, opened.key).get(question)
                held[opened.reading.public_id] = opened.reading.version, answer.note if answer else ""
    return ["a reading does not hold what was saved last" for name, one in told.items() if held[name] != one]


def _empty(session: Session, cast: Cast, number: int) -> str:
    """Another inspection, of which nothing is listed yet."""
    made = adding.add_partnership(
        session,
        programme=cast.place.programme,
        name=f"Strath {number}",
        period_from=date(2025, 1, 1),
        period_to=date(2026, 3, 31),
        lead=cast.lead,
        by=cast.coordinator,
        at=BEGAN,
    )
    for account in (cast.reviewer, cast.second_reviewer):
        inspections.give_role(
            session, inspection=made, account=account, role=Role.REVIEWER, by=cast.coordinator, at=BEGAN
        )
    return made.public_id


def _answer_all(session: Session, account: Account, instrument: Instrument) -> None:
    opened = given_to(session, account)[0]
    answers = full_answers(instrument, opened)
    changes = {
        key: {"value": one.value, "note": one.note, "sources": one.sources, "ground": one.ground}
        for key, one in answers.items()
    }
    save(session, opened, instrument, changes, by=account)


def _begin(session: Session, account: Account) -> str:
    return sessions.begin(session, account=account, at=datetime.now(UTC), factor=Factor.RECOVERY_CODE)
