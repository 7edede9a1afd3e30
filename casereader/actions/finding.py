"""Finding actions, and who sees which: never more of a case than they may see of its readings.

Coordinator and lead see all of their inspection, a moderator those of the readings they may look over, a reader those
of their own reading while it is theirs. Nobody who has a reading of the case still to submit sees one that comes from
the other reading, nor anybody one about a case that a conflict of interest of theirs covers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, or_, select

from casereader.errors import AbsentError, present
from casereader.models import (
    Account,
    Action,
    ActionStep,
    Case,
    DrawRecord,
    Inspection,
    Membership,
    Partnership,
    Programme,
    Reading,
)
from casereader.programmes.inspections import Place
from casereader.readings import PUBLIC_ID, shown_to, with_place
from casereader.vocabulary import READER_ROLES, ActionState, ReadingKind, Role

FOLLOWS = (Role.COORDINATOR, Role.LEAD)
ORDER = (ActionState.DONE, ActionState.RECORDED, ActionState.GIVEN, ActionState.CLOSED)


@dataclass(frozen=True)
class StepTaken:
    """One step taken: what it came to, what was said, to whom it was given by when, and who took it."""

    row: ActionStep
    who: str


@dataclass(frozen=True)
class Followed:
    """One action with the case it is about, who recorded it, and every step since, oldest first."""

    action: Action
    case_ref: str
    reading: Reading
    place: Place
    recorded_by: str
    steps: list[StepTaken]

    def is_late(self, today: date) -> bool:
        """Whether its date is past and nobody has said that it is done."""
        return is_late(self.action, today)


@dataclass(frozen=True)
class LateHere:
    """How many actions of one inspection are late, and since when the first is."""

    place: Place
    n: int
    since: date


def is_late(action: Action, today: date) -> bool:
    """Whether an action's date is past and nobody has said that it is done."""
    return action.state is ActionState.GIVEN and action.due_on is not None and action.due_on < today


def find(session: Session, *, public_id: str, account: Account) -> Followed:
    """The action of that name, if the account may see it; AbsentError otherwise."""
    if not PUBLIC_ID.fullmatch(public_id):
        raise AbsentError
    query = _seen().where(Action.public_id == public_id).execution_options(populate_existing=True)
    found = present(session.exec(query, params={"account_id": account.id}).first())
    return _followed(session, [found])[0]


def of_inspection(session: Session, *, place: Place, account: Account, today: date) -> list[Followed]:
    """The inspection's that the account may see: late ones first, then those that wait for a step, closed ones last."""
    query = _seen().where(Action.inspection_id == place.inspection.id)
    found = session.exec(query, params={"account_id": account.id}).all()
    return sorted(_followed(session, found), key=lambda one: _urgency(one, today))


def of_reading(session: Session, *, reading_id: int, account: Account) -> list[Followed]:
    """Those that come from one reading, as far as the account may see them, oldest first."""
    query = _seen().where(Action.reading_id == reading_id).order_by(col(Action.id))
    return _followed(session, session.exec(query, params={"account_id": account.id}).all())


def late(session: Session, *, account: Account, today: date) -> list[LateHere]:
    """What is late by inspection, where the account follows actions; what has been late longest comes first."""
    found: dict[int, LateHere] = {}
    for row in session.exec(_late(), params={"account_id": account.id, "today": today}):
        action, place = row[0], _place(row)
        before = found.get(action.inspection_id, LateHere(place, 0, action.due_on))
        found[action.inspection_id] = LateHere(place, before.n + 1, min(before.since, action.due_on))
    return sorted(found.values(), key=lambda one: (one.since, one.place.name))


def follows(session: Session, *, account: Account, inspection_id: int) -> bool:
    """Whether the account is coordinator or lead of the inspection."""
    held = select(Membership.id).where(
        Membership.inspection_id == inspection_id,
        Membership.account_id == account.id,
        col(Membership.role).in_(FOLLOWS),
    )
    return session.exec(held).first() is not None


@cache
def _late() -> Any:
    """Built once: Home asks it."""
    is_late = (col(Action.state) == ActionState.GIVEN) & (col(Action.due_on) < bindparam("today"))
    return _seen().where(_holds(FOLLOWS), is_late)


@cache
def _seen() -> Any:
    """Those that `account_id` may see."""
    account_id: Any = bindparam("account_id")
    query: Any = (
        select(Action, Case.case_ref, Reading, Account.name)
        .add_columns(Inspection, Partnership, Programme)
        .join(Reading, col(Reading.id) == Action.reading_id)
        .join(Account, col(Account.id) == Action.raised_by_id)
    )
    stands = col(DrawRecord.voided_at).is_(None)
    is_looked_over = stands & col(Reading.submitted_at).is_not(None) & _holds((Role.MODERATOR,))
    return with_place(query).where(
        or_(_holds(FOLLOWS), is_looked_over, stands & _is_own(account_id)),
        shown_to(account_id),
    )


def _is_own(account_id: Any) -> Any:
    """Of the account's own reading: what came before it began the reading anew is not told, as the answers are not."""
    since = or_(
        col(Action.raised_at) >= col(Reading.assigned_at),
        col(Reading.begun_by_id).is_not(None),
        col(Action.raised_by_id) == account_id,
    )
    return (
        (col(Reading.reviewer_id) == account_id)
        & (col(Reading.kind) != ReadingKind.CONSENSUS)
        & col(Reading.handed_back_at).is_(None)
        & _holds(READER_ROLES)
        & since
    )


def _holds(roles: Sequence[Role]) -> Any:
    return (
        select(Membership.id)
        .where(
            Membership.inspection_id == Action.inspection_id,
            Membership.account_id == bindparam("account_id"),
            col(Membership.role).in_(roles),
        )
        .exists()
    )


def _followed(session: Session, rows: Sequence[Any]) -> list[Followed]:
    taken: dict[int, list[StepTaken]] = {row[0].id: [] for row in rows}
    query = (
        select(ActionStep, Account.name)
        .join(Account, col(Account.id) == ActionStep.by_id)
        .where(col(ActionStep.action_id).in_(taken))
        .order_by(col(ActionStep.id))
    )
    for step, who in session.exec(query):
        taken[step.action_id].append(StepTaken(step, who))
    return [
        Followed(
            action=row[0],
            case_ref=row[1],
            reading=row[2],
            place=_place(row),
            recorded_by=row[3],
            steps=taken[row[0].id],
        )
        for row in rows
    ]


def _place(row: Any) -> Place:
    return Place(inspection=row[4], programme=row[6], partnership=row[5])


def _urgency(one: Followed, today: date) -> tuple[bool, int, date, str, int]:
    action = one.action
    order = ORDER.index(action.state)
    return not one.is_late(today), order, action.due_on or date.max, one.case_ref, action.id or 0
