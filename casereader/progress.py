"""The reading week seen from above: a row per case, who has it and how far it is. Never a rating."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Integer, cast
from sqlmodel import Session, col, func, select

from casereader.models import Account, AnswerRow, Case, Inspection, Reading, SampleCase
from casereader.models import DrawRecord as Draw
from casereader.vocabulary import CaseStatus, ReadingKind, ReadingState, SampleRole


@dataclass(frozen=True)
class CaseRow:
    """One case that is to be read, its reader and its state. A second reading is a row of its own."""

    case_ref: str
    stratum: str
    role: SampleRole
    status: CaseStatus
    kind: ReadingKind | None
    reading_id: str | None
    reader: str | None
    state: ReadingState | None
    handed_back: str  # the reviewer's reason, where they handed the case back
    n_answers: int
    n_discuss: int


def rows(session: Session, *, inspection: Inspection) -> list[CaseRow]:
    """Every main case and every reserve called on, with its readings, by stratum and order."""
    query = (
        select(SampleCase, Case.case_ref, Reading, Account.name)
        .join(Draw, col(Draw.id) == SampleCase.draw_id)
        .join(Case, col(Case.id) == SampleCase.case_id)
        .outerjoin(
            Reading, (col(Reading.sample_case_id) == SampleCase.id) & (col(Reading.kind) != ReadingKind.CONSENSUS)
        )
        .outerjoin(Account, col(Account.id) == Reading.reviewer_id)
        .where(
            Draw.inspection_id == inspection.id,
            col(Draw.voided_at).is_(None),
            (col(SampleCase.role) == SampleRole.MAIN) | col(SampleCase.called_on).is_(True),
        )
        .order_by(SampleCase.stratum, col(SampleCase.order), col(Reading.kind))
    )
    counts = _answer_counts(session, inspection)
    found = []
    for drawn, case_ref, reading, reader in session.exec(query).all():
        n_answers, n_discuss = counts.get(reading.id, (0, 0)) if reading else (0, 0)
        found.append(
            CaseRow(
                case_ref=case_ref,
                stratum=drawn.stratum,
                role=drawn.role,
                status=drawn.status,
                kind=reading.kind if reading else None,
                reading_id=reading.public_id if reading else None,
                reader=reader,
                state=reading.state if reading else None,
                handed_back=reading.handed_back_reason if reading else "",
                n_answers=n_answers,
                n_discuss=n_discuss,
            )
        )
    return found


def _answer_counts(session: Session, inspection: Inspection) -> dict[int | None, tuple[int, int]]:
    """Answers given and answers marked *discuss*, by reading."""
    query = (
        select(AnswerRow.reading_id, func.count(), func.sum(cast(col(AnswerRow.discuss), Integer)))
        .join(Reading, col(Reading.id) == AnswerRow.reading_id)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(Draw, col(Draw.id) == SampleCase.draw_id)
        .where(Draw.inspection_id == inspection.id, col(AnswerRow.value).is_not(None))
        .group_by(col(AnswerRow.reading_id))
    )
    return {key: (n_answers, int(n_discuss or 0)) for key, n_answers, n_discuss in session.exec(query).all()}


def loads(found: list[CaseRow]) -> list[tuple[str, int, int]]:
    """Each reader's readings: name, given, submitted."""
    given = Counter(row.reader for row in found if row.reader)
    open_states = {ReadingState.ASSIGNED, ReadingState.IN_PROGRESS}
    done = Counter(row.reader for row in found if row.reader and row.state not in open_states)
    return [(reader, n, done[reader]) for reader, n in sorted(given.items())]


def n_by_status(found: list[CaseRow]) -> dict[CaseStatus, int]:
    """How many cases stand where; a case read twice counts once."""
    return dict(Counter(row.status for row in found if row.kind is not ReadingKind.SECOND))
