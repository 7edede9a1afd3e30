"""Looking for deeds in the trail: by person, deed, object, inspection and days, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from casereader.models import Account, AuditEvent, Case, Reading, SampleCase

AT_ONCE = 25  # deeds on a page


@dataclass(frozen=True)
class Wanted:
    """Which deeds; what is blank is not asked for. `by_id` 0 is the command line."""

    by_id: int | None = None
    action: str = ""
    object: str = ""  # its kind, or its public name
    objects: frozenset[str] = frozenset()  # public names that it may be besides, as `called` finds them
    inspection_id: int | None = None
    since: date | None = None
    until: date | None = None


def called(session: Session, text: str) -> frozenset[str]:
    """The public names of what people call that: accounts by name or address, cases and readings by the reference."""
    wanted = text.strip()
    accounts = select(Account.public_id).where(
        or_(func.lower(Account.email) == wanted.lower(), func.lower(Account.name) == wanted.lower())
    )
    drawn = select(SampleCase.public_id, Reading.public_id).join(Case, col(Case.id) == SampleCase.case_id)
    drawn = drawn.outerjoin(Reading, col(Reading.sample_case_id) == SampleCase.id).where(Case.case_ref == wanted)
    pairs = session.exec(drawn).all() if wanted else ()
    return frozenset(session.exec(accounts)) | {name for pair in pairs for name in pair if name}


def count(session: Session, wanted: Wanted) -> int:
    """How many deeds there are of these; of all, the number of the last, since they are numbered without a gap."""
    if wanted == Wanted():
        return session.exec(select(func.max(AuditEvent.n))).one() or 0
    return session.exec(select(func.count()).select_from(AuditEvent).where(*_conditions(wanted))).one()


def search(session: Session, wanted: Wanted, *, after: int = 0, most: int = AT_ONCE) -> Sequence[AuditEvent]:
    """The newest of them, without the first `after`."""
    query = select(AuditEvent).where(*_conditions(wanted)).order_by(col(AuditEvent.n).desc())
    return session.exec(query.offset(after).limit(most)).all()


def actions(session: Session) -> list[str]:
    """Every kind of deed that was done: one after the other by the index, which has millions of a few kinds."""
    kinds = select(func.min(AuditEvent.action).label("action")).cte("kinds", recursive=True)
    following = select(func.min(AuditEvent.action)).where(AuditEvent.action > kinds.c.action).scalar_subquery()
    kinds = kinds.union_all(select(following).where(kinds.c.action.is_not(None)))
    return sorted(action for action in session.scalars(select(kinds.c.action)) if action is not None)


def last(session: Session, action: str) -> AuditEvent | None:
    """The last time that this was done."""
    return next(iter(search(session, Wanted(action=action), most=1)), None)


def times(session: Session, action: str, *, by_id: int, since: datetime) -> int:
    """How often somebody did this since then."""
    query = select(func.count()).select_from(AuditEvent)
    return session.exec(
        query.where(AuditEvent.action == action, AuditEvent.actor_id == by_id, AuditEvent.at >= since)
    ).one()


def _conditions(wanted: Wanted) -> list[Any]:
    found: list[Any] = []
    if wanted.by_id is not None:
        found.append(AuditEvent.actor_id == (wanted.by_id or None))
    if wanted.action:
        found.append(AuditEvent.action == wanted.action)
    if wanted.object:
        named = col(AuditEvent.object_id).in_({wanted.object, *wanted.objects})
        found.append(or_(named, col(AuditEvent.object_kind) == wanted.object.lower()))
    if wanted.inspection_id is not None:
        found.append(AuditEvent.inspection_id == wanted.inspection_id)
    if wanted.since is not None:
        found.append(AuditEvent.at >= _midnight(wanted.since))
    if wanted.until is not None:
        found.append(AuditEvent.at < _midnight(wanted.until + timedelta(days=1)))
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
