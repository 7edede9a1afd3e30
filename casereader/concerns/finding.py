"""Finding matters of concern: for whom they are whole, and for whom there is only the fact that one waits.

Whole for the lead and the deputy of the inspection, and for whoever raised it while they take part in it. Moderators
and coordinators learn that one was not received in time, and whom to ring: nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from casereader.errors import AbsentError, present
from casereader.models import (
    Account,
    Case,
    Concern,
    ConcernStep,
    DrawRecord,
    Inspection,
    Membership,
    Partnership,
    Programme,
    Reading,
)
from casereader.programmes.contacts import TOLD, Contact, contacts
from casereader.programmes.inspections import Place
from casereader.readings import PUBLIC_ID, with_place
from casereader.vocabulary import ConcernState, Role, ToldHow

ALERTED = (*TOLD, Role.MODERATOR, Role.COORDINATOR)


@dataclass(frozen=True)
class StepRow:
    """One step taken: what it came to, what was done, when and by whom."""

    state: ConcernState
    said: str
    at: datetime
    who: str


@dataclass(frozen=True)
class Raised:
    """A matter of concern with the case it is about, who raised it, and the steps taken since, oldest first."""

    concern: Concern
    case_ref: str
    place: Place
    raised_by: str
    steps: list[StepRow]


@dataclass(frozen=True)
class Overdue:
    """What waits to be received in one inspection: how many, and for how many minutes the first has.

    `n_late` were not received in time, or nobody could be told of them, as of `n_unanswered`. `is_whole`: whether the
    account may open them; `public_id` is the one's name where it may and there is no other.
    """

    place: Place
    n: int
    n_late: int
    minutes: int
    n_unanswered: int
    contacts: list[Contact]
    is_whole: bool
    public_id: str = ""


def find(session: Session, *, public_id: str, account: Account) -> Raised:
    """The matter of concern of that name, if it is whole for the account; AbsentError otherwise."""
    if not PUBLIC_ID.fullmatch(public_id):
        raise AbsentError
    query = _for(TOLD, or_raised=True).where(Concern.public_id == public_id)
    found = present(session.exec(query, params={"account_id": account.id}).first())
    return _raised(session, [found])[0]


def of_inspection(session: Session, *, place: Place, account: Account) -> list[Raised]:
    """The inspection's, for its lead and deputy: first those not received, then those not closed, newest first."""
    query = _for(TOLD).where(Inspection.id == place.inspection.id)
    order = list(ConcernState)
    found = _raised(session, list(session.exec(query, params={"account_id": account.id})))
    return sorted(found, key=lambda one: (order.index(one.concern.state), -one.concern.raised_at.timestamp()))


def not_received(session: Session, *, account: Account) -> list[tuple[Place, int]]:
    """How many wait for the account as lead or deputy, by inspection; none is left out, however short it waits."""
    counts: dict[int, tuple[Place, int]] = {}
    for found in session.exec(_waiting(TOLD), params={"account_id": account.id}):
        place = _place(found)
        _, n = counts.get(place.inspection.id or 0, (place, 0))
        counts[place.inspection.id or 0] = (place, n + 1)
    return sorted(counts.values(), key=lambda pair: pair[0].name)


def overdue(session: Session, *, account: Account, at: datetime) -> list[Overdue]:
    """Where any was not received in the programme's time, or nobody could be told of it: all that wait, by inspection.

    Whoever is told that some are late is told of those that still have time, in whatever inspection: a count without
    them would say that no other waits. The inspection in which one has waited longest comes first.
    """
    asked = {"account_id": account.id}
    told = session.exec(_how_long_they_wait(), params=asked)
    if not any(_is_late(how, raised_at, minutes, at) for how, raised_at, minutes in told):
        return []
    waiting = session.exec(_waiting(ALERTED), params=asked).all()
    places: dict[int, list[Any]] = {}
    for found in waiting:
        places.setdefault(found[3].id, []).append(found)
    whole = set(session.exec(_whole(), params=asked))
    found = [_overdue(session, rows, at, is_whole=key in whole) for key, rows in places.items()]
    return sorted(found, key=lambda one: -one.minutes)


def step_rows(session: Session, concerns: Sequence[Concern]) -> dict[int, list[StepRow]]:
    """The steps of these matters of concern, oldest first, by key."""
    found: dict[int, list[StepRow]] = {concern.id or 0: [] for concern in concerns}
    query = (
        select(ConcernStep, Account.name)
        .join(Account, col(Account.id) == ConcernStep.by_id)
        .where(col(ConcernStep.concern_id).in_(found))
        .order_by(col(ConcernStep.id))
    )
    for step, who in session.exec(query):
        found[step.concern_id].append(StepRow(step.state, step.said, step.at, who))
    return found


@cache
def _waiting(roles: tuple[Role, ...]) -> Any:
    return _for(roles).where(Concern.state == ConcernState.RAISED)


@cache
def _how_long_they_wait() -> Any:
    """Of all that wait, what says whether they are late: every page of whoever runs an inspection asks it."""
    return _waiting(ALERTED).with_only_columns(Concern.told_how, Concern.raised_at, Programme.concern_minutes)


@cache
def _whole() -> Any:
    return select(Membership.inspection_id).where(
        Membership.account_id == bindparam("account_id"), col(Membership.role).in_(TOLD)
    )


@cache
def _for(roles: tuple[Role, ...], *, or_raised: bool = False) -> Any:
    """The concerns of inspections in which `account_id` holds one of `roles`, or takes part and raised it."""
    account_id: Any = bindparam("account_id")
    is_theirs: Any = col(Membership.role).in_(roles)
    if or_raised:
        is_theirs |= col(Concern.raised_by_id) == account_id
    held = select(Membership.id).where(
        Membership.inspection_id == DrawRecord.inspection_id, Membership.account_id == account_id, is_theirs
    )
    query: Any = (
        select(Concern, Case.case_ref, Account.name, Inspection)
        .add_columns(Partnership, Programme)
        .join(Reading, col(Reading.id) == Concern.reading_id)
        .join(Account, col(Account.id) == Concern.raised_by_id)
        .where(held.exists())
    )
    return with_place(query)


def _raised(session: Session, rows: Sequence[Any]) -> list[Raised]:
    steps = step_rows(session, [row[0] for row in rows])
    return [Raised(row[0], row[1], _place(row), row[2], steps[row[0].id]) for row in rows]


def _place(row: Any) -> Place:
    return Place(inspection=row[3], programme=row[5], partnership=row[4])


def minutes_waited(concern: Concern, at: datetime) -> int:
    """The whole minutes since it was raised; none by a clock that was set back since."""
    return max(0, int((at - concern.raised_at) / timedelta(minutes=1)))


def _is_late(told_how: ToldHow, raised_at: datetime, minutes: int, at: datetime) -> bool:
    if told_how is ToldHow.NOBODY:
        return True
    apart = abs(at - raised_at)  # of a clock set back nobody knows how long it waits: so it is late
    return apart >= timedelta(minutes=minutes)


def _overdue(session: Session, rows: Sequence[Any], at: datetime, *, is_whole: bool) -> Overdue:
    """Of all that wait in one inspection."""
    waiting, place = [row[0] for row in rows], _place(rows[0])
    return Overdue(
        place=place,
        n=len(waiting),
        n_late=sum(_is_late(one.told_how, one.raised_at, place.programme.concern_minutes, at) for one in waiting),
        minutes=max(minutes_waited(concern, at) for concern in waiting),
        n_unanswered=sum(concern.told_how is ToldHow.NOBODY for concern in waiting),
        contacts=contacts(session, inspection=place.inspection, at=at),
        is_whole=is_whole,
        public_id=waiting[0].public_id if is_whole and len(waiting) == 1 else "",
    )
