"""Calibration before the week: who of an inspection's readers handed a practice case in, and what they answered first.

Answers come without names, and not at all while fewer than `LEAST_READERS` have handed the case in. Who looks twice
knows who handed in between, so answers come in lots of as many readers, and the rest once everybody has handed in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session, col, select

from casereader.instrument import Answers
from casereader.models import Account, Membership, PracticeReading
from casereader.practice import answers_in
from casereader.practice.cases import PracticeCase
from casereader.practice.spread import LEAST_READERS
from casereader.programmes.inspections import Place
from casereader.vocabulary import READER_ROLES


@dataclass(frozen=True)
class Calibration:
    """One practice case as the inspection's readers handed it in: their names, and apart from these their answers."""

    case: PracticeCase
    handed_in: tuple[str, ...]
    waiting: tuple[str, ...]
    answers: tuple[Answers, ...]  # none while too few have handed it in


def calibrations(session: Session, *, place: Place, cases: Iterable[PracticeCase]) -> list[Calibration]:
    """Of each practice case of the inspection's instrument, what its readers answered when they first handed it in."""
    programme = place.programme
    mine = [
        case
        for case in cases
        if (case.instrument.id, case.instrument.version) == (programme.instrument_id, programme.instrument_version)
    ]
    readers = _readers(session, place)
    query = select(PracticeReading).where(
        col(PracticeReading.account_id).in_(readers), col(PracticeReading.first_submitted_at).is_not(None)
    )
    query = query.order_by(col(PracticeReading.first_submitted_at), col(PracticeReading.id))
    first: dict[tuple[str, int], Answers] = {}
    by_id = {case.id: case for case in mine}
    for one in session.exec(query):
        if one.case_id in by_id:
            first[one.case_id, one.account_id] = answers_in(one.first_answers or {}, by_id[one.case_id])
    return [_calibration(case, readers, first) for case in mine]


def has_handed_in(session: Session, *, account: Account, case: PracticeCase) -> bool:
    """Whether the account handed the case in at least once."""
    query = select(PracticeReading.first_submitted_at).where(
        PracticeReading.account_id == account.id, PracticeReading.case_id == case.id
    )
    return session.exec(query).first() is not None


def _readers(session: Session, place: Place) -> dict[int, str]:
    query = (
        select(Account)
        .join(Membership, col(Membership.account_id) == Account.id)
        .where(Membership.inspection_id == place.inspection.id, col(Membership.role).in_(READER_ROLES))
    )
    return {account.id or 0: account.name for account in session.exec(query)}


def _calibration(case: PracticeCase, readers: dict[int, str], first: dict[tuple[str, int], Answers]) -> Calibration:
    done = [key for of, key in first if of == case.id]  # the earliest first
    in_lots = done if len(done) == len(readers) else done[: len(done) - len(done) % LEAST_READERS]
    return Calibration(
        case=case,
        handed_in=tuple(sorted(readers[key] for key in done)),
        waiting=tuple(sorted(name for key, name in readers.items() if (case.id, key) not in first)),
        answers=tuple(first[case.id, key] for key in in_lots) if len(done) >= LEAST_READERS else (),
    )
