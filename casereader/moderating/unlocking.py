"""Opening a signed-off reading again: asked for by one person, granted or refused by another, one of them a lead.

A pair that was settled comes apart first: the consensus goes, its answers stay in the settlement. What is locked never
opens again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from casereader import audit, evaluations
from casereader.errors import AbsentError, ConflictError, RefusedError, present
from casereader.models import Account, Case, DrawRecord, Reading, SampleCase, Unlock
from casereader.moderating import moderation, settling
from casereader.naming import said
from casereader.programmes import two_people
from casereader.programmes.inspections import Place
from casereader.readings import PUBLIC_ID, hold_cases, locked, settle_statuses, shown_to
from casereader.vocabulary import ReadingKind, ReadingState

LOCKED = "This reading is locked: it never opens again."
IS_OVER = col(Unlock.decided_at).is_not(None) | col(Unlock.taken_back_at).is_not(None)
OVER = "This is decided or taken back already."


@dataclass(frozen=True)
class Asked:
    """Something asked, the reading it is about and whose it is, and who asked and decided."""

    unlock: Unlock
    reading: Reading
    case_ref: str
    reader: str
    asker: str
    decider: str


def ask(session: Session, *, place: Place, public_id: str, reason: str, by: Account, at: datetime) -> Unlock:
    """Ask that a signed-off reading be opened again; nothing changes before another person grants it.

    Raises ConflictError where it cannot be asked for now, RefusedError without a reason.
    """
    one = moderation.find(session, place=place, public_id=public_id, account=by, to_change=True)
    reading = one.opened.reading
    if why := why_not_asked(session, reading):
        raise ConflictError(why)
    found = Unlock(
        reading_id=one.opened.key,
        asked_at=at,
        asked_by_id=by.id or 0,
        reason=said(reason, "Say why it should be opened again."),
    )
    session.add(found)
    session.flush()
    _audit(session, "unlock asked for", place, reading, by, at, unlock=found.public_id)
    return found


def why_not_asked(session: Session, reading: Reading) -> str:
    """Why nobody can ask that the reading be opened again; blank where somebody can."""
    if reading.kind is ReadingKind.CONSENSUS:
        return "This is a consensus: ask that one of the two readings be opened again, and it comes apart."
    if reading.state is ReadingState.LOCKED:
        return LOCKED
    if reading.signed_off_at is None:
        return "This reading is not signed off: its reader can reopen it, with a reason."
    if waiting(session, reading_id=reading.id or 0) is not None:
        return "Somebody has asked already that this reading be opened again."
    return ""


def waiting(session: Session, *, reading_id: int) -> Unlock | None:
    """What is asked of the reading and not decided yet."""
    query = select(Unlock).where(Unlock.reading_id == reading_id, ~IS_OVER)
    return session.exec(query).first()


def of_inspection(session: Session, *, place: Place, account: Account) -> list[Asked]:
    """What was asked in the inspection of readings that the account may see, what waits first, then the newest."""
    query = _query(place, account).order_by(IS_OVER, col(Unlock.asked_at).desc())
    return [Asked(*row) for row in session.exec(query)]


@dataclass(frozen=True)
class SignedOff:
    """A reading of which it can be asked that it be opened again."""

    reading: Reading
    case_ref: str
    reader: str


def signed_off(session: Session, *, place: Place, account: Account) -> list[SignedOff]:
    """The readings that the account may see, and of which it can be asked that they be opened again."""
    asked = select(Unlock.reading_id).where(~IS_OVER)
    query = (
        select(Reading, Case.case_ref, Account.name)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(Case, col(Case.id) == SampleCase.case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .join(Account, col(Account.id) == Reading.reviewer_id)
        .where(
            *_may_see(place, account),
            col(Reading.state).in_((ReadingState.SIGNED_OFF, ReadingState.SETTLED)),
            Reading.kind != ReadingKind.CONSENSUS,
            col(Reading.id).not_in(asked),
        )
        .order_by(Case.case_ref, col(Reading.id))
    )
    return [SignedOff(*row) for row in session.exec(query)]


def find(session: Session, *, place: Place, public_id: str, account: Account, to_change: bool = False) -> Asked:
    """What was asked, if the account may see the reading it is about; AbsentError otherwise."""
    if not PUBLIC_ID.fullmatch(public_id):
        raise AbsentError
    query = _query(place, account).where(Unlock.public_id == public_id)
    if to_change:
        case = select(Reading.sample_case_id).join(Unlock, col(Unlock.reading_id) == Reading.id)
        hold_cases(session, col(SampleCase.id).in_(case.where(Unlock.public_id == public_id)))
        query = locked(query)
    row = present(session.exec(query).first())
    return Asked(*row)


def why_not_decided(session: Session, *, place: Place, asked: Asked, by: Account) -> str:
    """Why the account cannot decide on what was asked; blank where it can."""
    if not asked.unlock.waits:
        return OVER
    if asked.reading.reviewer_id == by.id:
        return "This is your own reading: somebody else decides."
    asker = session.get_one(Account, asked.unlock.asked_by_id)
    ids, deed = [place.inspection.id or 0], "asked that the reading be opened again"
    return two_people.why_not(session, inspection_ids=ids, asker=asker, by=by, deed=deed) or ""


def warnings(session: Session, *, place: Place, reading: Reading) -> list[str]:
    """What follows from opening the reading again, to be read before it is granted."""
    found = []
    if reading.state is ReadingState.SETTLED:
        found.append(
            "The case is settled: the consensus comes apart, its answers are kept in the history, and the other "
            "reading goes back to signed off. The two can be settled anew."
        )
    found.append(
        "The case counts in no figure until this reading is submitted again."
        if reading.kind is ReadingKind.FIRST
        else "The first reading counts meanwhile."
    )
    if reading.needs_countersigning:
        found.append("A local reviewer made it: it must be countersigned again.")
    written = {(entry.row.qi, entry.row.stage.value) for entry in evaluations.history(session, place=place)}
    if written:
        stages = ", ".join(f"{qi} ({stage})" for qi, stage in sorted(written))
        found.append(
            f"Evaluations are written already, and rest on figures with this case as it stands: {stages}. They keep "
            "the figures that they were written beside; look at them again afterwards."
        )
    if place.inspection.published_on is not None:
        found.append("The report is published: what is out does not change by this.")
    return found


def take_back(session: Session, *, place: Place, public_id: str, by: Account, at: datetime) -> None:
    """Take back what one asked: the reading stays signed off, and what was asked stays on the list.

    Raises ConflictError where it is decided already, RefusedError for anybody else.
    """
    asked = find(session, place=place, public_id=public_id, account=by, to_change=True)
    if not asked.unlock.waits:
        raise ConflictError(OVER)
    if asked.unlock.asked_by_id != by.id:
        raise RefusedError("Somebody else asked for it: grant it or refuse it.")
    asked.unlock.taken_back_at = at
    session.add(asked.unlock)
    session.flush()
    _audit(session, "unlock taken back", place, asked.reading, by, at, unlock=public_id)


def refuse(session: Session, *, place: Place, public_id: str, answer: str, by: Account, at: datetime) -> Unlock:
    """Refuse what was asked, with a word: the reading stays signed off.

    Raises ConflictError where it is decided already, RefusedError where `by` may not decide it, or gives no word.
    """
    asked = _to_decide(session, place, public_id, by)
    _decide(session, asked.unlock, answer, by, at, is_granted=False)
    _audit(session, "unlock refused", place, asked.reading, by, at, asked_by=asked.unlock.asked_by_id)
    return asked.unlock


def grant(session: Session, *, place: Place, public_id: str, answer: str, by: Account, at: datetime) -> Reading:
    """Give a signed-off reading back to its reader, in progress; a settlement of its case is undone first.

    Raises ConflictError where it is decided already or the reading is locked, RefusedError where `by` may not decide
    it.
    """
    asked = _to_decide(session, place, public_id, by)
    reading = asked.reading
    if reading.state is ReadingState.LOCKED:
        raise ConflictError(LOCKED)
    _decide(session, asked.unlock, answer, by, at, is_granted=True)
    if reading.state is ReadingState.SETTLED:
        settling.undo(session, place=place, reading=reading, by=by, at=at)
    reading.state = ReadingState.IN_PROGRESS
    reading.submitted_at = None
    reading.countersigned_at = reading.countersigned_by_id = None
    reading.signed_off_at = reading.signed_off_by_id = None
    reading.reopened_reason = asked.unlock.reason
    session.add(reading)
    session.flush()
    _audit(session, "reading unlocked", place, reading, by, at, asked_by=asked.unlock.asked_by_id)
    settle_statuses(session, sample_case_ids=[reading.sample_case_id], by=by, at=at)
    return reading


def _to_decide(session: Session, place: Place, public_id: str, by: Account) -> Asked:
    asked = find(session, place=place, public_id=public_id, account=by, to_change=True)
    if not asked.unlock.waits:
        raise ConflictError(OVER)
    if why := why_not_decided(session, place=place, asked=asked, by=by):
        raise RefusedError(why)
    return asked


def _decide(session: Session, unlock: Unlock, answer: str, by: Account, at: datetime, *, is_granted: bool) -> None:
    unlock.answer = said(answer, "Say why you grant it, or why you do not.")
    unlock.decided_at, unlock.decided_by_id, unlock.is_granted = at, by.id, is_granted
    session.add(unlock)
    session.flush()


def _query(place: Place, account: Account) -> Any:
    reader, asker, decider = aliased(Account), aliased(Account), aliased(Account)
    columns: Any = select(Unlock, Reading, Case.case_ref, reader.name)
    return (
        columns.add_columns(asker.name, func.coalesce(decider.name, ""))
        .select_from(Unlock)
        .join(Reading, col(Reading.id) == Unlock.reading_id)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(Case, col(Case.id) == SampleCase.case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .join(reader, col(reader.id) == Reading.reviewer_id)
        .join(asker, col(asker.id) == Unlock.asked_by_id)
        .outerjoin(decider, col(decider.id) == Unlock.decided_by_id)
        .where(*_may_see(place, account))
    )


def _may_see(place: Place, account: Account) -> tuple[Any, ...]:
    return (
        DrawRecord.inspection_id == place.inspection.id,
        col(DrawRecord.voided_at).is_(None),
        shown_to(account.id),
    )


def _audit(
    session: Session, action: str, place: Place, reading: Reading, by: Account, at: datetime, **body: object
) -> None:
    audit.record(
        session,
        action,
        by=by,
        at=at,
        kind="reading",
        object_id=reading.public_id,
        inspection_id=place.inspection.id,
        body=body,
    )
