"""Who may lead an inspection, or stand in for its lead: whom the forms offer, by the rule that refuses all others."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from casereader.models import Account, Membership
from casereader.people import accounts
from casereader.vocabulary import Role


def why_not(session: Session, account: Account, *, role: Role, by: Account) -> list[str]:
    """What keeps `by` from naming somebody lead or deputy, in sentences; none where they may."""
    found = []
    if account.id in accounts.made_among(session, [account], by=by):
        found.append(f"You made the account of {account.name}: a lead of the inspection must name them {role}.")
    if account.id in _holders(session, Role.LOCAL_REVIEWER):
        found.append(f"{account.name} is a local reviewer, so of a partnership: name somebody of your own body {role}.")
    return found


def offered(session: Session, *, by: Account, at: datetime) -> tuple[list[Account], list[Account]]:
    """Whom `by` may name lead or deputy of an inspection that they add: who leads one already, then all others."""
    every = accounts.who_can_take_part(session, at=at)
    barred = {by.id, *_holders(session, Role.LOCAL_REVIEWER), *accounts.made_among(session, every, by=by)}
    leads = _holders(session, Role.LEAD)
    found = [account for account in every if account.id not in barred]
    return [one for one in found if one.id in leads], [one for one in found if one.id not in leads]


def _holders(session: Session, role: Role) -> set[int]:
    return set(session.exec(select(Membership.account_id).where(col(Membership.role) == role).distinct()))
