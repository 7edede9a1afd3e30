"""A return from its arrival to its end: one is open in an inspection at a time; nothing of a dropped one is kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from casereader import audit, jobs
from casereader.errors import ConflictError
from casereader.models import Account, Inspection, Job, ListChange, PartnershipReturn
from casereader.returns import frames
from casereader.returns.mapping import Mapped
from casereader.vocabulary import JobState, ReturnState

KEPT_FOR = timedelta(hours=1)  # after the last step
READING = "reading a return"  # the kind of its jobs
LONGEST_NAME = 200


def receive(
    session: Session, *, inspection: Inspection, file_sha256: str, file_bytes: int, by: Account, at: datetime
) -> PartnershipReturn:
    """Begin with a file that was sent; it takes the place of one that is open. Its name is kept once it is sound."""
    frames.not_fixed(session, inspection=inspection)
    jobs.not_at_work(session, kind=READING, inspection=inspection, at=at)
    earlier = latest(session, inspection=inspection)
    if earlier is not None and earlier.state is ReturnState.RECEIVED:
        drop(session, returned=earlier, why="another came", by=by, at=at)
    returned = PartnershipReturn(
        inspection_id=inspection.id or 0,
        filename="",
        file_sha256=file_sha256,
        file_bytes=file_bytes,
        received_at=at,
        received_by_id=by.id or 0,
        expires_at=at + KEPT_FOR,
    )
    session.add(returned)
    session.flush()
    _record(session, "return received", returned=returned, by=by, at=at, body={"file_sha256": file_sha256})
    return returned


def latest(session: Session, *, inspection: Inspection) -> PartnershipReturn | None:
    """The inspection's newest return, whatever became of it."""
    query = select(PartnershipReturn).where(PartnershipReturn.inspection_id == inspection.id)
    return session.exec(query.order_by(col(PartnershipReturn.id).desc()).limit(1)).first()


def opened(session: Session, *, inspection: Inspection, at: datetime) -> PartnershipReturn:
    """The return that is open; ConflictError where there is none any more."""
    found = latest(session, inspection=inspection)
    if found is None or found.state is not ReturnState.RECEIVED or found.expires_at <= at:
        raise ConflictError(
            "No return is open: it was taken, dropped, or not touched for an hour. Send the file again."
        )
    return found


def looked_at(
    session: Session,
    *,
    returned: PartnershipReturn,
    filename: str,
    layout: Mapping[str, Any],
    mapped: Mapped,
    by: Account,
    at: datetime,
) -> None:
    """It can be read: its name, what it holds, and what that most likely stands for."""
    returned.filename, returned.layout = filename[-LONGEST_NAME:], dict(layout)
    returned.mapping = mapped.stored()
    session.add(returned)
    session.flush()
    body = {"tabs": len(mapped.lists), "columns": len(mapped.columns)}
    _record(session, "return looked at", returned=returned, by=by, at=at, body=body)


def map_return(session: Session, *, returned: PartnershipReturn, mapped: Mapped, by: Account, at: datetime) -> None:
    """Keep what its tabs, columns and values were said to stand for."""
    returned.mapping, returned.expires_at = mapped.stored(), at + KEPT_FOR
    session.add(returned)
    session.flush()
    body = {"tabs": len(mapped.lists), "columns": len(mapped.columns)}
    _record(session, "return mapped", returned=returned, by=by, at=at, body=body)


def changes_of(session: Session, *, returned: PartnershipReturn) -> Sequence[ListChange]:
    """What was corrected and left out in a return that is open, in order."""
    query = select(ListChange).where(ListChange.return_id == returned.id, col(ListChange.frame_id).is_(None))
    return session.exec(query.order_by(col(ListChange.id))).all()


def drop(session: Session, *, returned: PartnershipReturn, why: str, by: Account | None, at: datetime) -> None:
    """Keep nothing of it but when it came and its digest; whoever asks removes its file."""
    returned.state, returned.ended_at = ReturnState.DROPPED, at
    forget(session, returned=returned)
    session.execute(
        delete(ListChange).where(col(ListChange.return_id) == returned.id, col(ListChange.frame_id).is_(None))
    )
    _record(session, "return dropped", returned=returned, by=by, at=at, body={"why": why})


def forget(session: Session, *, returned: PartnershipReturn) -> None:
    """Blank what was read of the file: its name, its headings and values, and the faults that were listed."""
    returned.filename, returned.layout, returned.mapping = "", {}, {}
    session.add(returned)
    ended = select(Job).where(Job.inspection_id == returned.inspection_id, col(Job.state).not_in(jobs.OPEN))
    for job in session.exec(ended.where(Job.kind == READING)).all():
        job.result = {}
        session.add(job)
    session.flush()


def due(session: Session, *, at: datetime) -> set[int]:
    """The inspections in which something is to expire."""
    returned = select(PartnershipReturn.inspection_id).where(
        PartnershipReturn.state == ReturnState.RECEIVED, col(PartnershipReturn.expires_at) <= at
    )
    kept = [job.inspection_id for job in session.exec(_old_jobs(at)).all() if job.result]
    return {*session.exec(returned).all(), *(one for one in kept if one is not None)}


def expire(session: Session, *, at: datetime, inspection_id: int | None = None) -> list[str]:
    """Drop what nobody touched for an hour (in one inspection); the returns still open, by public id, are left."""
    opened = select(PartnershipReturn).where(PartnershipReturn.state == ReturnState.RECEIVED)
    for returned in session.exec(opened).all():
        if returned.expires_at <= at and inspection_id in (None, returned.inspection_id):
            drop(session, returned=returned, why="time ran out", by=None, at=at)
    for job in session.exec(_old_jobs(at)).all():
        if job.result and inspection_id in (None, job.inspection_id):
            job.result = {}
            session.add(job)
    session.flush()
    query = select(PartnershipReturn.public_id).where(PartnershipReturn.state == ReturnState.RECEIVED)
    return list(session.exec(query).all())


def _old_jobs(at: datetime) -> SelectOfScalar[Job]:
    return select(Job).where(Job.kind == READING, Job.state == JobState.DONE, col(Job.ended_at) <= at - KEPT_FOR)


def are_open(session: Session) -> dict[str, bool]:
    """Every return by its public id: whether it is open."""
    found = session.exec(select(PartnershipReturn.public_id, PartnershipReturn.state)).all()
    return {public_id: state is ReturnState.RECEIVED for public_id, state in found}


def drop_lost(session: Session, *, inspections: Collection[int], at: datetime) -> int:
    """Drop the open returns of inspections whose work was lost with its server: whoever sent them was cut off."""
    query = select(PartnershipReturn).where(PartnershipReturn.state == ReturnState.RECEIVED)
    found = [one for one in session.exec(query).all() if one.inspection_id in inspections]
    for returned in found:
        drop(session, returned=returned, why="the server stopped", by=None, at=at)
    return len(found)


def _record(
    session: Session,
    action: str,
    *,
    returned: PartnershipReturn,
    by: Account | None,
    at: datetime,
    body: dict[str, Any],
) -> None:
    audit.record(
        session,
        action,
        by=by,
        at=at,
        kind="return",
        object_id=returned.public_id,
        inspection_id=returned.inspection_id,
        body=body,
    )
