"""Finding issues: those of a scope, the one that stands, the one that waits, and all that an attacker can read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, or_
from sqlalchemy import select as select_columns
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from casereader.errors import AbsentError, present
from casereader.issues.scope import Scope, of_place, of_programme
from casereader.models import Inspection, Issue, Programme
from casereader.programmes import inspections
from casereader.programmes.inspections import Place
from casereader.readings import PUBLIC_ID
from sampling.digest import json_digest


@dataclass(frozen=True)
class Turn:
    """How the issues of a scope stand: the key of the one that stands, whether one waits, and the last number."""

    stands: int | None
    is_waiting: bool
    last: int


def of(session: Session, *, scope: Scope) -> Sequence[Issue]:
    """Every issue of a scope, newest first, dropped ones too."""
    return session.exec(select(Issue).where(_mine(scope)).order_by(col(Issue.number).desc())).all()


def standing(session: Session, *, scope: Scope) -> Issue | None:
    """The newest one that is issued: the one that stands."""
    return next((one for one in of(session, scope=scope) if one.issued_at is not None), None)


def waiting(session: Session, *, scope: Scope) -> Issue | None:
    """The one that is prepared, and neither issued nor dropped."""
    return next((one for one in of(session, scope=scope) if one.issued_at is None and one.dropped_at is None), None)


def find(session: Session, *, scope: Scope, public_id: str, to_change: bool = False) -> Issue:
    """The issue of that name, if it is of this scope; AbsentError otherwise."""
    if not PUBLIC_ID.fullmatch(public_id):
        raise AbsentError
    query = select(Issue).where(_mine(scope), Issue.public_id == public_id)
    if to_change:
        # what it holds is of megabytes, and does not change: it is read where it is asked for
        held = (defer(getattr(Issue, name)) for name in ("content", "withheld", "proof"))
        query = query.options(*held).with_for_update(of=Issue).execution_options(populate_existing=True)
    return present(session.exec(query).first())


def mark_of(session: Session, row: Issue) -> str:
    """The digest of what an issue publishes and of its proof, letter for letter as they are stored."""
    held = (cast(col(getattr(Issue, name)), Text) for name in ("content", "proof"))
    return json_digest(list(session.execute(select_columns(*held).where(col(Issue.id) == row.id)).one()))


def numbered(session: Session, *, scope: Scope, number: int) -> Issue:
    """The issue of that number; AbsentError, with words for the command line, where none was issued."""
    query = select(Issue).where(_mine(scope), Issue.number == number, col(Issue.issued_at).is_not(None))
    found = session.exec(query).first()
    if found is None:
        raise AbsentError(f"No issue {number} of {scope.full_name} was issued.")
    return found


def only_one(session: Session, *, number: int) -> Scope:
    """What the only issue of that number is of; AbsentError, with words for the command line, where more are."""
    query = select(Issue).where(Issue.number == number, col(Issue.issued_at).is_not(None))
    found = session.exec(query).all()
    if len(found) != 1:
        says = "No issue has" if not found else f"{len(found)} issues have"
        raise AbsentError(f"{says} the number {number}: say of which --inspection or --programme.")
    if found[0].inspection_id is not None:
        return of_place(inspections.place_of(session, inspection_id=found[0].inspection_id))
    return of_programme(session, session.get_one(Programme, found[0].programme_id))


def takes_long(session: Session, *, scope: Scope) -> bool:
    """Whether to work one out takes long: all inspections are in it, or in an issue that it must be safe against."""
    if scope.place is None:
        return True
    query = select(Issue.id).where(Issue.programme_id == scope.programme.id, col(Issue.issued_at).is_not(None))
    return session.exec(query.limit(1)).first() is not None


def all_issued(session: Session, *, scope: Scope) -> Sequence[Issue]:
    """Every issued one of the programme and of its inspections, oldest first."""
    found: Sequence[Issue] = session.exec(_all_issued(select(Issue), scope)).all()
    return found


def issued_ids(session: Session, *, scope: Scope) -> list[str]:
    """The names of these, and nothing of what is in them."""
    return list(session.exec(_all_issued(select(Issue.public_id), scope)))


def turn_of(session: Session, *, scope: Scope) -> Turn:
    """Which issue of a scope stands and which waits, and the last number that was used; nothing of what is in them."""
    query = select(Issue.id, Issue.number, Issue.issued_at, Issue.dropped_at).where(_mine(scope))
    found = session.exec(query.order_by(col(Issue.number).desc())).all()
    return Turn(
        stands=next((key for key, _, issued, _ in found if issued is not None), None),
        is_waiting=any(issued is None and dropped is None for _, _, issued, dropped in found),
        last=max((number for _, number, _, _ in found), default=0),
    )


def places_of(session: Session, scope: Scope) -> tuple[Place, ...]:
    """Every inspection of the programme that a scope is of."""
    return of_programme(session, scope.programme).places


def _all_issued(columns: Any, scope: Scope) -> Any:
    mine = select(Inspection.id).where(Inspection.programme_id == scope.programme.id)
    return columns.where(
        or_(col(Issue.programme_id) == scope.programme.id, col(Issue.inspection_id).in_(mine)),
        col(Issue.issued_at).is_not(None),
    ).order_by(col(Issue.issued_at), col(Issue.id))


def _mine(scope: Scope) -> ColumnElement[bool]:
    if scope.place is not None:
        return col(Issue.inspection_id) == scope.place.inspection.id
    return col(Issue.programme_id) == scope.programme.id
