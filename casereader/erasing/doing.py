"""The second of the two: an administrator erases what a lead asked to have erased. All of it, or nothing."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, col, select

from casereader import append_only, audit, backup_list
from casereader.erasing import rows
from casereader.erasing.asking import asked
from casereader.erasing.copies import given_out
from casereader.erasing.fates import EMPTIED, NOT_THE_OWNER
from casereader.errors import RefusedError
from casereader.models import Account, AuditEvent, DrawRecord, Inspection, Issue, Job, OfflineWeek
from casereader.people.accounts import works
from casereader.programmes.inspections import Place
from casereader.vocabulary import JobState

DONE = backup_list.ERASED
NOBODY_ASKED = "Nobody asked for it: the lead asks on the page “How long it is kept” of the inspection."


def erase(session: Session, *, place: Place, by: Account, at: datetime) -> dict[str, Any]:
    """Erase the content of the inspection from the database; the receipt, which the trail keeps.

    Raises RefusedError where nobody asks for it, it is done, `by` is no second person, or work of the inspection goes
    on.
    """
    inspection, connection = place.inspection, session.connection()
    session.refresh(inspection, with_for_update={"key_share": True})
    request = asked(session, inspection=inspection)
    if inspection.erased_at is not None:
        raise RefusedError("The content is erased already.")
    if request is None:
        raise RefusedError(NOBODY_ASKED)
    if not by.is_administrator or not works(by, at=at):
        raise RefusedError(f"{by.name} is no administrator: the second person is one.")
    if request.by.id == by.id:
        raise RefusedError("Two people erase: whoever asked is not the one who does it.")
    if not append_only.owns_all(connection, EMPTIED):
        raise RefusedError(NOT_THE_OWNER)
    if _runs(session, inspection.id):
        raise RefusedError("A piece of long work of this inspection is not over: wait until it is.")
    return _take_out(session, inspection, by=by, at=at, asked_by=request.by.public_id, asked_at=_moment(request.at))


def unerased(session: Session, public_ids: Collection[str]) -> list[str]:
    """Which of these inspections are there with their content, as after a backup was restored from before."""
    query = select(Inspection.public_id).where(col(Inspection.public_id).in_(public_ids))
    return sorted(session.exec(query.where(col(Inspection.erased_at).is_(None))))


def erase_again(session: Session, *, public_id: str, receipt: Mapping[str, Any], at: datetime) -> None:
    """Erase once more what a restored backup brought back; two people did it before, as the receipt says."""
    inspection = session.exec(select(Inspection).where(Inspection.public_id == public_id)).one()
    for week in session.exec(select(OfflineWeek).where(OfflineWeek.inspection_id == inspection.id)):
        week.ended_at = week.ended_at or at  # what a laptop would bring back was erased
    said = {name: str(receipt.get(name, "")) for name in ("asked_by", "asked_at", "hash")}
    _take_out(session, inspection, by=None, at=at, erased_before=said.pop("hash"), **said)


def _take_out(
    session: Session, inspection: Inspection, *, by: Account | None, at: datetime, **said: str
) -> dict[str, Any]:
    """Take the content out and record that it was done; the receipt."""
    connection, key = session.connection(), inspection.id or 0
    names = rows.references(connection, key)
    session.flush()
    receipt = {
        **said,
        "rows": rows.erase(connection, key),
        "references": len(names),
        "references_hmac_sha256": _under_the_key(inspection.digest_key, names),
        "certificates": _digests(session, key),
        "issues": _issues(session, key),
        "given_out": given_out(session, key),
        "backups": [dict(backup.told) for backup in backup_list.there(session)],
        "made_before": _moment(at),
    }
    session.refresh(inspection)
    inspection.erased_at = at
    session.add(inspection)
    session.flush()
    audit.record(
        session,
        DONE,
        by=by,
        at=at,
        kind="inspection",
        object_id=inspection.public_id,
        inspection_id=key,
        body=receipt,
        in_any_week=by is None,
    )
    return receipt


def receipt_of(session: Session, *, place: Place) -> AuditEvent | None:
    """The event that tells what was erased, if it was."""
    return session.exec(
        select(AuditEvent)
        .where(AuditEvent.action == DONE, AuditEvent.object_id == place.inspection.public_id)
        .order_by(col(AuditEvent.n).desc())
        .limit(1)
    ).first()


def draws(session: Session, *, inspection: Inspection) -> Sequence[DrawRecord]:
    """Every draw of the inspection, with what is left of its certificate, oldest first."""
    query = select(DrawRecord).where(DrawRecord.inspection_id == inspection.id).order_by(col(DrawRecord.id))
    return session.exec(query).all()


def _runs(session: Session, inspection_id: int | None) -> bool:
    open_ones = (JobState.WAITING, JobState.RUNNING)
    query = select(Job.id).where(Job.inspection_id == inspection_id, col(Job.state).in_(open_ones))
    return session.exec(query).first() is not None


def _under_the_key(key: str | None, names: Sequence[str]) -> str:
    """A digest of the references under the key that goes with them: nobody can try a reference on it."""
    lines = "".join(f"{name}\n" for name in names)
    return hmac.new(bytes.fromhex(key or ""), lines.encode(), hashlib.sha256).hexdigest()


def _digests(session: Session, inspection_id: int) -> list[str]:
    query = select(DrawRecord.certificate_sha256).where(DrawRecord.inspection_id == inspection_id)
    return list(session.exec(query.order_by(col(DrawRecord.id))))


def _issues(session: Session, inspection_id: int) -> list[int]:
    query = select(Issue.number).where(Issue.inspection_id == inspection_id).order_by(col(Issue.number))
    return list(session.exec(query))


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
