"""The reserves of each stratum: which is next in line, what waits for one, where none is left, what each replaced."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from casereader.models import Account, Case, DrawRecord, Ending, Inspection, Replacement, SampleCase
from casereader.vocabulary import CaseStatus, SampleRole


@dataclass(frozen=True)
class Line:
    """The reserves of one stratum: those left in ticket order, how many were used or lacking, how many cases wait."""

    stratum: str
    left: tuple[tuple[str, str], ...] = ()  # public id and reference
    n_used: int = 0  # called on, or wanted when none was left
    n_waiting: int = 0  # cases said to be ineligible, which nobody has confirmed yet
    is_stopped: bool = False  # cases were stopped, or reading was ended: no reserve is called on any more

    @property
    def n_after(self) -> int:
        """Reserves left once everything that waits is confirmed; below zero, so many would not be replaced."""
        return len(self.left) - self.n_waiting

    @property
    def is_out(self) -> bool:
        """Whether another ineligible case would find no reserve, once what waits is confirmed."""
        return not self.is_stopped and self.n_after <= 0 and self.n_used + self.n_waiting > 0

    def says(self, named: str) -> str:
        """What runs out, in sentences that name the stratum as `named`: with its meaning, to who meets its letter."""
        n, n_left, where = self.n_waiting, len(self.left), f"Stratum {named}."
        left = f"{n_left or 'no'} reserve{'s are' if n_left > 1 else ' is'} left"
        waits = f"{n} cases said to be ineligible wait" if n > 1 else f"{n} case said to be ineligible waits"
        if self.n_after < 0:
            return f"{where} {waits} to be confirmed, and {left}: {-self.n_after} would not be replaced."
        if not n:
            return f"{where} No reserve is left: a further ineligible case will not be replaced."
        them = "these" if n_left > 1 else "it"
        return f"{where} {left.capitalize()}, and {waits} for {them}: a further one will not be replaced."


@dataclass(frozen=True)
class Proposal:
    """A case said to be ineligible that waits for a second person; `reserve` would take its place, if any."""

    public_id: str
    inspection_id: int
    case_ref: str
    stratum: str
    reason: str
    proposed_at: datetime
    proposed_by_id: int
    proposed_by: str
    reserve: tuple[str, str] | None


@dataclass(frozen=True)
class Replaced:
    """A case that was replaced: why, by which reserve, who said so and who confirmed it, and when."""

    case_ref: str
    stratum: str
    reason: str
    reserve: str  # blank: none was left
    proposed_at: datetime
    proposed_by: str
    confirmed_at: datetime
    confirmed_by: str


def lines(session: Session, inspection_ids: Collection[int]) -> dict[tuple[int, str], Line]:
    """The line of each stratum, by inspection and stratum: a few queries however many there are."""
    if not inspection_ids:
        return {}
    found: dict[tuple[int, str], Line] = {}
    for key, stratum, public_id, status, case_ref in session.exec(
        _left(), params={"inspection_ids": list(inspection_ids)}
    ):
        line = found.get((key, stratum), Line(stratum))
        if status is CaseStatus.NOT_REACHED:
            line = replace(line, is_stopped=True)
        else:
            line = replace(line, left=(*line.left, (public_id, case_ref)))
        found[key, stratum] = line
    for key, stratum, confirmed_at in session.exec(_used(), params={"inspection_ids": list(inspection_ids)}):
        line = found.get((key, stratum), Line(stratum))
        waits = int(confirmed_at is None)
        found[key, stratum] = replace(line, n_waiting=line.n_waiting + waits, n_used=line.n_used + 1 - waits)
    ended = _ended(session, inspection_ids)
    return {at: replace(line, is_stopped=line.is_stopped or at[0] in ended) for at, line in found.items()}


def _ended(session: Session, inspection_ids: Collection[int]) -> set[int]:
    """Those of these inspections whose reading two people ended."""
    return set(session.exec(_with_an_end(), params={"inspection_ids": list(inspection_ids)}))


def running_out(found: dict[tuple[int, str], Line], *, inspection: Inspection) -> list[Line]:
    """The strata of one inspection in which no reserve is left, or none would be."""
    return [line for (key, _), line in found.items() if key == inspection.id and line.is_out]


def proposals(
    session: Session, inspection_ids: Collection[int], *, found: dict[tuple[int, str], Line]
) -> list[Proposal]:
    """What waits for a second person in these inspections, oldest first, each with the reserve that is next."""
    waiting = []
    for proposed, case, case_ref, who, key in session.exec(
        _proposed(), params={"inspection_ids": list(inspection_ids)}
    ):
        line = found[key, case.stratum]
        waiting.append(
            Proposal(
                public_id=proposed.public_id,
                inspection_id=key,
                case_ref=case_ref,
                stratum=case.stratum,
                reason=proposed.reason,
                proposed_at=proposed.proposed_at,
                proposed_by_id=proposed.proposed_by_id,
                proposed_by=who,
                reserve=line.left[0] if line.left and not line.is_stopped else None,
            )
        )
    return waiting


def replaced(session: Session, *, draw_record: DrawRecord) -> list[Replaced]:
    """Every confirmed replacement of a draw, oldest first: what its certificate is added to by."""
    rows = session.exec(_replaced(), params={"draw_id": draw_record.id})
    return [
        Replaced(
            case_ref=case_ref,
            stratum=stratum,
            reason=one.reason,
            reserve=reserve_ref or "",
            proposed_at=one.proposed_at,
            proposed_by=proposed_by,
            confirmed_at=one.confirmed_at,
            confirmed_by=confirmed_by,
        )
        for one, stratum, case_ref, reserve_ref, proposed_by, confirmed_by in rows
    ]


def _here() -> Any:
    return col(DrawRecord.inspection_id).in_(bindparam("inspection_ids", expanding=True))


@cache
def _left() -> Any:
    """Built once, as those after it: Home and the board ask them."""
    is_left = (col(SampleCase.role) == SampleRole.RESERVE) & col(SampleCase.called_on).is_(False)
    columns: Any = select(DrawRecord.inspection_id, SampleCase.stratum, SampleCase.public_id)
    return (
        columns.add_columns(col(SampleCase.status), col(Case.case_ref))
        .join(SampleCase, col(SampleCase.draw_id) == DrawRecord.id)
        .join(Case, col(Case.id) == SampleCase.case_id)
        .where(
            _here(),
            col(DrawRecord.voided_at).is_(None),
            is_left | (col(SampleCase.status) == CaseStatus.NOT_REACHED),
        )
        .order_by(SampleCase.stratum, col(SampleCase.order))
    )


@cache
def _used() -> Any:
    return (
        select(DrawRecord.inspection_id, SampleCase.stratum, Replacement.confirmed_at)
        .join(SampleCase, col(SampleCase.id) == Replacement.sample_case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .where(_here(), col(DrawRecord.voided_at).is_(None))
    )


@cache
def _with_an_end() -> Any:
    return (
        select(DrawRecord.inspection_id)
        .join(Ending, col(Ending.draw_id) == DrawRecord.id)
        .where(
            _here(),
            col(DrawRecord.voided_at).is_(None),
            col(Ending.confirmed_at).is_not(None),
        )
    )


@cache
def _proposed() -> Any:
    columns: Any = select(Replacement, SampleCase, Case.case_ref)
    return (
        columns.add_columns(col(Account.name), col(DrawRecord.inspection_id))
        .join(SampleCase, col(SampleCase.id) == Replacement.sample_case_id)
        .join(Case, col(Case.id) == SampleCase.case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .join(Account, col(Account.id) == Replacement.proposed_by_id)
        .where(
            _here(),
            col(DrawRecord.voided_at).is_(None),
            col(Replacement.confirmed_at).is_(None),
        )
        .order_by(col(Replacement.proposed_at), col(Replacement.id))
    )


@cache
def _replaced() -> Any:
    reserve, reserve_case = aliased(SampleCase), aliased(Case)
    proposer, confirmer = aliased(Account), aliased(Account)
    columns: Any = select(Replacement, SampleCase.stratum, Case.case_ref, reserve_case.case_ref)
    return (
        columns.add_columns(col(proposer.name), col(confirmer.name))
        .join(SampleCase, col(SampleCase.id) == Replacement.sample_case_id)
        .join(Case, col(Case.id) == SampleCase.case_id)
        .join(proposer, col(proposer.id) == Replacement.proposed_by_id)
        .join(confirmer, col(confirmer.id) == Replacement.confirmed_by_id)
        .outerjoin(reserve, col(reserve.id) == Replacement.reserve_id)
        .outerjoin(reserve_case, col(reserve_case.id) == reserve.case_id)
        .where(col(SampleCase.draw_id) == bindparam("draw_id"))
        .order_by(col(Replacement.confirmed_at), col(Replacement.id))
    )
