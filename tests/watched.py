"""An inspection that is read in waves, as far as a test needs it: what its records say is set down at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from datetime import timedelta

from sqlmodel import Session, col, select

from casereader.after_the_draw import replacements
from casereader.in_waves import waves
from casereader.in_waves.waves import Rule
from casereader.instrument import Instrument
from casereader.models import Account, DrawRecord, Reading, Replacement, SampleCase
from casereader.vocabulary import CaseStatus, ReadingKind
from tests import sampled, worked
from tests.cast import Cast

RULE = Rule(n_waves=3, questions=("C9", "D11"), thresholds=("0.5",))
AT = sampled.AT + timedelta(days=1)
Says = Callable[[SampleCase], str]


def good(_case: SampleCase) -> str:
    """Each record is good."""
    return "5"


def mixed(case: SampleCase) -> str:
    """Every second record is good."""
    return "5" if case.order % 2 else "3"


def draw(session: Session, people: Cast, instrument: Instrument, *, size: int = 30, rule: Rule = RULE) -> DrawRecord:
    """The sample in waves, drawn."""
    return sampled.draw(
        session, people, instrument, choices=dataclasses.replace(sampled.CHOICES, size=size, waves=rule)
    )


def of_wave(session: Session, people: Cast, *numbers: int) -> Sequence[SampleCase]:
    """The cases of these waves."""
    found = waves.of_inspection(session, inspection=people.place.inspection)
    keys = [case.id for wave in found if wave.number in numbers for case in wave.cases]
    return session.exec(select(SampleCase).where(col(SampleCase.id).in_(keys)).order_by(col(SampleCase.id))).all()


def read(session: Session, people: Cast, cases: Sequence[SampleCase], *, c9: Says = good, d11: Says = mixed) -> None:
    """Each of these records read and handed in."""
    for case in cases:
        worked.read(session, case, people.reviewer, {"C9": c9(case), "D11": d11(case)}, at=AT)
        case.status, case.decided_at, case.decided_by_id = CaseStatus.READ, AT, people.reviewer.id
        session.add(case)
    session.flush()


def give(session: Session, people: Cast, case: SampleCase, instrument: Instrument, *, to: Account) -> Reading:
    """The record given to somebody to read."""
    reading = Reading(
        sample_case_id=case.id or 0,
        kind=ReadingKind.FIRST,
        reviewer_id=to.id or 0,
        instrument_id=instrument.id,
        instrument_version=instrument.version,
        assigned_at=AT,
        assigned_by_id=people.coordinator.id or 0,
    )
    session.add(reading)
    session.flush()
    return reading


def replace(session: Session, people: Cast, case: SampleCase) -> None:
    """The case found ineligible, and the next reserve called on."""
    proposal = Replacement(
        sample_case_id=case.id or 0, reason="not on the list", proposed_at=AT, proposed_by_id=people.reviewer.id or 0
    )
    session.add(proposal)
    session.flush()
    replacements.confirm(session, inspection=people.place.inspection, replacement=proposal, by=people.moderator, at=AT)
