"""Replacing ineligible cases, and only those: proposed by one person, confirmed by another, by the next reserve."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from casereader import assignments, audit
from casereader.errors import ConflictError, RefusedError, present
from casereader.models import Account, Case, DrawRecord, Ending, Inspection, Reading, Replacement, SampleCase
from casereader.people import accounts
from casereader.readings import hold_cases, hold_draw
from casereader.vocabulary import INELIGIBLE_REASONS, OPEN_STATES, CaseStatus, ReadingKind, SampleRole

PROPOSED, CONFIRMED, TURNED_DOWN = DEEDS = ("replacement proposed", "replacement confirmed", "replacement turned down")


def find(session: Session, *, inspection: Inspection, public_id: str, to_change: bool = False) -> Replacement:
    """The inspection's proposal of that name; AbsentError otherwise. `to_change` holds its case."""
    if to_change:
        of_proposal = select(Replacement.sample_case_id).where(Replacement.public_id == public_id)
        hold_cases(session, col(SampleCase.id).in_(of_proposal))
    query = (
        select(Replacement)
        .join(SampleCase, col(SampleCase.id) == Replacement.sample_case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .where(
            DrawRecord.inspection_id == inspection.id,
            col(DrawRecord.voided_at).is_(None),
            Replacement.public_id == public_id,
        )
    )
    return present(session.exec(query).first())


def find_case(session: Session, *, inspection: Inspection, public_id: str) -> tuple[SampleCase, str]:
    """A case of the active draw that is to be read, and its reference; AbsentError otherwise."""
    query = (
        select(SampleCase, Case.case_ref)
        .join(Case, col(Case.id) == SampleCase.case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .where(
            DrawRecord.inspection_id == inspection.id,
            col(DrawRecord.voided_at).is_(None),
            SampleCase.public_id == public_id,
            (col(SampleCase.role) == SampleRole.MAIN) | col(SampleCase.called_on).is_(True),
        )
        .execution_options(populate_existing=True)
    )
    return present(session.exec(query).first())


def why_not(session: Session, *, case: SampleCase) -> str:
    """Why nobody can propose to replace this case now; blank where somebody can."""
    if case.status not in (CaseStatus.WAITING, CaseStatus.READ):
        return f"This case is {case.status.value} already."
    if session.exec(select(Replacement.id).where(Replacement.sample_case_id == case.id)).first() is not None:
        return "Somebody has said already that this case is not eligible: it waits to be confirmed."
    states = session.exec(
        select(Reading.state).where(Reading.sample_case_id == case.id, Reading.kind != ReadingKind.CONSENSUS)
    ).all()
    if not states:
        return "The cases are not given to reviewers yet. Assign them first: a reserve goes to the same reader."
    if not all(state in OPEN_STATES for state in states):
        return "This case is read and handed in. Its reader reopens the reading first, with the reason."
    return ""


def propose(
    session: Session, *, inspection: Inspection, public_id: str, reason: str, by: Account, at: datetime
) -> Replacement:
    """Propose as coordinator, with a listed reason, that a case be replaced; begun or not, until it is handed in.

    Raises ConflictError where nobody can propose it now, RefusedError for any other reason.
    """
    hold_cases(session, SampleCase.public_id == public_id)
    case, _ = find_case(session, inspection=inspection, public_id=public_id)
    if why := why_not(session, case=case):
        raise ConflictError(why)
    if reason not in INELIGIBLE_REASONS:
        raise RefusedError("Choose one of the listed reasons for which a case is not eligible.")
    proposed = Replacement(sample_case_id=case.id or 0, reason=reason, proposed_at=at, proposed_by_id=by.id or 0)
    session.add(proposed)
    session.flush()
    audit.record(
        session,
        PROPOSED,
        by=by,
        at=at,
        kind="sample case",
        object_id=case.public_id,
        inspection_id=inspection.id,
    )
    return proposed


def next_reserve(session: Session, *, sample_case: SampleCase) -> SampleCase | None:
    """The next reserve of the case's stratum in ticket order, if any is left and none before it was stopped.

    None once two people ended reading: nothing more of the sample is awaited then.
    """
    in_stratum = (SampleCase.draw_id == sample_case.draw_id, SampleCase.stratum == sample_case.stratum)
    stopped = select(SampleCase.id).where(*in_stratum, SampleCase.status == CaseStatus.NOT_REACHED)
    ended = select(Ending.id).where(Ending.draw_id == sample_case.draw_id, col(Ending.confirmed_at).is_not(None))
    if session.exec(stopped).first() is not None or session.exec(ended).first() is not None:
        return None  # an earlier ticket would be read before it, or figures are open
    query = (
        select(SampleCase)
        .where(
            *in_stratum,
            SampleCase.role == SampleRole.RESERVE,
            col(SampleCase.called_on).is_(False),
        )
        .order_by(col(SampleCase.order))
    )
    return session.exec(query.execution_options(populate_existing=True)).first()


def confirm(
    session: Session,
    *,
    inspection: Inspection,
    replacement: Replacement,
    by: Account,
    at: datetime,
    reserve_id: str | None = None,
) -> SampleCase | None:
    """Declare the case ineligible and call on the next reserve, for the same reader where they may.

    None when no reserve is left. `reserve_id`: the reserve that whoever confirms expects, blank for none. Any but the
    next in order is refused. Raises ConflictError where it is settled, or another reserve is next by now; RefusedError
    where the two are not two people.
    """
    record = hold_draw(session, inspection=inspection)
    _refuse_settled(session, replacement)
    if replacement.proposed_by_id == by.id:
        raise RefusedError("You proposed this replacement yourself: somebody else must confirm it.")
    if why := accounts.as_two_people(session, session.get_one(Account, replacement.proposed_by_id), by):
        raise RefusedError(why)
    case = session.get_one(SampleCase, replacement.sample_case_id)
    reserve = next_reserve(session, sample_case=case)
    if reserve_id is not None and reserve_id != (reserve.public_id if reserve else ""):
        raise ConflictError("That reserve is not the next in ticket order, or not any more. Look at the page again.")
    case.status, case.reason = CaseStatus.INELIGIBLE, replacement.reason
    case.decided_at, case.decided_by_id = at, by.id
    if reserve is not None:
        reserve.called_on = True
        replacement.reserve_id = reserve.id
        session.add(reserve)
    replacement.confirmed_at, replacement.confirmed_by_id = at, by.id
    session.add_all([case, replacement])
    session.flush()
    first = session.exec(
        select(Reading).where(Reading.sample_case_id == case.id, Reading.kind == ReadingKind.FIRST)
    ).first()
    if record is not None and reserve is not None and first is not None:
        assignments.give_reserve(
            session,
            inspection=inspection,
            draw_record=record,
            replaced=case,
            reserve=reserve,
            reviewer_id=first.reviewer_id,
            instrument=(first.instrument_id, first.instrument_version),
            by=by,
            at=at,
        )
    audit.record(
        session,
        CONFIRMED,
        by=by,
        at=at,
        kind="sample case",
        object_id=case.public_id,
        inspection_id=inspection.id,
        body={"reserve": reserve.public_id if reserve else None},
    )
    return reserve


def turn_down(session: Session, *, inspection: Inspection, replacement: Replacement, by: Account, at: datetime) -> None:
    """Say that the case is eligible after all: it stays with its reader.

    Raises ConflictError where it is settled already.
    """
    hold_draw(session, inspection=inspection)
    _refuse_settled(session, replacement)
    case = session.get_one(SampleCase, replacement.sample_case_id)
    session.delete(replacement)
    session.flush()
    audit.record(
        session,
        TURNED_DOWN,
        by=by,
        at=at,
        kind="sample case",
        object_id=case.public_id,
        inspection_id=inspection.id,
    )


def _refuse_settled(session: Session, replacement: Replacement) -> None:
    """Look again, once it is one's turn: somebody else may have confirmed it or turned it down a moment ago."""
    query = select(Replacement).where(Replacement.id == replacement.id).execution_options(populate_existing=True)
    found = session.exec(query).first()
    if found is None:
        raise ConflictError("This replacement was turned down already.")
    if found.confirmed_at is not None:
        raise ConflictError("This replacement is confirmed already.")
