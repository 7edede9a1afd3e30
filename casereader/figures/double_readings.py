"""The blind double readings of inspections, with the answers as each reader first handed them in.

What a reader changed after that (on talking it over, on a query) does not count, so that agreement is of what two
people saw apart from each other. A case counts where a first and a second reading of it were handed in, in a draw that
stands; not where it was set aside, nor where somebody went on with answers that another had begun. Consensus readings,
practice and what a pair talked over never do. A few queries, however many inspections there are.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd
from sqlalchemy import bindparam, case, func
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, exists, select

from casereader.figures.across_versions import Questions, Version, needed
from casereader.in_waves import looking
from casereader.instrument import Instrument, Library
from casereader.models import Account, Case, DrawRecord, Inspection, Reading, Replacement, SampleCase
from casereader.readings import shown_to, values_as_submitted
from casereader.vocabulary import NOT_TO_BE_READ, CaseStatus, ReadingKind, SampleRole

BOTH = (ReadingKind.FIRST, ReadingKind.SECOND)
READING_COLUMNS = ("id", "public_id", "instrument_id", "instrument_version")
ANSWER_COLUMNS = ("pair", "key", "first", "second")


@dataclass(frozen=True, slots=True)
class DoubleReading:
    """Two blind readings of one case; `pair` is the key of the sampled case, the readings are known by public id."""

    pair: int
    inspection_id: int
    case_ref: str
    first: str
    second: str


@dataclass(frozen=True)
class DoubleReadings:
    """The pairs, and their answers as `agreement.by_question` takes them: pair, key, first, second."""

    pairs: Sequence[DoubleReading]
    answers: pd.DataFrame

    def of(self, inspection_id: int) -> DoubleReadings:
        """Those of one inspection."""
        pairs = [one for one in self.pairs if one.inspection_id == inspection_id]
        return DoubleReadings(pairs, self.answers[self.answers["pair"].isin([one.pair for one in pairs])])


def load(
    session: Session,
    inspection_ids: Collection[int],
    instrument: Instrument,
    library: Library,
    *,
    only: Collection[str] | None = None,
) -> DoubleReadings:
    """The double readings of these inspections, in the questions of `instrument`; `only` some of its parts, or all.

    A reading begun on another version is read by its own, and its answers count where both ask the same question.
    """
    wanted = [key for key in instrument.parts if only is None or key in only]
    rows = _pairs(session, inspection_ids)
    versions = {reading.version for row in rows for reading in (row.first, row.second)}
    questions = {one: Questions.of(one, instrument, library, only=only) for one in versions}
    readings = [reading.id for row in rows for reading in (row.first, row.second)]
    given = values_as_submitted(session, readings, keys=needed(questions.values(), only))
    pairs: list[DoubleReading] = []
    found: list[tuple[int, str, str | None, str | None]] = []
    for row in rows:
        one, other = questions[row.first.version], questions[row.second.version]
        if one is None or other is None:
            continue
        pairs.append(row.named())
        first = one.values(given[row.first.id], group=row.group, label=row.stratum)
        second = other.values(given[row.second.id], group=row.group, label=row.stratum)
        found += [
            (pairs[-1].pair, key, first[key], second[key])
            for key in wanted
            if key in first and key in second and (first[key] is not None or second[key] is not None)
        ]
    return DoubleReadings(pairs, pd.DataFrame(found, columns=list(ANSWER_COLUMNS), dtype=object))


def over(session: Session, inspection_ids: Collection[int]) -> set[int]:
    """Of these inspections, those whose reading is over: every sampled case is decided, and every reading handed in.

    One in waves of which somebody stopped the rest is not over before two people end it: its figures are held back.
    Until then nothing of their agreement is shown to anybody: whoever reads a case still must not learn of another
    reading of it, and the few pairs of one week carry no coefficient.
    """
    return {key for key, found in standings(session, inspection_ids).items() if found.is_over}


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether the reading of an inspection is over, and a mark that is another after anything is done to a reading."""

    is_over: bool
    mark: tuple[object, ...]


def standings(session: Session, inspection_ids: Collection[int]) -> dict[int, Standing]:
    """How those of these inspections stand that a draw was made for, in one query and what stopped ones need."""
    counts = col(SampleCase.status).not_in(NOT_TO_BE_READ)
    to_read = (col(SampleCase.role) == SampleRole.MAIN) | col(SampleCase.called_on).is_(True)
    waiting = (col(SampleCase.status) == CaseStatus.WAITING) & to_read
    unread = counts & col(Reading.kind).in_(BOTH) & col(Reading.submitted_at).is_(None) & col(Reading.id).is_not(None)
    columns: list[Any] = [
        col(Inspection.id),
        col(Inspection.public_id),
        *(_how_often(one) for one in (col(SampleCase.status) == CaseStatus.READ, waiting, unread, counts)),
        _how_often(col(SampleCase.status) == CaseStatus.NOT_REACHED),
        func.count(col(Reading.id)),
        func.sum(col(Reading.version)),
        *(func.max(moment) for moment in (col(Reading.saved_at), col(Reading.id), col(SampleCase.decided_at))),
    ]
    query = (
        select_columns(*columns)
        .join(DrawRecord, col(DrawRecord.inspection_id) == Inspection.id)
        .join(SampleCase, col(SampleCase.draw_id) == DrawRecord.id)
        .outerjoin(Reading, col(Reading.sample_case_id) == SampleCase.id)
        .where(col(Inspection.id).in_(inspection_ids), col(DrawRecord.voided_at).is_(None))
        .group_by(col(Inspection.id), col(Inspection.public_id))
    )
    rows = session.execute(query).all()
    over = {row[0] for row in rows if row[2] and not row[3] and not row[4]}
    stopped = [row[0] for row in rows if row[0] in over and row[6]]
    looked = looking.looked(session, stopped) if stopped else {}
    over -= {key for key, one in looked.items() if one.is_held_back}
    return {row[0]: Standing(is_over=row[0] in over, mark=tuple(row[1:])) for row in rows}


def _how_often(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))


def open_to(session: Session, inspection_ids: Collection[int], *, account: Account) -> set[int]:
    """The sampled cases of these inspections whose readings the account may look at, as their moderator or lead.

    Not while it has a reading of the case to hand in itself, nor where a conflict of interest of its own covers it.
    """
    query = (
        select(SampleCase.id)
        .join(Case, col(Case.id) == SampleCase.case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .join(Inspection, col(Inspection.id) == DrawRecord.inspection_id)
        .join(Reading, col(Reading.sample_case_id) == SampleCase.id)
        .where(
            col(DrawRecord.inspection_id).in_(inspection_ids),
            Reading.kind == ReadingKind.FIRST,
            shown_to(account.id),
        )
    )
    return {key or 0 for key in session.exec(query)}


@dataclass(frozen=True, slots=True)
class _Blind:
    """One of the two readings."""

    id: int
    public_id: str
    version: Version


@dataclass(frozen=True, slots=True)
class _Pair:
    sample_case_id: int
    stratum: str
    case_ref: str
    group: str
    inspection_id: int
    first: _Blind
    second: _Blind

    def named(self) -> DoubleReading:
        names = self.first.public_id, self.second.public_id
        return DoubleReading(self.sample_case_id, self.inspection_id, self.case_ref, *names)


def _pairs(session: Session, inspection_ids: Collection[int]) -> list[_Pair]:
    at = len(READING_COLUMNS)
    return [
        _Pair(key, stratum, case_ref, group, inspection_id, _blind(*both[:at]), _blind(*both[at:]))
        for key, stratum, case_ref, group, inspection_id, *both in session.execute(
            _pairs_query(), {"inspection_ids": list(inspection_ids)}
        )
    ]


@cache
def _pairs_query() -> Any:
    first, second = aliased(Reading), aliased(Reading)
    columns = [
        *(col(SampleCase.id), col(SampleCase.stratum), col(Case.case_ref), col(Case.group)),
        col(DrawRecord.inspection_id),
        *(col(getattr(one, name)) for one in (first, second) for name in READING_COLUMNS),
    ]
    return (
        select_columns(*columns)
        .join(Case, col(Case.id) == SampleCase.case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .join(first, (col(first.sample_case_id) == SampleCase.id) & (col(first.kind) == ReadingKind.FIRST))
        .join(second, (col(second.sample_case_id) == SampleCase.id) & (col(second.kind) == ReadingKind.SECOND))
        .where(
            col(DrawRecord.inspection_id).in_(bindparam("inspection_ids", expanding=True)),
            col(DrawRecord.voided_at).is_(None),
            col(SampleCase.status).not_in(NOT_TO_BE_READ),
            ~exists(select(Replacement.id).where(Replacement.sample_case_id == SampleCase.id)),
            col(first.first_submitted_at).is_not(None),
            col(second.first_submitted_at).is_not(None),
            col(first.begun_by_id).is_(None),
            col(second.begun_by_id).is_(None),
        )
        .order_by(col(DrawRecord.inspection_id), col(SampleCase.stratum), col(SampleCase.order))
    )


def _blind(key: int, public_id: str, instrument_id: str, instrument_version: str) -> _Blind:
    return _Blind(key, public_id, Version(instrument_id, instrument_version))
