"""Slips for a laptop: whoever is of the inspection and has no password there yet gets a link to set one, once."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from casereader.models import Account, Inspection, Membership
from casereader.people import passwords
from casereader.people.accounts import works


def slips(session: Session, *, inspection: str, at: datetime) -> list[tuple[Account, str]]:
    """The people of the inspection without a password here, each with the token of a new one-time link."""
    query = (
        select(Account)
        .join(Membership, col(Membership.account_id) == Account.id)
        .join(Inspection, col(Inspection.id) == Membership.inspection_id)
        .where(Inspection.public_id == inspection, col(Account.password_hash).is_(None))
        .order_by(Account.name)
        .distinct()
    )
    return [
        (account, passwords.issue_link(session, account=account, by=None, at=at))
        for account in session.exec(query).all()
        if works(account, at=at)
    ]
