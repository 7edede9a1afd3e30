"""The demonstration: a programme over 32 invented partnerships, made by the same verbs that people use.

Everything in it is invented and follows from one text, so that it is the same wherever it is made; only addresses,
keys and the moments differ. Partnerships, lists, records and ratings are drawn as in the domain's synthetic data:
no figure in it comes from a real record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlmodel import Session, col, func, select

from casereader import programmes
from casereader.demo import people, practising
from casereader.demo.acting import Acting
from casereader.demo.asking import Asking
from casereader.demo.before import Before
from casereader.demo.challenging import Challenging
from casereader.demo.concluding import Concluding
from casereader.demo.inspecting import Inspecting, Step
from casereader.demo.leading import Leading
from casereader.demo.partnerships import NAMES, Reach, invent
from casereader.demo.reading import ReadingWeek
from casereader.demo.weeks import WEEK, Weeks
from casereader.instrument import Instrument, Library
from casereader.models import Account, AnswerRow, Case, Programme, Reading
from casereader.practice import PracticeCase
from casereader.vocabulary import DataKind, Stage

PROGRAMME = "Demonstration programme"
EVALUATED_QIS = ("2.1", "5.1", "5.2", "5.3", "5.4")
SEED = "casereader demonstration 1"
MOST = len(NAMES)
OLDEST = 56 * WEEK


@dataclass(frozen=True)
class Seeded:
    """How much was made."""

    partnerships: int
    cases: int
    readings: int
    answers: int


def is_empty(session: Session) -> bool:
    """Whether the database holds neither a programme nor an account."""
    return not any(session.exec(select(func.count(col(table.id)))).one() for table in (Programme, Account))


def seed(
    session: Session,
    *,
    instrument: Instrument,
    password_hash: str,
    at: datetime,
    partnerships: int = MOST,
    text: str = SEED,
    practice: Mapping[str, PracticeCase] | None = None,
    library: Library | None = None,
) -> Seeded:
    """Make the demonstration, as it stands at `at`, in a database that `is_empty`.

    With a `library` the leads answer the partnership's own instrument too.
    """
    today = datetime.combine(at.date(), time(0), tzinfo=at.tzinfo)
    began = today - OLDEST
    everybody = people.gather(session, password_hash=password_hash, at=began)
    programme = programmes.begin(
        session,
        name=PROGRAMME,
        instrument=instrument,
        evaluated_qis=EVALUATED_QIS,
        by=everybody.coordinator,
        at=began,
        data_kind=DataKind.DEMO,
    )
    practising.hand_in(session, cases=practice or {}, readers=everybody.inspectors, seed=text, at=began)
    steps: list[Step] = []
    for invented in invent(seed=text, count=partnerships):
        weeks = Weeks(_notified(invented.reach, today))
        inspecting = Inspecting(session, instrument, programme, everybody, invented, weeks, text)
        steps += inspecting.steps() + ReadingWeek(inspecting).steps() + Concluding(inspecting).steps()
        steps += Asking(inspecting).steps() + Acting(inspecting).steps()
        steps += Before(inspecting).steps() + Challenging(inspecting).steps()
        if library is not None:
            steps += Leading(inspecting, library).steps()
    for moment, run in sorted(steps, key=lambda step: step[0]):
        run(moment)
    return Seeded(
        partnerships, *(session.exec(select(func.count(col(t.id)))).one() for t in (Case, Reading, AnswerRow))
    )


def _notified(reach: Reach, today: datetime) -> datetime:
    """When the inspection was notified: at nine in the morning, so that its reading days are where they should be."""
    if reach.stage is Stage.READING:
        return today - 7 * WEEK - timedelta(days=2) + timedelta(hours=9)
    return today - reach.weeks * WEEK + timedelta(hours=9) - timedelta(days=1)
