"""The settlement that stands of a case: what is chosen in it by question, and whether its readings moved on since."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Literal

from sqlalchemy import bindparam
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from casereader.models import Account, Case, DrawRecord, Inspection, Membership, Reading, SampleCase, Settlement
from casereader.people import conflicts
from casereader.vocabulary import ReadingKind

Whose = Literal["first", "second", "both", "other"]


@dataclass(frozen=True)
class Chosen:
    """What was chosen for one part: a reader's answer, both texts joined, or another value; `reason` says why.

    `also` is what the other reader says of the same choice.
    """

    whose: Whose
    value: str | None = None
    ground: str | None = None
    reason: str = ""
    also: str = ""

    @property
    def reasons(self) -> str:
        """Why, in the words of everybody who said so."""
        return "\n\n".join(text for text in (self.reason.strip(), self.also.strip()) if text)

    @property
    def what(self) -> tuple[str, ...]:
        """What it comes to, whatever the reason."""
        return (self.whose, self.value or "", self.ground or "") if self.whose == "other" else (self.whose,)


def standing(session: Session, *, sample_case_id: int) -> Settlement | None:
    """The settlement of the case that was not undone, as it stands now."""
    query = select(Settlement).where(Settlement.sample_case_id == sample_case_id, col(Settlement.undone_at).is_(None))
    return session.exec(query.execution_options(populate_existing=True)).first()


def standing_of(session: Session, *, sample_case_ids: Collection[int]) -> dict[int, Settlement]:
    """The settlements that stand, by case: of many cases in one query."""
    query = select(Settlement).where(
        col(Settlement.sample_case_id).in_(sample_case_ids), col(Settlement.undone_at).is_(None)
    )
    return {one.sample_case_id: one for one in session.exec(query.execution_options(populate_existing=True))}


def undone(session: Session, *, sample_case_id: int) -> list[tuple[Settlement, str]]:
    """The settlements of the case that were undone, oldest first, each with the name of who undid it."""
    query = (
        select(Settlement, Account.name)
        .join(Account, col(Account.id) == Settlement.undone_by_id)
        .where(Settlement.sample_case_id == sample_case_id)
        .order_by(col(Settlement.undone_at))
    )
    return [(found, name) for found, name in session.exec(query)]


def begin(session: Session, *, first: Reading, second: Reading, by_id: int, at: datetime) -> Settlement:
    """The settlement of the case that stands, or a new one, as somebody's word on the readings as they are now.

    What was proposed in it before is kept beside it.
    """
    found = standing(session, sample_case_id=first.sample_case_id)
    if found is None:
        found = Settlement(
            sample_case_id=first.sample_case_id,
            proposed_at=at,
            proposed_by_id=by_id,
            first_version=first.version,
            second_version=second.version,
        )
    else:
        set_aside(found, by_id=by_id, at=at)
    found.proposed_at, found.proposed_by_id = at, by_id
    found.first_version, found.second_version = first.version, second.version
    found.agreed_at = found.agreed_by_id = None
    return found


def set_aside(settlement: Settlement, *, by_id: int, at: datetime) -> None:
    """Keep what is proposed in a settlement, whole, before something else takes its place."""
    one = {
        "chosen": settlement.chosen,
        "proposed_at": settlement.proposed_at.isoformat(),
        "proposed_by_id": settlement.proposed_by_id,
        "agreed_at": settlement.agreed_at.isoformat() if settlement.agreed_at else None,
        "agreed_by_id": settlement.agreed_by_id,
        "set_aside_at": at.isoformat(),
        "set_aside_by_id": by_id,
    }
    settlement.earlier = [*settlement.earlier, one]


@dataclass(frozen=True)
class Earlier:
    """A proposal that another took the place of; `agreed_by` is blank where the other reader had not agreed."""

    chosen: Mapping[str, Chosen]
    proposed_by: str
    proposed_at: datetime
    agreed_by: str


def earlier_in(session: Session, settlement: Settlement | None) -> list[Earlier]:
    """What was proposed before in a settlement, oldest first."""
    rows = settlement.earlier if settlement else []
    ids = {one[name] for one in rows for name in ("proposed_by_id", "agreed_by_id")}
    query = select(Account.id, Account.name).where(col(Account.id).in_(ids))
    names = dict(session.exec(query).all()) if rows else {}
    return [
        Earlier(
            _chosen(one["chosen"]),
            names.get(one["proposed_by_id"], ""),
            datetime.fromisoformat(one["proposed_at"]),
            names.get(one["agreed_by_id"], ""),
        )
        for one in rows
    ]


def has_lapsed(settlement: Settlement, *, first: Reading, second: Reading) -> bool:
    """Whether a reading changed after this was proposed; what is settled stays."""
    versions = (settlement.first_version, settlement.second_version)
    return settlement.settled_at is None and versions != (first.version, second.version)


def follow(session: Session, reading: Reading, *, was: int) -> None:
    """Let what is proposed stand where a reading went from version `was` to the present one with no answer changed."""
    found = standing(session, sample_case_id=reading.sample_case_id)
    if found is None or found.settled_at is not None:
        return
    if reading.kind is ReadingKind.FIRST and found.first_version == was:
        found.first_version = reading.version
    if reading.kind is ReadingKind.SECOND and found.second_version == was:
        found.second_version = reading.version
    session.add(found)


def chosen_in(settlement: Settlement | None) -> dict[str, Chosen]:
    """What is chosen in a settlement, by key."""
    return _chosen(settlement.chosen if settlement else {})


def _chosen(kept: Mapping[str, Any]) -> dict[str, Chosen]:
    names = ("whose", "value", "ground", "reason", "also")
    return {key: Chosen(**{name: one[name] for name in names if name in one}) for key, one in kept.items()}


def mark_of(settlement: Settlement) -> str:
    """A mark that changes when anything chosen does: people agree to what they saw, and to nothing else."""
    said = [settlement.chosen, settlement.first_version, settlement.second_version]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Agreed:
    """A pair that its readers agreed on and that is not settled yet; `not_by` are those who cannot confirm it."""

    inspection_id: int
    sample_case_id: int
    reading_id: str  # the public one of its first reading
    not_by: frozenset[int]


def to_confirm(session: Session, *, inspection_ids: Collection[int]) -> list[Agreed]:
    """The pairs of the inspections that are agreed by their readers and not settled yet, by reference."""
    found = session.exec(_standing_query(is_agreed=True), params={"inspection_ids": list(inspection_ids)}).all()
    if not found:
        return []
    barred: dict[int, set[int]] = {}
    for case, account in session.exec(_in_conflict([row[1] for row in found])):
        barred.setdefault(case, set()).add(account)
    return [
        Agreed(inspection, case, name, frozenset({first, second, *barred.get(case, ())}))
        for inspection, case, name, first, second in found
    ]


def proposed_cases(session: Session, *, inspection_id: int) -> set[int]:
    """The sampled cases of an inspection for which a proposal of one reader waits for the other."""
    found = session.exec(_standing_query(is_agreed=False), params={"inspection_ids": [inspection_id]})
    return {row[1] for row in found}


def _in_conflict(cases: Collection[int]) -> Any:
    """Who of the inspection's people has a conflict of interest with which of these sampled cases."""
    return (
        select(SampleCase.id, Membership.account_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .join(Case, col(Case.id) == SampleCase.case_id)
        .join(Inspection, col(Inspection.id) == DrawRecord.inspection_id)
        .join(Membership, col(Membership.inspection_id) == Inspection.id)
        .where(col(SampleCase.id).in_(cases), conflicts.covered(col(Membership.account_id)))
    )


@cache
def _standing_query(*, is_agreed: bool) -> Any:
    """Built once: Home and the board ask it."""
    first, second = aliased(Reading), aliased(Reading)
    columns: Any = select(DrawRecord.inspection_id, SampleCase.id, first.public_id, first.reviewer_id)
    return (
        columns.add_columns(second.reviewer_id)
        .select_from(Settlement)
        .join(SampleCase, col(SampleCase.id) == Settlement.sample_case_id)
        .join(Case, col(Case.id) == SampleCase.case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .join(first, (col(first.sample_case_id) == SampleCase.id) & (col(first.kind) == ReadingKind.FIRST))
        .join(second, (col(second.sample_case_id) == SampleCase.id) & (col(second.kind) == ReadingKind.SECOND))
        .where(
            col(DrawRecord.inspection_id).in_(bindparam("inspection_ids", expanding=True)),
            col(DrawRecord.voided_at).is_(None),
            col(Settlement.agreed_at).is_not(None) if is_agreed else col(Settlement.agreed_at).is_(None),
            col(Settlement.settled_at).is_(None),
            Settlement.first_version == first.version,
            Settlement.second_version == second.version,
        )
        .order_by(Case.case_ref)
    )
