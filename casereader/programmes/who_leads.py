"""Who may lead an inspection, or stand in for its lead: whom the forms offer, by the rule that refuses all others."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from casereader.models import Account, Membership
from casereader.people import accounts
from casereader.vocabulary import Role


def why_not(session: Session, account: Account, *, role: Role) -> list[str]:
    """What keeps somebody from being a lead or a deputy, whoever names them, in sentences; none where they may be."""
    if role in (Role.LEAD, Role.DEPUTY) and account.id in _holders(session, Role.LOCAL_REVIEWER):
        return [f"{account.name} is a local reviewer, so of a partnership: name somebody of your own body {role}."]
    return []


def why_not_by(session: Session, account: Account, *, role: Role, by: Account) -> list[str]:
    """What keeps `by`, who leads nothing here, from naming somebody lead or deputy; none where they may."""
    if account.id in accounts.made_among(session, [account], by=by):
        return [f"You made the account of {account.name}: a lead of the inspection must name them {role}."]
    return []


def offered(session: Session, *, by: Account, at: datetime) -> tuple[list[Account], list[Account]]:
    """Whom `by` may name lead or deputy of an inspection that they add: who leads one already, then all others."""
    every = accounts.who_can_take_part(session, at=at)
    barred = {by.id, *_holders(session, Role.LOCAL_REVIEWER), *accounts.made_among(session, every, by=by)}
    leads = _holders(session, Role.LEAD)
    found = [account for account in every if account.id not in barred]
    return [one for one in found if one.id in leads], [one for one in found if one.id not in leads]


def _holders(session: Session, role: Role) -> set[int]:
    return set(session.exec(select(Membership.account_id).where(col(Membership.role) == role).distinct()))
