"""Inspections: adding partnerships to a programme, naming people, and finding them again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from casereader import audit, dated
from casereader.errors import AbsentError, ErasedError, RefusedError, present
from casereader.models import Account, Inspection, Membership, Partnership, Programme
from casereader.naming import slug_of
from casereader.people import local_reviewers
from casereader.programmes import who_leads
from casereader.vocabulary import Role


@dataclass(frozen=True)
class Place:
    """An inspection with its programme and partnership: what most pages name."""

    inspection: Inspection
    programme: Programme
    partnership: Partnership

    @property
    def name(self) -> str:
        """How people call it."""
        return f"{self.partnership.name}, {self.programme.name}"

    @property
    def path(self) -> str:
        """How the command line and every table call it: `programme/partnership`, as slugs."""
        return f"{self.programme.slug}/{self.partnership.slug}"


def give_role(
    session: Session,
    *,
    inspection: Inspection,
    account: Account,
    role: Role,
    by: Account | None,
    at: datetime,
    paired_with: Account | None = None,
) -> Membership:
    """Let a person act in an inspection; a local reviewer is paired with an inspector, and has a last day.

    Nobody gives a role to themselves, and nobody makes a lead or a deputy who could be their own second person. Raises
    RefusedError with every reason why it cannot be given.
    """
    reasons = _why_not_by(session, inspection, account, role, by) if by is not None else []
    reasons += who_leads.why_not(session, account, role=role)
    if role is Role.LOCAL_REVIEWER:
        reasons += local_reviewers.why_not(account, paired_with=paired_with)
    elif paired_with is not None:
        reasons.append("Only a local reviewer is paired with an inspector.")
    if account.is_administrator:
        reasons.append(f"{account.name} is an administrator, who sees no case content.")
    held = {entry.role for entry in members(session, inspection=inspection, account=account)}
    if role in held:
        reasons.append(f"{account.name} is {role} here already.")
    if Role.LOCAL_REVIEWER in held or (role is Role.LOCAL_REVIEWER and held):
        reasons.append("A local reviewer holds no other role in the inspection.")
    if {role, *held} >= {Role.LEAD, Role.DEPUTY}:
        reasons.append("The deputy stands in for the lead: name somebody else.")
    if reasons:
        raise RefusedError(*reasons)
    return enter(session, inspection, account, role, by=by, at=at, paired_with=paired_with)


def _why_not_by(session: Session, inspection: Inspection, account: Account, role: Role, by: Account) -> list[str]:
    """What keeps `by` from giving the role, whoever else may give it."""
    if account.id == by.id:
        return ["You cannot give a role to yourself: ask another coordinator or a lead."]
    if role not in (Role.LEAD, Role.DEPUTY):
        return []
    if Role.LEAD in {entry.role for entry in members(session, inspection=inspection, account=by)}:
        return []
    if session.get_one(Programme, inspection.programme_id).created_by_id != by.id:
        return [f"Only a lead of the inspection, or whoever began the programme, names a {role}: ask one of them."]
    return who_leads.why_not_by(session, account, role=role, by=by)


def enter(
    session: Session,
    inspection: Inspection,
    account: Account,
    role: Role,
    *,
    by: Account | None,
    at: datetime,
    paired_with: Account | None = None,
) -> Membership:
    """Keep the role, whoever may give it: `give_role` asks that."""
    entry = Membership(
        account_id=account.id or 0,
        inspection_id=inspection.id or 0,
        role=role,
        paired_with_id=paired_with.id if paired_with else None,
    )
    session.add(entry)
    session.flush()
    audit.record(
        session,
        "role given",
        by=by,
        at=at,
        kind="account",
        object_id=account.public_id,
        inspection_id=inspection.id,
        body={"role": role},
    )
    return entry


def take_role(session: Session, *, inspection: Inspection, entry: Membership, by: Account, at: datetime) -> None:
    """End a person's role; it stops working at their next page.

    Raises RefusedError for the last lead or deputy, and for one's own coordination.
    """
    account = session.get_one(Account, entry.account_id)
    if entry.role in (Role.LEAD, Role.DEPUTY) and len(people(session, inspection=inspection, role=entry.role)) == 1:
        raise RefusedError(f"An inspection keeps a {entry.role}: name another one first.")
    if entry.account_id == by.id and entry.role is Role.COORDINATOR:
        raise RefusedError("You cannot end your own coordination: ask another coordinator or the lead.")
    session.delete(entry)
    session.flush()
    audit.record(
        session,
        "role taken",
        by=by,
        at=at,
        kind="account",
        object_id=account.public_id,
        inspection_id=inspection.id,
        body={"role": entry.role},
    )


def members(session: Session, *, inspection: Inspection, account: Account) -> Sequence[Membership]:
    """The roles one person holds in the inspection."""
    return session.exec(
        select(Membership).where(Membership.inspection_id == inspection.id, Membership.account_id == account.id)
    ).all()


def people(
    session: Session, *, inspection: Inspection, role: Role | None = None
) -> Sequence[tuple[Account, Membership]]:
    """Who holds a role (or any) in the inspection, by name."""
    found: Sequence[tuple[Account, Membership]] = session.exec(_people(), params={"key": inspection.id}).all()
    return [one for one in found if role in (None, one[1].role)]


@cache
def _people() -> Any:
    """Built once: many pages ask it."""
    query = select(Account, Membership).join(Membership, col(Membership.account_id) == Account.id)
    return query.where(Membership.inspection_id == bindparam("key")).order_by(Account.name, col(Membership.role))


def find(session: Session, *, public_id: str, account: Account, roles: Collection[Role], erased: bool = False) -> Place:
    """The inspection of that name if the account holds one of `roles` in it; AbsentError otherwise, or ErasedError."""
    asked = {"public_id": public_id, "account_id": account.id, "roles": list(roles)}
    found = present(session.exec(_named(), params=asked).first())
    return _standing(Place(*found), erased)


def _standing(place: Place, erased: bool) -> Place:
    if place.inspection.erased_at is not None and not erased:
        raise ErasedError(f"The content of {place.name} was erased on {dated.day(place.inspection.erased_at)}.")
    return place


def place_of(session: Session, *, inspection_id: int) -> Place:
    """The inspection with its programme and partnership, for rows already known to be the person's own."""
    inspection = session.get_one(Inspection, inspection_id)
    return Place(
        inspection,
        session.get_one(Programme, inspection.programme_id),
        session.get_one(Partnership, inspection.partnership_id),
    )


def by_name(session: Session, *, path: str, erased: bool = False) -> Place:
    """The inspection called `PROGRAMME/PARTNERSHIP` (slugs or names) on the command line.

    Raises AbsentError where there is none, ErasedError where its content is gone, unless `erased` ones are asked for
    too.
    """
    programme, _, partnership = path.partition("/")
    query = _places().where(Programme.slug == slug_of(programme), Partnership.slug == slug_of(partnership))
    found = session.exec(query).first()
    if found is None:
        raise AbsentError(f"There is no inspection {path}: `inspection list --json` names them all.")
    return _standing(Place(*found), erased)


def all_places(
    session: Session, *, account: Account | None = None, roles: Collection[Role] = tuple(Role), erased: bool = False
) -> list[Place]:
    """Every inspection (of the account, in one of `roles`), by programme and partnership; `erased` ones too."""
    query = _places() if account is None else _mine()
    asked = {} if account is None else {"account_id": account.id, "roles": list(roles)}
    found = session.exec(query.order_by(Programme.name, Partnership.name), params=asked)
    return [place for place in (Place(*row) for row in found) if erased or place.inspection.erased_at is None]


@cache
def _named() -> Any:
    """Built once: every page of an inspection begins with it."""
    return _mine().where(Inspection.public_id == bindparam("public_id"))


@cache
def _mine() -> Any:
    held = select(Membership.inspection_id).where(
        Membership.account_id == bindparam("account_id"), col(Membership.role).in_(bindparam("roles", expanding=True))
    )
    return _places().where(col(Inspection.id).in_(held))


@cache
def _places() -> Any:
    return (
        select(Inspection, Programme, Partnership)
        .join(Programme, col(Programme.id) == Inspection.programme_id)
        .join(Partnership, col(Partnership.id) == Inspection.partnership_id)
    )
