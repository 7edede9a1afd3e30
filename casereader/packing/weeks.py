"""The offline week of an inspection, as either side knows it, and the files that went to and fro."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from casereader import audit
from casereader.errors import ConflictError
from casereader.models import Account, OfflineWeek, PackedFile
from casereader.naming import said
from casereader.programmes.inspections import Place
from casereader.vocabulary import Side

HERE_AGAIN = "It is not with a laptop."


def week_here(session: Session, *, place: Place) -> OfflineWeek | None:
    """The inspection's newest offline week."""
    query = select(OfflineWeek).where(OfflineWeek.inspection_id == place.inspection.id)
    return session.exec(query.order_by(col(OfflineWeek.id).desc()).limit(1)).first()


def files_of(session: Session, *, week: OfflineWeek) -> Sequence[PackedFile]:
    """Every file that was packed here or taken in during the week, oldest first."""
    return session.exec(select(PackedFile).where(PackedFile.week_id == week.id).order_by(col(PackedFile.id))).all()


def newest(session: Session, *, week: OfflineWeek, is_ours: bool) -> PackedFile | None:
    """The last file that was packed here, or the last that was taken in."""
    query = select(PackedFile).where(PackedFile.week_id == week.id, PackedFile.is_ours == is_ours)
    return session.exec(query.order_by(col(PackedFile.number).desc()).limit(1)).first()


def end(session: Session, *, week: OfflineWeek, at: datetime, by: Account | None = None, reason: str = "") -> None:
    """The inspection is back."""
    week.ended_at, week.ended_by_id, week.ended_reason = at, by.id if by else None, reason
    session.add(week)
    session.flush()


def end_without_laptop(session: Session, *, place: Place, reason: str, by: Account, at: datetime) -> None:
    """Go on at the office though the laptop's last file did not come: it is lost, or broke. Its files stay welcome.

    Raises ConflictError where no laptop is out.
    """
    why = said(reason, "Say what became of the laptop.")
    week = week_here(session, place=place)
    if week is None or week.ended_at is not None or week.side is not Side.OFFICE:
        raise ConflictError(HERE_AGAIN)
    end(session, week=week, at=at, by=by, reason=why)
    audit.record_of_inspection(session, "offline week ended without the laptop", place.inspection, by=by, at=at)
