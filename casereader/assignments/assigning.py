"""Giving the drawn cases out by the rule: all at once after the draw, and those that come to the sample later."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert
from sqlmodel import Session, select

from casereader import audit
from casereader.assignments.proposing import Proposal, propose
from casereader.assignments.sealed import append, as_dealt_around, seal_first
from casereader.errors import ConflictError, RefusedError
from casereader.models import Account, DrawRecord, Inspection, Reading, SampleCase
from casereader.readings import hold_draw
from casereader.vocabulary import ReadingKind

NOT_AS_SHOWN = "What the rule gives has changed since it was shown: look at it again, then assign."


def assign(
    session: Session,
    *,
    inspection: Inspection,
    instrument: tuple[str, str],
    chosen: Sequence[Account] | None = None,
    as_shown: str | None = None,
    by: Account,
    at: datetime,
) -> int:
    """Deal every main case to `chosen`, or to all who take part, and second readings; how many cases were given.

    `instrument` is id and version; `as_shown` the digest of the proposal that was looked at. Refused until a lead and a
    deputy are named, each with a telephone number. Raises ConflictError where they are dealt already, RefusedError with
    every reason why they cannot be dealt as shown.
    """
    hold_draw(session, inspection=inspection)
    proposal = propose(session, inspection=inspection, at=at, chosen=chosen)
    if is_assigned(session, draw_record=proposal.record):
        raise ConflictError("The cases are assigned already.")
    _refuse(proposal, as_shown)
    _write(session, proposal, instrument, "", by, at)
    seal_first(session, proposal)
    _audit(session, "cases assigned", proposal, inspection, by, at)
    return len(proposal.dealt.first)


def assign_added(
    session: Session,
    *,
    inspection: Inspection,
    instrument: tuple[str, str],
    reason: str,
    as_shown: str | None = None,
    by: Account,
    at: datetime,
) -> int:
    """Deal the cases that came to the sample after it was assigned, around what is given; how many were given.

    The addendum is sealed again with them, and with the digest that it had before. Raises ConflictError before the
    sample is dealt, RefusedError with every reason why they cannot be dealt as shown.
    """
    hold_draw(session, inspection=inspection)
    proposal = propose(session, inspection=inspection, at=at)
    if not is_assigned(session, draw_record=proposal.record):
        raise ConflictError("The cases are not assigned yet.")
    _refuse(proposal, as_shown)
    if not proposal.dealt.first:
        return 0
    _write(session, proposal, instrument, reason, by, at)
    append(session, proposal.record, "added", as_dealt_around(session, proposal))
    _audit(session, "added cases assigned", proposal, inspection, by, at)
    return len(proposal.dealt.first)


def is_assigned(session: Session, *, draw_record: DrawRecord) -> bool:
    """Whether the draw's cases were given to readers."""
    query = select(Reading.id).join(SampleCase).where(SampleCase.draw_id == draw_record.id).limit(1)
    return session.exec(query).first() is not None


def _refuse(proposal: Proposal, as_shown: str | None) -> None:
    if proposal.reasons:
        raise RefusedError(*proposal.reasons)
    if as_shown is not None and as_shown != proposal.digest:
        raise RefusedError(NOT_AS_SHOWN)


def _write(
    session: Session, proposal: Proposal, instrument: tuple[str, str], reason: str, by: Account, at: datetime
) -> None:
    accounts = {seat.account.email: seat.account for seat in proposal.seats}
    rows = [
        Reading(
            sample_case_id=proposal.cases[ref][0].id or 0,
            kind=kind,
            reviewer_id=accounts[reader].id or 0,
            instrument_id=instrument[0],
            instrument_version=instrument[1],
            version=1,
            assigned_at=at,
            assigned_by_id=by.id or 0,
            assigned_reason=reason,
        ).model_dump(exclude={"id"})
        for kind, given in ((ReadingKind.FIRST, proposal.dealt.first), (ReadingKind.SECOND, proposal.dealt.second))
        for ref, reader in given.items()
    ]
    session.execute(insert(Reading), rows)


def _audit(
    session: Session, action: str, proposal: Proposal, inspection: Inspection, by: Account, at: datetime
) -> None:
    record = proposal.record
    audit.record(
        session,
        action,
        by=by,
        at=at,
        kind="draw",
        object_id=record.public_id,
        inspection_id=inspection.id,
        body={
            "first": len(proposal.dealt.first),
            "second": len(proposal.dealt.second),
            "addendum": record.addendum_sha256,
        },
    )
