"""The heads: hashes of the trail to print where somebody else keeps them.

The head of an inspection is the newest event of its own, or of its programme, that changed anything. What happens
elsewhere leaves it, and so does looking: two files of the same data carry the same head. Every head is a hash of the
one chain, so that `verify` takes it as an anchor, and with it all that was done before, wherever.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlmodel import Session, col, select

from casereader.audit.chain import FIRST
from casereader.models import AuditEvent, Inspection, Programme

FILE_TAKEN = "file taken"
LOOKS = frozenset({FILE_TAKEN, "answers exported", "actions exported", "challenges exported", "severity looked at"})
PROGRAMME = "programme"  # the kind of object of a deed that is done to a whole programme


class Mark(NamedTuple):
    """The newest event of the whole trail at some moment: all that was done until then, wherever."""

    n: int
    hash: str


def mark(session: Session) -> Mark:
    """The newest event as this session sees it; the beginning of the chain where there is none."""
    found = session.exec(select(AuditEvent.n, AuditEvent.hash).order_by(col(AuditEvent.n).desc()).limit(1)).first()
    return Mark(*found) if found else Mark(0, FIRST)


def moved_since(session: Session, programme_id: int, *, since: Mark) -> set[int]:
    """The inspections of a programme in which anything but looking was done after `since`.

    All of them after a deed to the programme itself, and where the trail no longer holds `since`. Only events that
    came after it are looked through.
    """
    of_it = select(Inspection.id).where(Inspection.programme_id == programme_id)
    name = select(Programme.public_id).where(Programme.id == programme_id).scalar_subquery()
    is_its_own = (col(AuditEvent.object_kind) == PROGRAMME) & (col(AuditEvent.object_id) == name)
    later = select(AuditEvent.inspection_id).where(
        col(AuditEvent.n) > since.n, col(AuditEvent.action).not_in(LOOKS), col(AuditEvent.inspection_id).in_(of_it)
    )
    to_all = select(AuditEvent.n).where(col(AuditEvent.n) > since.n, is_its_own).limit(1)
    is_held = select(AuditEvent.n).where(AuditEvent.n == since.n, AuditEvent.hash == since.hash)
    if (since.n and session.exec(is_held).first() is None) or session.exec(to_all).first() is not None:
        return {key for key in session.exec(of_it) if key is not None}
    return {key for key in session.exec(later.distinct()) if key is not None}


def head_of(session: Session, inspection_id: int) -> str:
    """The head of an inspection; the beginning of the chain where nothing was done to it yet."""
    query = select(Inspection.programme_id).where(Inspection.id == inspection_id)
    return _newest(session, [inspection_id], session.exec(query).first())


def head_of_programme(session: Session, programme_id: int) -> str:
    """The head of a programme with all its inspections."""
    query = select(Inspection.id).where(Inspection.programme_id == programme_id)
    return _newest(session, [key for key in session.exec(query) if key is not None], programme_id)


def written(session: Session, action: str, *, object_id: str) -> str | None:
    """The hash of the event in which that was done to the object first: all that follows it came later."""
    query = select(AuditEvent.hash).where(AuditEvent.action == action, AuditEvent.object_id == object_id)
    return session.exec(query.order_by(col(AuditEvent.n)).limit(1)).first()


def _newest(session: Session, inspection_ids: Sequence[int], programme_id: int | None) -> str:
    """One inspection at a time: each is then found at the end of its own stretch of the index."""
    changed = select(AuditEvent.n, AuditEvent.hash).where(col(AuditEvent.action).not_in(LOOKS))
    last = changed.order_by(col(AuditEvent.n).desc()).limit(1)
    found = [session.exec(last.where(AuditEvent.inspection_id == key)).first() for key in inspection_ids]
    name = session.exec(select(Programme.public_id).where(Programme.id == programme_id)).first()
    if name is not None:
        of_programme = last.where(AuditEvent.object_id == name, AuditEvent.object_kind == PROGRAMME)
        found.append(session.exec(of_programme).first())
    return max((one for one in found if one is not None), default=(0, FIRST))[1]
