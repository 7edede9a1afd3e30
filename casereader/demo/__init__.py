"""The demonstration: a programme over 32 invented partnerships, and the round before it over two of them.

All of it is made by the same verbs that people use.

Everything in it is invented and follows from one text, so that it is the same wherever it is made; only addresses,
keys and the moments differ. Partnerships, lists, records and ratings are drawn as in the domain's synthetic data:
no figure in it comes from a real record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlmodel import Session, col, func, select

from casereader.demo import earlier, people, practising
from casereader.demo.acting import Acting
from casereader.demo.asking import Asking
from casereader.demo.before import Before
from casereader.demo.challenging import Challenging
from casereader.demo.concluding import Concluding
from casereader.demo.inspecting import Inspecting, Step
from casereader.demo.invented.partnerships import NAMES, Invented, Reach, invent
from casereader.demo.invented.weeks import WEEK, Weeks
from casereader.demo.leading import Leading
from casereader.demo.reading import ReadingWeek
from casereader.demo.renaming import Renaming
from casereader.instrument import Instrument, Library
from casereader.models import Account, AnswerRow, Case, Programme, Reading
from casereader.people import local_reviewers
from casereader.practice import PracticeCase
from casereader.programmes import programmes
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
    a_year_on = (today + local_reviewers.LONGEST_STAY).date()
    everybody = people.gather(session, password_hash=password_hash, at=today - 2 * OLDEST, last_day=a_year_on)
    invented = invent(seed=text, count=partnerships)

    def begin(name: str, moment: datetime) -> Programme:
        return programmes.begin(
            session,
            name=name,
            instrument=instrument,
            evaluated_qis=EVALUATED_QIS,
            by=everybody.coordinator,
            at=moment,
            data_kind=DataKind.DEMO,
        )

    if before := earlier.as_they_were(invented):
        first = begin(earlier.PROGRAMME, today - 2 * OLDEST)
        of_then = f"{text}, first round"
        _run(
            step
            for one in before
            for step in _first_to_last(
                Inspecting(session, instrument, first, everybody, one, _weeks(one, today), of_then)
            )
        )
    programme = begin(PROGRAMME, today - OLDEST)
    practising.hand_in(session, cases=practice or {}, readers=everybody.inspectors, seed=text, at=today - OLDEST)
    steps: list[Step] = []
    for one in invented:
        inspecting = Inspecting(session, instrument, programme, everybody, one, _weeks(one, today), text)
        steps += _first_to_last(inspecting) + Asking(inspecting).steps() + Acting(inspecting).steps()
        steps += Before(inspecting).steps() + Challenging(inspecting).steps() + Renaming(inspecting).steps()
        if library is not None:
            steps += Leading(inspecting, library).steps()
    _run(steps)
    return Seeded(
        partnerships, *(session.exec(select(func.count(col(t.id)))).one() for t in (Case, Reading, AnswerRow))
    )


def _first_to_last(inspecting: Inspecting) -> list[Step]:
    return inspecting.steps() + ReadingWeek(inspecting).steps() + Concluding(inspecting).steps()


def _run(steps: Iterable[Step]) -> None:
    for moment, run in sorted(steps, key=lambda step: step[0]):
        run(moment)


def _weeks(invented: Invented, today: datetime) -> Weeks:
    return Weeks(_notified(invented.reach, today))


def _notified(reach: Reach, today: datetime) -> datetime:
    """When the inspection was notified: at nine in the morning, so that its reading days are where they should be."""
    if reach.stage is Stage.READING:
        return today - 7 * WEEK - timedelta(days=2) + timedelta(hours=9)
    return today - reach.weeks * WEEK + timedelta(hours=9) - timedelta(days=1)
