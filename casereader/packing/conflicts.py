"""Answers that were changed on both sides: both texts are kept, one stands, and a person chooses."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, or_
from sqlalchemy.orm import aliased
from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import Session, col, exists, func, select

from casereader import audit
from casereader.errors import ConflictError, RefusedError, present
from casereader.instrument import Answer
from casereader.models import (
    Account,
    AnswerConflict,
    AnswerRow,
    Case,
    DrawRecord,
    Inspection,
    Membership,
    OfflineWeek,
    PackedFile,
    Reading,
    SampleCase,
)
from casereader.packing.gathering import Row, Rows
from casereader.packing.merging import BLANK, Plan
from casereader.packing.placing import Placing
from casereader.people.conflicts import covered
from casereader.programmes.inspections import Place
from casereader.readings.holding import hold_cases_of
from casereader.readings.saving import store
from casereader.readings.sight import not_blind, shown_to, with_case
from casereader.vocabulary import READER_ROLES, Role, Side

MODERATES = (Role.LEAD, Role.MODERATOR)
SETTLED = "answer of both sides settled"
AMEND = (
    "The reading is signed off, so its answers stay as they are: keep the one that stands, or have the reading opened"
    " again first."
)


@dataclass(frozen=True)
class Conflict:
    """One answer that both sides changed, with whose reading it is and who wrote what."""

    row: AnswerConflict
    reading: Reading
    case_ref: str
    reader: Account
    office_by: Account | None
    laptop_by: Account | None
    settled_by: Account | None


def keep(
    session: Session, *, plan: Plan, mine: Rows, theirs: Rows, file: PackedFile, placing: Placing, at: datetime
) -> None:
    """Keep what both sides changed, to be shown; what waited already for a choice is carried on with."""
    for one in plan.differs:
        reading_id = placing.id("reading", one.reading)
        there, here = _answer(one.theirs), _answer(one.mine)
        query = select(AnswerConflict).where(AnswerConflict.reading_id == reading_id, AnswerConflict.key == one.key)
        row = session.exec(query.where(col(AnswerConflict.settled_at).is_(None))).first()
        if row is None:
            row = AnswerConflict(reading_id=reading_id, key=one.key, file_id=0, stands=one.stands, found_at=at)
        else:
            row.earlier = [*row.earlier, {**row.laptop, "file": row.file_id}]
        row.file_id, row.office, row.laptop, row.stands = file.id or 0, here, there, one.stands
        row.office_at, row.office_by_id = _last(mine, one.reading, one.key, placing)
        row.laptop_at, row.laptop_by_id = _last(theirs, one.reading, one.key, placing)
        session.add(row)
    session.flush()


def _answer(row: Row | None) -> dict[str, Any]:
    return {name: row.values[name] if row is not None else blank for name, blank in BLANK.items()}


def _last(rows: Rows, reading: str, key: str, placing: Placing) -> tuple[datetime | None, int | None]:
    """When an answer was saved last on a side, and by whom."""
    saved = [
        row.values
        for row in rows["answer_revision"].values()
        if row.values["reading_id"] == reading and row.values["key"] == key
    ]
    if not saved:
        return None, None
    newest = max(saved, key=lambda values: str(values["saved_at"]))
    return datetime.fromisoformat(newest["saved_at"]), placing.id("account", newest["saved_by_id"])


def conflicts_of(session: Session, *, place: Place, account: Account) -> Sequence[Conflict]:
    """Every answer that both sides changed and that the account may choose in, those that wait for a choice first.

    In a reading that is not handed in its reader chooses, and nobody else sees it; in one that is, whoever moderates.
    None of a case that the account has still to read itself, or that a conflict of interest covers.
    """
    office, laptop, settler = aliased(Account), aliased(Account), aliased(Account)
    columns: Any = select(AnswerConflict, Reading, Case.case_ref, Account).add_columns(office, laptop, settler)
    query = (
        with_case(columns.join(Reading, col(Reading.id) == AnswerConflict.reading_id))
        .join(Account, col(Account.id) == Reading.reviewer_id)
        .outerjoin(office, office.id == AnswerConflict.office_by_id)
        .outerjoin(laptop, laptop.id == AnswerConflict.laptop_by_id)
        .outerjoin(settler, settler.id == AnswerConflict.settled_by_id)
        .where(_of(place), or_(_to_read(place, account), _to_moderate(place, account)), ~covered(account.id))
        .order_by(col(AnswerConflict.settled_at).is_not(None), Case.case_ref, AnswerConflict.key)
    )
    return [Conflict(*row) for row in session.exec(query)]


def waiting_for(session: Session, *, place: Place) -> list[tuple[str | None, int]]:
    """For whom how many answers wait: the reader of a reading that is not handed in, else (None) who moderates."""
    reader: Any = case((col(Reading.submitted_at).is_(None), col(Account.name)))
    query = (
        select(reader, func.count())
        .select_from(AnswerConflict)
        .join(Reading, col(Reading.id) == AnswerConflict.reading_id)
        .join(Account, col(Account.id) == Reading.reviewer_id)
        .where(col(AnswerConflict.settled_at).is_(None), col(AnswerConflict.reading_id).in_(_readings_of(place)))
        .group_by(reader)
    )
    return sorted(session.exec(query).all(), key=lambda one: one[0] or "")


def to_choose(session: Session, *, reading_ids: Collection[int]) -> dict[int, int]:
    """How many answers wait for a choice, of each of these readings that has any."""
    query = select(AnswerConflict.reading_id, func.count()).where(col(AnswerConflict.settled_at).is_(None))
    return dict(
        session.exec(
            query.where(col(AnswerConflict.reading_id).in_(reading_ids)).group_by(col(AnswerConflict.reading_id))
        ).all()
    )


def to_moderate(session: Session, *, inspection_ids: Collection[int], account: Account) -> dict[int, int]:
    """How many answers of readings that are handed in wait for the account, by those inspections that it moderates.

    As `conflicts_of` shows them: of no case that it has still to read, or that a conflict of interest covers. Looked up
    by the files that brought them, which few inspections have.
    """
    brought = select(PackedFile.id).join(OfflineWeek, col(OfflineWeek.id) == PackedFile.week_id)
    brought = brought.where(col(OfflineWeek.inspection_id).in_(inspection_ids), col(PackedFile.is_ours).is_(False))
    if not (files := session.exec(brought).all()):
        return {}
    counted: Any = select(Inspection.id, func.count()).select_from(AnswerConflict)
    query = (
        with_case(counted.join(Reading, col(Reading.id) == AnswerConflict.reading_id))
        .where(
            col(AnswerConflict.file_id).in_(files),
            col(AnswerConflict.settled_at).is_(None),
            col(Reading.submitted_at).is_not(None),
            col(DrawRecord.voided_at).is_(None),
            shown_to(account.id),
        )
        .group_by(col(Inspection.id))
    )
    return {key or 0: n for key, n in session.exec(query).all()}


def _to_read(place: Place, account: Account) -> Any:
    """That a reading is the account's own, and not handed in."""
    return and_(
        col(Reading.submitted_at).is_(None),
        col(Reading.reviewer_id) == account.id,
        col(Reading.handed_back_at).is_(None),
        exists(_holds(place, account, READER_ROLES)),
    )


def _to_moderate(place: Place, account: Account) -> Any:
    """That a reading is handed in, and the account moderates and has not still to read the case itself."""
    return and_(
        col(Reading.submitted_at).is_not(None), exists(_holds(place, account, MODERATES)), not_blind(account.id)
    )


def _holds(place: Place, account: Account, roles: Collection[Role]) -> Any:
    return select(Membership.id).where(
        Membership.inspection_id == place.inspection.id,
        Membership.account_id == account.id,
        col(Membership.role).in_(roles),
    )


def _of(place: Place) -> Any:
    return and_(col(DrawRecord.inspection_id) == place.inspection.id, col(DrawRecord.voided_at).is_(None))


def _readings_of(place: Place) -> Any:
    return (
        select(Reading.id)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .where(_of(place))
    )


def settle(session: Session, *, place: Place, public_id: str, chosen: Side, by: Account, at: datetime) -> Conflict:
    """Have one of the two stand, for good; what the other said stays beside it.

    Raises AbsentError where there is no such difference, ConflictError where it is settled, RefusedError once the
    reading is signed off.
    """
    found = _waiting(session, place, public_id, by)
    hold_cases_of(session, [found.reading.public_id])
    session.refresh(found.row)
    session.refresh(found.reading)
    found = _waiting(session, place, public_id, by)  # it may have been handed in meanwhile
    if found.row.settled_at is not None:
        raise ConflictError("Somebody has chosen already: load the page again.")
    stored = session.exec(
        select(AnswerRow).where(AnswerRow.reading_id == found.reading.id, AnswerRow.key == found.row.key)
    ).first()
    if chosen is not found.row.stands:  # what stands may have been written on since, and is left as it is now
        if found.reading.signed_off_at is not None:
            raise RefusedError(AMEND)
        wanted = found.row.office if chosen is Side.OFFICE else found.row.laptop
        _write(session, found, stored, wanted, by, at)
    found.row.settled_at, found.row.settled_by_id, found.row.chosen = at, by.id, chosen
    session.add(found.row)
    session.flush()
    audit.record(
        session,
        SETTLED,
        by=by,
        at=at,
        kind="reading",
        object_id=found.reading.public_id,
        inspection_id=place.inspection.id,
        body={"question": found.row.key, "chosen": chosen},
    )
    return found


def _waiting(session: Session, place: Place, public_id: str, account: Account) -> Conflict:
    every = conflicts_of(session, place=place, account=account)
    return present(next((one for one in every if one.row.public_id == public_id), None))


def _as_stored(row: AnswerRow | None) -> dict[str, Any]:
    return {name: getattr(row, name) if row is not None else blank for name, blank in BLANK.items()}


def _write(
    session: Session, found: Conflict, stored: AnswerRow | None, wanted: Mapping[str, Any], by: Account, at: datetime
) -> None:
    """Save what was chosen as any other answer is saved: with a revision, and the reading's next version."""
    key, reading = found.row.key, found.reading
    before = {key: _typed(_as_stored(stored))} if stored is not None else {}
    if before.get(key, Answer(None)) == _typed(wanted):
        return
    store(session, reading_id=reading.id or 0, before=before, after={key: _typed(wanted)}, by=by, at=at)
    reading.saved_at = at
    flag_modified(reading, "saved_at")
    session.add(reading)


def _typed(values: Mapping[str, Any]) -> Answer:
    return Answer(
        values["value"],
        note=values["note"],
        sources=tuple(values["sources"]),
        ground=values["ground"],
        discuss=bool(values["discuss"]),
    )
